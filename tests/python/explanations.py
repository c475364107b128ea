"""Holds the explanations of a forest against onnxruntime and against shap.

    python explanations.py MODEL.onnx EXPLANATIONS.onnx ROWS.f32 PARTS.f64

ROWS is a matrix of 32-bit floats without gaps, on which the model was trained; PARTS holds for each row what
Tamis says each feature did to the row's mean path length. Prints what was found; exits 1, with a sentence, at a disagreement.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
import shap
from scipy.stats import spearmanr

from parity import check, rebuild

# Features of the same row may be ranked otherwise by another fair way to share a path out: how often, at most.
LEAST_TOP = 0.85
LEAST_RANK = 0.85


def main(model_path, explanations_path, rows_path, parts_path):
    model, explanations = onnx.load(model_path), onnx.load(explanations_path)
    onnx.checker.check_model(explanations, full_check=True)
    about = {entry.key: json.loads(entry.value) for entry in model.metadata_props if entry.key.startswith("tamis.")}
    base = {entry.key: json.loads(entry.value) for entry in explanations.metadata_props}["tamis.explain"]
    check(base["features"] == about["tamis.features"], "the features are named otherwise")
    features, training = len(base["features"]), about["tamis.forest"]
    rows = np.fromfile(rows_path, dtype=np.float32).reshape(-1, features)
    ours = np.fromfile(parts_path, dtype=np.float64).reshape(-1, features)

    session = onnxruntime.InferenceSession(explanations_path, providers=["CPUExecutionProvider"])
    check([i.name for i in session.get_inputs()] == ["features"], "the input is not called features")
    theirs = session.run(["contributions"], {"features": rows})[0]
    check(theirs.shape == ours.shape and theirs.dtype == np.float32, "contributions is not float [N, D]")
    found = {"rows": len(rows), "onnxruntime": float(np.abs(theirs - ours).max())}
    check(found["onnxruntime"] <= 1e-4, f"onnxruntime says otherwise: {found}")

    forest = rebuild(model, features, training["samples"], training["offset"])
    score = -forest.score_samples(rows)
    length = -np.log2(score) * float(normal_length(training["samples"]))
    found["additive"] = float(np.abs(base["base"] + ours.sum(axis=1) - length).max())
    check(found["additive"] <= 1e-5, f"base and contributions are not the path length: {found}")

    oddest = np.argsort(-score)[:200]
    values = shap.TreeExplainer(forest).shap_values(rows[oddest])
    # Shap's values may be of the path or of its negative: the path of the oddest rows is short.
    sign = np.sign(values.sum(axis=1).mean()) * np.sign(ours[oddest].sum(axis=1).mean())
    values = values * sign
    top = values.argmin(axis=1) == ours[oddest].argmin(axis=1)
    ranks = [spearmanr(a, b)[0] for a, b in zip(values, ours[oddest])]
    found["shap_top"], found["shap_rank"] = float(top.mean()), float(np.mean(ranks))
    check(found["shap_top"] >= LEAST_TOP, f"the first reason is another than shap's too often: {found}")
    check(found["shap_rank"] >= LEAST_RANK, f"the reasons are ranked otherwise than shap's: {found}")
    print(json.dumps(found))


def normal_length(samples):
    from sklearn.ensemble._iforest import _average_path_length

    return _average_path_length([samples])[0]


if __name__ == "__main__":
    main(*sys.argv[1:])
