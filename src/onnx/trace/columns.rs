//! Operators that choose, join and prepare columns.

use super::{Cell, Shape, Sheet, Trace, Value};
use crate::onnx::attributes::Attributes;
use crate::onnx::calculate::Binary;
use crate::onnx::number::{Kind, Number, Tensor};
use crate::onnx::step::Step;
use std::sync::Arc;

impl Trace<'_> {
    /// `Gather` along the columns, `ArrayFeatureExtractor`.
    pub(super) fn pick(&mut self, sheet: &Sheet, places: &Tensor) -> Option<Sheet> {
        let most = match sheet.shape {
            Shape::Flat => return None,
            Shape::Matrix => 2,
            Shape::Deep => 1,
        };
        if places.dims.len() > most {
            return None;
        }
        let width = sheet.cells.len();
        let place = |number: &Number| match *number {
            Number::Integer(at) if at < 0 => usize::try_from(at + i64::try_from(width).ok()?).ok(),
            Number::Integer(at) => usize::try_from(at).ok(),
            _ => None,
        };
        let places = places.numbers.iter().map(place).collect::<Option<Vec<_>>>()?;
        // All columns in their order are the same sheet: an isolation forest asks for them once a tree.
        if places.iter().copied().eq(0..width) {
            return Some(sheet.clone());
        }
        let cells = places.iter().map(|&at| sheet.cells.get(at).cloned()).collect::<Option<Arc<[_]>>>()?;
        self.spend(size(&cells))?;
        Some(Sheet { cells, ..*sheet })
    }

    /// `Concat` along the columns, `FeatureVectorizer`.
    pub(super) fn concat(&mut self, attributes: Attributes<'_>, inputs: &[Option<Value>]) -> Option<Value> {
        let axis = attributes.int_or("axis", 1).ok()?;
        let sheet = |input: &Option<Value>| match input {
            Some(Value::Rows(sheet)) if sheet.shape.is_last(axis) => Some(sheet.clone()),
            _ => None,
        };
        let sheets = inputs.iter().map(sheet).collect::<Option<Vec<_>>>()?;
        let Sheet { kind, shape, .. } = *sheets.first()?;
        let same = sheets.iter().all(|sheet| sheet.kind == kind && sheet.shape == shape);
        sheets.iter().try_for_each(|sheet| self.spend(size(&sheet.cells)))?;
        let cells = sheets.iter().flat_map(|sheet| sheet.cells.iter().cloned()).collect();
        same.then_some(Value::Rows(Sheet { cells, kind, shape }))
    }

    /// (x − offset) · scale, in 32 bits unless the input has more.
    pub(super) fn scale(&mut self, attributes: Attributes<'_>, sheet: &Sheet) -> Option<Sheet> {
        let (offsets, scales) = (attributes.floats("offset").ok()?, attributes.floats("scale").ok()?);
        let kind = if sheet.kind == Kind::Double { Kind::Double } else { Kind::Single };
        let width = sheet.cells.len();
        let fits = |list: &[f32]| list.len() == 1 || list.len() == width;
        if !fits(offsets) || !fits(scales) {
            return None;
        }
        let of = |list: &[f32], at: usize| {
            let value = list.get(if list.len() == 1 { 0 } else { at }).copied().unwrap_or(f32::NAN);
            Number::Single(value).cast(kind)
        };
        let sheet = self.step(sheet, kind, |_| Step::Cast(kind))?;
        let sheet = self.step(&sheet, kind, |at| Step::After(Binary::Sub, of(offsets, at)))?;
        let sheet = self.step(&sheet, kind, |at| Step::After(Binary::Mul, of(scales, at)))?;
        self.step(&sheet, Kind::Single, |_| Step::Cast(Kind::Single))
    }

    pub(super) fn impute(&mut self, attributes: Attributes<'_>, sheet: &Sheet) -> Option<Sheet> {
        let integers = sheet.kind == Kind::Integer;
        let by = if integers { ("imputed_value_int64s", "") } else { ("", "imputed_value_floats") };
        let by = attributes.list(by.0, by.1, "")?;
        let replaced = if integers {
            Number::Integer(attributes.int_or("replaced_value_int64", 0).ok()?)
        } else {
            Number::Single(attributes.float_or("replaced_value_float", 0.0).ok()?).cast(sheet.kind)
        };
        let width = sheet.cells.len();
        if by.len() != 1 && by.len() != width {
            return None;
        }
        self.step(sheet, sheet.kind, |at| {
            let by = by.get(if by.len() == 1 { 0 } else { at }).map_or(replaced, |by| by.cast(sheet.kind));
            if replaced.is_nan() { Step::Fill(by) } else { Step::Replace(replaced, by) }
        })
    }

    /// A column for each category; a value without one is refused, or is none of them.
    pub(super) fn encode(&mut self, attributes: Attributes<'_>, sheet: &Sheet) -> Option<Sheet> {
        let categories: Arc<[Number]> = attributes.list("cats_int64s", "", "")?.into();
        let [_] = *sheet.cells else { return None };
        let mut sheet = self.step(sheet, Kind::Integer, |_| Step::Cast(Kind::Integer))?;
        if attributes.int_or("zeros", 1).ok()? == 0 {
            sheet = self.step(&sheet, Kind::Integer, |_| Step::Among(categories.clone()))?;
        }
        let [cell] = &*sheet.cells else { return None };
        self.spend(categories.len() * (size(&sheet.cells) + 1))?;
        let wide: Arc<[Cell]> = categories.iter().map(|_| cell.clone()).collect();
        let wide = Sheet { cells: wide, kind: Kind::Integer, shape: Shape::Deep };
        self.step(&wide, Kind::Single, |at| Step::Is(categories.get(at).copied().unwrap_or(Number::Single(f32::NAN))))
    }
}

/// How many numbers some cells hold.
fn size(cells: &[Cell]) -> usize {
    let one = |cell: &Cell| match cell {
        Cell::Given { steps, .. } | Cell::Total { steps, .. } => steps.len() + 1,
        Cell::Leaves(_) => 1,
    };
    cells.iter().map(one).sum()
}

/// `Reshape` where it changes no more than how a row is written.
pub(super) fn reshape(sheet: &Sheet, shape: &Tensor) -> Option<Sheet> {
    let width = i64::try_from(sheet.cells.len()).ok()?;
    let shape = match *shape.numbers {
        [Number::Integer(-1)] if width == 1 => Shape::Flat,
        [Number::Integer(-1), Number::Integer(columns)] if columns == width => Shape::Matrix,
        _ => return None,
    };
    Some(Sheet { shape, ..sheet.clone() })
}
