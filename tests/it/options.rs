//! What a forest can be asked for beside the defaults: laws of each option, and of odd data under all of them.

use super::forest::every_target::{exported, forest, rows};
use proptest::prelude::*;
use tamis::forest::{
    Amount, Column, Contamination, Data, Explainer, Forest, Height, Matrix, Node, Params, Split, Tree, fit, fit_with,
};
use tamis::score::Model;

fn bits(scores: Vec<f64>) -> Vec<u64> {
    scores.into_iter().map(f64::to_bits).collect()
}

fn features_of(tree: &Tree) -> Vec<u32> {
    let feature = |node: &Node| if let Node::Split { feature, .. } = node { Some(*feature) } else { None };
    let mut features: Vec<u32> = tree.nodes().iter().filter_map(feature).collect();
    features.sort_unstable();
    features.dedup();
    features
}

const NONE: &[usize] = &[];
const FIRST: &[usize] = &[0];
const SECOND: &[usize] = &[1];
const BOTH: &[usize] = &[0, 1];

/// One of each kind of forest.
pub fn kinds() -> Vec<(&'static str, Params, &'static [usize])> {
    let base = Params { trees: 20, seed: 5, ..Params::default() };
    let guided = |split| Params { split, guided: 0.5, ..base };
    vec![
        ("default", base, NONE),
        ("tuned", Params { trees: 20, ..Params::tuned() }, NONE),
        ("gain", guided(Split::Gain), NONE),
        ("average", guided(Split::Average), NONE),
        ("density", guided(Split::Density), NONE),
        ("full height", Params { height: Height::Full, ..base }, NONE),
        ("few features", Params { features: Amount::Share(0.5), ..base }, NONE),
        ("bootstrap", Params { bootstrap: true, ..base }, NONE),
        ("extended 0", Params { extension: Some(0), ..base }, NONE),
        ("extended 1", Params { extension: Some(1), ..base }, NONE),
        ("extended full", Params { extension: Some(99), ..base }, NONE),
        ("categorical", base, SECOND),
        ("categorical extended", Params { extension: Some(1), ..base }, FIRST),
        ("all categorical extended", Params { extension: Some(1), ..base }, BOTH),
    ]
}

fn grown(data: &Matrix, params: Params, categorical: &[usize]) -> Forest {
    let categorical: Vec<usize> = categorical.iter().copied().filter(|&column| column < data.columns()).collect();
    fit(Data { categorical: &categorical, ..Data::from(data) }, &params.check().unwrap()).unwrap()
}

#[test]
fn parameters_out_of_range_are_refused() {
    let base = Params::default();
    let cases: [(&str, Params); 12] = [
        ("samples", Params { samples: Amount::Share(0.0), ..base }),
        ("samples", Params { samples: Amount::Share(1.1), ..base }),
        ("samples", Params { samples: Amount::Share(f64::NAN), ..base }),
        ("features", Params { features: 0.into(), ..base }),
        ("features", Params { features: Amount::Share(-0.5), ..base }),
        ("contamination", Params { contamination: Contamination::Count(0), ..base }),
        ("guided", Params { guided: 1.5, ..base }),
        ("guided", Params { guided: f64::NAN, ..base }),
        ("extended", Params { extension: Some(1), split: Split::Gain, ..base }),
        ("extended", Params { extension: Some(1), features: 1.into(), ..base }),
        ("extended", Params { extension: Some(1), height: Height::Full, ..base }),
        ("extended", Params { extension: Some(0), ..Params::tuned() }),
    ];
    for (kind, params) in cases {
        let error = params.check().unwrap_err();
        assert_eq!(error.kind(), kind, "{params:?}");
        assert!(!error.to_string().is_empty());
    }
    assert!(Params::tuned().check().is_ok());
}

#[test]
fn data_that_do_not_fit_are_refused() {
    let matrix = rows(50, 3, 1, false);
    let data = Data::from(&matrix);
    let params = Params::default();
    let kind = |data: Data<'_>, params: Params| fit(data, &params.check().unwrap()).unwrap_err().kind();
    let flagging = |count| Params { contamination: Contamination::Count(count), ..params };
    let heavy = |row: usize, weight| (0..50).map(|at| if at == row { weight } else { 1.0 }).collect::<Vec<f64>>();
    assert_eq!(kind(data, flagging(26)), "contamination");
    assert_eq!(kind(Data { weights: Some(&[1.0; 49]), ..data }, params), "weights");
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(kind(Data { weights: Some(&heavy(7, wrong)), ..data }, params), "weight");
    }
    assert_eq!(kind(Data { weights: Some(&[0.0; 50]), ..data }, params), "too_few_rows");
    assert_eq!(kind(Data { categorical: &[3], ..data }, params), "categorical");
}

