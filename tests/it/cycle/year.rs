//! A year in minutes: orders whose defects, prices and frauds change at known days.
//!
//! `TAMIS_SEEDS=20 cargo test --release --test it cycle::year -- --nocapture` plays twenty years and prints what each
//! trigger found, how late, and how often it cried wolf; without the variable one is played.

use super::bench::{Bench, turn};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::fmt::Write;
use tamis::generate::{Orders, Params, orders};

const DAYS: usize = 365;
/// What changes, and when: the supplier's export breaks for three days; for a month twice as many are refused; prices rise for
/// good; frauds become six times as many for a month.
const BROKEN: std::ops::Range<usize> = 150..153;
const WORSE: std::ops::Range<usize> = 210..240;
const PRICES: usize = 90;
const FRAUD: std::ops::Range<usize> = 280..310;
/// Days after a change in which what calls is taken for its effect: those of the training window, which holds records of
/// both kinds for so long, and of the cooldown.
const AFTER: usize = 28;

/// The orders of one shop: the same customers all year.
struct Shop {
    random: Xoshiro256PlusPlus,
    orders: Orders,
    /// Orders that came and are still to be had: usual ones, odd ones, and such as must be refused.
    waiting: [VecDeque<(String, Json)>; 3],
}

/// What an order is, by the truth about it.
#[derive(Clone, Copy)]
enum Kind {
    Usual,
    Odd,
    Refused,
}

impl Shop {
    fn open(seed: u64) -> Self {
        let params = Params { rows: 600_000, seed, defects: 0.25, anomalies: 0.03 };
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self { random, orders: orders(&params).unwrap(), waiting: Default::default() }
    }

    fn unit(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// The next order of a kind.
    fn next(&mut self, kind: Kind) -> (String, Json) {
        loop {
            if let Some(order) = self.waiting[kind as usize].pop_front() {
                return order;
            }
            let row = self.orders.next().unwrap();
            let truth: Json = serde_json::from_str(&row.truth).unwrap();
            // Of two with the same id, the other may be in another day's batch.
            if row.truth.contains("duplicate") {
                continue;
            }
            let kind = match (truth["status"] == "accepted", truth["anomaly"] == true) {
                (false, _) => Kind::Refused,
                (true, true) => Kind::Odd,
                (true, false) => Kind::Usual,
            };
            let waiting = &mut self.waiting[kind as usize];
            if waiting.len() < 5000 {
                waiting.push_back((row.line, truth));
            }
        }
    }

    /// The orders of a day, and the truth about the accepted ones.
    fn day(&mut self, day: usize, records: &mut String, labels: &mut String) {
        // Ordinary days differ: in size by the day of the week, in defects by a factor, in prices with the season.
        let rows = (600.0 * (1.0 + 0.3 * ((day % 7) as f64 / 7.0 - 0.5)) * (0.1 * self.normal()).exp()) as usize;
        let base = if BROKEN.contains(&day) {
            0.2
        } else if WORSE.contains(&day) {
            0.12
        } else {
            0.06
        };
        let refused = base * (0.2 * self.normal() - 0.02).exp();
        let odd = if FRAUD.contains(&day) { 0.06 } else { 0.01 };
        let season = 1.0 + 0.05 * (std::f64::consts::TAU * day as f64 / 365.0).sin();
        let prices = season * if day >= PRICES { 1.7 } else { 1.0 };
        for _ in 0..rows {
            let kind = if self.unit() < refused {
                Kind::Refused
            } else if self.unit() < odd {
                Kind::Odd
            } else {
                Kind::Usual
            };
            let (mut line, truth) = self.next(kind);
            if truth["status"] == "accepted" {
                if let Ok(mut order) = serde_json::from_str::<Json>(&line)
                    && let Some(price) = order["unit_price"].as_f64()
                {
                    order["unit_price"] = ((price * prices * 100.0).round() / 100.0).into();
                    line = order.to_string();
                }
                writeln!(labels, "{{\"id\": {}, \"outlier\": {}}}", truth["id"], truth["anomaly"]).unwrap();
            }
            records.push_str(&line);
            records.push('\n');
        }
    }
}

fn date(day: usize) -> String {
    let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut left, mut month) = (day, 0);
    while left >= months[month] {
        left -= months[month];
        month += 1;
    }
    format!("2025-{:02}-{:02}", month + 1, left + 1)
}

/// What a year showed.
#[derive(Default)]
struct Found {
    /// For each trigger the days on which it called.
    acceptance: Vec<usize>,
    anomaly: Vec<usize>,
    drift: Vec<usize>,
    /// Trainings: the day, the champion's area on the rows held out, the challenger's, whether it was promoted.
    trainings: Vec<(usize, Option<f64>, f64, bool)>,
}

