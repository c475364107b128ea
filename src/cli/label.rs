//! Labels: which records are known to be outliers.
//!
//! They are read from the bytes as they came, for masking drops what the contract does not know, and they go nowhere but
//! into the evaluation.

use crate::contract::Contract;
use crate::pipeline::Examined;
use anyhow::{Context, Result, bail};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// The field that holds the label, as a JSON Pointer.
pub(super) struct LabelField(String);

impl LabelField {
    /// The field of this name, or at this JSON Pointer, unless a feature reads it: what scores would then know the answer.
    pub(super) fn of(name: &str, contract: &Contract) -> Result<Self> {
        let pointer = match name.strip_prefix('/') {
            Some(_) => name.to_owned(),
            None => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        };
        if let Some(feature) = contract.feature_that_reads(&pointer) {
            bail!("the feature {feature} reads the label {name}, so the model would know the answer");
        }
        Ok(Self(pointer))
    }

    /// A record's label as a number, NaN where there is none; none where it is something else.
    pub(super) fn read(&self, original: &[u8]) -> Option<f32> {
        self.of_record(&serde_json::from_slice(original).ok()?)
    }

    fn of_record(&self, record: &Json) -> Option<f32> {
        match record.pointer(&self.0) {
            None | Some(Json::Null) => Some(f32::NAN),
            Some(Json::Bool(label)) => Some(f32::from(u8::from(*label))),
            Some(Json::Number(label)) => label.as_f64().map(exact),
            Some(Json::String(label)) => word(label.trim()),
            Some(_) => None,
        }
    }
}

/// Where labels stand: in the records, or in a file beside them, as they do when they come later.
pub(super) enum Labels {
    Inside(LabelField),
    Beside(HashMap<String, f32>),
}

impl Labels {
    /// Those of this field, of the records or of a file.
    pub(super) fn of(name: &str, file: Option<&Path>, contract: &Contract) -> Result<Self> {
        let Some(path) = file else {
            return Ok(Self::Inside(LabelField::of(name, contract)?));
        };
        let ids = contract.id_pointer().with_context(|| {
            format!("the contract {} has no x-id by which {} could be read", contract.name(), path.display())
        })?;
        beside(name, path, ids).with_context(|| format!("cannot read the labels in {}", path.display()))
    }

    /// The label of a record, NaN where there is none; none where it is something else.
    pub(super) fn read(&self, examined: &Examined, contract: &Contract, original: Option<&[u8]>) -> Option<f32> {
        match self {
            Self::Inside(field) => original.and_then(|original| field.read(original)),
            Self::Beside(labels) => {
                let id: Option<Json> = examined.id(contract).and_then(|id| serde_json::from_slice(&id).ok());
                Some(id.and_then(|id| labels.get(&id.to_string()).copied()).unwrap_or(f32::NAN))
            }
        }
    }
}

/// The labels of a file by the ids of their records, in their JSON form.
#[allow(clippy::float_cmp, reason = "labels are whole numbers")]
fn beside(name: &str, path: &Path, ids: &str) -> Result<Labels> {
    let pointer = |name: &str| if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
    let field = LabelField(pointer(name));
    let mut labels: HashMap<String, f32> = HashMap::new();
    for (line, number) in BufReader::new(super::input::open_bytes(path)?).split(b'\n').zip(1_u64..) {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Ok(record) = serde_json::from_slice::<Json>(&line) else {
            bail!("line {number} is no JSON");
        };
        let id = record.pointer(ids).or_else(|| record.get("id")).filter(|id| !id.is_null());
        let (Some(id), Some(label)) = (id, field.of_record(&record)) else {
            if id.is_none() {
                continue;
            }
            bail!("the label in line {number} is neither 0 nor 1");
        };
        let known = labels.entry(id.to_string()).or_insert(label);
        // With 1 for outliers among zeros; of the other convention, -1.
        if label == -1.0 || *known == 0.0 && label == 1.0 || known.is_nan() {
            *known = label;
        }
    }
    Ok(Labels::Beside(labels))
}

