// A model that Tamis did not write: features · weights + bias, as the bytes of an ONNX file.

const varint = (value) => {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
};
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, ...parts) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
};

const FLOAT = 1;
const floats = (values) => Buffer.from(Float32Array.from(values).buffer);

const tensor = (name, dims, values) =>
  bytes(5, ...dims.map((dim) => number(1, dim)), number(2, FLOAT), bytes(8, name), bytes(9, floats(values)));
const node = (op, inputs, output) =>
  bytes(1, ...inputs.map((input) => bytes(1, input)), bytes(2, output), bytes(4, op));
const matrix = (field, name, columns) => {
  const shape = bytes(2, bytes(1, bytes(2, "N")), bytes(1, number(1, columns)));
  return bytes(field, bytes(1, name), bytes(2, bytes(1, number(1, FLOAT), shape)));
};

/** The file; its one output is `scores` [N, 1]. */
export function foreign(weights, bias) {
  const graph = [
    node("MatMul", ["features", "weights"], "product"),
    node("Add", ["product", "bias"], "scores"),
    bytes(2, "linear"),
    tensor("weights", [weights.length, 1], weights),
    tensor("bias", [1], [bias]),
    matrix(11, "features", weights.length),
    matrix(12, "scores", 1),
  ];
  return Buffer.concat([number(1, 8), bytes(7, ...graph), bytes(8, bytes(1, ""), number(2, 13))]);
}
