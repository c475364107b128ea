//! The quick way to a forest of ours beside the general one: one answer, whatever the bytes.

use super::*;
use crate::builtin;
use crate::forest::{Matrix, Params, fit};
use crate::onnx::{MlOpset, export, fold};
use crate::pb::AttributeProto;
use proptest::prelude::*;

fn rows(count: u16, value: impl Fn(u16) -> f32) -> Matrix {
    let mut rows = Matrix::new(2);
    for at in 0..count {
        rows.push_row(&[f32::from(at) * f32::from(at) % 97.0, value(at)]).unwrap();
    }
    rows
}

fn file(rows: &Matrix, params: Params) -> Vec<u8> {
    let forest = fit(rows, &params.check().unwrap()).unwrap();
    let metadata = Metadata {
        version: "0".to_owned(),
        features: vec!["a".to_owned(), "b".to_owned()],
        training: Some(Training::of(&forest, &params, rows.rows())),
        ..Metadata::default()
    };
    export(&forest, &metadata).unwrap()
}

/// Three small trees that send missing values to either side.
fn small(extension: Option<usize>) -> Vec<u8> {
    let gaps = rows(40, |at| if at % 5 == 0 { f32::NAN } else { f32::from(at) });
    file(&gaps, Params { trees: 3, samples: 12.into(), seed: 3, extension, ..Params::default() })
}

/// All that was read, to the bit, or the error.
fn told(read: Result<Recognised, ModelError>) -> String {
    match read {
        Ok(Recognised::Forest(forest, prepare, metadata)) => {
            let (trees, offset) = (forest.trees(), forest.offset().to_bits());
            format!("{trees:?} {} {} {offset} {prepare:?} {metadata:?}", forest.columns(), forest.samples())
        }
        Ok(Recognised::Other(metadata, operator)) => format!("{metadata:?} {operator:?}"),
        Err(error) => format!("{}: {error}", error.kind()),
    }
}

#[test]
fn whatever_we_write_is_read_the_quick_way() {
    let plain_rows = rows(30_000, f32::from);
    let params = Params { trees: 5, seed: 3, ..Params::default() };
    let cases = [
        ("small", small(None)),
        ("planes", small(Some(1))),
        ("tree ids of two bytes", file(&plain_rows, Params { trees: 150, samples: 8.into(), ..params })),
        ("node ids of three bytes", file(&plain_rows, Params { trees: 1, samples: 30_000.into(), ..params })),
        ("trees of one leaf", file(&Matrix::from_vec(2, vec![1.0; 60]).unwrap(), params)),
        ("the built-in model", builtin::MODEL.to_vec()),
    ];
    for (name, bytes) in &cases {
        assert!(plain(bytes).is_some(), "{name}");
        assert!(told(read(bytes)) == told(general(bytes)), "{name}");
    }
    let five = fold(&cases[0].1, MlOpset::Five).unwrap().onnx;
    let three = fold(&five, MlOpset::Three).unwrap().onnx;
    assert!(plain(&five).is_none() && plain(&three).is_some());
    assert_eq!(told(read(&five)), told(read(&three)));
}

#[test]
fn damaged_bytes_are_read_as_the_general_way_reads_them() {
    for bytes in [small(None), small(Some(1))] {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x02, 0x40, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                assert_eq!(told(read(&damaged)), told(general(&damaged)), "byte {at}, {flip:#x}");
            }
            assert_eq!(told(read(&bytes[..at])), told(general(&bytes[..at])), "cut at {at}");
        }
    }
}

/// Changes one of the ensemble's attributes: in an entry of its list, or as a whole.
fn change(attributes: &mut Vec<AttributeProto>, how: u8, which: prop::sample::Index, at: usize, to: usize) {
    const INTS: [i64; 11] = [0, 1, 2, 3, -1, 127, 128, 16_384, u32::MAX as i64, i64::MAX, i64::MIN];
    const FLOATS: [f32; 7] = [0.5, 0.0, -0.0, -1.0, f32::NAN, f32::INFINITY, f32::MAX];
    const TEXTS: [&str; 5] = ["LEAF", "BRANCH_LEQ", "BRANCH_LT", "", "LEAF "];
    let which = which.index(attributes.len());
    let attribute = &mut attributes[which];
    let (ints, floats, strings) = (&mut attribute.ints, &mut attribute.floats, &mut attribute.strings);
    let (int, float) = (INTS[to % INTS.len()], FLOATS[to % FLOATS.len()]);
    let text = TEXTS[to % TEXTS.len()].as_bytes().to_vec();
    match how {
        0 if !ints.is_empty() => put(ints, at, int),
        0 if !floats.is_empty() => put(floats, at, float),
        0 if !strings.is_empty() => put(strings, at, text),
        0 => (attribute.i, attribute.s) = (int, text),
        1 if !ints.is_empty() => ints.insert(at % ints.len(), int),
        1 if !floats.is_empty() => floats.insert(at % floats.len(), float),
        1 => strings.insert(at % (strings.len() + 1), text),
        2 => drop((ints.pop(), floats.pop(), strings.pop())),
        3 => (ints.reverse(), floats.reverse(), strings.reverse()).0,
        4 => attributes.swap(which, 0),
        5 => attributes.push(attributes[which].clone()),
        6 => drop(attributes.remove(which)),
        7 => attribute.r#type = i32::try_from(to % 9).unwrap(),
        _ => attribute.name.push('s'),
    }
}

