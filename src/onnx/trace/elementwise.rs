//! Operators that work number by number.

use super::{Cell, Leaves, Shape, Sheet, Trace, Value};
use crate::onnx::attributes::Attributes;
use crate::onnx::calculate::{Binary, Unary};
use crate::onnx::number::{Kind, Number, Tensor};
use crate::onnx::step::{Step, Table};
use std::sync::Arc;

impl Trace<'_> {
    pub(super) fn elementwise(&mut self, operator: &str, inputs: &[Option<Value>]) -> Option<Value> {
        if let (Some(operator), [Some(value)]) = (Unary::named(operator), inputs) {
            return match value {
                Value::Rows(sheet) => {
                    let fits = (operator == Unary::Not) == (sheet.kind == Kind::Truth);
                    fits.then(|| self.step(sheet, sheet.kind, |_| Step::Through(operator))).flatten().map(Value::Rows)
                }
                Value::Constant(tensor) => {
                    let numbers =
                        tensor.numbers.iter().map(|number| number.through(operator)).collect::<Option<_>>()?;
                    Some(Value::Constant(Arc::new(Tensor { numbers, dims: tensor.dims.clone() })))
                }
            };
        }
        let variadic = matches!(operator, "Sum" | "Max" | "Min");
        let operator = Binary::named(operator)?;
        match inputs {
            [Some(_)] if operator == Binary::Add && variadic => self.sum(inputs).map(Value::Rows),
            [Some(value)] if variadic => Some(value.clone()),
            [Some(a), Some(b)] => self.binary(operator, a, b),
            [first, rest @ ..] if variadic && !rest.is_empty() => {
                if operator == Binary::Add
                    && let Some(sum) = self.sum(inputs)
                {
                    return Some(Value::Rows(sum));
                }
                rest.iter().try_fold(first.clone()?, |so_far, next| self.binary(operator, &so_far, next.as_ref()?))
            }
            _ => None,
        }
    }

    fn binary(&mut self, operator: Binary, a: &Value, b: &Value) -> Option<Value> {
        match (a, b) {
            (Value::Rows(a), Value::Rows(b)) => self.rows(operator, a, b).map(Value::Rows),
            (Value::Rows(rows), Value::Constant(constant)) => {
                self.with(rows, constant, operator, |number| Step::After(operator, number)).map(Value::Rows)
            }
            (Value::Constant(constant), Value::Rows(rows)) => {
                self.with(rows, constant, operator, |number| Step::Before(number, operator)).map(Value::Rows)
            }
            (Value::Constant(a), Value::Constant(b)) => {
                let (Some(a), Some(b)) = (a.only(), b.only()) else { return None };
                let numbers = vec![a.with(operator, b)?];
                Some(Value::Constant(Arc::new(Tensor { dims: vec![1], numbers })))
            }
        }
    }

    /// A sheet and a constant that has one number, or one for each column.
    fn with(
        &mut self,
        rows: &Sheet,
        constant: &Tensor,
        operator: Binary,
        step: impl Fn(Number) -> Step,
    ) -> Option<Sheet> {
        let (width, numbers) = (rows.cells.len(), &constant.numbers);
        let one = numbers.len() == 1;
        let fits = match rows.shape {
            Shape::Flat => one && constant.dims.len() <= 1,
            Shape::Matrix => {
                constant.dims.len() <= 2 && (one || (numbers.len() == width && constant.dims.last() == Some(&width)))
            }
            Shape::Deep => false,
        };
        let number = |at: usize| numbers.get(if one { 0 } else { at }).copied();
        if !fits || numbers.iter().any(|number| number.kind() != rows.kind) {
            return None;
        }
        let kind = result(operator, rows.kind)?;
        self.step(rows, kind, |at| step(number(at).unwrap_or(Number::Single(f32::NAN))))
    }

    fn rows(&mut self, operator: Binary, a: &Sheet, b: &Sheet) -> Option<Sheet> {
        if a.kind != b.kind || a.shape != b.shape || a.cells.len() != b.cells.len() {
            return None;
        }
        let kind = result(operator, a.kind)?;
        let cells = a.cells.iter().zip(&*b.cells).map(|(a, b)| match (a, b) {
            (Cell::Leaves(a), Cell::Leaves(b)) if (a.grove, a.tree) == (b.grove, b.tree) => {
                self.spend(a.numbers.len())?;
                let numbers = a.numbers.iter().zip(&*b.numbers).map(|(a, b)| a.with(operator, *b));
                Some(Cell::Leaves(Leaves { numbers: numbers.collect::<Option<_>>()?, ..*a }))
            }
            _ if operator == Binary::Add => self.add(&[a, b]),
            _ => None,
        });
        let cells = cells.collect::<Option<_>>()?;
        Some(Sheet { cells, kind, shape: a.shape })
    }

    pub(super) fn clip(
        &mut self,
        attributes: Attributes<'_>,
        sheet: &Sheet,
        bounds: &[Option<Value>],
    ) -> Option<Value> {
        let real = matches!(sheet.kind, Kind::Single | Kind::Double);
        let bound = |at: usize, name: &'static str, none: f32| match bounds.get(at) {
            Some(Some(Value::Constant(bound))) => bound.only().filter(|bound| bound.kind() == sheet.kind),
            Some(_) => None,
            None => Some(Number::Single(attributes.float_or(name, none).ok()?).cast(sheet.kind)),
        };
        let (low, high) = (bound(0, "min", f32::NEG_INFINITY)?, bound(1, "max", f32::INFINITY)?);
        real.then(|| self.step(sheet, sheet.kind, |_| Step::Clip(low, high))).flatten().map(Value::Rows)
    }

    /// `LabelEncoder` from numbers to numbers.
    pub(super) fn look(&mut self, attributes: Attributes<'_>, sheet: &Sheet) -> Option<Sheet> {
        let keys = attributes.list("keys_int64s", "keys_floats", "keys_tensor")?;
        let values = attributes.list("values_int64s", "values_floats", "values_tensor")?;
        let fits = keys.len() == values.len() && keys.iter().all(|key| key.kind() == sheet.kind);
        let kind = values.first()?.kind();
        if !fits || values.iter().any(|value| value.kind() != kind) {
            return None;
        }
        let otherwise = match kind {
            _ if attributes.has("default_tensor") => attributes.tensor("default_tensor").ok()?.only()?,
            Kind::Integer => Number::Integer(attributes.int_or("default_int64", -1).ok()?),
            _ => Number::Single(attributes.float_or("default_float", -0.0).ok()?).cast(kind),
        };
        self.spend(2 * keys.len())?;
        let mut entries = std::collections::BTreeMap::new();
        for (key, value) in keys.into_iter().zip(values) {
            entries.entry(Table::key(key)).or_insert(value);
        }
        let table = Arc::new(Table { entries, otherwise });
        self.step(sheet, kind, |_| Step::Look(table.clone()))
    }
}

/// The kind of an operator's result, where it has one for operands of this kind.
fn result(operator: Binary, kind: Kind) -> Option<Kind> {
    let zero = Number::Integer(1).cast(kind);
    zero.with(operator, zero).map(Number::kind)
}
