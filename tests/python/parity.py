"""Holds a forest that Tamis exported against onnx, onnxruntime and scikit-learn.

    python parity.py MODEL.onnx ROWS.f32 SCORES.f64 OUT.json

ROWS is the matrix the model was trained on, 32-bit floats row after row (NaN is missing); SCORES holds for each row
Tamis' score and decision. Prints and writes what was found; exits 1, with a sentence, at the first disagreement.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from scipy.stats import spearmanr
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.tree import ExtraTreeRegressor
from sklearn.tree._tree import Tree

TOLERANCE = 1e-6


def check(holds, sentence):
    if not holds:
        sys.exit(f"parity: {sentence}")


def same_scores(name, label, decision, ours):
    """Labels equal wherever the decision is not within the tolerance of 0; decisions within the tolerance."""
    distance = float(np.abs(decision - ours).max())
    check(distance <= TOLERANCE, f"{name}: decisions differ by {distance}")
    clear = np.abs(ours) > TOLERANCE
    check(np.array_equal(label[clear], np.where(ours < 0, -1, 1)[clear]), f"{name}: labels differ")
    return distance


def run_onnxruntime(path, rows):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    check([i.name for i in session.get_inputs()] == ["features"], "the input is not called features")
    label, decision = session.run(["label", "scores"], {"features": rows})
    check(label.shape == (len(rows), 1) and label.dtype == np.int64, "label is not int64 [N, 1]")
    check(decision.shape == (len(rows), 1) and decision.dtype == np.float32, "scores is not float [N, 1]")
    return label[:, 0], decision[:, 0].astype(np.float64)


def attributes(model):
    ensemble = next(n for n in model.graph.node if n.op_type == "TreeEnsembleRegressor")
    return {a.name: onnx.helper.get_attribute_value(a) for a in ensemble.attribute}


def count_rows(columns, rows, left, right):
    """For each node the training rows are not in the file; what a leaf adds for its rows is: c(n) inverted."""
    weights, depth, scale = columns["weight"], columns["depth"], columns["scale"]
    table = _average_path_length(np.arange(1, rows + 1))
    counts = np.zeros(len(left), dtype=np.int64)
    for node in range(len(left) - 1, -1, -1):
        if left[node] < 0:
            length = weights[node] * scale - depth[node]
            counts[node] = 1 + np.abs(table - length).argmin()
            check(abs(table[counts[node] - 1] - length) < 1e-4, "a leaf holds no whole number of rows")
        else:
            counts[node] = counts[left[node]] + counts[right[node]]
    return counts


def rebuild(model, features, samples, offset):
    """The same trees inside scikit-learn's own IsolationForest, which then scores by its own code."""
    a = attributes(model)
    tree_of, leaf_of = np.array(a["nodes_treeids"]), np.array(a["target_treeids"])
    trees = int(tree_of.max()) + 1
    scale = trees * float(_average_path_length([samples])[0])
    forest = IsolationForest(n_estimators=trees)
    forest.estimators_, forest.estimators_features_ = [], []
    for tree in range(trees):
        of = tree_of == tree
        leaf = np.array(a["nodes_modes"])[of] == b"LEAF"
        size = int(of.sum())
        left = np.where(leaf, -1, np.array(a["nodes_truenodeids"])[of])
        right = np.where(leaf, -1, np.array(a["nodes_falsenodeids"])[of])
        weight = np.zeros(size)
        weight[np.array(a["target_nodeids"])[leaf_of == tree]] = np.array(a["target_weights"])[leaf_of == tree]
        depth = np.zeros(size, dtype=np.int64)
        for node in np.flatnonzero(~leaf):
            depth[[left[node], right[node]]] = depth[node] + 1
        counts = count_rows({"weight": weight, "depth": depth, "scale": scale}, samples, left, right)
        check(counts[0] == samples, f"tree {tree} was grown on {counts[0]} rows, not {samples}")
        empty = Tree(features, np.array([1], dtype=np.intp), 1)
        state = empty.__getstate__()
        nodes = np.zeros(size, dtype=state["nodes"].dtype)
        nodes["left_child"], nodes["right_child"] = left, right
        nodes["feature"] = np.where(leaf, -2, np.array(a["nodes_featureids"])[of])
        nodes["threshold"] = np.where(leaf, -2.0, np.array(a["nodes_values"], dtype=np.float32)[of])
        nodes["n_node_samples"] = nodes["weighted_n_node_samples"] = counts
        nodes["missing_go_to_left"] = np.array(a["nodes_missing_value_tracks_true"])[of]
        state |= {"nodes": nodes, "values": np.zeros((size, 1, 1)), "node_count": size, "max_depth": int(depth.max())}
        empty.__setstate__(state)
        estimator = ExtraTreeRegressor(max_features=1, splitter="random")
        estimator.n_features_in_, estimator.n_outputs_, estimator.tree_ = features, 1, empty
        forest.estimators_.append(estimator)
        forest.estimators_features_.append(np.arange(features))
    forest.n_features_in_ = forest._max_features = features
    forest.max_samples_ = forest._max_samples = samples
    forest.offset_ = offset
    forest._average_path_length_per_tree = [_average_path_length(e.tree_.n_node_samples) for e in forest.estimators_]
    forest._decision_path_lengths = [e.tree_.compute_node_depths() for e in forest.estimators_]
    return forest


