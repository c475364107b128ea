//! Reading a node's attributes by name and type, and writing them.

use super::error::EnsembleError;
use crate::pb::attribute_proto::AttributeType;
use crate::pb::{AttributeProto, NodeProto};

/// The attributes of a node.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'a>(pub(super) &'a NodeProto);

impl<'a> Attributes<'a> {
    fn get(self, name: &str, kind: AttributeType) -> Option<&'a AttributeProto> {
        self.0.attribute.iter().find(|attribute| attribute.name == name && attribute.r#type == kind as i32)
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.0.attribute.iter().any(|attribute| attribute.name == name)
    }

    pub(super) fn int(self, name: &'static str) -> Result<i64, EnsembleError> {
        self.get(name, AttributeType::Int).map(|a| a.i).ok_or(EnsembleError::Attribute(name))
    }

    /// The text, or the operator's default where the attribute is left out.
    pub(super) fn text_or(self, name: &'static str, default: &'a str) -> Result<&'a str, EnsembleError> {
        if !self.has(name) {
            return Ok(default);
        }
        let text = self.get(name, AttributeType::String).and_then(|a| std::str::from_utf8(&a.s).ok());
        text.ok_or(EnsembleError::Attribute(name))
    }

    pub(super) fn ints(self, name: &'static str) -> Result<&'a [i64], EnsembleError> {
        self.get(name, AttributeType::Ints).map(|a| a.ints.as_slice()).ok_or(EnsembleError::Attribute(name))
    }

    pub(super) fn floats(self, name: &'static str) -> Result<&'a [f32], EnsembleError> {
        self.get(name, AttributeType::Floats).map(|a| a.floats.as_slice()).ok_or(EnsembleError::Attribute(name))
    }

    pub(super) fn texts(self, name: &'static str) -> Result<&'a [Vec<u8>], EnsembleError> {
        self.get(name, AttributeType::Strings).map(|a| a.strings.as_slice()).ok_or(EnsembleError::Attribute(name))
    }
}

/// onnxruntime refuses an attribute whose type is not stated.
fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: kind as i32, ..AttributeProto::default() }
}

pub(super) fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i, ..attribute(name, AttributeType::Int) }
}

pub(super) fn text(name: &str, text: &str) -> AttributeProto {
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
