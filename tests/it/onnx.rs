//! The file: what is written comes back, and nothing wrong is believed.

use super::forest::every_target::{self, exported, rows, small};
use prost::Message;
use tamis::forest::Params;
use tamis::onnx::{ExportError, Metadata, MlOpset, export};
use tamis::score::Model;
use tract_onnx::pb::{AttributeProto, ModelProto, StringStringEntryProto};

#[test]
fn damaged_bytes_are_errors() {
    every_target::damaged_bytes_are_errors();
}

#[test]
fn metadata_comes_back() {
    let (forest, bytes) = small();
    let model = Model::from_onnx(&bytes).unwrap();
    let metadata = model.metadata();
    assert_eq!(metadata.version, "0.0.0");
    assert_eq!(metadata.features, ["feature_0", "feature_1", "feature_2", "feature_3"]);
    let training = metadata.training.unwrap();
    assert_eq!((training.trees, training.samples, training.seed, training.rows), (7, 24, 42, 60));
    assert_eq!(metadata.score_histogram.unwrap().iter().sum::<u64>(), 60);
    assert_eq!(metadata.anomaly_rate, Some(0.0125));
    assert_eq!(metadata.contract.as_ref().unwrap().name, "orders");
    assert_eq!(metadata.extra["tamis.sketches"], "[1,2]");
    assert_eq!(model.forest().unwrap().offset().to_bits(), forest.offset().to_bits());
    assert_eq!((model.id().len(), model.sha256().len()), (8, 64));
    assert!(model.sha256().starts_with(model.id()));
}

#[test]
fn metadata_that_does_not_fit_is_not_written() {
    let (forest, bytes) = small();
    let good = Model::from_onnx(&bytes).unwrap().metadata().clone();
    let error = |change: fn(&mut Metadata)| {
        let mut metadata = good.clone();
        change(&mut metadata);
        export(&forest, &metadata).unwrap_err()
    };
    assert_eq!(error(|m| m.features.truncate(3)), ExportError::Columns { forest: 4, metadata: 3 });
    assert_eq!(error(|m| m.scaler.as_mut().unwrap().std.clear()).kind(), "columns");
    assert_eq!(error(|m| m.training = None), ExportError::Training);
    assert_eq!(error(|m| m.training.as_mut().unwrap().samples = 7), ExportError::Training);
    let reserved = error(|m| drop(m.extra.insert("tamis.forest".into(), "{}".into())));
    assert_eq!(reserved, ExportError::Reserved("tamis.forest".into()));
}

/// Changes the parsed model, writes it and reads it: the error's code and words.
fn after(change: impl FnOnce(&mut ModelProto)) -> (String, String) {
    let (_, bytes) = small();
    let mut model = ModelProto::decode(bytes.as_slice()).unwrap();
    change(&mut model);
    let Err(error) = Model::from_onnx(&model.encode_to_vec()) else { panic!("a changed model was taken") };
    (error.kind().to_owned(), error.to_string())
}

type Change = fn(&mut ModelProto);

fn ensemble(model: &mut ModelProto) -> &mut Vec<AttributeProto> {
    &mut model.graph.as_mut().unwrap().node[0].attribute
}

fn attribute<'a>(model: &'a mut ModelProto, name: &str) -> &'a mut AttributeProto {
    ensemble(model).iter_mut().find(|attribute| attribute.name == name).unwrap()
}

fn entry<'a>(model: &'a mut ModelProto, key: &str) -> &'a mut StringStringEntryProto {
    model.metadata_props.iter_mut().find(|entry| entry.key == key).unwrap()
}

#[test]
fn every_attribute_is_needed_at_its_length() {
    let (_, bytes) = small();
    let mut model = ModelProto::decode(bytes.as_slice()).unwrap();
    let names: Vec<String> = ensemble(&mut model).iter().map(|attribute| attribute.name.clone()).collect();
    for name in names {
        let optional = ["aggregate_function", "post_transform", "nodes_missing_value_tracks_true"];
        if !optional.contains(&name.as_str()) {
            let (kind, text) = after(|model| ensemble(model).retain(|attribute| attribute.name != name));
            assert_eq!((kind.as_str(), text.contains(&name)), ("ensemble", true), "{text}");
        }
        let (kind, text) = after(|model| {
            let attribute = attribute(model, &name);
            attribute.ints.pop();
            attribute.floats.pop();
            attribute.strings.pop();
            attribute.i = i64::MAX;
            attribute.s = b"OTHER".to_vec();
        });
        assert_eq!(kind, "ensemble", "{name}: {text}");
    }
}

#[test]
fn trees_that_are_no_trees_are_refused() {
    let cases: [(&str, Change); 9] = [
        ("node 1 of tree 0 does not exist", |m| attribute(m, "nodes_nodeids").ints[1] = 99),
        ("does not exist", |m| attribute(m, "nodes_truenodeids").ints[0] = -1),
        ("tree 0 has no root", |m| attribute(m, "nodes_falsenodeids").ints[0] = 1),
        ("no root", |m| attribute(m, "nodes_truenodeids").ints[1] = 0),
        ("more than once", |m| attribute(m, "nodes_nodeids").ints[1] = 0),
        ("out of range", |m| attribute(m, "nodes_featureids").ints[0] = -1),
        ("out of range", |m| attribute(m, "target_ids").ints[0] = 1),
        ("does not exist", |m| attribute(m, "target_nodeids").ints[0] = 0),
        ("nodes_modes", |m| attribute(m, "nodes_modes").strings[0] = b"BRANCH".to_vec()),
    ];
    for (words, change) in cases {
        let (kind, text) = after(change);
        assert_eq!((kind.as_str(), text.contains(words)), ("ensemble", true), "{words}: {text}");
    }
}

