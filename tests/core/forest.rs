//! What must hold on every target, as plain functions: the native tests and the wasm tests call the same.

use tamis::forest::{Contamination, Explainer, Forest, Matrix, Params, fit, fit_with};
use tamis::onnx::{ContractRef, Metadata, Scaler, Training, export, score_histogram};
use tamis::score::{Engine, Model};

/// Rows that look like data: sums of uniform numbers, every hundredth row far out, and gaps if asked for.
pub fn rows(count: usize, columns: usize, seed: u64, gaps: bool) -> Matrix {
    let mut state = seed;
    let mut draw = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
    };
    let mut matrix = Matrix::new(columns);
    for row in 0..count {
        let stretch = if row % 100 == 7 { 4.0 } else { 1.0 };
        let mut value = |column: usize| {
            let sum = draw() + draw() + draw() + draw() - 2.0;
            let gap = gaps && draw() < 0.05;
            if gap { f32::NAN } else { stretch * sum * (column + 1) as f32 }
        };
        let row: Vec<f32> = (0..columns).map(&mut value).collect();
        matrix.push_row(&row).unwrap();
    }
    matrix
}

pub fn forest(data: &Matrix, params: Params) -> Forest {
    fit(data, &params.check().unwrap()).unwrap()
}

/// A forest as the whole way makes it: fitted, described, written.
pub fn exported(data: &Matrix, params: Params) -> (Forest, Vec<u8>) {
    let forest = forest(data, params);
    let metadata = Metadata {
        version: "0.0.0".to_owned(),
        contract: Some(ContractRef { name: "orders".into(), version: "1".into(), sha256: "00".repeat(32) }),
        features: (0..data.columns()).map(|column| format!("feature_{column}")).collect(),
        scaler: Some(Scaler::of(data)),
        training: Some(Training::of(&forest, &params, data.rows())),
        anomaly_rate: Some(0.0125),
        score_histogram: Some(score_histogram(forest.score_batch(data))),
        extra: [("tamis.sketches".to_owned(), "[1,2]".to_owned())].into(),
        ..Metadata::default()
    };
    let bytes = export(&forest, &metadata).unwrap();
    (forest, bytes)
}

pub fn small() -> (Forest, Vec<u8>) {
    let params =
        Params { trees: 7, samples: 24.into(), contamination: Contamination::Rate(0.1), seed: 42, ..Params::default() };
    exported(&rows(60, 4, 1, true), params)
}

/// The model's bytes, hashed. When the export or the growing changes on purpose, the failing test shows the new hash.
const GOLDEN_MODEL: &str = "183def0db4bc6f3e468e7d7690ee3a90720d77d753227a074fbdda99196ff5f3";
/// The bits of the scores of 500 rows, folded.
const GOLDEN_SCORES: u64 = 12_471_332_064_769_530_777;

pub fn a_small_forest_has_its_golden_bytes() {
    let (_, bytes) = small();
    let model = Model::from_onnx(&bytes).unwrap();
    let scores = model.score_batch(&rows(500, 4, 2, true)).unwrap();
    let fold = |hash: u64, bits: u64| (hash ^ bits).wrapping_mul(0x0000_0100_0000_01b3);
    let scores = scores.iter().map(|score| score.decision.to_bits()).fold(0xcbf2_9ce4_8422_2325, fold);
    assert_eq!((model.sha256(), scores), (GOLDEN_MODEL, GOLDEN_SCORES));
}

pub fn saving_and_loading_keep_every_bit() {
    let data = rows(2000, 6, 3, true);
    for contamination in [Contamination::Auto, Contamination::Rate(0.03)] {
        let params = Params { contamination, seed: 9, ..Params::default() };
        let (forest, bytes) = exported(&data, params);
        let model = Model::from_onnx(&bytes).unwrap();
        let loaded = model.forest().unwrap();
        assert_eq!(model.engine(), Engine::Forest);
        assert_eq!(loaded.trees(), forest.trees());
        assert_eq!(loaded.offset().to_bits(), forest.offset().to_bits());
        assert_eq!((loaded.samples(), loaded.columns()), (256, 6));
        let test = rows(300, 6, 4, true);
        let bits = |forest: &Forest| forest.score_batch(&test).into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(loaded), bits(&forest));
        let explainer = Explainer::new(&forest);
        for row in test.iter() {
            assert_eq!(model.explain(row, 6), explainer.reasons(&forest, row, 6));
        }
        assert_eq!(export(loaded, model.metadata()).unwrap(), bytes);
    }
}

pub fn the_order_of_growing_does_not_matter() {
    let data = rows(500, 3, 5, true);
    let params = Params { contamination: Contamination::Rate(0.2), seed: 1, ..Params::default() };
    let backwards = fit_with(&data, &params.check().unwrap(), None, |trees, grow| {
        let mut grown: Vec<_> = (0..trees).rev().map(grow).collect();
        grown.reverse();
        grown
    });
    let (forest, backwards) = (forest(&data, params), backwards.unwrap());
    assert_eq!(forest.trees(), backwards.trees());
    assert_eq!(forest.offset().to_bits(), backwards.offset().to_bits());
}

/// Every beginning of a model, and the model with any one byte changed, is a model or an error: never a panic.
pub fn damaged_bytes_are_errors() {
    let (_, bytes) = small();
    for end in 0..bytes.len() {
        let Err(error) = Model::from_onnx(&bytes[..end]) else { panic!("the first {end} bytes are a model") };
        assert!(!error.kind().is_empty() && !error.to_string().is_empty());
    }
    let row = [0.5; 4];
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            if let Ok(model) = Model::from_onnx_with_engine(&damaged, Engine::Forest) {
                let _ = model.score(&row);
                let _ = model.explain(&row, 4);
            }
        }
    }
}
