"""Holds rewritten models against those that they were made of.

    python folded.py FOLDER

Each NAME.foldedN in the folder must pass onnx's full check and say in onnxruntime of NAME.rows what NAME.onnx says:
labels equal wherever the decision is not within 1e-6 of 0, numbers to 1e-6. Exits 1 at the first that does not.
"""

import pathlib
import sys

import numpy as np
import onnx
from foreign import run


def width(model):
    given = [i for i in model.graph.input if i.name not in {t.name for t in model.graph.initializer}]
    return sum(i.type.tensor_type.shape.dim[1].dim_value for i in given)


def threshold(outputs, number):
    label = outputs.get("predicted_label")
    return -1.0 if label is None or not label.any() else number[label[:, 0] == 1].min()


def main(folder):
    for path in sorted(pathlib.Path(folder).glob("*.folded*")):
        old, new = onnx.load(path.with_suffix(".onnx")), onnx.load_from_string(path.read_bytes())
        onnx.checker.check_model(new, full_check=True)
        rows = np.fromfile(path.with_suffix(".rows"), dtype=np.float32).reshape(-1, width(old))[:20000]
        before, after = run(old, rows), run(new, rows)
        if list(before) != list(after):
            sys.exit(f"{path.name}: the outputs are {list(after)}, not {list(before)}")
        # Where a label may differ: at the score that parts flagged rows from others, as LinkedIn's graph has it.
        number = next(value for value in before.values() if value.dtype.kind == "f").reshape(len(rows), -1)[:, 0]
        decision = before["scores"][:, 0] if "scores" in before else number - threshold(before, number)
        clear = np.abs(decision) > 1e-6
        furthest = 0.0
        for name in before:
            a, b = before[name].reshape(len(rows), -1), after[name].reshape(len(rows), -1)
            if a.dtype.kind == "f":
                furthest = max(furthest, float(np.abs(a - b).max()))
            elif not np.array_equal(a[clear], b[clear]):
                sys.exit(f"{path.name}: {name} differs")
        if not furthest <= 1e-6:
            sys.exit(f"{path.name}: numbers differ by {furthest}")
        print(f"{path.name}: {len(old.graph.node)} to {len(new.graph.node)} operators, {furthest:.1e} on {len(rows)} rows")


if __name__ == "__main__":
    main(*sys.argv[1:])