#[test]
fn a_circle_beside_the_root_is_refused() {
    let (kind, text) = after(|model| {
        for (name, id) in
            [("nodes_nodeids", 500), ("nodes_nodeids", 501), ("nodes_nodeids", 502), ("nodes_nodeids", 503)]
        {
            attribute(model, name).ints.push(id);
        }
        for (name, value) in [("nodes_treeids", 6), ("nodes_featureids", 0), ("nodes_missing_value_tracks_true", 0)] {
            attribute(model, name).ints.extend([value; 4]);
        }
        attribute(model, "nodes_values").floats.extend([0.0; 4]);
        attribute(model, "nodes_modes").strings.extend(["BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF"].map(Into::into));
        attribute(model, "nodes_truenodeids").ints.extend([501, 500, 0, 0]);
        attribute(model, "nodes_falsenodeids").ints.extend([502, 503, 0, 0]);
    });
    assert_eq!((kind.as_str(), text.contains("tree 6 has no root")), ("ensemble", true), "{text}");
}

#[test]
fn a_graph_of_ours_that_was_altered_is_refused() {
    let cases: [(&str, Change); 11] = [
        ("operators", |m| m.graph.as_mut().unwrap().node[3].op_type = "Abs".into()),
        ("operators", |m| drop(m.graph.as_mut().unwrap().node.pop())),
        ("operators", |m| m.graph.as_mut().unwrap().node[4].input.reverse()),
        ("constants", |m| m.graph.as_mut().unwrap().initializer[0].float_data[0] += 0.1),
        ("constants", |m| m.graph.as_mut().unwrap().initializer[1].float_data[0] = 3.0),
        ("inputs", |m| m.graph.as_mut().unwrap().input[0].name = "x".into()),
        ("outputs", |m| drop(m.graph.as_mut().unwrap().output.pop())),
        ("trees", |m| attribute(m, "nodes_featureids").ints.iter_mut().for_each(|feature| *feature = 4)),
        ("trees", |m| attribute(m, "aggregate_function").s = b"AVERAGE".to_vec()),
        ("trees", |m| attribute(m, "nodes_values").floats[0] = f32::NAN),
        ("leaves", |m| attribute(m, "target_weights").floats[0] = -1.0),
    ];
    for (words, change) in cases {
        let (kind, text) = after(change);
        assert_eq!((kind.as_str(), text.contains(words)), ("altered", true), "{words}: {text}");
    }
}

#[test]
fn metadata_that_contradicts_the_graph_is_refused() {
    let cases: [(&str, &str, Change); 6] = [
        ("metadata", "tamis.forest is missing", |m| m.metadata_props.retain(|entry| entry.key != "tamis.forest")),
        ("metadata", "tamis.forest contradicts", |m| {
            let value = &mut entry(m, "tamis.forest").value;
            *value = value.replace("\"trees\":7", "\"trees\":8");
        }),
        ("metadata", "tamis.features is not the JSON", |m| entry(m, "tamis.features").value = "[1]".into()),
        ("metadata", "tamis.version is there more than once", |m| {
            let again = entry(m, "tamis.version").clone();
            m.metadata_props.push(again);
        }),
        ("altered", "features", |m| entry(m, "tamis.features").value = "[\"a\"]".into()),
        ("altered", "constants", |m| {
            let value = &mut entry(m, "tamis.forest").value;
            *value = value.replace("\"offset\":-0.", "\"offset\":-0.1");
        }),
    ];
    for (kind, words, change) in cases {
        let found = after(change);
        assert_eq!((found.0.as_str(), found.1.contains(words)), (kind, true), "{words}: {}", found.1);
    }
}

#[test]
fn what_is_no_onnx_is_refused() {
    let kind = |bytes: &[u8]| Model::from_onnx(bytes).unwrap_err().kind();
    assert_eq!(kind(b""), "no_graph");
    assert_eq!(kind(b"{\"a\": 1}"), "not_onnx");
    assert_eq!(kind(&[0xff; 64]), "not_onnx");
    // What a command prints is the chain of causes: nothing is said twice.
    for error in [
        anyhow::Error::from(Model::from_onnx(&[0xff; 64]).unwrap_err()),
        anyhow::Error::from(tamis::onnx::fold(&[0xff; 64], MlOpset::Three).unwrap_err()),
    ] {
        assert_eq!(format!("{error:#}").matches("Protobuf").count(), 1, "{error:#}");
    }
}

#[test]
fn deep_trees_come_back() {
    let data = rows(5000, 3, 2, false);
    let (forest, bytes) = exported(&data, Params { samples: 5000.into(), trees: 5, ..Params::default() });
    assert!(forest.trees().iter().any(|tree| tree.height() > 8));
    let model = Model::from_onnx(&bytes).unwrap();
    assert_eq!(model.forest().unwrap().score_batch(&data), forest.score_batch(&data));
}
