//! The graph that Tamis writes, said once: the writer builds it, the reader compares with it.

/// The name of the input: a row of numbers for each record.
pub(crate) const INPUT: &str = "features";
/// The name of the output that is −1 for an odd row and 1 for a usual one.
pub(crate) const LABEL: &str = "label";
/// The name of the output that is negative for an odd row.
pub(crate) const DECISION: &str = "scores";
/// The name of the dimension that counts the rows.
pub(super) const ROWS: &str = "N";

/// The domain of the tree ensemble.
pub(crate) const ML: &str = "ai.onnx.ml";
/// The opsets that the operators are taken from: these are read everywhere, and newer ones add nothing here.
pub(super) const OPSETS: [(&str, i64); 2] = [("", 13), (ML, 3)];
/// The version of the file format that came with these opsets.
pub(super) const IR_VERSION: i64 = 8;

/// An operator of the graph.
pub(super) struct Step {
    pub(super) operator: &'static str,
    pub(super) domain: &'static str,
    pub(super) inputs: &'static [&'static str],
    pub(super) output: &'static str,
}

const fn step(operator: &'static str, inputs: &'static [&'static str], output: &'static str) -> Step {
    Step { operator, domain: "", inputs, output }
}

/// The operators in order; the first is the ensemble, and has all attributes.
pub(super) const STEPS: [Step; 7] = [
    Step { operator: "TreeEnsembleRegressor", domain: ML, inputs: &[INPUT], output: "depth" },
    step("Neg", &["depth"], "exponent"),
    step("Pow", &[TWO, "exponent"], "score"),
    step("Neg", &["score"], "score_samples"),
    step("Sub", &["score_samples", OFFSET], DECISION),
    step("Less", &[DECISION, ZERO], "odd"),
    step("Where", &["odd", MINUS_ONE, ONE], LABEL),
];

/// The name of the offset, the one constant that differs from model to model; rounded to a 32-bit float.
pub(super) const OFFSET: &str = "offset";
const TWO: &str = "two";
const ZERO: &str = "zero";
const MINUS_ONE: &str = "minus_one";
const ONE: &str = "one";

/// The constants that are floats, after the offset.
pub(super) const FLOATS: [(&str, f32); 2] = [(TWO, 2.0), (ZERO, 0.0)];
/// The constants that are integers.
pub(super) const INTEGERS: [(&str, i64); 2] = [(MINUS_ONE, -1), (ONE, 1)];
