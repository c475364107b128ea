"""Makes models whose inputs are doubles or integers, and scores rows beside their thresholds with onnxruntime.

    python doubles.py OUT

Writes into OUT for each case NAME.onnx, NAME.doubles (64-bit floats, row after row), NAME.npy and NAME.csv (the same),
NAME.truth (64-bit floats: value and flag for each row), and cases.json as foreign.py does.
"""

import json
import pathlib
import sys

import foreign
import numpy as np
import onnx
from onnx import TensorProto, helper
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

RNG = np.random.default_rng(11)
COLUMNS = foreign.COLUMNS
ROWS = 20_000
WILD = [np.nan, np.inf, -np.inf, 5e-324, -5e-324, 2.2e-308, -0.0, 0.0, 1e308, -1e308, 3.5e38, 1e-46]


def order(values):
    """Doubles as integers in the same order."""
    bits = np.asarray(values, np.float64).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)


def unorder(places):
    return np.where(places < 0, np.int64(-(2**63)) - places, places).view(np.float64)


def boundaries(front, thresholds, low, high):
    """The greatest doubles that a rising front takes to at most these thresholds, between two doubles."""
    yes, no = np.full(len(thresholds), order(low)), np.full(len(thresholds), order(high))
    for _ in range(64):
        middle = yes // 2 + no // 2 + (yes % 2 + no % 2) // 2
        holds = front(unorder(middle)) <= thresholds
        yes, no = np.where(holds, middle, yes), np.where(holds, no, middle)
    return unorder(yes)


def probes(train, marks, whole=()):
    """Random rows, rows within two units in the last place of a mark of their column, gaps, wild and small numbers."""
    low, high = train.min(0), train.max(0)
    rows = RNG.uniform(low - 0.5, high + 0.5, size=(ROWS, train.shape[1]))
    for column in range(train.shape[1]):
        if column in whole:
            rows[:, column] = RNG.integers(int(low[column]) - 2, int(high[column]) + 3, ROWS)
        elif len(marks[column]):
            near = order(RNG.choice(marks[column], ROWS)) + RNG.integers(-2, 3, ROWS)
            rows[:, column] = np.where(RNG.random(ROWS) < 0.7, unorder(near), rows[:, column])
            wild = (RNG.random(ROWS) < 0.1) & (np.arange(ROWS) % 2 == 0)
            rows[:, column] = np.where(wild, RNG.choice(WILD, ROWS), rows[:, column])
    return rows


def thresholds(forest, column):
    found = [e.tree_.threshold[e.tree_.feature == column] for e in forest.estimators_]
    return np.unique(np.concatenate(found))


