//! Laws of the forest.

#[path = "../core/forest.rs"]
pub mod every_target;

use every_target::{forest, rows};
use proptest::prelude::*;
use rayon::prelude::*;
use tamis::forest::path_length::c;
use tamis::forest::{
    Contamination, Explainer, FitError, Forest, Matrix, Node, Params, ParamsError, fit, fit_with, offset_for,
};

#[test]
fn a_small_forest_has_its_golden_bytes() {
    every_target::a_small_forest_has_its_golden_bytes();
}

#[test]
fn saving_and_loading_keep_every_bit() {
    every_target::saving_and_loading_keep_every_bit();
}

#[test]
fn the_order_of_growing_does_not_matter() {
    every_target::the_order_of_growing_does_not_matter();
}

#[test]
fn threads_grow_the_same_forest() {
    let data = rows(3000, 5, 8, true);
    let params = Params { seed: 3, contamination: Contamination::Rate(0.05), ..Params::default() };
    let alone = forest(&data, params);
    for threads in [1, 2, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let run = |trees: usize, grow: &(dyn Fn(usize) -> tamis::forest::Tree + Sync)| {
            pool.install(|| (0..trees).into_par_iter().map(grow).collect())
        };
        let together = fit_with(&data, &params.check().unwrap(), None, run).unwrap();
        assert_eq!(together.trees(), alone.trees());
        assert_eq!(together.offset().to_bits(), alone.offset().to_bits());
    }
}

#[test]
fn seeds_make_different_forests() {
    let data = rows(1000, 3, 8, false);
    let by_seed = |seed| forest(&data, Params { seed, ..Params::default() });
    assert_ne!(by_seed(1).trees(), by_seed(2).trees());
}

#[test]
fn parameters_out_of_range_are_refused() {
    let base = Params::default();
    let rate = |rate| Params { contamination: Contamination::Rate(rate), ..base }.check().unwrap_err();
    assert_eq!(Params { trees: 0, ..base }.check().unwrap_err(), ParamsError::Trees(0));
    assert_eq!(Params { trees: 100_001, ..base }.check().unwrap_err().kind(), "trees");
    assert_eq!(Params { samples: 1.into(), ..base }.check().unwrap_err().kind(), "samples");
    for wrong in [0.0, -0.1, 0.51, f64::NAN, f64::INFINITY] {
        assert_eq!(rate(wrong).kind(), "contamination");
    }
}

#[test]
fn rows_that_make_no_forest_are_refused() {
    let params = Params::default().check().unwrap();
    let fit = |columns, values: &[f32]| fit(&Matrix::from_vec(columns, values.to_vec()).unwrap(), &params);
    assert_eq!(fit(0, &[]).unwrap_err(), FitError::NoColumns);
    assert_eq!(fit(2, &[]).unwrap_err(), FitError::TooFewRows(0));
    assert_eq!(fit(2, &[1.0, 2.0]).unwrap_err(), FitError::TooFewRows(1));
}

#[test]
fn rows_that_are_all_the_same_are_of_average_length() {
    let forest = forest(&Matrix::from_vec(3, vec![2.5; 300]).unwrap(), Params::default());
    assert!(forest.trees().iter().all(|tree| tree.height() == 0));
    for row in [[2.5; 3], [9.0; 3], [f32::NAN; 3]] {
        let score = forest.score(&row);
        assert!((score - 0.5).abs() < 1e-6, "{score}");
        assert!(Explainer::new(&forest).reasons(&forest, &row, 3).is_empty());
    }
}

#[test]
fn two_rows_make_a_forest() {
    let forest = forest(&Matrix::from_vec(1, vec![0.0, 1.0]).unwrap(), Params::default());
    assert_eq!(forest.samples(), 2);
    assert!((forest.score(&[0.0]) - 0.5).abs() < 1e-6);
}

#[test]
fn constant_features_are_never_split() {
    let mut data = Matrix::new(3);
    for row in rows(500, 1, 4, false).iter() {
        data.push_row(&[7.0, row[0], 0.0]).unwrap();
    }
    let forest = forest(&data, Params::default());
    let features = forest.trees().iter().flat_map(|tree| tree.nodes()).filter_map(|node| match node {
        Node::Split { feature, .. } => Some(*feature),
        Node::Leaf { .. } => None,
    });
    assert!(features.into_iter().all(|feature| feature == 1));
}

#[test]
fn a_column_without_values_is_as_if_it_were_not_there() {
    let narrow = rows(500, 2, 4, false);
    let mut wide = Matrix::new(3);
    for row in narrow.iter() {
        wide.push_row(&[row[0], row[1], f32::NAN]).unwrap();
    }
    let forest = forest(&wide, Params::default());
    let row = [0.5, 0.5];
    assert_eq!(forest.score(&[row[0], row[1], f32::NAN]).to_bits(), forest.score(&[row[0], row[1], 1e9]).to_bits());
}

#[test]
fn a_gap_where_others_have_a_value_is_odd() {
    let mut data = Matrix::new(2);
    for (at, row) in rows(1000, 1, 4, false).iter().enumerate() {
        data.push_row(&[row[0], if at % 200 == 3 { f32::NAN } else { 1.0 }]).unwrap();
    }
    let forest = forest(&data, Params::default());
    assert!(forest.score(&[0.0, f32::NAN]) > forest.score(&[0.0, 1.0]) + 0.05);
}

