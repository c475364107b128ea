//! `tamis evaluate`, and what stands behind it.

mod columns;
mod matrices;
mod records;
mod training;

use super::common::python;
use proptest::prelude::*;
use std::process::Command;
use tamis::evaluation::{Evaluation, Run, stability, wilson};
use tamis::forest::threshold_for_budget;

/// A stream of numbers in [0, 1).
fn chance(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn evaluated(labels: &[bool], scores: &[f64]) -> Evaluation {
    let run = Run { oddness: scores.to_vec(), flagged: scores.iter().map(|score| *score > 0.5).collect() };
    Evaluation::of(labels, &[run], 0, &|count, resample| (0..count).map(resample).collect()).unwrap()
}

#[test]
fn figures_are_those_of_scikit_learn() {
    let Some(python) = python("import numpy, scipy, sklearn") else { return };
    let mut next = chance(5);
    let mut cases = Vec::new();
    for (rows, levels, rate) in
        [(40, 3.0, 0.5), (500, 10.0, 0.1), (3000, 1e9, 0.02), (200, 1.0, 0.3), (1000, 50.0, 0.9)]
    {
        let labels: Vec<bool> = (0..rows).map(|row| row == 0 || row > 1 && next() < rate).collect();
        let shifted = |odd: &bool, next: &mut dyn FnMut() -> f64| {
            ((next() + f64::from(u8::from(*odd)) * 0.4) * levels).floor() / levels
        };
        let scores: Vec<f64> = labels.iter().map(|odd| shifted(odd, &mut next)).collect();
        let others: Vec<f64> = scores.iter().map(|score| (score * 7.0 + next() * 3.0).round()).collect();
        cases.push((scores, labels, others));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.json");
    std::fs::write(&path, serde_json::to_vec(&cases).unwrap()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/metrics.py");
    let output = Command::new(python).arg(script).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8(output.stdout).unwrap();
    assert_eq!(theirs.lines().count(), cases.len());
    for (line, (scores, labels, others)) in theirs.lines().zip(&cases) {
        let theirs: Vec<f64> = serde_json::from_str(line).unwrap();
        let found = evaluated(labels, scores);
        let runs = [scores.clone(), others.clone()];
        let spearman = stability(&runs, 0.1).unwrap().spearman;
        let ours = [found.auroc.mean, found.average_precision.mean, spearman];
        assert!(ours.iter().zip(&theirs).all(|(ours, theirs)| (ours - theirs).abs() < 1e-12), "{ours:?} {theirs:?}");
    }
}

/// In about 95 of 100 experiments the intervals hold the truth, which is known where both kinds are uniform.
#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    // Outliers are uniform in [0.3, 1.3), others in [0, 1): P(outlier > other) = 1 − 0.7² / 2.
    let truth = 1.0 - 0.7 * 0.7 / 2.0;
    let mut held = 0;
    for seed in 0..300 {
        let mut next = chance(seed + 1);
        let labels: Vec<bool> = (0..260).map(|row| row < 60).collect();
        let scores: Vec<f64> = labels.iter().map(|odd| next() + if *odd { 0.3 } else { 0.0 }).collect();
        let found = evaluated(&labels, &scores);
        let (low, high) = found.auroc.interval.unwrap();
        held += usize::from(low <= truth && truth <= high);
        let (low, high) = found.average_precision.interval.unwrap();
        assert!(low < found.average_precision.mean && found.average_precision.mean < high);
    }
    assert!((275..=296).contains(&held), "{held} of 300");
}

#[test]
fn a_faultless_ranking_is_not_said_to_be_certain() {
    let labels = [true, true, true, false, false, false, false];
    let found = evaluated(&labels, &[0.9, 0.8, 0.7, 0.3, 0.2, 0.1, 0.0]);
    assert!((found.auroc.mean - 1.0).abs() < 1e-15);
    let (low, high) = found.auroc.interval.unwrap();
    // Three pairs that have no row in common, all right.
    assert!((low.powi(3) - 0.05).abs() < 1e-12 && high == 1.0, "{low}");
    let (low, high) = wilson(3, 3).unwrap();
    assert!((low - 0.438_494).abs() < 1e-5 && high == 1.0);
    assert_eq!(found.precision.unwrap().interval, Some((low, high)));
}

#[test]
fn one_kind_of_rows_is_no_evaluation() {
    for labels in [[true; 3], [false; 3]] {
        let run = Run { oddness: vec![0.0; 3], flagged: vec![false; 3] };
        let error = Evaluation::of(&labels, &[run], 0, &|_, _| Vec::new()).unwrap_err();
        assert_eq!(error.kind(), "one_kind");
    }
    let error = Evaluation::of(&[true, false], &[Run::default()], 0, &|_, _| Vec::new()).unwrap_err();
    assert_eq!(error.kind(), "lengths");
}

/// The law of the budget: over many calibrations the rate of further alarms is above the budget in at most 5 of 100.
#[test]
fn budgets_are_kept_as_surely_as_they_say() {
    for (rows, rate) in [(300, 0.01), (1000, 0.01), (5000, 0.002), (400, 0.2), (59, 0.05)] {
        let trials = 2000;
        let (mut broken, mut mean) = (0, 0.0);
        for seed in 0..trials {
            let mut next = chance(seed * 31 + rows as u64);
            let mut scores: Vec<f64> = (0..rows).map(|_| next()).collect();
            let kept = threshold_for_budget(&mut scores, rate, 0.95).unwrap();
            assert_eq!(kept.above, scores.iter().filter(|score| **score > kept.threshold).count());
            // The scores are uniform, so the share above a threshold is known exactly.
            let realised = 1.0 - kept.threshold;
            broken += usize::from(realised > rate);
            mean += realised / trials as f64;
        }
        // 100 expected at the most; the deviation of such a count is 10.
        assert!(broken <= 140, "{rows} {rate}: {broken} of {trials} broken");
        // And it is no empty promise: with many rows most of the budget is used.
        assert!(mean > 0.2 * rate, "{rows} {rate}: {mean}");
    }
}

/// Scores that tie make it flag less, never more.
#[test]
fn budgets_are_kept_where_scores_tie() {
    let mut broken = 0;
    for seed in 0..1000 {
        let mut next = chance(seed + 77);
        let mut scores: Vec<f64> = (0..500).map(|_| (next() * 40.0).floor()).collect();
        let kept = threshold_for_budget(&mut scores, 0.05, 0.95).unwrap();
        broken += usize::from((39.0 - kept.threshold) / 40.0 > 0.05 + 1e-12);
    }
    assert!(broken <= 75, "{broken} of 1000");
}

proptest! {
    /// A greater budget never has a higher threshold; and too few rows are told with the count that suffices.
    #[test]
    fn budgets_are_monotone(seed in any::<u64>(), rows in 1_usize..600, rate in 0.001_f64..0.5, more in 1.0_f64..2.0) {
        let mut next = chance(seed);
        let mut scores: Vec<f64> = (0..rows).map(|_| next()).collect();
        let greater = threshold_for_budget(&mut scores, (rate * more).min(0.5), 0.95);
        match threshold_for_budget(&mut scores, rate, 0.95) {
            Ok(kept) => prop_assert!(greater.unwrap().threshold <= kept.threshold),
            Err(few) => {
                prop_assert!(few.needed > rows && (1.0 - rate).powi(few.needed as i32) <= 0.05 + 1e-9);
                let mut enough = vec![0.5; few.needed];
                prop_assert!(threshold_for_budget(&mut enough, rate, 0.95).is_ok());
            }
        }
    }
}

/// scikit-learn 1.9.1's AUROC on the sets of ADBench with its defaults, fitted and scored on the whole set as 32-bit floats:
/// over how many seeds from 0 on, mean and deviation.
const SKLEARN: [(&str, f64, f64, f64); 12] = [
    ("18_Ionosphere", 400.0, 0.84894, 0.0058),
    ("23_mammography", 400.0, 0.86018, 0.0085),
    ("2_annthyroid", 400.0, 0.81949, 0.0166),
    ("30_satellite", 400.0, 0.70422, 0.0163),
    ("32_shuttle", 60.0, 0.99699, 0.0007),
    ("38_thyroid", 400.0, 0.97817, 0.0034),
    ("40_vowels", 400.0, 0.75395, 0.0258),
    ("43_WDBC", 400.0, 0.98571, 0.0034),
    ("44_Wilt", 400.0, 0.45094, 0.0267),
    ("45_wine", 400.0, 0.78890, 0.0346),
    ("4_breastw", 400.0, 0.98657, 0.0014),
    ("6_cardio", 400.0, 0.92408, 0.0111),
];