def scaled(data, scaler):
    """A pipeline of doubles that are scaled before they are cut to 32 bits; its rows are at its exact boundaries."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType
    from skl2onnx.sklapi import CastTransformer

    small = IsolationForest(n_estimators=20, max_samples=128, random_state=3, contamination=0.05)
    pipeline = make_pipeline(scaler, CastTransformer(np.float32), small).fit(data)
    types = [("X", DoubleTensorType([None, data.shape[1]]))]
    marks = []
    for column in range(data.shape[1]):
        if isinstance(scaler, StandardScaler):
            def front(x, at=column):
                return ((x - scaler.mean_[at]) / scaler.scale_[at]).astype(np.float32)
        else:
            def front(x, at=column):
                return (x * scaler.scale_[at] + scaler.min_[at]).astype(np.float32)
        # The converter rounds thresholds down to 32 bits, which decides the same of 32-bit numbers.
        low, high = data[:, column].min() - 1, data[:, column].max() + 1
        marks.append(boundaries(front, thresholds(small, column), low, high))
    return to_onnx(pipeline, initial_types=types, target_opset=foreign.opsets(17)), probes(data, marks)


def encoded(days, scale):
    """A column of 64-bit integers as categories beside two of 32-bit floats."""
    import pandas
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType

    x = RNG.normal(size=(600, 2))
    train = np.c_[RNG.choice(days, 600), x]
    frame = pandas.DataFrame({"day": train[:, 0].astype(np.int64), "a": x[:, 0].astype(np.float32), "b": x[:, 1].astype(np.float32)})
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [("day", encoder, ["day"])] + ([("scaled", StandardScaler(), ["a", "b"])] if scale else [])
    forest = IsolationForest(n_estimators=20, max_samples=128, random_state=3, contamination=0.05)
    pipeline = make_pipeline(ColumnTransformer(parts, remainder="passthrough"), forest).fit(frame)
    types = [("day", Int64TensorType([None, 1])), ("a", FloatTensorType([None, 1])), ("b", FloatTensorType([None, 1]))]
    model = to_onnx(pipeline, initial_types=types, target_opset=foreign.opsets(17))
    return model, probes(train, [[], [], []], whole=[0])


def compared(kind, mode, missing, opset5=False, aggregate=None):
    """Trees that compare the inputs themselves with doubles."""
    train = foreign.training()
    train = train.astype(np.float64) * [1, 1, 1e7, 1e-300, 1] + [0, 0, 1e7, 0, 1.7e9]
    # scikit-learn trains on 32 bits, which these columns do not fit: its thresholds are put where the numbers are.
    small = IsolationForest(n_estimators=20, max_samples=128, random_state=3, contamination=0.05)
    small.fit(((train - train.min(0)) / np.ptp(train, axis=0)).astype(np.float32))
    for estimator in small.estimators_:
        tree = estimator.tree_
        inner = tree.feature >= 0
        place = np.maximum(tree.feature, 0)
        moved = tree.threshold * np.ptp(train, axis=0)[place] + train.min(0)[place]
        tree.threshold[inner] = moved[inner]
    if opset5:
        model = foreign.ensemble5(small, kind, 21, {"BRANCH_LEQ": 0, "BRANCH_GT": 3}[mode])
    else:
        model = foreign.regressor(small, kind, 3, 17)
        attributes = {a.name: a for a in model.graph.node[0].attribute}
        modes = attributes["nodes_modes"].strings
        modes[:] = [m if m == b"LEAF" else mode.encode() for m in modes]
        if missing:
            model.graph.node[0].attribute.append(
                helper.make_attribute("nodes_missing_value_tracks_true", RNG.integers(0, 2, len(modes)).tolist()))
        if aggregate:
            model.graph.node[0].attribute.append(helper.make_attribute("aggregate_function", aggregate))
    return model, probes(train, [thresholds(small, column) for column in range(COLUMNS)])


def main(folder):
    folder, listed = pathlib.Path(folder), []
    double = TensorProto.DOUBLE
    seconds = RNG.normal(size=(600, 3)) + [1.7e9, 0, 0]
    seconds[:, 0] += RNG.uniform(0, 86_400, 600)
    cases = {
        "near_ten_million": scaled(RNG.normal(size=(300, 2)) + 1e7, StandardScaler()),
        "near_a_million": scaled(RNG.normal(size=(600, 5)) + 1e6, StandardScaler()),
        "least_to_greatest": scaled(RNG.normal(size=(600, 3)) - 1e9, MinMaxScaler((-1, 3))),
        "seconds": scaled(seconds, StandardScaler()),
        "days": encoded(np.arange(20250101, 20250107), False),
        "above_2_to_24": encoded(np.arange(16777216, 16777222), True),
        "above_2_to_40": encoded(2**40 + np.arange(6), True),
        "opset5": compared(double, "BRANCH_LEQ", False, opset5=True),
        "opset5_greater": compared(double, "BRANCH_GT", False, opset5=True),
        "minimum": compared(double, "BRANCH_LEQ", False, aggregate="MIN"),
    }
    for mode in ["LEQ", "LT", "GTE", "GT"]:
        for missing in [False, True]:
            cases[f"{mode}_{missing}".lower()] = compared(double, f"BRANCH_{mode}", missing)
    for name, (model, rows) in cases.items():
        out = foreign.run(model, rows)
        number, flag = foreign.sklearn_outputs(out)
        rough = np.where(np.isnan(rows), np.nan, rows.astype(np.float32).astype(np.float64))
        rounded = np.ravel(foreign.run(model, rough)["scores"])
        onnx.save(model, folder / f"{name}.onnx")
        rows.astype("<f8").tofile(folder / f"{name}.doubles")
        np.save(folder / f"{name}.npy", rows)
        np.savetxt(folder / f"{name}.csv", rows[:3000], delimiter=",", fmt="%.17g")
        np.stack([np.ravel(number), np.ravel(flag)], 1).astype("<f8").tofile(folder / f"{name}.truth")
        listed.append({"name": name, "columns": rows.shape[1], "engine": "tract" if name == "minimum" else "forest",
                       "rounded": int((np.abs(rounded - np.ravel(number)) > 1e-5).sum())})
    with open(folder / "cases.json", "w") as out:
        json.dump(listed, out)


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main(*sys.argv[1:])