fn year(seed: u64) -> Found {
    let bench = Bench::new();
    let mut shop = Shop::open(seed);
    let mut labels = String::new();
    for day in 0..DAYS {
        let mut records = String::new();
        shop.day(day, &mut records, &mut labels);
        bench.put(&format!("{}.ndjson", date(day)), records);
    }
    let labels = crate::common::file(bench.folder.path(), "labels.ndjson", labels);
    let mut command = bench.cycle();
    // A window of three weeks: a model that is trained after a change soon knows nothing else.
    command.arg("--labels").arg(&labels).args(["--window-days", "21", "--max-age", "45"]);
    let (_, report) = turn(&mut command);
    let batches = report["batches"].as_array().unwrap();
    assert_eq!(batches.len(), DAYS);
    let mut found = Found::default();
    for (day, batch) in batches.iter().enumerate() {
        for finding in batch["findings"].as_array().unwrap().iter().filter(|finding| finding["fired"] == true) {
            match finding["trigger"].as_str().unwrap() {
                "acceptance" => found.acceptance.push(day),
                "anomaly" => found.anomaly.push(day),
                "drift" => found.drift.push(day),
                _ => {}
            }
        }
        let training = &batch["training"];
        if let Some(area) = training["evidence"]["challenger"].as_f64() {
            let before = training["evidence"]["paired"]["first"].as_f64();
            found.trainings.push((day, before, area, training["promoted"] == true));
        }
    }
    found
}

/// Calls within a change and shortly after it, the days until the first, and the calls outside all changes.
struct Tally {
    name: &'static str,
    changes: Vec<(&'static str, std::ops::Range<usize>)>,
    delays: Vec<Vec<usize>>,
    false_alarms: Vec<usize>,
}

impl Tally {
    fn new(name: &'static str, changes: &[(&'static str, std::ops::Range<usize>)]) -> Self {
        Self { name, changes: changes.to_vec(), delays: vec![Vec::new(); changes.len()], false_alarms: Vec::new() }
    }

    fn count(&mut self, calls: &[usize]) {
        for ((_, range), delays) in self.changes.iter().zip(&mut self.delays) {
            delays.extend(calls.iter().find(|day| range.contains(day)).map(|day| day - range.start));
        }
        let within =
            |day: &&usize| self.changes.iter().any(|(_, range)| (range.start..range.end + AFTER).contains(*day));
        self.false_alarms.push(calls.iter().filter(|day| !within(day)).count());
    }

    fn print(&self, years: usize) {
        for ((what, _), delays) in self.changes.iter().zip(&self.delays) {
            let mut sorted = delays.clone();
            sorted.sort_unstable();
            let mean = delays.iter().sum::<usize>() as f64 / delays.len().max(1) as f64;
            println!(
                "{:<10} {what}: found in {} of {years} years, after {mean:.1} days on average, {:?} at most",
                self.name,
                delays.len(),
                sorted.last()
            );
        }
        let all: usize = self.false_alarms.iter().sum();
        let worst = self.false_alarms.iter().max().unwrap();
        println!("{:<10} false alarms: {:.2} a year, {worst} in the worst", self.name, all as f64 / years as f64);
    }
}

#[test]
fn a_year_is_watched() {
    let years: usize = std::env::var("TAMIS_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let begun = std::time::Instant::now();
    let mut acceptance = Tally::new("acceptance", &[("a broken export", BROKEN), ("twice as many refused", WORSE)]);
    let mut anomaly = Tally::new("anomaly", &[("other prices", PRICES..PRICES + 30), ("frauds", FRAUD)]);
    let mut drift = Tally::new("drift", &[("other prices", PRICES..PRICES + 30)]);
    let (mut before, mut after, mut promoted, mut trained) = (Vec::new(), Vec::new(), 0, 0);
    for seed in 0..years as u64 {
        let found = year(1000 + seed);
        println!(
            "seed {seed}: acceptance {:?}, anomaly {:?}, drift {:?}",
            found.acceptance, found.anomaly, found.drift
        );
        acceptance.count(&found.acceptance);
        anomaly.count(&found.anomaly);
        drift.count(&found.drift);
        trained += found.trainings.len();
        promoted += found.trainings.iter().filter(|training| training.3).count();
        // The first model that was trained after the prices changed, against the one that knew the old ones.
        let training = found.trainings.iter().find(|training| training.0 >= PRICES && training.3).unwrap();
        before.extend(training.1);
        after.push(training.2);
    }
    let mean = |areas: &[f64]| areas.iter().sum::<f64>() / areas.len().max(1) as f64;
    acceptance.print(years);
    anomaly.print(years);
    drift.print(years);
    println!(
        "trainings: {:.1} a year, of which {:.1} were promoted",
        trained as f64 / years as f64,
        promoted as f64 / years as f64
    );
    println!(
        "AUROC against the truth after prices changed: {:.4} before retraining, {:.4} after",
        mean(&before),
        mean(&after)
    );
    println!("{years} years in {:?}", begun.elapsed());
    assert_eq!(acceptance.delays[0].len(), years, "a broken export was not found");
    assert!(acceptance.delays[0].iter().all(|delay| *delay == 0));
    assert_eq!(drift.delays[0].len(), years, "other prices were not found");
    assert!(acceptance.false_alarms.iter().all(|alarms| *alarms <= 6));
    assert!(mean(&after) >= mean(&before) - 0.02);
}