#[test]
fn infinite_values_are_beyond_all_others() {
    let forest = forest(&rows(1000, 2, 4, false), Params::default());
    let bits = |row: [f32; 2]| forest.score(&row).to_bits();
    assert_eq!(bits([f32::INFINITY, 0.0]), bits([f32::MAX, 0.0]));
    assert_eq!(bits([f32::NEG_INFINITY, 0.0]), bits([f32::MIN, 0.0]));
}

#[test]
fn the_rate_is_the_share_flagged() {
    let data = rows(1000, 4, 6, false);
    for rate in [0.01, 0.1, 0.25, 0.5] {
        let forest = forest(&data, Params { contamination: Contamination::Rate(rate), ..Params::default() });
        let flagged = forest.score_batch(&data).into_iter().filter(|&score| forest.decision(score) < 0.0).count();
        assert!((flagged as f64 / 1000.0 - rate).abs() <= 0.001, "{rate}: {flagged}");
    }
}

/// Path lengths by the definition, from the trees' public nodes.
fn mean_path(forest: &Forest, row: &[f32]) -> f64 {
    let scale = forest.trees().len() as f64 * c(forest.samples());
    let lengths = forest.trees().iter().map(|tree| f64::from(tree.weight(row)) * scale);
    lengths.sum::<f64>() / forest.trees().len() as f64
}

fn any_matrix() -> impl Strategy<Value = Matrix> {
    let value =
        prop_oneof![6 => -3.0_f32..3.0, 3 => prop::sample::select(vec![0.0_f32, 1.0, 1.5]), 1 => Just(f32::NAN)];
    (1_usize..5).prop_flat_map(move |columns| {
        prop::collection::vec(value.clone(), columns * 2..columns * 90).prop_map(move |mut values| {
            values.truncate(values.len() / columns * columns);
            Matrix::from_vec(columns, values).unwrap()
        })
    })
}

fn any_params() -> impl Strategy<Value = Params> {
    let contamination = prop_oneof![Just(Contamination::Auto), (0.001..0.5).prop_map(Contamination::Rate)];
    (1_usize..30, 2_usize..100, contamination, any::<u64>()).prop_map(|(trees, samples, contamination, seed)| Params {
        trees,
        samples: samples.into(),
        contamination,
        seed,
        ..Params::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn scores_are_what_the_definition_says(data in any_matrix(), params in any_params()) {
        let forest = forest(&data, params);
        let scores = forest.score_batch(&data);
        for (row, score) in data.iter().zip(&scores) {
            let simple = forest.trees().iter().fold(0.0, |sum, tree| sum + f64::from(tree.weight(row)));
            prop_assert_eq!(libm::exp2(-simple).to_bits(), score.to_bits());
            prop_assert_eq!(forest.score(row).to_bits(), score.to_bits());
            prop_assert!(*score > 0.0 && *score < 1.0);
        }
        for tree in forest.trees() {
            let allowed = (forest.samples() as f64).log2().ceil();
            prop_assert!(f64::from(tree.height()) <= allowed);
        }
    }

    #[test]
    fn deeper_isolation_never_scores_higher(data in any_matrix(), params in any_params()) {
        let forest = forest(&data, params);
        let mut ranked: Vec<_> = data.iter().map(|row| (mean_path(&forest, row), forest.score(row))).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in ranked.windows(2) {
            prop_assert!(pair[1].1 <= pair[0].1 + 1e-12);
        }
    }

    #[test]
    fn contributions_add_up_to_the_path(data in any_matrix(), params in any_params()) {
        let forest = forest(&data, params);
        let explainer = Explainer::new(&forest);
        for row in data.iter().take(20) {
            let why = explainer.contributions(&forest, row);
            let total = why.base + why.parts.iter().sum::<f64>();
            prop_assert!((total - mean_path(&forest, row)).abs() < 1e-9);
            prop_assert!((why.base - c(forest.samples())).abs() < 1e-3);
            let reasons = explainer.reasons(&forest, row, usize::MAX);
            prop_assert_eq!(reasons.len(), why.parts.iter().filter(|part| **part < 0.0).count());
            let shares: f64 = reasons.iter().map(|reason| reason.share).sum();
            prop_assert!(reasons.is_empty() || (shares - 1.0).abs() < 1e-9);
            prop_assert!(reasons.windows(2).all(|pair| pair[0].share >= pair[1].share));
        }
    }

    #[test]
    fn scaling_a_feature_by_a_power_of_two_changes_nothing(data in any_matrix(), params in any_params()) {
        let scaled = data.values().iter().map(|value| value * 4.0).collect();
        let scaled = Matrix::from_vec(data.columns(), scaled).unwrap();
        let (plain, scaled_forest) = (forest(&data, params), forest(&scaled, params));
        let bits = |forest: &Forest, data| forest.score_batch(data).into_iter().map(f64::to_bits).collect::<Vec<_>>();
        prop_assert_eq!(bits(&plain, &data), bits(&scaled_forest, &scaled));
    }

    #[test]
    fn the_offset_is_the_percentile(mut scores in prop::collection::vec(0.01_f64..0.99, 1..200), rate in 0.001_f64..0.5) {
        let mut sorted: Vec<f64> = scores.iter().map(|score| -score).collect();
        sorted.sort_by(f64::total_cmp);
        let position = (sorted.len() - 1) as f64 * rate;
        let (low, high) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
        let expected = low + (high - low) * position.fract();
        prop_assert!((offset_for(&mut scores, rate) - expected).abs() < 1e-12);
    }
}
