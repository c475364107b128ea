//! The model: two engines, one result.

use super::forest::every_target::{exported, rows, small};
use prost::Message;
use tamis::forest::{Contamination, Matrix, Params};
use tamis::score::{Engine, Model, ScoreError};
use tract_onnx::pb::{AttributeProto, ModelProto};

/// The same graph without a word of where it comes from: to the reader it is anybody's.
fn foreign(bytes: &[u8], change: impl FnOnce(&mut ModelProto)) -> Vec<u8> {
    let mut model = ModelProto::decode(bytes).unwrap();
    model.metadata_props.clear();
    model.producer_name = "somebody".to_owned();
    change(&mut model);
    model.encode_to_vec()
}

#[test]
fn tract_and_the_kernel_agree_on_ten_thousand_rows() {
    let data = rows(10_000, 7, 11, true);
    for (samples, contamination) in
        [(256, Contamination::Auto), (256, Contamination::Rate(0.02)), (2000, Contamination::Auto)]
    {
        let (_, bytes) =
            exported(&data, Params { samples: samples.into(), contamination, seed: 5, ..Params::default() });
        let kernel = Model::from_onnx(&bytes).unwrap();
        let tract = Model::from_onnx_with_engine(&bytes, Engine::Tract).unwrap();
        assert_eq!((kernel.engine(), tract.engine()), (Engine::Forest, Engine::Tract));
        let (ours, theirs) = (kernel.score_batch(&data).unwrap(), tract.score_batch(&data).unwrap());
        let mut greatest = 0.0_f64;
        for (ours, theirs) in ours.iter().zip(&theirs) {
            greatest = greatest.max((ours.decision - theirs.decision).abs());
            assert!(ours.flagged == theirs.flagged || ours.decision.abs() <= 1e-6);
            assert!(ours.score.is_some() && theirs.score.is_none());
        }
        assert!(greatest < 1e-6, "{greatest}");
        let one = tract.score(data.row(3)).unwrap();
        assert!((one.decision - ours[3].decision).abs() < 1e-6);
    }
}

#[test]
fn rows_of_another_width_are_refused() {
    let (_, bytes) = small();
    for engine in [Engine::Forest, Engine::Tract] {
        let model = Model::from_onnx_with_engine(&bytes, engine).unwrap();
        let error = model.score(&[0.0; 3]).unwrap_err();
        assert_eq!(error, ScoreError::Columns { expected: 4, found: 3 });
        assert_eq!(model.score_batch(&Matrix::new(5)).unwrap_err().kind(), "columns");
        assert_eq!(model.score_batch(&Matrix::new(4)).unwrap(), []);
    }
}

#[test]
fn our_graph_without_our_name_is_the_same_forest() {
    let (_, bytes) = small();
    let ours = Model::from_onnx(&bytes).unwrap();
    let theirs = foreign(&bytes, |_| {});
    let tract = Model::from_onnx_with_engine(&theirs, Engine::Tract).unwrap();
    let theirs = Model::from_onnx(&theirs).unwrap();
    assert_eq!((theirs.engine(), theirs.columns()), (Engine::Forest, 4));
    assert_eq!(theirs.forest().unwrap().samples(), ours.forest().unwrap().samples());
    assert!(tract.explain(&[9.0; 4], 3).is_empty());
    for row in rows(100, 4, 9, true).iter() {
        let (ours, theirs, tract) = (ours.score(row).unwrap(), theirs.score(row).unwrap(), tract.score(row).unwrap());
        assert!((ours.decision - theirs.decision).abs() < 1e-6);
        assert!((ours.decision - tract.decision).abs() < 1e-6);
    }
}

#[test]
fn a_graph_for_one_row_scores_many() {
    use tract_onnx::pb::tensor_shape_proto::dimension::Value::DimValue;
    use tract_onnx::pb::type_proto::Value::TensorType;
    let (_, bytes) = small();
    let single = foreign(&bytes, |model| {
        let graph = model.graph.as_mut().unwrap();
        for value in graph.input.iter_mut().chain(&mut graph.output) {
            let Some(TensorType(tensor)) = value.r#type.as_mut().unwrap().value.as_mut() else { panic!("a tensor") };
            tensor.shape.as_mut().unwrap().dim[0].value = Some(DimValue(1));
        }
    });
    let (ours, single) = (Model::from_onnx(&bytes).unwrap(), Model::from_onnx(&single).unwrap());
    let data = rows(20, 4, 9, true);
    for (ours, theirs) in ours.score_batch(&data).unwrap().iter().zip(single.score_batch(&data).unwrap()) {
        assert!((ours.decision - theirs.decision).abs() < 1e-6);
    }
}

