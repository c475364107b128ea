//! Laws of the counters and of what is computed from them, and how often the rules alarm on nothing.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
#![allow(clippy::float_cmp, reason = "what is exact")]

use super::amounts::Amounts;
use super::bins::Bins;
use super::column::Column;
use super::tables::Tables;
use super::{Drift, DriftError, Reference, Rules, Verdict, Window};
use crate::onnx::ContractRef;
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

/// The values of one column.
#[derive(Clone, Debug)]
enum Values {
    Numbers(Vec<Option<f64>>),
    Texts(Vec<&'static str>),
}

fn column(name: &str, values: &Values) -> Column {
    let mut column = match values {
        Values::Numbers(values) => {
            let mut amounts = Amounts::default();
            for value in values.iter().flatten() {
                amounts.add(*value, 1);
            }
            Column::new(name, Bins::of_numbers(amounts.low().unwrap(), &amounts.sorted()).unwrap())
        }
        Values::Texts(values) => {
            let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
            for value in values {
                *counts.entry(value).or_default() += 1;
            }
            Column::new(name, Bins::of_values(counts.into_iter()))
        }
    };
    count(&mut column, values);
    column
}

fn count(column: &mut Column, values: &Values) {
    match values {
        Values::Numbers(values) => {
            for value in values {
                let cell = value.map_or(column.bins().missing(), |value| column.bins().of_number(value));
                column.add(cell, 1);
            }
        }
        Values::Texts(values) => {
            for value in values {
                column.add(column.bins().of_text(value), 1);
            }
        }
    }
}

fn tables(columns: Vec<Column>, records: u64, flagged: u64) -> Tables {
    let contract = ContractRef { name: "c".into(), version: "1".into(), sha256: "ab".repeat(32) };
    let accepted = columns.first().map_or(0, Column::total);
    let mut scores = Column::new("score", Bins::Number { low: 0.1, edges: vec![0.9] });
    scores.add(1, accepted);
    Tables { contract, model: None, records, accepted, scored: accepted, flagged, columns, score: Some(scores) }
}

fn reference(columns: &[Values], records: u64, flagged: u64) -> Reference {
    let columns = columns.iter().enumerate().map(|(at, values)| column(&format!("c{at}"), values)).collect();
    Reference::from(Window { tables: tables(columns, records, flagged) })
}

fn window(reference: &Reference, columns: &[Values], records: u64, flagged: u64) -> Window {
    let mut window = Window { tables: reference.tables.emptied() };
    for (column, values) in window.tables.columns.iter_mut().zip(columns) {
        count(column, values);
    }
    let accepted = window.tables.columns.first().map_or(0, Column::total);
    if let Some(score) = &mut window.tables.score {
        score.add(1, accepted);
    }
    window.tables.accepted = accepted;
    window.tables.scored = accepted;
    (window.tables.records, window.tables.flagged) = (records, flagged);
    window
}

/// A source of records without drift.
struct Source(Xoshiro256PlusPlus);

impl Source {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// In (0, 1).
    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(std::f64::consts::TAU * angle)
    }

    /// Twelve columns of all kinds: smooth, heavy-tailed, of few values, with gaps, and texts.
    fn columns(&mut self, records: usize, factor: f64) -> Vec<Values> {
        const TEXTS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let mut columns: Vec<Values> = Vec::new();
        for kind in 0..8 {
            let numbers = (0..records).map(|_| {
                let value = match kind {
                    0 | 1 => self.normal(),
                    2 | 3 => libm::exp(self.normal() + if kind == 3 { libm::log(factor) } else { 0.0 }),
                    4 => libm::floor(libm::exp(self.normal())),
                    5 => libm::floor(self.uniform() * 5.0),
                    6 => f64::from(u8::from(self.uniform() < 0.1)),
                    _ => self.uniform(),
                };
                (kind != 7 || self.uniform() > 0.05).then_some(value)
            });
            let numbers = Values::Numbers(numbers.collect());
            columns.push(numbers);
        }
        for kind in 0..4_i32 {
            let texts = (0..records).map(|_| {
                let place = libm::floor(-libm::log(self.uniform()) * f64::from(kind + 1));
                TEXTS[(place as usize).min(TEXTS.len() - 1)]
            });
            let texts = Values::Texts(texts.collect());
            columns.push(texts);
        }
        columns
    }

