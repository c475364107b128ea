//! Forests with derived columns as files: in our reader, in tract, and in onnxruntime.

use super::forest::every_target::rows;
use super::parity::python;
use prost::Message;
use std::process::Command;
use tamis::forest::{Data, Forest, Matrix, Params, fit};
use tamis::onnx::{Metadata, Training, export};
use tamis::score::{Engine, Model};
use tract_onnx::pb::ModelProto;

/// A forest as a file.
pub fn written(forest: &Forest, params: &Params, data: &Matrix) -> Vec<u8> {
    let metadata = Metadata {
        features: (0..data.columns()).map(|column| format!("feature_{column}")).collect(),
        training: Some(Training::of(forest, params, data.rows())),
        ..Metadata::default()
    };
    export(forest, &metadata).unwrap()
}

/// Rows with a feature of five codes in front.
fn coded(count: usize, columns: usize, seed: u64, gaps: bool) -> Matrix {
    let mut data = Matrix::new(columns + 1);
    for (at, row) in rows(count, columns, seed, gaps).iter().enumerate() {
        let code = if at % 97 == 5 { 4.0 } else { (at * 7 % 4) as f32 };
        data.push_row(&[&[code], row].concat()).unwrap();
    }
    data
}

/// Derived forests of every kind, by name.
fn cases() -> Vec<(&'static str, Matrix, Params, Vec<usize>)> {
    let params = Params { trees: 50, seed: 3, ..Params::default() };
    vec![
        ("extended", rows(4000, 6, 17, true), Params { extension: Some(5), ..params }, vec![]),
        ("two features a plane", rows(4000, 6, 18, false), Params { extension: Some(1), ..params }, vec![]),
        ("categorical", coded(4000, 3, 19, true), params, vec![0]),
        ("both", coded(4000, 3, 20, true), Params { extension: Some(2), ..params }, vec![0]),
        ("tuned", rows(4000, 6, 21, true), Params { trees: 50, ..Params::tuned() }, vec![]),
    ]
}

fn fitted(data: &Matrix, params: &Params, categorical: &[usize]) -> (Forest, Vec<u8>) {
    let forest = fit(Data { categorical, ..Data::from(data) }, &params.check().unwrap()).unwrap();
    let bytes = written(&forest, params, data);
    (forest, bytes)
}

/// Another runtime adds a plane's terms in another order, so a row that lies on a plane may fall to the other side: a
/// tree then says otherwise. That must stay rare, and the rest must agree.
fn agree(name: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len());
    let apart: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).filter(|gap| *gap > 1e-6).collect();
    assert!(apart.len() * 1000 <= ours.len(), "{name}: {} of {} rows differ", apart.len(), ours.len());
    assert!(apart.iter().all(|gap| *gap < 0.02), "{name}: {apart:?}");
}

#[test]
fn tract_agrees() {
    for (name, data, params, categorical) in cases() {
        let (_, bytes) = fitted(&data, &params, &categorical);
        let decisions = |engine| {
            let model = Model::from_onnx_with_engine(&bytes, engine).unwrap();
            model.score_batch(&data).unwrap().into_iter().map(|score| score.decision).collect::<Vec<_>>()
        };
        agree(name, &decisions(Engine::Forest), &decisions(Engine::Tract));
    }
}

const SCRIPT: &str = "
import sys, numpy as np, onnx, onnxruntime
path, rows, out, width = sys.argv[1:]
onnx.checker.check_model(onnx.load(path), full_check=True)
session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
x = np.fromfile(rows, dtype=np.float32).reshape(-1, int(width))
label, decision = session.run(['label', 'scores'], {'features': x})
assert label.shape == (len(x), 1) and label.dtype == np.int64
assert np.array_equal(label < 0, decision < 0)
decision.astype(np.float64).tofile(out)
";

#[test]
fn onnxruntime_agrees() {
    let Some(python) = python("import numpy, onnx, onnxruntime") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    for (name, data, params, categorical) in cases() {
        let (forest, bytes) = fitted(&data, &params, &categorical);
        std::fs::write(file("model.onnx"), &bytes).unwrap();
        let cells: Vec<u8> = data.values().iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(file("rows.f32"), cells).unwrap();
        let mut command = Command::new(&python);
        command.args(["-c", SCRIPT]).args(["model.onnx", "rows.f32", "out.f64"].map(file));
        let output = command.arg(data.columns().to_string()).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let theirs = std::fs::read(file("out.f64")).unwrap();
        let theirs: Vec<f64> = theirs.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        let ours: Vec<f64> = forest.score_batch(&data).into_iter().map(|score| forest.decision(score)).collect();
        agree(name, &ours, &theirs);
    }
}

#[test]
fn an_altered_front_is_refused() {
    let (_, data, params, categorical) = cases().swap_remove(3);
    let (_, bytes) = fitted(&data, &params, &categorical);
    let after = |change: &dyn Fn(&mut ModelProto)| {
        let mut model = ModelProto::decode(bytes.as_slice()).unwrap();
        change(&mut model);
        Model::from_onnx(&model.encode_to_vec()).map(|_| ()).unwrap_err().kind()
    };
    let node = |operator: &'static str| {
        move |model: &mut ModelProto| {
            let graph = model.graph.as_mut().unwrap();
            let at = graph.node.iter().position(|node| node.op_type == operator).unwrap();
            graph.node[at].op_type = "Identity".to_owned();
        }
    };
    for operator in ["Sub", "Mul", "IsNaN", "Min", "Max", "MatMul", "Gather", "Equal", "Cast", "Concat"] {
        assert_eq!(after(&node(operator)), "altered", "{operator}");
    }
    for name in ["mean", "rate", "planes", "picks", "categories", "members", "most_deviations", "no_deviation"] {
        let change = |change: &dyn Fn(&mut tract_onnx::pb::TensorProto)| {
            after(&|model| {
                let graph = model.graph.as_mut().unwrap();
                change(graph.initializer.iter_mut().find(|tensor| tensor.name == name).unwrap());
            })
        };
        let shorten = |tensor: &mut tract_onnx::pb::TensorProto| {
            tensor.float_data.pop();
            tensor.int64_data.pop();
        };
        assert_eq!(change(&shorten), "altered", "{name}");
        assert_eq!(change(&|tensor| tensor.name.push('x')), "altered", "{name}");
        assert_eq!(change(&|tensor| tensor.dims.push(1)), "altered", "{name}");
    }
}

/// Any one byte changed is a model or an error, never a panic.
#[test]
fn damaged_bytes_are_errors() {
    let data = coded(60, 2, 1, true);
    let params = Params { trees: 2, samples: 8.into(), extension: Some(1), ..Params::default() };
    let (_, bytes) = fitted(&data, &params, &[0]);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            if let Ok(model) = Model::from_onnx_with_engine(&damaged, Engine::Forest) {
                let _ = model.score(&[0.5; 3]);
                let _ = model.explain(&[0.5; 3], 3);
            }
        }
        assert!(Model::from_onnx_with_engine(&bytes[..at], Engine::Forest).is_err());
    }
}
