"""Writes the small foreign models of tests/data, which stand in for real ones where there is no Python.

    python small_foreign.py tests/data
"""

import pathlib
import sys

import onnx
from foreign import COLUMNS, IsolationForest, TensorProto, column_transformer, coniferest, ensemble5, make_pipeline, opsets, training
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType


def main(folder):
    x = training(200)
    forest = IsolationForest(n_estimators=3, max_samples=10, random_state=3, contamination=0.05)
    pipeline = make_pipeline(column_transformer("ignore"), forest).fit(x)
    types = [("X", FloatTensorType([None, COLUMNS]))]
    folder = pathlib.Path(folder)
    onnx.save(to_onnx(pipeline, initial_types=types, target_opset=opsets(17)), folder / "skl2onnx.onnx")
    forest.fit(x)
    onnx.save(coniferest(forest), folder / "coniferest.onnx")
    onnx.save(ensemble5(forest, TensorProto.FLOAT, 21), folder / "ensemble5.onnx")


if __name__ == "__main__":
    main(*sys.argv[1:])
