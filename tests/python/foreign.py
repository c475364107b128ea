"""Makes models as other people export them, and scores rows with onnxruntime.

    python foreign.py OUT [NAME]

Writes into OUT for each case NAME.onnx, NAME.rows (32-bit floats, row after row) and NAME.truth (64-bit floats: value
and flag for each row), and cases.json: for each case its name, columns, engine and what the value is.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, Normalizer, OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
RNG = np.random.default_rng(7)
OPSETS = range(12, 22)
COLUMNS = 5


def training(rows=600, categories=True):
    x = RNG.normal(size=(rows, COLUMNS)).astype(np.float32)
    x[:, 1] = np.exp(x[:, 1]) * 100
    if categories:
        x[:, 4] = RNG.integers(-1, 5, rows)
    return x


def probes(train, forest, inverse=None, more=4000):
    """Random rows, the training rows, rows at each threshold and one float beside it, gaps, and infinite values."""
    low, high = train.min(0), train.max(0)
    random = RNG.uniform(low - 1, high + 1, size=(more, COLUMNS)).astype(np.float32)
    random[:, 4] = RNG.integers(-3, 8, more)
    gaps = np.where(RNG.random((more // 4, COLUMNS)) < 0.3, np.nan, random[: more // 4])
    wild = np.where(RNG.random((200, COLUMNS)) < 0.3, RNG.choice([np.inf, -np.inf, 3e38, -3e38, 1e-42], (200, COLUMNS)), random[:200])
    exact = []
    for tree in forest.estimators_:
        t = tree.tree_
        for feature, threshold in zip(t.feature, t.threshold):
            if 0 <= feature < COLUMNS:
                if inverse is not None:
                    threshold = inverse(feature, threshold)
                at = np.float32(threshold)
                for value in (at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))):
                    row = random[RNG.integers(more)].copy()
                    row[feature] = value
                    exact.append(row)
    exact = np.array(exact)[RNG.permutation(len(exact))[:3000]]
    return np.concatenate([train, random, gaps, wild, exact]).astype(np.float32)


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


KINDS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}


def run(model, rows):
    runtime = session(model)
    feeds, first = {}, 0
    with np.errstate(invalid="ignore"):
        for given in runtime.get_inputs():
            width = given.shape[1]
            feeds[given.name] = rows[:, first : first + width].astype(KINDS[given.type])
            first += width
    return dict(zip([out.name for out in runtime.get_outputs()], runtime.run(None, feeds)))


class Cases:
    def __init__(self, folder, only):
        self.folder, self.only, self.list = pathlib.Path(folder), only, []

    def add(self, name, make, rows, engine="forest", value="decision", read=None):
        if self.only and self.only not in name:
            return
        model = make()
        out = run(model, rows)
        number, flag = (read or sklearn_outputs)(out)
        onnx.save(model, self.folder / f"{name}.onnx")
        rows.astype("<f4").tofile(self.folder / f"{name}.rows")
        truth = np.stack([np.ravel(number), np.ravel(flag)], 1).astype("<f8")
        truth.tofile(self.folder / f"{name}.truth")
        self.list.append({"name": name, "columns": rows.shape[1], "engine": engine, "value": value, "nodes": len(model.graph.node)})


def sklearn_outputs(out):
    return out["scores"], out["label"] == -1


def opsets(ai, ml=3):
    return {"": ai, "ai.onnx.ml": ml}


def column_transformer(handle):
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encoder = OneHotEncoder(handle_unknown=handle)
    return ColumnTransformer([("numbers", numbers, [0, 1, 2, 3]), ("words", encoder, [4])], sparse_threshold=0)


def skl2onnx_cases(cases):
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType
    from skl2onnx.sklapi import CastTransformer

    def small(**more):
        return IsolationForest(n_estimators=7, max_samples=48, random_state=3, contamination=0.05, **more)

    x = training()
    f, d, i = FloatTensorType, DoubleTensorType, Int64TensorType
    whole = [("X", f([None, COLUMNS]))]
    wide = [("X", d([None, COLUMNS]))]
    named = [(f"f{at}", f([None, 1])) for at in range(COLUMNS)]
    blocks = [("numbers", f([None, 4])), ("words", i([None, 1]))]
    pipelines = {
        "plain": (lambda: [small()], whole, x),
        "standard": (lambda: [StandardScaler(), small()], whole, x),
        "minmax": (lambda: [MinMaxScaler((-1, 3)), small()], whole, x),
        "clipped": (lambda: [MinMaxScaler(clip=True), small()], whole, x),
        "imputed": (lambda: [SimpleImputer(strategy="median"), small()], whole, x),
        "imputed_scaled": (lambda: [SimpleImputer(), StandardScaler(), MinMaxScaler(), small()], whole, x),
        "double": (lambda: [StandardScaler(), CastTransformer(np.float32), small()], wide, x.astype(np.float64)),
        "double_minmax": (lambda: [MinMaxScaler(), CastTransformer(np.float32), small()], wide, x.astype(np.float64)),
        "columns": (lambda: [column_transformer("ignore"), small()], whole, x),
        "named": (lambda: [column_transformer("ignore"), small()], named, x),
        "blocks": (lambda: [column_transformer("ignore"), small()], blocks, x),
    }
    for name, (steps, types, data) in pipelines.items():
        pipeline = make_pipeline(*steps()).fit(data)
        inverse = None
        if len(pipeline) > 1 and name not in ("columns", "named", "blocks"):
            def inverse(feature, threshold, pipeline=pipeline):
                row = np.zeros((1, COLUMNS))
                row[0, feature] = threshold
                for step in reversed([step for _, step in pipeline.steps[:-1]]):
                    if hasattr(step, "inverse_transform") and not isinstance(step, SimpleImputer):
                        row = step.inverse_transform(row)
                return row[0, feature]
        elif len(pipeline) > 1:
            def inverse(feature, threshold, pipeline=pipeline):
                scaler = pipeline[0].transformers_[0][1][-1]
                return threshold * scaler.scale_[feature] + scaler.mean_[feature] if feature < 4 else threshold
        rows = probes(x, pipeline[-1], inverse)
        if name == "blocks":
            rows = rows[np.isfinite(rows[:, 4])]
        for opset in OPSETS:
            ml = 2 if opset % 3 == 0 else 3
            cases.add(f"{name}_{opset}", lambda: to_onnx(pipeline, initial_types=types, target_opset=opsets(opset, ml)), rows)
    full = IsolationForest(random_state=1, contamination=0.02).fit(x)
    rows = probes(x, full, more=100_000)
    cases.add("hundred_trees", lambda: to_onnx(full, initial_types=whole, target_opset=opsets(17)), rows)
    cases.add("score_samples", lambda: to_onnx(full, initial_types=whole, target_opset=opsets(17), options={"score_samples": True}), rows[:5000])
    one = IsolationForest(n_estimators=1, max_samples=64, random_state=1).fit(x)
    cases.add("one_tree", lambda: to_onnx(one, initial_types=whole, target_opset=opsets(17)), probes(x, one))
    deep = IsolationForest(n_estimators=20, max_samples=600, random_state=1).fit(np.concatenate([x] * 3))
    cases.add("deep", lambda: to_onnx(deep, initial_types=whole, target_opset=opsets(15)), probes(x, deep))
    whole_numbers = np.column_stack([x[:, :2], np.round(x[:, 2:4]), x[:, 4]]).astype(np.float32)
    for name, encoder in {
        "one_encoder": OneHotEncoder(handle_unknown="ignore", sparse_output=False),
        "one_encoder_drop": OneHotEncoder(handle_unknown="ignore", drop="first", sparse_output=False),
    }.items():
        steps = [ColumnTransformer([("words", encoder, [4, 2])], remainder="passthrough"), small()]
        pipeline = make_pipeline(*steps).fit(whole_numbers)
        rows = np.round(probes(whole_numbers, full))
        cases.add(name, lambda: to_onnx(pipeline, initial_types=whole, target_opset=opsets(17)), rows)
    for name, step in {
        "normalized_max": Normalizer("max"),
        "normalized_l1": Normalizer("l1"),
        "normalized_l2": Normalizer("l2"),
        "binned": KBinsDiscretizer(4, encode="ordinal"),
        "binned_onehot": KBinsDiscretizer(4, encode="onehot-dense"),
    }.items():
        pipeline = make_pipeline(step, small()).fit(x)
        model = lambda: to_onnx(pipeline, initial_types=whole, target_opset=opsets(17))
        cases.add(name, model, probes(x, full, more=1000), engine="tract")


def trees_of(forest, c, weight):
    """The forest's trees as attributes of a TreeEnsembleRegressor, with leaves of weight(depth + c(rows))."""
    a = {key: [] for key in ["treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids"]}
    target = {key: [] for key in ["treeids", "nodeids", "ids", "weights"]}
    for at, estimator in enumerate(forest.estimators_):
        t = estimator.tree_
        depth = np.zeros(t.node_count)
        for node in range(t.node_count):
            leaf = t.children_left[node] < 0
            if leaf:
                target["treeids"].append(at)
                target["nodeids"].append(node)
                target["ids"].append(0)
                target["weights"].append(float(weight(depth[node] + c(t.n_node_samples[node]))))
            else:
                depth[[t.children_left[node], t.children_right[node]]] = depth[node] + 1
            a["treeids"].append(at)
            a["nodeids"].append(node)
            a["featureids"].append(0 if leaf else int(t.feature[node]))
            a["modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            a["values"].append(0.0 if leaf else float(t.threshold[node]))
            a["truenodeids"].append(0 if leaf else int(t.children_left[node]))
            a["falsenodeids"].append(0 if leaf else int(t.children_right[node]))
    return {f"nodes_{key}": value for key, value in a.items()} | {f"target_{key}": value for key, value in target.items()}


def matrix(name, kind, columns):
    return helper.make_tensor_value_info(name, kind, [None, columns])


def model_of(nodes, outputs, opset, ml, kind=TensorProto.FLOAT, initializer=()):
    graph = helper.make_graph(nodes, "graph", [matrix("features", kind, COLUMNS)], outputs, list(initializer))
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", ml)]
    return helper.make_model(graph, opset_imports=imports, ir_version=10)


def sklearn_c(n):
    return _average_path_length(np.array([n]))[0]


def coniferest(forest, opset=15):
    scale = -np.log(2.0) / sklearn_c(forest._max_samples)
    trees = trees_of(forest, sklearn_c, lambda path: path * scale)
    nodes = [
        helper.make_node("TreeEnsembleRegressor", ["features"], ["leaf_avg"], domain="ai.onnx.ml",
                         aggregate_function="AVERAGE", n_targets=1, post_transform="NONE", **trees),
        helper.make_node("Exp", ["leaf_avg"], ["exp"]),
        helper.make_node("Neg", ["exp"], ["score"]),
    ]
    return model_of(nodes, [matrix("score", TensorProto.FLOAT, 1)], opset, 1)


def linkedin(forest, threshold):
    def c(n):
        return 0.0 if n <= 1 else 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n

    def constant(name, value):
        return helper.make_node("Constant", [], [name], value=helper.make_tensor(name, TensorProto.FLOAT, [], [value]))

    trees = trees_of(forest, c, lambda path: path)
    trees["nodes_modes"] = ["LEAF" if mode == "LEAF" else "BRANCH_LT" for mode in trees["nodes_modes"]]
    count = len(trees["nodes_modes"])
    nodes = [
        helper.make_node("TreeEnsembleRegressor", ["features"], ["path"], domain="ai.onnx.ml",
                         aggregate_function="AVERAGE", n_targets=1, post_transform="NONE",
                         nodes_hitrates=[1.0] * count, nodes_missing_value_tracks_true=[0] * count, **trees),
        constant("avg", c(forest._max_samples)),
        helper.make_node("Div", ["path", "avg"], ["normal"]),
        helper.make_node("Neg", ["normal"], ["negative"]),
        constant("two", 2.0),
        constant("threshold", threshold),
        helper.make_node("Pow", ["two", "negative"], ["outlier_score"]),
        helper.make_node("Less", ["outlier_score", "threshold"], ["less"]),
        helper.make_node("Not", ["less"], ["not"]),
        helper.make_node("Cast", ["not"], ["predicted_label"], to=TensorProto.INT32),
    ]
    outputs = [matrix("outlier_score", TensorProto.FLOAT, 1), matrix("predicted_label", TensorProto.INT32, 1)]
    return model_of(nodes, outputs, 14, 1)


def tail(kind, offset):
    """2^-depth, the decision and the label, as Tamis and skl2onnx end."""
    number = np.float64 if kind == TensorProto.DOUBLE else np.float32
    value = lambda name, x: onnx.numpy_helper.from_array(np.array([x], number), name)
    nodes = [
        helper.make_node("Neg", ["depth"], ["exponent"]),
        helper.make_node("Pow", ["two", "exponent"], ["power"]),
        helper.make_node("Neg", ["power"], ["samples"]),
        helper.make_node("Sub", ["samples", "offset"], ["scores"]),
        helper.make_node("Less", ["scores", "zero"], ["odd"]),
        helper.make_node("Where", ["odd", "minus", "plus"], ["label"]),
    ]
    whole = [onnx.numpy_helper.from_array(np.array([v], np.int64), n) for n, v in [("minus", -1), ("plus", 1)]]
    outputs = [matrix("label", TensorProto.INT64, 1), matrix("scores", kind, 1)]
    return nodes, [value("two", 2.0), value("offset", offset), value("zero", 0.0), *whole], outputs


def regressor(forest, kind, ml, opset):
    scale = 1 / (len(forest.estimators_) * sklearn_c(forest._max_samples))
    trees = trees_of(forest, sklearn_c, lambda path: path * scale)
    if kind == TensorProto.DOUBLE:
        for name in ["nodes_values", "target_weights"]:
            trees[f"{name}_as_tensor"] = onnx.numpy_helper.from_array(np.array(trees.pop(name)), name)
    head = helper.make_node("TreeEnsembleRegressor", ["features"], ["depth"], domain="ai.onnx.ml", n_targets=1, **trees)
    nodes, constants, outputs = tail(TensorProto.FLOAT, forest.offset_)
    return model_of([head, *nodes], outputs, opset, ml, kind, constants)


def ensemble5(forest, kind, opset, mode=0):
    """The opset 5 operator, as its specification says."""
    number = np.float64 if kind == TensorProto.DOUBLE else np.float32
    scale = 1 / (len(forest.estimators_) * sklearn_c(forest._max_samples))
    a = {key: [] for key in ["featureids", "truenodeids", "trueleafs", "falsenodeids", "falseleafs", "splits"]}
    roots, weights = [], []
    for estimator in forest.estimators_:
        t = estimator.tree_
        inner = np.flatnonzero(t.children_left >= 0)
        first, place = len(a["featureids"]), {}
        for at, node in enumerate(inner):
            place[node] = first + at
        depth = np.zeros(t.node_count)
        roots.append(first)
        for node in range(t.node_count):
            if t.children_left[node] < 0:
                place[node] = len(weights)
                weights.append((depth[node] + sklearn_c(t.n_node_samples[node])) * scale)
            else:
                depth[[t.children_left[node], t.children_right[node]]] = depth[node] + 1
        for node in inner:
            sides = [("true", t.children_left[node]), ("false", t.children_right[node])]
            if mode == 3:
                sides = [("false", t.children_left[node]), ("true", t.children_right[node])]
            a["featureids"].append(int(t.feature[node]))
            a["splits"].append(float(t.threshold[node]))
            for side, child in sides:
                a[f"{side}nodeids"].append(int(place[child]))
                a[f"{side}leafs"].append(int(t.children_left[child] < 0))
    tensor = lambda name, values, kind: onnx.numpy_helper.from_array(np.array(values, kind), name)
    splits = a.pop("splits")
    head = helper.make_node(
        "TreeEnsemble", ["features"], ["depth"], domain="ai.onnx.ml", aggregate_function=1, n_targets=1,
        post_transform=0, tree_roots=roots, leaf_targetids=[0] * len(weights),
        leaf_weights=tensor("leaf_weights", weights, number),
        nodes_splits=tensor("nodes_splits", splits, number),
        nodes_modes=tensor("nodes_modes", [mode] * len(splits), np.uint8),
        **{f"nodes_{key}": value for key, value in a.items()},
    )
    nodes, constants, outputs = tail(kind, forest.offset_)
    return model_of([head, *nodes], outputs, opset, 5, kind, constants)


def forest_cases(cases):
    x = training()
    forest = IsolationForest(n_estimators=50, random_state=5, contamination=0.03).fit(x)
    rows = probes(x, forest)
    threshold = float(-forest.offset_)
    cases.add("coniferest", lambda: coniferest(forest), rows, value="negated", read=lambda o: (o["score"], o["score"] < -0.5))
    cases.add("linkedin", lambda: linkedin(forest, threshold), rows, value="score",
              read=lambda o: (o["outlier_score"], o["predicted_label"] == 1))
    for ml in (1, 2, 3):
        cases.add(f"regressor_ml{ml}", lambda: regressor(forest, TensorProto.FLOAT, ml, 13), rows)
    cases.add("regressor_double", lambda: regressor(forest, TensorProto.DOUBLE, 3, 17), rows)
    for mode in (0, 3):
        cases.add(f"ensemble5_{mode}", lambda: ensemble5(forest, TensorProto.FLOAT, 21, mode), rows)
    cases.add("ensemble5_double", lambda: ensemble5(forest, TensorProto.DOUBLE, 21), rows)


def boosted_cases(cases):
    import lightgbm
    import xgboost
    from onnxmltools.convert import convert_lightgbm, convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    x = training()
    types = [("input", FloatTensorType([None, COLUMNS]))]
    two = (x[:, 0] + x[:, 2] ** 2 > 0.5).astype(int)
    three = (x[:, 0] > 0).astype(int) + (x[:, 2] > 0.5)
    real = x[:, 0] * 2 + x[:, 2] + (x[:, 4] % 2)
    forest = IsolationForest(n_estimators=5, random_state=5).fit(x)
    rows = probes(x, forest)
    light = dict(n_estimators=20, num_leaves=8, verbose=-1, min_child_samples=5, random_state=0, n_jobs=1)
    boost = dict(n_estimators=20, max_depth=4, random_state=0, n_jobs=1)

    def margin(out):
        p = out["probabilities"]
        p = np.array([list(row.values()) for row in p]) if isinstance(p, list) else p
        value = (p[:, 0] - p[:, 1:].max(1)) / 2
        return value, out["label"] != 0

    def first(out):
        value = list(out.values())[0]
        return value[:, 0], value[:, 0] < 0

    def add(name, model, convert, read, **more):
        for opset in (12, 15):
            cases.add(f"{name}_{opset}", lambda: convert(model, initial_types=types, target_opset=opset, **more), rows,
                      engine="tract", read=read)

    add("lightgbm_regressor", lightgbm.LGBMRegressor(**light).fit(x, real), convert_lightgbm, first)
    categories = lightgbm.LGBMRegressor(**light, cat_smooth=1, min_data_per_group=1).fit(x - [0, 0, 0, 0, -1], real, categorical_feature=[4])
    add("lightgbm_categories", categories, convert_lightgbm, first)
    add("lightgbm_two", lightgbm.LGBMClassifier(**light).fit(x, two), convert_lightgbm, margin)
    add("lightgbm_plain", lightgbm.LGBMClassifier(**light).fit(x, two), convert_lightgbm, margin, zipmap=False)
    add("lightgbm_three", lightgbm.LGBMClassifier(**light).fit(x, three), convert_lightgbm, margin)
    add("xgboost_regressor", xgboost.XGBRegressor(**boost).fit(x, real), convert_xgboost, first)
    add("xgboost_targets", xgboost.XGBRegressor(**boost).fit(x, np.stack([real, two], 1)), convert_xgboost, first)
    add("xgboost_two", xgboost.XGBClassifier(**boost).fit(x, two), convert_xgboost, margin)
    add("xgboost_three", xgboost.XGBClassifier(**boost).fit(x, three), convert_xgboost, margin)


def main(folder, only=None):
    cases = Cases(folder, only)
    forest_cases(cases)
    skl2onnx_cases(cases)
    boosted_cases(cases)
    with open(cases.folder / "cases.json", "w") as out:
        json.dump(cases.list, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
