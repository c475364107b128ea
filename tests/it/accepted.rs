//! What training accepts is a model that loads: rows of every kind of number, from training to the scores of the file.

use super::common::{run, tamis};
use super::options::kinds;
use proptest::prelude::*;
use std::path::Path;
use tamis::forest::{Contamination, Params};
use tamis::onnx::export_explanations;
use tamis::score::Model;
use tamis::training::{Mark, Sample, Subject, Threshold};

fn cell() -> impl Strategy<Value = f32> {
    prop_oneof![
        (-3_i8..4).prop_map(f32::from),
        prop::sample::select(vec![
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN,
            1e30,
            -1e30,
            f32::from_bits(1),
            -f32::from_bits(3),
            -0.0,
            f32::MIN_POSITIVE,
        ]),
    ]
}

proptest! {
    /// The file scores as the forest that it was written from, whatever the rows hold.
    #[test]
    fn what_is_trained_loads_and_scores_the_same(
        (columns, values) in (1..4_usize).prop_flat_map(|columns| (Just(columns), prop::collection::vec(cell(), columns * 2..columns * 40))),
        constant in prop::option::of((0..3_usize, cell())),
        kind in 0..kinds().len(),
        scored: bool,
    ) {
        let (name, params, categorical) = kinds()[kind];
        let params = Params { trees: 6, contamination: Contamination::Rate(0.1), ..params }.check().unwrap();
        let categorical = categorical.iter().copied().filter(|column| *column < columns).collect();
        let mut sample = Sample::new(columns, 1).with_categorical(categorical);
        let mut rows: Vec<Vec<f32>> = values.chunks_exact(columns).map(<[f32]>::to_vec).collect();
        if let Some((at, value)) = constant {
            rows.iter_mut().for_each(|row| row[at % columns] = value);
        }
        for (at, row) in rows.iter().enumerate() {
            sample.push(row, &at.to_le_bytes(), Mark::default());
        }
        let features: Vec<String> = (0..columns).map(|at| format!("x{at}")).collect();
        let subject = Subject { features: features.clone(), ..Subject::default() };
        let threshold = if scored { Threshold::Score(0.6) } else { Threshold::Contamination };
        let trained = sample.train(&subject, &params, None, threshold, &|trees, grow| (0..trees).map(grow).collect());
        let trained = trained.unwrap();
        let model = Model::from_onnx(&trained.onnx);
        prop_assert!(model.is_ok(), "{name}: {:?}", model.err());
        let model = model.unwrap();
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, 0.0] {
            rows.push(vec![odd; columns]);
        }
        for row in &rows {
            let (ours, theirs) = (trained.forest.score(row), model.score(row).unwrap());
            prop_assert_eq!(theirs.score.map(f64::to_bits), Some(ours.to_bits()), "{}: {:?}", name, row);
            prop_assert_eq!(theirs.decision.to_bits(), trained.forest.decision(ours).to_bits());
        }
        prop_assert!(trained.forest.is_derived() || export_explanations(&trained.forest, &features).is_ok());
    }
}

/// 32-bit rows as a `.npy` file.
fn npy(path: &Path, columns: usize, values: &[f32]) {
    let header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {columns}), }}\n", values.len() / columns);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.into_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    std::fs::write(path, bytes).unwrap();
}

/// An infinite value lies beyond every threshold, from the command line too.
#[test]
fn infinite_numbers_train_a_model_that_scores_them() {
    let folder = tempfile::tempdir().unwrap();
    let [data, model, why] = ["x.npy", "m.onnx", "why.onnx"].map(|name| folder.path().join(name));
    let whole: &dyn Fn(usize, usize) -> Option<f32> = &|_, column| (column == 1).then_some(f32::INFINITY);
    let first: &dyn Fn(usize, usize) -> Option<f32> = &|row, column| ((row, column) == (0, 0)).then_some(f32::INFINITY);
    let least: &dyn Fn(usize, usize) -> Option<f32> =
        &|row, column| (row == 3 && column < 2).then_some(f32::NEG_INFINITY);
    let flags: [&[&str]; 3] = [&[], &["--extension-level", "1"], &["--categorical", "x1"]];
    for (place, flags) in [whole, first, least].into_iter().flat_map(|place| flags.map(|flags| (place, flags))) {
        let value = |at: usize| place(at / 3, at % 3).unwrap_or((at * 7919 % 101) as f32);
        npy(&data, 3, &(0..900).map(value).collect::<Vec<_>>());
        let mut train = tamis();
        train.arg("train").arg(&data).arg("--model-out").arg(&model).args(flags).args(["--trees", "20"]);
        if flags.is_empty() {
            train.arg("--explain-out").arg(&why);
        }
        let (code, _, said) = run(&mut train);
        assert_eq!(code, 0, "{flags:?}: {said}");
        let (code, scores, said) = run(tamis().arg("score").arg(&data).arg("--model").arg(&model));
        assert_eq!((code, scores.lines().count()), (0, 300), "{flags:?}: {said}");
    }
}