#[test]
fn the_operator_computes_what_the_standard_says() {
    let (_, bytes) = small();
    let scores = |aggregate: &'static str, mode: &'static str, base: &[f32]| {
        let theirs = foreign(&bytes, |model| {
            let graph = model.graph.as_mut().unwrap();
            graph.node.truncate(1);
            graph.node[0].output[0] = "scores".to_owned();
            graph.output.remove(0);
            graph.initializer.clear();
            let attributes = &mut graph.node[0].attribute;
            for attribute in attributes.iter_mut() {
                match attribute.name.as_str() {
                    "aggregate_function" => attribute.s = aggregate.into(),
                    "nodes_modes" => {
                        attribute.strings.iter_mut().filter(|m| *m != b"LEAF").for_each(|m| *m = mode.into())
                    }
                    _ => {}
                }
            }
            if !base.is_empty() {
                attributes.push(AttributeProto {
                    name: "base_values".into(),
                    r#type: 6,
                    floats: base.to_vec(),
                    ..AttributeProto::default()
                });
            }
        });
        let model = Model::from_onnx(&theirs).unwrap();
        let data = rows(50, 4, 21, true);
        model.score_batch(&data).unwrap().into_iter().map(|score| score.decision).collect::<Vec<_>>()
    };
    let forest = small().0;
    let weights = |row: &[f32]| forest.trees().iter().map(|tree| f64::from(tree.weight(row))).collect::<Vec<_>>();
    let data = rows(50, 4, 21, true);
    let close = |found: Vec<f64>, expected: &dyn Fn(&[f32]) -> f64| {
        for (row, found) in data.iter().zip(found) {
            assert!((found - expected(row)).abs() < 1e-6);
        }
    };
    let sum = |row: &[f32]| weights(row).iter().sum::<f64>();
    close(scores("SUM", "BRANCH_LEQ", &[]), &sum);
    close(scores("SUM", "BRANCH_LT", &[0.5]), &|row| sum(row) + 0.5);
    close(scores("AVERAGE", "BRANCH_LEQ", &[1.5]), &|row| sum(row) / 7.0 + 1.5);
    close(scores("MIN", "BRANCH_LEQ", &[]), &|row| weights(row).into_iter().fold(f64::MAX, f64::min));
    close(scores("MAX", "BRANCH_LEQ", &[0.25]), &|row| weights(row).into_iter().fold(f64::MIN, f64::max) + 0.25);
    let mirrored = |row: &[f32]| -> f64 {
        let walk = |tree: &tamis::forest::Tree| {
            let mut at = 0;
            while let tamis::forest::Node::Split { feature, threshold, right, missing_left } = tree.nodes()[at] {
                let value = row[feature as usize];
                let is_true = value > threshold || (missing_left && value.is_nan());
                at = if is_true { at + 1 } else { right as usize };
            }
            let tamis::forest::Node::Leaf { weight } = tree.nodes()[at] else { panic!("a leaf") };
            f64::from(weight)
        };
        forest.trees().iter().map(walk).sum()
    };
    close(scores("SUM", "BRANCH_GT", &[]), &mirrored);
    close(scores("SUM", "BRANCH_GTE", &[]), &mirrored);
}

/// tract indexes what it does not check. Its panics must become errors.
#[test]
fn damaged_foreign_graphs_are_errors() {
    let (_, bytes) = exported(&rows(60, 2, 1, true), Params { trees: 1, samples: 4.into(), ..Params::default() });
    let bytes = foreign(&bytes, |_| {});
    for at in 0..bytes.len() {
        for flip in [0x01, 0x10, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            if let Ok(model) = Model::from_onnx(&damaged)
                && model.columns() < 100
            {
                let _ = model.score(&vec![0.5; model.columns()]);
            }
        }
    }
    for end in 0..bytes.len() {
        let _ = Model::from_onnx(&bytes[..end]);
    }
}
