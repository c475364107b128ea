//! Reading a node's attributes by name and type, and writing them.

use super::ensemble::Test;
use super::error::EnsembleError;
use super::number::{Number, Tensor};
use crate::pb::attribute_proto::AttributeType;
use crate::pb::{AttributeProto, NodeProto, TensorProto};

/// The attributes of a node.
#[derive(Clone, Copy)]
pub(crate) struct Attributes<'a>(pub(crate) &'a NodeProto);

impl<'a> Attributes<'a> {
    fn find(self, name: &str) -> Option<&'a AttributeProto> {
        self.0.attribute.iter().find(|attribute| attribute.name == name)
    }

    fn get(self, name: &str, kind: AttributeType) -> Option<&'a AttributeProto> {
        self.find(name).filter(|attribute| attribute.r#type == kind as i32)
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(crate) fn int(self, name: &'static str) -> Result<i64, EnsembleError> {
        self.get(name, AttributeType::Int).map(|a| a.i).ok_or(EnsembleError::Attribute(name))
    }

    /// The number, or the operator's default where the attribute is left out.
    pub(crate) fn int_or(self, name: &'static str, default: i64) -> Result<i64, EnsembleError> {
        if self.has(name) { self.int(name) } else { Ok(default) }
    }

    /// The number, or the operator's default where the attribute is left out.
    pub(crate) fn float_or(self, name: &'static str, default: f32) -> Result<f32, EnsembleError> {
        if !self.has(name) {
            return Ok(default);
        }
        self.get(name, AttributeType::Float).map(|a| a.f).ok_or(EnsembleError::Attribute(name))
    }

    pub(crate) fn tensor(self, name: &'static str) -> Result<Tensor, EnsembleError> {
        let tensor = self.get(name, AttributeType::Tensor).and_then(|a| a.t.as_ref()).and_then(Tensor::read);
        tensor.ok_or(EnsembleError::Attribute(name))
    }

    /// Floats that stand in an attribute or, as 64-bit floats too, in a tensor under a name of its own.
    pub(crate) fn reals(self, name: &'static str, as_tensor: &'static str) -> Result<Vec<f64>, EnsembleError> {
        if self.has(as_tensor) {
            return Ok(self.tensor(as_tensor)?.numbers.iter().map(|number| number.real()).collect());
        }
        Ok(self.floats(name)?.iter().map(|&value| f64::from(value)).collect())
    }

    /// Entries of a list in any of the types that it may have: `keys` stands for `keys_int64s` and its kin.
    pub(crate) fn list(self, ints: &'static str, floats: &'static str, tensor: &'static str) -> Option<Vec<Number>> {
        if self.has(ints) {
            return Some(self.ints(ints).ok()?.iter().map(|&int| Number::Integer(int)).collect());
        }
        if self.has(floats) {
            return Some(self.floats(floats).ok()?.iter().map(|&float| Number::Single(float)).collect());
        }
        self.has(tensor).then(|| self.tensor(tensor).ok().map(|tensor| tensor.numbers)).flatten()
    }

    /// The text, or the operator's default where the attribute is left out.
    pub(crate) fn text_or(self, name: &'static str, default: &'a str) -> Result<&'a str, EnsembleError> {
        if !self.has(name) {
            return Ok(default);
        }
        let text = self.get(name, AttributeType::String).and_then(|a| std::str::from_utf8(&a.s).ok());
        text.ok_or(EnsembleError::Attribute(name))
    }

    pub(crate) fn ints(self, name: &'static str) -> Result<&'a [i64], EnsembleError> {
        self.get(name, AttributeType::Ints).map(|a| a.ints.as_slice()).ok_or(EnsembleError::Attribute(name))
    }

    pub(crate) fn floats(self, name: &'static str) -> Result<&'a [f32], EnsembleError> {
        self.get(name, AttributeType::Floats).map(|a| a.floats.as_slice()).ok_or(EnsembleError::Attribute(name))
    }

    /// What the nodes of trees ask, and none for leaves, out of the texts that say so.
    pub(super) fn tests(self, name: &'static str) -> Result<Vec<Option<Test>>, EnsembleError> {
        let test = |(position, mode): (usize, &Vec<u8>)| match mode.as_slice() {
            b"LEAF" => Ok(None),
            mode => Test::named(mode).map(Some).ok_or(EnsembleError::Entry { attribute: name, position }),
        };
        let attribute = self.get(name, AttributeType::Strings).ok_or(EnsembleError::Attribute(name))?;
        attribute.strings.iter().enumerate().map(test).collect()
    }
}

/// onnxruntime refuses an attribute whose type is not stated.
fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: kind as i32, ..AttributeProto::default() }
}

pub(crate) fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i, ..attribute(name, AttributeType::Int) }
}

pub(crate) fn text(name: &str, text: &str) -> AttributeProto {
    AttributeProto { s: text.as_bytes().to_vec(), ..attribute(name, AttributeType::String) }
}

pub(super) fn ints(name: &str, ints: Vec<i64>) -> AttributeProto {
    AttributeProto { ints, ..attribute(name, AttributeType::Ints) }
}

pub(super) fn floats(name: &str, floats: Vec<f32>) -> AttributeProto {
    AttributeProto { floats, ..attribute(name, AttributeType::Floats) }
}

pub(super) fn texts(name: &str, strings: Vec<Vec<u8>>) -> AttributeProto {
    AttributeProto { strings, ..attribute(name, AttributeType::Strings) }
}

pub(super) fn tensor(name: &str, tensor: TensorProto) -> AttributeProto {
    AttributeProto { t: Some(tensor), ..attribute(name, AttributeType::Tensor) }
}