def main(model_path, rows_path, scores_path, out_path):
    model = onnx.load(model_path)
    onnx.checker.check_model(model, full_check=True)
    about = {entry.key: json.loads(entry.value) for entry in model.metadata_props if entry.key.startswith("tamis.")}
    features, training = len(about["tamis.features"]), about["tamis.forest"]
    rows = np.fromfile(rows_path, dtype=np.float32).reshape(-1, features)
    score, ours = np.fromfile(scores_path, dtype=np.float64).reshape(-1, 2).T
    check(len(rows) == len(ours) == training["rows"], "the files do not belong together")
    found = {"rows": len(rows), "features": features, "missing": int(np.isnan(rows).sum())}

    label, decision = run_onnxruntime(model_path, rows)
    found["onnxruntime"] = same_scores("onnxruntime", label, decision, ours)
    for row in range(0, len(rows), max(1, len(rows) // 50)):
        alone = run_onnxruntime(model_path, rows[row : row + 1])[1] if row == 0 else decision[row : row + 1]
        check(abs(alone[0] - ours[row]) <= TOLERANCE, "onnxruntime scores a row alone otherwise")

    same = rebuild(model, features, training["samples"], training["offset"])
    samples = same.score_samples(rows)
    found["sklearn_score_samples"] = float(np.abs(samples + score).max())
    check(found["sklearn_score_samples"] <= TOLERANCE, f"score_samples differ by {found['sklearn_score_samples']}")
    found["sklearn_decision"] = same_scores("scikit-learn", same.predict(rows), same.decision_function(rows), ours)
    if training["contamination"] != "auto":
        percentile = np.percentile(samples, 100.0 * training["contamination"])
        found["offset"] = float(abs(percentile - training["offset"]))
        check(found["offset"] <= TOLERANCE, f"the offset differs by {found['offset']}")

    own = IsolationForest(n_estimators=training["trees"], max_samples=training["samples"], random_state=7).fit(rows)
    other = IsolationForest(n_estimators=training["trees"], max_samples=training["samples"], random_state=8).fit(rows)
    theirs = own.score_samples(rows)
    found["rank_correlation"] = float(spearmanr(-score, theirs)[0])
    found["rank_correlation_among_sklearn"] = float(spearmanr(other.score_samples(rows), theirs)[0])
    check(
        found["rank_correlation"] > found["rank_correlation_among_sklearn"] - 0.02,
        f"our scores rank the rows otherwise than scikit-learn's: {found}",
    )
    found["mean_score"] = [float(score.mean()), float(-theirs.mean())]
    check(abs(score.mean() + theirs.mean()) < 0.01, f"the mean scores differ: {found['mean_score']}")
    with open(out_path, "w") as out:
        json.dump(found, out)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