#[test]
fn samples_and_features_are_counts_or_shares() {
    let data = rows(1000, 8, 2, false);
    let cases: [(Amount, usize); 5] = [
        (Amount::Count(300), 300),
        (Amount::Count(5000), 1000),
        (Amount::Share(0.25), 250),
        (Amount::Share(1.0), 1000),
        (Amount::Share(0.0001), 2),
    ];
    for (samples, expected) in cases {
        let forest = forest(&data, Params { samples, trees: 3, ..Params::default() });
        assert_eq!(forest.samples(), expected, "{samples}");
    }
    for (features, most) in [(Amount::Count(3), 3), (Amount::Share(0.5), 4), (Amount::Share(0.01), 1)] {
        let forest = forest(&data, Params { features, ..Params::default() });
        let used: Vec<usize> = forest.trees().iter().map(|tree| features_of(tree).len()).collect();
        assert!(used.iter().all(|&count| count <= most) && used.contains(&most), "{features}: {used:?}");
        let mut all: Vec<u32> = forest.trees().iter().flat_map(features_of).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8, "every feature gets its turn");
    }
    // Asking for all of them draws nothing, so the forest is that of the defaults.
    let all = forest(&data, Params { features: 8.into(), ..Params::default() });
    assert_eq!(all.trees(), forest(&data, Params::default()).trees());
}

#[test]
fn amounts_are_read_as_they_are_written() {
    for amount in [Amount::Count(256), Amount::Count(1), Amount::Share(1.0), Amount::Share(0.25)] {
        assert_eq!(amount.to_string().parse(), Ok(amount));
        assert_eq!(serde_json::from_str::<Amount>(&serde_json::to_string(&amount).unwrap()).unwrap(), amount);
    }
    for wrong in ["", "-1", "0.0", "1.5", "NaN", "many"] {
        assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
    }
    for contamination in [Contamination::Auto, Contamination::Rate(0.02), Contamination::Count(20)] {
        assert_eq!(contamination.to_string().parse(), Ok(contamination));
        let json = serde_json::to_string(&contamination).unwrap();
        assert_eq!(serde_json::from_str::<Contamination>(&json).unwrap(), contamination);
    }
    for wrong in ["", "0", "0.6", "count:0", "count:x", "Auto"] {
        assert!(wrong.parse::<Contamination>().is_err(), "{wrong}");
    }
}

#[test]
fn a_count_flags_so_many() {
    let data = rows(1000, 4, 6, false);
    for count in [1, 20, 137, 500] {
        let forest = forest(&data, Params { contamination: Contamination::Count(count), ..Params::default() });
        let flagged = forest.score_batch(&data).into_iter().filter(|&score| forest.decision(score) < 0.0).count();
        assert_eq!(flagged, count);
    }
}

#[test]
fn bootstrap_draws_rows_again() {
    // 64 rows of their own value: each tree of distinct rows isolates them all or stops at its height.
    let data = Matrix::from_vec(1, (0..64).map(|value| value as f32).collect()).unwrap();
    let params = Params { samples: 64.into(), height: Height::Full, trees: 30, ..Params::default() };
    let leaves = |params| {
        let count = |tree: &Tree| tree.nodes().len().div_ceil(2);
        forest(&data, params).trees().iter().map(count).collect::<Vec<_>>()
    };
    assert!(leaves(params).iter().all(|&leaves| leaves == 64));
    let drawn = leaves(Params { bootstrap: true, ..params });
    let mean = drawn.iter().sum::<usize>() as f64 / 30.0;
    // 64 (1 − (1 − 1/64)^64) different rows are expected.
    assert!((mean - 40.6).abs() < 1.5, "{mean}");
}

#[test]
fn weights_decide_what_trees_see() {
    let data = Matrix::from_vec(1, (0..1000).map(|value| value as f32).collect()).unwrap();
    let weights: Vec<f64> = (0..1000).map(|row| f64::from(u8::from(row < 500))).collect();
    let params = Params::default().check().unwrap();
    let forest = fit(Data { weights: Some(&weights), ..Data::from(&data) }, &params).unwrap();
    let thresholds = forest.trees().iter().flat_map(Tree::nodes).filter_map(|node| match node {
        Node::Split { threshold, .. } => Some(*threshold),
        Node::Leaf { .. } => None,
    });
    assert!(thresholds.into_iter().all(|threshold| threshold < 499.0), "no row without weight is drawn");
    // Rows that weigh the same are drawn alike, whatever the weight.
    let equal = |weight: f64| fit(Data { weights: Some(&[weight; 1000]), ..Data::from(&data) }, &params).unwrap();
    let unweighted = fit(&data, &params).unwrap();
    assert!([1.0, 3.0, 1e-300].iter().all(|weight| equal(*weight).trees() == unweighted.trees()));
    // Equal weights are no weights in distribution, and rows that can be drawn bound the sample.
    let few: Vec<f64> = (0..1000).map(|row| if row % 10 == 0 { 2.5 } else { 0.0 }).collect();
    let forest = fit(Data { weights: Some(&few), ..Data::from(&data) }, &params).unwrap();
    assert_eq!(forest.samples(), 100);
}