fn put<T>(list: &mut [T], at: usize, to: T) {
    list[at % list.len()] = to;
}

proptest! {
    #[test]
    fn altered_trees_are_read_as_the_general_way_reads_them(
        changes in prop::collection::vec((0..9_u8, any::<prop::sample::Index>(), 0..64_usize, 0..77_usize), 1..3)
    ) {
        let mut model = ModelProto::decode(small(None).as_slice()).unwrap();
        let attributes = &mut model.graph.as_mut().unwrap().node[0].attribute;
        for (how, which, at, to) in changes {
            change(attributes, how, which, at, to);
        }
        let bytes = model.encode_to_vec();
        prop_assert_eq!(told(read(&bytes)), told(general(&bytes)));
    }

    #[test]
    fn bytes_altered_in_several_places_are_read_as_the_general_way_reads_them(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
    ) {
        let mut bytes = small(None);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert_eq!(told(read(&bytes)), told(general(&bytes)));
    }
}

/// Somebody else's forest after a change.
fn changed(change: impl Fn(&mut ModelProto)) -> Vec<u8> {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/skl2onnx.onnx")).unwrap();
    let mut model = ModelProto::decode(bytes.as_slice()).unwrap();
    change(&mut model);
    model.encode_to_vec()
}

fn ensemble(model: &mut ModelProto) -> &mut NodeProto {
    let nodes = &mut model.graph.as_mut().unwrap().node;
    nodes.iter_mut().find(|node| node.op_type == "TreeEnsembleRegressor").unwrap()
}

fn attribute<'m>(model: &'m mut ModelProto, name: &str) -> &'m mut AttributeProto {
    ensemble(model).attribute.iter_mut().find(|attribute| attribute.name == name).unwrap()
}

#[test]
fn a_forest_that_is_none_says_why() {
    type Change = fn(&mut ModelProto);
    let cases: [(Change, &str); 12] = [
        (|m| m.opset_import.iter_mut().for_each(|set| set.version = 99), "version 99 of"),
        (|m| m.ir_version = 99, "version 99 of the file's format: only those to 14 are known"),
        (|m| attribute(m, "nodes_falsenodeids").ints[0] = 999, "inconsistent: node 999 of tree 0 does not exist"),
        (|m| attribute(m, "nodes_truenodeids").ints[0] = 0, "inconsistent: tree 0 has no root"),
        (|m| attribute(m, "nodes_modes").strings[0] = b"BRANCH_XX".to_vec(), "inconsistent: entry 0 of nodes_modes"),
        (
            |m| attribute(m, "nodes_modes").strings[0] = b"BRANCH_EQ".to_vec(),
            "forest: its trees ask whether numbers are equal",
        ),
        (|m| attribute(m, "nodes_featureids").ints[0] = 4000, "forest: its trees ask for 4001 columns where there are"),
        (|m| ensemble(m).op_type = "FooBar".to_owned(), "forest: it has the operator FooBar of ai.onnx.ml"),
        (|m| ensemble(m).input[0] = "nobody".to_owned(), "forest: nothing before it makes nobody"),
        (|m| m.graph.as_mut().unwrap().output.clear(), "forest: it has no output"),
        (|m| m.graph.as_mut().unwrap().input[0].r#type = None, "forest: its input"),
        (
            |m| {
                for tensor in &mut m.graph.as_mut().unwrap().initializer {
                    tensor.data_location = Some(1);
                    (tensor.raw_data, tensor.float_data, tensor.int64_data) = Default::default();
                }
            },
            "are in another file",
        ),
    ];
    for (change, expected) in cases {
        let error = fold(&changed(change), MlOpset::Three).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error} for {expected}");
    }
}
