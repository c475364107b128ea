//! A plain forest of ours straight from the bytes of its file.
//!
//! A node of a tree is a number in each of eight attributes and a word in another. Read as any ONNX is, the words alone are
//! an allocation for each node, and that is most of the time that a model takes to load. So the ensemble's attributes are
//! read here, and all else of the file by the general way.

use super::ensemble::Test;
use super::graph::{ML, STEPS};
use crate::pb::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto};
use crate::pb::{TensorProto, ValueInfoProto};
use prost::Message;

/// A model without its ensemble's attributes, and these.
pub(super) struct Plain {
    pub(super) model: ModelProto,
    pub(super) ensemble: Vec<Attribute>,
}

/// An attribute as `AttributeProto` has it, but for its texts, which are read as what they ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Attribute {
    pub(super) name: String,
    pub(super) r#type: i32,
    pub(super) f: f32,
    pub(super) i: i64,
    pub(super) s: Vec<u8>,
    pub(super) t: Option<TensorProto>,
    pub(super) floats: Vec<f32>,
    pub(super) ints: Vec<i64>,
    /// For each text the test of that name, or none for `LEAF`.
    pub(super) tests: Vec<Option<Test>>,
}

/// Reads such a model; none for any other bytes, broken ones too, about which the general way has more to say.
pub(super) fn plain(bytes: &[u8]) -> Option<Plain> {
    let ours = Fields(bytes).any(|field| field == Some((2, Value::Bytes(b"tamis"))));
    if !ours {
        return None;
    }
    let mut model = ModelProto { producer_name: "tamis".to_owned(), ..ModelProto::default() };
    let mut ensemble = Vec::new();
    for field in Fields(bytes) {
        match field? {
            (2, Value::Bytes(b"tamis")) | (1 | 3..=6, _) => {}
            (7, Value::Bytes(bytes)) if model.graph.is_none() => model.graph = Some(graph(bytes, &mut ensemble)?),
            (8, Value::Bytes(bytes)) => model.opset_import.push(OperatorSetIdProto::decode(bytes).ok()?),
            (14, Value::Bytes(bytes)) => model.metadata_props.push(StringStringEntryProto::decode(bytes).ok()?),
            _ => return None,
        }
    }
    Some(Plain { model, ensemble })
}

fn graph(bytes: &[u8], ensemble: &mut Vec<Attribute>) -> Option<GraphProto> {
    let mut graph = GraphProto::default();
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(bytes)) if graph.node.is_empty() => graph.node.push(node(bytes, ensemble)?),
            (1, Value::Bytes(bytes)) => graph.node.push(NodeProto::decode(bytes).ok()?),
            (2, Value::Bytes(_)) => {}
            (5, Value::Bytes(bytes)) => graph.initializer.push(TensorProto::decode(bytes).ok()?),
            (11, Value::Bytes(bytes)) => graph.input.push(ValueInfoProto::decode(bytes).ok()?),
            (12, Value::Bytes(bytes)) => graph.output.push(ValueInfoProto::decode(bytes).ok()?),
            _ => return None,
        }
    }
    (graph.node.len() == STEPS.len() && graph.node.first()?.domain == ML).then_some(graph)
}

/// The node of the ensemble, which is the first one.
fn node(bytes: &[u8], ensemble: &mut Vec<Attribute>) -> Option<NodeProto> {
    let mut node = NodeProto::default();
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(bytes)) => node.input.push(text(bytes)?),
            (2, Value::Bytes(bytes)) => node.output.push(text(bytes)?),
            (3, Value::Bytes(bytes)) => node.name = text(bytes)?,
            (4, Value::Bytes(bytes)) => node.op_type = text(bytes)?,
            (5, Value::Bytes(bytes)) => ensemble.push(attribute(bytes)?),
            (7, Value::Bytes(bytes)) => node.domain = text(bytes)?,
            _ => return None,
        }
    }
    Some(node)
}

fn attribute(bytes: &[u8]) -> Option<Attribute> {
    let mut attribute = Attribute::default();
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(bytes)) => attribute.name = text(bytes)?,
            (2, Value::Four(bytes)) => attribute.f = f32::from_le_bytes(bytes),
            (3, Value::Number(number)) => attribute.i = number.cast_signed(),
            (4, Value::Bytes(bytes)) => attribute.s = bytes.to_vec(),
            (5, Value::Bytes(bytes)) => attribute.t = Some(TensorProto::decode(bytes).ok()?),
            (7, Value::Bytes(bytes)) => {
                let (floats, []) = bytes.as_chunks() else { return None };
                attribute.floats.extend(floats.iter().map(|bytes| f32::from_le_bytes(*bytes)));
            }
            (8, Value::Bytes(mut bytes)) => {
                attribute.ints.reserve(bytes.len());
                while !bytes.is_empty() {
                    attribute.ints.push(number(&mut bytes)?.cast_signed());
                }
            }
            (9, Value::Bytes(b"LEAF")) => attribute.tests.push(None),
            (9, Value::Bytes(bytes)) => attribute.tests.push(Some(Test::named(bytes)?)),
            (20, Value::Number(number)) => attribute.r#type = i32::try_from(number).ok()?,
            _ => return None,
        }
    }
    Some(attribute)
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