fn word(label: &str) -> Option<f32> {
    match label.to_ascii_lowercase().as_str() {
        "" => Some(f32::NAN),
        "true" => Some(1.0),
        "false" => Some(0.0),
        number => number.parse().ok().map(exact),
    }
}

/// A whole number of one digit as it is; anything else as what is no label.
fn exact(value: f64) -> f32 {
    if value == 0.0 {
        0.0
    } else if (value - 1.0).abs() < f64::EPSILON {
        1.0
    } else if (value + 1.0).abs() < f64::EPSILON {
        -1.0
    } else {
        f32::INFINITY
    }
}

/// What numbers say as labels: 1 is an outlier among zeros, and −1 among ones, as scikit-learn predicts; none is missing.
#[derive(Clone, Copy, Default)]
pub(super) struct Reading {
    zero: bool,
    minus: bool,
    other: bool,
}

impl Reading {
    #[allow(clippy::float_cmp, reason = "labels are whole numbers")]
    pub(super) fn see(&mut self, label: f32) {
        self.zero |= label == 0.0;
        self.minus |= label == -1.0;
        self.other |= !label.is_nan() && label != 0.0 && label.abs() != 1.0;
    }

    /// How to read the labels that were seen.
    #[allow(clippy::float_cmp, reason = "labels are whole numbers")]
    pub(super) fn outlier(self) -> Result<impl Fn(f32) -> Option<bool>> {
        if self.other || self.zero && self.minus {
            bail!("labels are 0 for a usual row and 1 for an outlier, or 1 and -1; there are others");
        }
        let outlier = if self.minus { -1.0 } else { 1.0 };
        Ok(move |label: f32| (!label.is_nan()).then_some(label == outlier))
    }
}

#[cfg(test)]
mod tests {
    use super::{LabelField, Reading};
    use crate::contract::Contract;

    #[test]
    fn labels_are_read_from_the_bytes_as_they_came() {
        let contract = Contract::orders().unwrap();
        let field = LabelField::of("odd", &contract).unwrap();
        for (record, label) in [
            (r#"{"odd": 1}"#, Some(1.0)),
            (r#"{"odd": true, "b": 2}"#, Some(1.0)),
            (r#"{"odd": "0"}"#, Some(0.0)),
            (r#"{"odd": " False "}"#, Some(0.0)),
            (r#"{"odd": -1.0}"#, Some(-1.0)),
            (r#"{"odd": 0.5}"#, Some(f32::INFINITY)),
            (r#"{"odd": [1]}"#, None),
            (r#"{"odd": "maybe"}"#, None),
        ] {
            assert_eq!(field.read(record.as_bytes()), label, "{record}");
        }
        for missing in ["{}", r#"{"odd": null}"#, r#"{"odd": ""}"#] {
            assert!(field.read(missing.as_bytes()).is_some_and(f32::is_nan), "{missing}");
        }
        let below = LabelField::of("/truth/a~1b", &contract).unwrap();
        assert_eq!(below.read(br#"{"truth": {"a/b": 1}}"#), Some(1.0));
        assert!(LabelField::of("quantity", &contract).is_err() && LabelField::of("/is_gift", &contract).is_err());
    }

    #[test]
    fn both_conventions_are_told_apart() {
        let read = |labels: &[f32]| {
            let mut reading = Reading::default();
            for label in labels {
                reading.see(*label);
            }
            reading.outlier().map(|outlier| labels.iter().map(|label| outlier(*label)).collect::<Vec<_>>()).ok()
        };
        assert_eq!(read(&[0.0, 1.0, f32::NAN]), Some(vec![Some(false), Some(true), None]));
        assert_eq!(read(&[1.0, -1.0]), Some(vec![Some(false), Some(true)]));
        assert!(read(&[0.0, 1.0, -1.0]).is_none() && read(&[0.0, 2.0]).is_none() && read(&[f32::INFINITY]).is_none());
    }
}
