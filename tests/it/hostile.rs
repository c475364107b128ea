//! Models that mean ill, or were damaged: the reader answers with an error or a forest, in memory bounded by the file.
//!
//! `fuzz/` has the same without an end.

use super::forest::every_target::small;
use proptest::prelude::*;
use prost::Message;
use tamis::onnx::ModelError;
use tamis::score::{Engine, Model};
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};

const SEEDS: [(&str, &[u8]); 3] = [
    ("skl2onnx", include_bytes!("../data/skl2onnx.onnx")),
    ("coniferest", include_bytes!("../data/coniferest.onnx")),
    ("ensemble5", include_bytes!("../data/ensemble5.onnx")),
];

/// Reads bytes and, where they are a forest, scores and explains a row.
fn read(bytes: &[u8]) -> Result<(), ModelError> {
    let model = Model::from_onnx_with_engine(bytes, Engine::Forest)?;
    let row = vec![0.5; model.columns()];
    if let Ok(score) = model.score(&row) {
        assert!(score.score.is_some_and(|score| (0.0..=1.0).contains(&score)), "{score:?}");
        let _ = model.explain(&row, 3);
    }
    Ok(())
}

#[test]
fn whole_models_are_forests() {
    for (name, bytes) in SEEDS {
        read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn flipped_and_cut_bytes_are_no_end_of_us() {
    let own = small().1;
    let seeds = SEEDS.into_iter().map(|(_, bytes)| bytes).chain([own.as_slice()]);
    for bytes in seeds {
        for at in 0..bytes.len() {
            let _ = read(&bytes[..at]);
            let mut damaged = bytes.to_vec();
            for flip in [0x01, 0x80, 0xff] {
                damaged[at] = bytes[at] ^ flip;
                let _ = read(&damaged);
            }
        }
    }
}

type Change = fn(&mut GraphProto);

fn node<'a>(graph: &'a mut GraphProto, operator: &str) -> &'a mut NodeProto {
    graph.node.iter_mut().find(|node| node.op_type.contains(operator)).unwrap()
}

fn ints<'a>(graph: &'a mut GraphProto, name: &str) -> &'a mut Vec<i64> {
    let attributes = graph.node.iter_mut().flat_map(|node| &mut node.attribute);
    &mut attributes.into_iter().find(|attribute| attribute.name == name).unwrap().ints
}

fn input_width(graph: &mut GraphProto, width: i64) {
    use tract_onnx::pb::tensor_shape_proto::dimension::Value::DimValue;
    use tract_onnx::pb::type_proto::Value::TensorType;
    let Some(TensorType(tensor)) = graph.input[0].r#type.as_mut().unwrap().value.as_mut() else { panic!("a tensor") };
    tensor.shape.as_mut().unwrap().dim[1].value = Some(DimValue(width));
}