#[test]
fn trees_added_later_are_those_grown_at_once() {
    let data = rows(900, 5, 3, true);
    for (name, params, categorical) in kinds() {
        let params = Params { contamination: Contamination::Rate(0.05), ..params };
        let whole = Data { categorical, ..Data::from(&data) };
        let at_once = fit(whole, &Params { trees: 33, ..params }.check().unwrap()).unwrap();
        let mut warm = fit(whole, &Params { trees: 7, ..params }.check().unwrap()).unwrap();
        for trees in [8, 33] {
            let more = Params { trees, ..params }.check().unwrap();
            warm = fit_with(whole, &more, Some(&warm), |trees, grow| (0..trees).map(grow).collect()).unwrap();
        }
        assert_eq!(warm.trees(), at_once.trees(), "{name}");
        assert_eq!(warm.offset().to_bits(), at_once.offset().to_bits(), "{name}");
    }
    let small = forest(&data, Params { trees: 5, ..Params::default() });
    let more = |data: &Matrix, params: Params| {
        fit_with(data, &params.check().unwrap(), Some(&small), |n, grow| (0..n).map(grow).collect()).unwrap_err().kind()
    };
    assert_eq!(more(&data, Params { trees: 5, ..Params::default() }), "no_more_trees");
    assert_eq!(more(&data, Params { samples: 100.into(), ..Params::default() }), "other_forest");
    assert_eq!(more(&rows(900, 4, 3, true), Params::default()), "other_forest");
}

#[test]
fn full_height_isolates_every_row() {
    let data = rows(700, 3, 4, false);
    let forest = forest(&data, Params { height: Height::Full, trees: 10, ..Params::default() });
    assert!(forest.trees().iter().all(|tree| tree.nodes().len() == 2 * 256 - 1));
    assert!(forest.trees().iter().any(|tree| tree.height() > 8));
}

#[test]
fn categories_are_split_by_subset() {
    // The middle one of three codes has other amounts: no threshold on the code parts it off, a subset does.
    let mut data = Matrix::new(1);
    for row in 0..3000 {
        data.push_row(&[[0.0, 2.0, 1.0][usize::from(row % 60 == 0) * 2 + row % 2 * usize::from(row % 60 != 0)]])
            .unwrap();
    }
    let params = Params { trees: 200, ..Params::default() };
    let forest = grown(&data, params, &[0]);
    let sets = forest.trees().iter().filter_map(Tree::derived).flat_map(|derived| derived.columns());
    for column in sets {
        let Column::Among { feature: 0, values } = column else { panic!("{column:?}") };
        assert!(!values.is_empty() && values.len() <= 2 && values.is_sorted());
    }
    let score = |code: f32| forest.score(&[code]);
    assert!(score(1.0) > score(0.0) + 0.1 && score(1.0) > score(2.0) + 0.1);
    // The order of the codes means nothing: under other names the forest is as sure.
    let renamed: Vec<f32> = data.values().iter().map(|code| [7.0, -3.0, 100.0][*code as usize]).collect();
    let renamed = grown(&Matrix::from_vec(1, renamed).unwrap(), params, &[0]);
    assert!((renamed.score(&[-3.0]) - score(1.0)).abs() < 0.03);
    // A gap and a code that was never seen stand with the codes outside a subset.
    for odd in [f32::NAN, 55.0, f32::INFINITY] {
        assert!(score(odd) > 0.0 && score(odd) < 1.0);
    }
}