    /// How many of so many records are the one in `of`.
    fn draw(&mut self, records: usize, rate: f64) -> u64 {
        (0..records).filter(|_| self.uniform() < rate).count() as u64
    }

    /// Records of which four fifths are accepted, one in a hundred of those flagged.
    fn reference(&mut self, accepted: usize) -> Reference {
        let records = (accepted + self.draw(accepted, 0.25) as usize) as u64;
        reference(&self.columns(accepted, 1.0), records, self.draw(accepted, 0.01))
    }

    fn window(&mut self, reference: &Reference, accepted: usize, factor: f64) -> Window {
        let records = (accepted + self.draw(accepted, 0.25) as usize) as u64;
        window(reference, &self.columns(accepted, factor), records, self.draw(accepted, 0.01))
    }
}

/// The promise of [`Rules`]: where nothing drifts, a comparison of fifteen things at once calls anything drift, or even
/// only sure, in about one window of a hundred or fewer, whatever its size; while the common rule of 0.1 alone does so
/// in nearly all small ones.
#[test]
fn false_alarms_are_as_rare_as_stated() {
    let mut source = Source::new(20_26);
    for (size, windows) in [(50, 1500), (100, 1500), (200, 1500), (500, 1000), (5000, 300)] {
        let (mut alarms, mut sure, mut common) = (0, 0, 0);
        let mut known = source.reference(4000);
        for at in 0..windows {
            if at % 25 == 24 {
                known = source.reference(4000);
            }
            let drift = Drift::compare(&known, &source.window(&known, size, 1.0), &Rules::default()).unwrap();
            alarms += u32::from(drift.is_drift());
            sure += u32::from(matches!(drift.verdict, Verdict::Drift | Verdict::Slight));
            common += u32::from(drift.columns.iter().any(|column| column.psi > 0.1));
        }
        let rate = |count: u32| 100.0 * f64::from(count) / f64::from(windows);
        println!(
            "windows of {size}: {:.2} % alarm, {:.2} % hold something for sure; an index of 0.1 alone: {:.1} %",
            rate(alarms),
            rate(sure),
            rate(common)
        );
        assert!(rate(alarms) <= 1.5 && rate(sure) <= 1.8, "{size}: {alarms} {sure} of {windows}");
        assert!(size > 100 || common > windows * 9 / 10, "{size}: {common}");
    }
}

/// One of twelve columns half as large again: found in windows of a few hundred records, and named alone.
#[test]
fn a_shift_is_found_and_named() {
    let mut source = Source::new(7);
    let known = source.reference(4000);
    for (size, least) in [(200, 30), (500, 95), (2000, 100)] {
        let mut found = 0;
        for _ in 0..100 {
            let drift = Drift::compare(&known, &source.window(&known, size, 1.6), &Rules::default()).unwrap();
            found += u32::from(drift.names().contains(&"c3"));
            assert!(drift.names().len() <= 2, "{:?}", drift.names());
        }
        println!("a factor of 1.6 in windows of {size}: found in {found} of 100");
        assert!(found >= least, "{size}: {found}");
    }
}

/// A difference that is sure and too small to matter is no alarm, however large the window.
#[test]
fn a_huge_window_does_not_alarm_on_nothing() {
    let mut source = Source::new(9);
    let known = source.reference(50_000);
    let drift = Drift::compare(&known, &source.window(&known, 100_000, 1.05), &Rules::default()).unwrap();
    let shifted = &drift.columns[3];
    assert!(shifted.adjusted < 1e-6, "{}", shifted.adjusted);
    assert_eq!((shifted.verdict, drift.verdict), (Verdict::Slight, Verdict::Slight));
}

#[test]
fn few_records_are_said_to_be_few() {
    let mut source = Source::new(3);
    let known = source.reference(4000);
    let drift = Drift::compare(&known, &source.window(&known, 30, 50.0), &Rules::default()).unwrap();
    assert!(drift.columns.iter().all(|column| column.verdict == Verdict::TooFew && column.psi.is_finite()));
    assert_eq!((drift.verdict, drift.is_drift()), (Verdict::TooFew, false));
    let empty = Window { tables: known.tables.emptied() };
    let drift = Drift::compare(&known, &empty, &Rules::default()).unwrap();
    assert_eq!((drift.verdict, drift.names().len()), (Verdict::TooFew, 0));
    for (alpha, good) in [(0.0, false), (f64::NAN, false), (0.6, false), (0.5, true)] {
        let found = Drift::compare(&known, &empty, &Rules { alpha, ..Rules::default() });
        assert_eq!(found.is_ok(), good, "{alpha}");
    }
}