/// What became of a changed model: none of these is a forest any more.
#[test]
fn circles_dangling_ids_and_huge_counts_are_errors() {
    let cases: [(usize, &str, Change); 16] = [
        (0, "a circle of nodes", |g| ints(g, "nodes_truenodeids")[0] = 0),
        (0, "a circle below the root", |g| ints(g, "nodes_truenodeids")[1] = 1),
        (0, "a child that is not there", |g| ints(g, "nodes_falsenodeids")[0] = 999),
        (0, "a leaf that is not there", |g| ints(g, "target_nodeids")[0] = 999),
        (0, "a huge number of targets", |g| node(g, "TreeEnsemble").attribute.iter_mut().for_each(|a| a.i = i64::MAX)),
        (0, "a huge feature", |g| ints(g, "nodes_featureids")[0] = i64::MAX),
        (0, "a feature past the input", |g| ints(g, "nodes_featureids")[0] = 100),
        (0, "a huge input", |g| input_width(g, i64::MAX)),
        (0, "a negative input", |g| input_width(g, -4)),
        (0, "a node that reads itself", |g| {
            let output = g.node[5].output.clone();
            g.node[5].input = output;
        }),
        (0, "a name made twice", |g| {
            let output = g.node[0].output.clone();
            g.node[1].output = output;
        }),
        (0, "a huge constant", |g| g.initializer.iter_mut().for_each(|tensor| tensor.dims = vec![i64::MAX, i64::MAX])),
        (2, "a circle of nodes in opset 5", |g| {
            ints(g, "nodes_truenodeids")[0] = 0;
            ints(g, "nodes_trueleafs")[0] = 0;
        }),
        (2, "a root that is not there", |g| ints(g, "tree_roots")[0] = 999),
        (2, "a tree that is another's branch", |g| ints(g, "tree_roots")[1] = 1),
        (2, "a leaf of no target", |g| ints(g, "leaf_targetids")[0] = 7),
    ];
    for (seed, name, change) in cases {
        let mut model = ModelProto::decode(SEEDS[seed].1).unwrap();
        change(model.graph.as_mut().unwrap());
        let bytes = model.encode_to_vec();
        let kind = read(&bytes).expect_err(name).kind();
        assert!(["needs_tract", "ensemble"].contains(&kind), "{name}: {kind}");
        let error = Model::from_onnx(&bytes).expect_err(name);
        assert!(["engine", "interface", "ensemble"].contains(&error.kind()), "{name}: {error}");
    }
}

/// A hostile graph that doubles its work at each operator ends at the reader's budget.
#[test]
fn work_is_bounded_by_the_file() {
    let mut model = ModelProto::decode(SEEDS[0].1).unwrap();
    let graph = model.graph.as_mut().unwrap();
    let mut wide = graph.input[0].name.clone();
    for level in 0..60 {
        let double = format!("wide{level}");
        graph.node.insert(
            level,
            NodeProto {
                op_type: "FeatureVectorizer".into(),
                domain: "ai.onnx.ml".into(),
                input: vec![wide.clone(), wide],
                output: vec![double.clone()],
                ..NodeProto::default()
            },
        );
        wide = double;
    }
    let error = read(&model.encode_to_vec()).unwrap_err();
    assert!(error.to_string().contains("FeatureVectorizer"), "{error}");
}

#[test]
fn what_cannot_be_run_is_named() {
    let after = |change: Change| {
        let mut model = ModelProto::decode(SEEDS[0].1).unwrap();
        change(model.graph.as_mut().unwrap());
        Model::from_onnx(&model.encode_to_vec()).unwrap_err().to_string()
    };
    let named = after(|g| node(g, "Scaler").op_type = "SVMRegressor".into());
    assert_eq!(named, "the model needs the operator SVMRegressor of ai.onnx.ml, which is not supported");
    let named = after(|g| node(g, "Concat").op_type = "NoSuch\u{1b}[31m".into());
    assert_eq!(named, "the model needs the operator NoSuch[31m of ai.onnx, which is not supported");
    let named = after(|g| node(g, "Concat").domain = "com.example".into());
    assert_eq!(named, "the model needs the operator Concat of com.example, which is not supported");
    let text = after(|g| {
        use tract_onnx::pb::type_proto::Value::TensorType;
        let Some(TensorType(tensor)) = g.input[0].r#type.as_mut().unwrap().value.as_mut() else { panic!("a tensor") };
        tensor.elem_type = 8;
    });
    assert_eq!(text, "the model's input X takes text: only numbers can be scored");
    let mut model = ModelProto::decode(SEEDS[0].1).unwrap();
    model.graph.as_mut().unwrap().initializer[0].data_location = Some(1);
    let elsewhere = Model::from_onnx_with_engine(&model.encode_to_vec(), Engine::Tract).unwrap_err();
    assert_eq!(
        elsewhere.to_string(),
        "the graph is no scorer: the numbers of its constant column_indices are in another file"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_in_the_middle_are_read_to_an_end(
        seed in 0_usize..3,
        at in any::<prop::sample::Index>(),
        cut in 0_usize..40,
        put in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut bytes = SEEDS[seed].1.to_vec();
        let at = at.index(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, put);
        let _ = read(&bytes);
    }
}