#[test]
fn an_extended_forest_sees_what_crosses_axes() {
    // A diagonal band: a point off it lies within the range of both features.
    let mut data = Matrix::new(2);
    for row in rows(2000, 2, 9, false).iter() {
        data.push_row(&[row[0], row[0] + 0.05 * row[1]]).unwrap();
    }
    let (on, off) = ([0.7, 0.7], [0.7, -0.7]);
    let gap = |extension| {
        let forest = forest(&data, Params { extension, trees: 200, ..Params::default() });
        forest.score(&off) - forest.score(&on)
    };
    assert!(gap(Some(1)) > gap(None) + 0.02, "{} {}", gap(Some(1)), gap(None));
    // The unit of a feature does not matter.
    let scaled: Vec<f32> = data.values().chunks(2).flat_map(|row| [row[0] * 1024.0, row[1]]).collect();
    let scaled = Matrix::from_vec(2, scaled).unwrap();
    let params = Params { extension: Some(1), ..Params::default() };
    let (plain, other) = (forest(&data, params), forest(&scaled, params));
    assert!((plain.score(&off) - other.score(&[off[0] * 1024.0, off[1]])).abs() < 1e-3);
}

#[test]
fn level_0_does_not_draw_again() {
    // One feature of ten varies over more than one row: the standard forest finds it, level 0 wastes nine nodes of ten.
    let mut data = Matrix::new(10);
    for (at, row) in rows(1000, 1, 9, false).iter().enumerate() {
        let mut wide = [if at == 500 { 2.0 } else { 1.0 }; 10];
        wide[4] = row[0];
        data.push_row(&wide).unwrap();
    }
    let split_rows = |extension| {
        let forest = forest(&data, Params { extension, ..Params::default() });
        forest.score(&[1.0, 1.0, 1.0, 1.0, 30.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    };
    assert!(split_rows(None) > split_rows(Some(0)) + 0.1);
}

/// Rows of every nasty kind; all must have a defined result under every kind of forest.
#[test]
fn odd_data_have_a_defined_result() {
    let tiny = f32::from_bits(1);
    let cases: Vec<(&str, Matrix)> = vec![
        ("all the same", Matrix::from_vec(2, vec![2.5; 600]).unwrap()),
        ("duplicated rows", Matrix::from_vec(2, [1.0, 2.0, 3.0, 4.0].repeat(150)).unwrap()),
        ("two rows", Matrix::from_vec(2, vec![0.0, 1.0, 1.0, 0.0]).unwrap()),
        ("one column", Matrix::from_vec(1, (0..300).map(|v| v as f32).collect()).unwrap()),
        (
            "constant column",
            Matrix::from_vec(2, (0..600).map(|v| if v % 2 == 0 { 7.0 } else { v as f32 }).collect()).unwrap(),
        ),
        ("only gaps", Matrix::from_vec(2, vec![f32::NAN; 600]).unwrap()),
        ("gaps", rows(300, 2, 1, true)),
        (
            "infinite",
            Matrix::from_vec(2, (0..600).map(|v| [f32::INFINITY, f32::NEG_INFINITY, v as f32][v % 3]).collect())
                .unwrap(),
        ),
        ("subnormal", Matrix::from_vec(2, (0..600).map(|v| f32::from_bits(v as u32 % 7)).collect()).unwrap()),
        (
            "zeros of both signs",
            Matrix::from_vec(2, (0..600).map(|v| if v % 3 == 0 { -0.0 } else { 0.0 }).collect()).unwrap(),
        ),
        ("greatest", Matrix::from_vec(2, (0..600).map(|v| [f32::MAX, f32::MIN, 0.0, tiny][v % 4]).collect()).unwrap()),
    ];
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, tiny, 0.0, -0.0, 1.0];
    for (name, params, categorical) in kinds() {
        for (what, data) in &cases {
            let forest = grown(data, params, categorical);
            let explainer = Explainer::new(&forest);
            let mut asked = data.clone();
            for value in odd {
                asked.push_row(&vec![value; data.columns()]).unwrap();
            }
            let scores = forest.score_batch(&asked);
            for (row, score) in asked.iter().zip(&scores) {
                assert!(*score > 0.0 && *score < 1.0, "{name}, {what}: {score} for {row:?}");
                assert_eq!(forest.score(row).to_bits(), score.to_bits(), "{name}, {what}");
            }
            let why = explainer.contributions(&forest, asked.row(asked.rows() - 1));
            assert!(why.parts.iter().all(|part| part.is_finite()), "{name}, {what}");
        }
    }
}

#[test]
fn infinite_values_are_the_greatest_finite_ones() {
    let with = |most: f32| {
        let values = (0..900).map(|v| if v % 50 == 0 { most } else { (v % 97) as f32 }).collect();
        Matrix::from_vec(3, values).unwrap()
    };
    let (infinite, finite) = (with(f32::INFINITY), with(f32::MAX));
    let params = Params { seed: 8, ..Params::default() };
    let (a, b) = (forest(&infinite, params), forest(&finite, params));
    assert_eq!(a.trees(), b.trees());
    assert_eq!(bits(a.score_batch(&infinite)), bits(b.score_batch(&finite)));
}

#[test]
fn ten_thousand_features_are_no_trouble() {
    let data = rows(300, 10_000, 5, false);
    for extension in [None, Some(1)] {
        let params = Params { trees: 10, extension, ..Params::default() };
        let (forest, bytes) = exported(&data, params);
        let model = Model::from_onnx(&bytes).unwrap();
        assert_eq!(bits(model.forest().unwrap().score_batch(&data)), bits(forest.score_batch(&data)));
    }
}

fn any_matrix(columns: std::ops::Range<usize>) -> impl Strategy<Value = Matrix> {
    let value =
        prop_oneof![6 => -3.0_f32..3.0, 3 => prop::sample::select(vec![0.0_f32, 1.0, 1.5]), 1 => Just(f32::NAN)];
    columns.prop_flat_map(move |columns| {
        prop::collection::vec(value.clone(), columns * 2..columns * 120).prop_map(move |mut values| {
            values.truncate(values.len() / columns * columns);
            Matrix::from_vec(columns, values).unwrap()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_kind_is_the_simple_walk_and_comes_back_from_its_file(data in any_matrix(2..5), kind in 0..kinds().len()) {
        let (_, params, categorical) = kinds()[kind];
        let forest = grown(&data, params, categorical);
        let scores = forest.score_batch(&data);
        for (row, score) in data.iter().zip(&scores) {
            let simple = forest.trees().iter().fold(0.0, |sum, tree| sum + f64::from(tree.weight(row)));
            prop_assert_eq!(libm::exp2(-simple).to_bits(), score.to_bits());
        }
        let bytes = super::derived::written(&forest, &params, &data);
        let model = Model::from_onnx(&bytes).unwrap();
        let loaded = model.forest().unwrap();
        prop_assert_eq!(loaded.trees(), forest.trees());
        prop_assert_eq!(bits(loaded.score_batch(&data)), bits(scores));
        prop_assert_eq!(super::derived::written(loaded, &params, &data), bytes);
    }

    #[test]
    fn contributions_add_up_in_every_kind(data in any_matrix(2..5), kind in 0..kinds().len()) {
        let (_, params, categorical) = kinds()[kind];
        let forest = grown(&data, params, categorical);
        let explainer = Explainer::new(&forest);
        let scale = forest.trees().len() as f64 * tamis::forest::path_length::c(forest.samples());
        for row in data.iter().take(10) {
            let why = explainer.contributions(&forest, row);
            let path = forest.trees().iter().map(|tree| f64::from(tree.weight(row))).sum::<f64>() * scale;
            let path = path / forest.trees().len() as f64;
            prop_assert!((why.base + why.parts.iter().sum::<f64>() - path).abs() < 1e-9);
        }
    }

    #[test]
    fn the_order_in_which_rows_are_scored_changes_nothing(data in any_matrix(2..5), kind in 0..kinds().len()) {
        let (_, params, categorical) = kinds()[kind];
        let forest = grown(&data, params, categorical);
        let mut backwards = Matrix::new(data.columns());
        for row in data.iter().collect::<Vec<_>>().into_iter().rev() {
            backwards.push_row(row).unwrap();
        }
        let mut reversed = forest.score_batch(&backwards);
        reversed.reverse();
        prop_assert_eq!(bits(forest.score_batch(&data)), bits(reversed));
    }

    #[test]
    fn a_constant_feature_changes_nothing(
        data in any_matrix(1..4), constant in prop_oneof![-5.0_f32..5.0, Just(f32::NAN), Just(f32::INFINITY)],
        at in 0..3_usize, kind in 0..kinds().len(), is_category: bool
    ) {
        let (_, params, categorical) = kinds()[kind];
        let at = at.min(data.columns());
        let known = categorical.iter().copied().filter(|&column| column < data.columns());
        let mut moved: Vec<usize> = known.map(|column| column + usize::from(column >= at)).collect();
        if is_category {
            moved.push(at);
        }
        let widen = |row: &[f32], value: f32| [&row[..at], &[value], &row[at..]].concat();
        let mut wide = Matrix::new(data.columns() + 1);
        for row in data.iter() {
            wide.push_row(&widen(row, constant)).unwrap();
        }
        let (narrow, wide) = (grown(&data, params, categorical), grown(&wide, params, &moved));
        let odd = Matrix::from_vec(data.columns(), vec![9.0; data.columns()]).unwrap();
        for row in data.iter().chain(odd.iter()) {
            let score = narrow.score(row).to_bits();
            for value in [constant, 1e9, f32::NAN] {
                prop_assert_eq!(wide.score(&widen(row, value)).to_bits(), score);
            }
        }
    }
}