#[test]
fn hostile_counters_are_refused_by_name() {
    let mut source = Source::new(4);
    let known = source.reference(500);
    let good = known.to_json();
    assert_eq!(Reference::from_json(good.as_bytes()), Ok(known.clone()));
    let json: serde_json::Value = serde_json::from_str(&good).unwrap();
    let with = |pointer: &str, value: serde_json::Value| {
        let mut json = json.clone();
        *json.pointer_mut(pointer).unwrap() = value;
        Reference::from_json(json.to_string().as_bytes()).unwrap_err()
    };
    let cases = [
        ("/format", "tamis.reference/2".into(), "format"),
        ("/format", 7.into(), "json"),
        ("/accepted", 501.into(), "invalid"),
        ("/accepted", (-1).into(), "json"),
        ("/records", 3.into(), "invalid"),
        ("/flagged", u64::MAX.into(), "invalid"),
        ("/columns/0/counts/1", u64::MAX.into(), "json"),
        ("/columns/0/counts/1", 0.5.into(), "json"),
        ("/columns/0/counts", serde_json::json!([500]), "json"),
        ("/columns/0/edges/0", 1e300.into(), "json"),
        ("/columns/0/edges", serde_json::json!([]), "json"),
        ("/columns/0/low", 1e6.into(), "json"),
        ("/columns/0/kind", "tensor".into(), "json"),
        ("/columns/1/name", "c0".into(), "invalid"),
        ("/columns/8/values/1", json["columns"][8]["values"][0].clone(), "json"),
        ("/score/counts/1", 1.into(), "invalid"),
        ("/contract/sha256", serde_json::Value::Null, "json"),
        ("/left_out", serde_json::json!({"x": "because"}), "json"),
    ];
    for (pointer, value, kind) in cases {
        let error = with(pointer, value.clone());
        assert_eq!(error.kind(), kind, "{pointer} {value}: {error}");
    }
    for bytes in [&b""[..], b"{", b"[]", b"null", b"\xff", b"{\"format\": \"tamis.window/1\"}"] {
        assert_eq!(Reference::from_json(bytes).unwrap_err().kind(), "json");
    }
    for at in 0..good.len() {
        assert!(Reference::from_json(&good.as_bytes()[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn other_counters_are_refused_by_name() {
    let mut source = Source::new(5);
    let (known, other) = (source.reference(500), source.reference(500));
    let mut ours = source.window(&known, 100, 1.0);
    let before = ours.clone();
    let theirs = source.window(&other, 100, 1.0);
    assert_eq!(ours.merge(&theirs), Err(DriftError::OtherColumn("c0".to_owned())));
    assert_eq!(Drift::compare(&known, &theirs, &Rules::default()).unwrap_err().kind(), "other_column");
    let mut theirs = before.clone();
    theirs.tables.contract.sha256 = "cd".repeat(32);
    let error = ours.merge(&theirs).unwrap_err();
    assert_eq!(error.kind(), "other_contract");
    assert!(error.to_string().contains("abababab") && error.to_string().contains("cdcdcdcd"), "{error}");
    let mut theirs = before.clone();
    theirs.tables.model = Some("c@1".to_owned());
    assert_eq!(ours.merge(&theirs), Ok(()));
    theirs.tables.model = Some("c@2".to_owned());
    assert_eq!(ours.merge(&theirs).unwrap_err().kind(), "other_model");
    let mut theirs = before.clone();
    theirs.tables.columns.pop();
    assert_eq!(before.clone().merge(&theirs), Err(DriftError::OtherColumn("c11".to_owned())));
    assert_eq!(theirs.merge(&before), Err(DriftError::OtherColumn("c11".to_owned())));
}

/// Counts of a number and of a text column, in the cells of one reference.
fn counts() -> impl Strategy<Value = Vec<(Option<f64>, usize)>> {
    let number = prop::option::weighted(0.9, (-60..60_i32).prop_map(|value| f64::from(value) / 4.0));
    prop::collection::vec((number, 0..4_usize), 0..200)
}

fn split(rows: &[(Option<f64>, usize)]) -> [Values; 2] {
    let texts = rows.iter().map(|(_, text)| ["x", "y", "z", "w"][*text]).collect();
    [Values::Numbers(rows.iter().map(|(number, _)| *number).collect()), Values::Texts(texts)]
}

/// So many records that are all alike.
pub(in crate::monitor) fn window_of(known: &Reference, records: usize) -> Window {
    window(known, &split(&vec![(Some(1.5), 0); records]), records as u64, 0)
}

pub(in crate::monitor) fn known() -> Reference {
    let mut source = Source::new(1);
    let rows: Vec<(Option<f64>, usize)> =
        (0..400).map(|at| ((at % 20 != 0).then(|| source.normal() * 5.0), at % 3)).collect();
    reference(&split(&rows), 480, 4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn merging_is_addition(rows in counts(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 2)) {
        let known = known();
        let count = |rows: &[(Option<f64>, usize)]| window(&known, &split(rows), rows.len() as u64, 0);
        let whole = count(&rows);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(rows.len() + 1)).collect();
        cuts.sort_unstable();
        let parts = [&rows[..cuts[0]], &rows[cuts[0]..cuts[1]], &rows[cuts[1]..]].map(count);
        let sum = |order: [usize; 3]| {
            let mut sum = Window { tables: known.tables.emptied() };
            for part in order {
                sum.merge(&parts[part]).unwrap();
            }
            sum
        };
        prop_assert_eq!(&sum([0, 1, 2]), &whole);
        prop_assert_eq!(&sum([2, 0, 1]), &whole);
        let (mut left, mut right) = (parts[0].clone(), parts[1].clone());
        left.merge(&parts[1]).unwrap();
        left.merge(&parts[2]).unwrap();
        right.merge(&parts[2]).unwrap();
        let mut first = parts[0].clone();
        first.merge(&right).unwrap();
        prop_assert_eq!(&left, &first);
        // And what was written is what is read.
        prop_assert_eq!(Window::from_json(whole.to_json().as_bytes()), Ok(whole));
    }

    #[test]
    fn a_window_is_like_itself(rows in counts()) {
        let known = known();
        let window = window(&known, &split(&rows), rows.len() as u64, 0);
        let drift = Drift::compare(&Reference::from(window.clone()), &window, &Rules::default()).unwrap();
        for column in drift.columns.iter().chain(&drift.score) {
            prop_assert!(column.psi == 0.0 && column.jensen_shannon == 0.0 && column.chi_square.0 < 1e-9);
            prop_assert!(column.p > 0.999_999, "{}", column.p);
            prop_assert!(column.ordered.is_none_or(|one| one.ks == 0.0 && one.wasserstein == 0.0 && one.ks_p == 1.0));
        }
        prop_assert!(drift.acceptance.effect == 0.0 && drift.acceptance.p > 0.999_999);
        prop_assert!(!drift.is_drift());
    }

    #[test]
    fn which_side_is_which_does_not_matter(left in counts(), right in counts()) {
        let known = known();
        let side = |rows: &[(Option<f64>, usize)]| window(&known, &split(rows), rows.len() as u64 + 3, 0);
        let (left, right) = (side(&left), side(&right));
        let one = Drift::compare(&Reference::from(left.clone()), &right, &Rules::default()).unwrap();
        let other = Drift::compare(&Reference::from(right), &left, &Rules::default()).unwrap();
        for (one, other) in one.columns.iter().zip(&other.columns) {
            let near = |one: f64, other: f64| (one - other).abs() < 1e-12;
            prop_assert!(near(one.psi, other.psi) && near(one.jensen_shannon, other.jensen_shannon));
            prop_assert!(near(one.psi_critical, other.psi_critical) && near(one.p, other.p));
            if let (Some(one), Some(other)) = (one.ordered, other.ordered) {
                prop_assert!(near(one.ks, other.ks) && near(one.ks_p, other.ks_p));
                prop_assert!(near(one.wasserstein, other.wasserstein));
            }
            prop_assert!((0.0..=1.0).contains(&one.jensen_shannon) && one.psi >= 0.0);
        }
        prop_assert!((one.acceptance.p - other.acceptance.p).abs() < 1e-9);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        let _ = Reference::from_json(&bytes);
        let mut json = known().to_json().into_bytes();
        let at = at.index(json.len());
        json[at] = bytes.first().copied().unwrap_or(b'9');
        if let Ok(reference) = Reference::from_json(&json) {
            let window = Window { tables: reference.tables.clone() };
            let drift = Drift::compare(&reference, &window, &Rules::default());
            prop_assert!(drift.is_ok_and(|drift| !drift.is_drift()));
        }
    }
}