/// The fields of a message: number and value; none for what is no field, after which nothing comes.
struct Fields<'a>(&'a [u8]);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Value<'a> {
    Number(u64),
    Four([u8; 4]),
    Bytes(&'a [u8]),
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = number(&mut self.0)?;
        let value = match key & 7 {
            0 => Value::Number(number(&mut self.0)?),
            2 => {
                let length = usize::try_from(number(&mut self.0)?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => {
                let (bytes, rest) = self.0.split_first_chunk()?;
                self.0 = rest;
                Value::Four(*bytes)
            }
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

/// A number in groups of seven bits, the lowest first; most take one byte or two.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (&first, rest) = bytes.split_first()?;
    *bytes = rest;
    let mut number = u64::from(first & 0x7f);
    let mut last = first;
    for group in 1..10 {
        if last < 0x80 {
            return Some(number);
        }
        let (&next, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(next & 0x7f) << (7 * group);
        last = next;
    }
    // The tenth byte has room for one bit.
    (last < 2).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{Matrix, Params, fit};
    use crate::onnx::{Metadata, Training, export};
    use proptest::prelude::*;

    fn file() -> Vec<u8> {
        let mut rows = Matrix::new(2);
        for value in 0..300_u16 {
            rows.push_row(&[f32::from(value * value % 97), f32::from(value)]).unwrap();
        }
        let params = Params { trees: 5, seed: 3, ..Params::default() };
        let forest = fit(&rows, &params.check().unwrap()).unwrap();
        let metadata = Metadata {
            version: "0".to_owned(),
            features: vec!["a".to_owned(), "b".to_owned()],
            training: Some(Training::of(&forest, &params, rows.rows())),
            ..Metadata::default()
        };
        export(&forest, &metadata).unwrap()
    }

    #[test]
    fn both_ways_read_the_same() {
        let bytes = file();
        let plain = plain(&bytes).unwrap();
        let mut general = ModelProto::decode(bytes.as_slice()).unwrap();
        let node = &mut general.graph.as_mut().unwrap().node[0];
        let attributes = std::mem::take(&mut node.attribute);
        assert_eq!(plain.ensemble.len(), attributes.len());
        for (ours, theirs) in plain.ensemble.iter().zip(&attributes) {
            let test = |mode: &Vec<u8>| Test::named(mode);
            assert_eq!((&ours.name, ours.r#type, ours.i, ours.f), (&theirs.name, theirs.r#type, theirs.i, theirs.f));
            assert_eq!((&ours.s, &ours.ints, &ours.floats), (&theirs.s, &theirs.ints, &theirs.floats));
            assert_eq!(ours.tests, theirs.strings.iter().map(test).collect::<Vec<_>>());
        }
        let (ours, theirs) = (plain.model.graph.unwrap(), general.graph.unwrap());
        assert_eq!((ours.node, ours.initializer), (theirs.node, theirs.initializer));
        assert_eq!((ours.input, ours.output), (theirs.input, theirs.output));
        assert_eq!(plain.model.metadata_props, general.metadata_props);
        assert_eq!(plain.model.opset_import, general.opset_import);
    }

    #[test]
    fn numbers_are_the_librarys() {
        for expected in [0, 1, 127, 128, 300, 16_383, 16_384, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            prost::encoding::encode_varint(expected, &mut bytes);
            let mut rest = bytes.as_slice();
            assert_eq!((number(&mut rest), rest.len()), (Some(expected), 0));
            assert_eq!(number(&mut bytes.get(..bytes.len() - 1).unwrap()), None);
        }
        assert_eq!(number(&mut [0xff; 11].as_slice()), None);
    }

    proptest! {
        /// What the general way refuses, this one does not read either.
        #[test]
        fn altered_bytes_are_read_as_the_general_way_reads_them(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = file();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Some(plain) = plain(&bytes) {
                let general = ModelProto::decode(bytes.as_slice());
                prop_assert!(general.is_ok_and(|model| model.metadata_props == plain.model.metadata_props));
            }
        }
    }
}
