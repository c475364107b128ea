//! A window held against its reference.

use super::cells::Cells;
use super::column::Column;
use super::error::DriftError;
use super::multiplicity::adjusted;
use super::plan::LeftOut;
use super::reference::Reference;
use super::rules::{Rules, Verdict};
use super::window::Window;
use super::{chi_square, jensen_shannon, kolmogorov, proportion, psi, wasserstein};
use crate::onnx::ContractRef;

/// How a window differs from its reference: by column, in its scores, and in its rates.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The rules by which the verdicts were given.
    pub rules: Rules,
    /// The contract of both sides.
    pub contract: ContractRef,
    /// The model that scored, by its name.
    pub model: Option<String>,
    /// Records read on the two sides.
    pub records: (u64, u64),
    /// The columns, in the reference's order.
    pub columns: Vec<ColumnDrift>,
    /// Fields that records show and that have no column, and why.
    pub left_out: Vec<(String, LeftOut)>,
    /// The scores, where both sides have them.
    pub score: Option<ColumnDrift>,
    /// Accepted of all records.
    pub acceptance: RateDrift,
    /// Flagged of the scored records, where both sides have scores.
    pub anomalies: Option<RateDrift>,
    /// The gravest of all verdicts.
    pub verdict: Verdict,
}

/// How one column differs.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDrift {
    /// The reference's counts.
    pub reference: Column,
    /// The window's counts, in the same cells.
    pub current: Vec<u64>,
    /// The cells over which the index and the chi-square test are computed.
    pub cells: Cells,
    /// The population stability index.
    pub psi: f64,
    /// What the index exceeds without drift in a share `alpha` of windows.
    pub psi_critical: f64,
    /// The Jensen-Shannon distance in \[0, 1\].
    pub jensen_shannon: f64,
    /// What only numbers have.
    pub ordered: Option<Ordered>,
    /// Pearson's statistic and its degrees of freedom.
    pub chi_square: (f64, usize),
    /// The chance of so great a statistic without drift.
    pub chi_square_p: f64,
    /// The greater of that chance and the index's own: by simulation the statistic alone errs a half too often in
    /// windows of 50 to 200, where a cell may hold five records, and the index errs too seldom.
    pub p: f64,
    /// The same, corrected for all that was tested at once; 1 where there are too few records.
    pub adjusted: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// Distances of two samples of numbers, missing ones left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ordered {
    /// The Kolmogorov-Smirnov statistic over the bins, in \[0, 1\].
    pub ks: f64,
    /// An upper bound of its p-value.
    pub ks_p: f64,
    /// The Wasserstein-1 distance over the bins, in the column's unit.
    pub wasserstein: f64,
    /// The same in standard deviations of the reference; 0 where that has none.
    pub wasserstein_sd: f64,
}

/// How a rate differs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateDrift {
    /// Part and whole of the reference.
    pub reference: (u64, u64),
    /// Part and whole of the window.
    pub current: (u64, u64),
    /// Wilson's interval of the window's rate at 95 %.
    pub interval: (f64, f64),
    /// Cohen's h; negative where the window's rate is lower.
    pub effect: f64,
    /// The chance of so great a difference without drift: the test of two proportions, Fisher's exact one for few.
    pub p: f64,
    /// The same, corrected for all that was tested at once; 1 where there are too few records.
    pub adjusted: f64,
    /// What follows.
    pub verdict: Verdict,
}

impl Drift {
    /// Holds a window against its reference.
    ///
    /// # Errors
    /// Where the window was not counted in the reference's bins, or a rule is out of its range.
    pub fn compare(reference: &Reference, window: &Window, rules: &Rules) -> Result<Self, DriftError> {
        rules.check()?;
        let (ours, theirs) = (&reference.tables, &window.tables);
        ours.like(theirs)?;
        let column = |(ours, theirs): (&Column, &Column)| ColumnDrift::of(ours, theirs.counts(), rules);
        let scores = ours.score.as_ref().zip(theirs.score.as_ref()).filter(|_| theirs.scored > 0);
        let mut drift = Self {
            rules: *rules,
            contract: ours.contract.clone(),
            model: ours.model.clone().or_else(|| theirs.model.clone()),
            records: (ours.records, theirs.records),
            left_out: reference.left_out().map(|(name, reason)| (name.to_owned(), reason)).collect(),
            columns: ours.columns.iter().zip(&theirs.columns).map(column).collect(),
            anomalies: scores.map(|_| RateDrift::of((ours.flagged, ours.scored), (theirs.flagged, theirs.scored))),
            score: scores.map(column),
            acceptance: RateDrift::of((ours.accepted, ours.records), (theirs.accepted, theirs.records)),
            verdict: Verdict::TooFew,
        };
        drift.judge();
        Ok(drift)
    }

    /// Corrects for all that is tested at once, and gives the verdicts.
    fn judge(&mut self) {
        let rules = self.rules;
        let columns = self.columns.iter_mut().chain(&mut self.score);
        let mut tested: Vec<&mut dyn Tested> = columns.map(|column| column as &mut dyn Tested).collect();
        tested.push(&mut self.acceptance);
        tested.extend(self.anomalies.as_mut().map(|rate| rate as &mut dyn Tested));
        tested.retain(|one| one.records() >= rules.min_records);
        let p: Vec<f64> = tested.iter().map(|one| one.p()).collect();
        for (one, adjusted) in tested.iter_mut().zip(adjusted(&p)) {
            one.judge(adjusted, &rules);
        }
        let verdicts = tested.iter().map(|one| one.verdict());
        self.verdict = verdicts.max_by_key(|verdict| *verdict as u8).unwrap_or(Verdict::TooFew);
    }

    /// Whether anything drifted.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        self.verdict == Verdict::Drift
    }

    /// What drifted: the columns by their names, then `score`, `acceptance` and `anomalies`.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let columns = self.columns.iter().chain(&self.score);
        let named = columns.map(|column| (column.reference.name(), column.verdict));
        let rates = [("acceptance", Some(self.acceptance)), ("anomalies", self.anomalies)];
        let rates = rates.into_iter().filter_map(|(name, rate)| Some((name, rate?.verdict)));
        named.chain(rates).filter(|(_, verdict)| *verdict == Verdict::Drift).map(|(name, _)| name).collect()
    }
}

impl ColumnDrift {
    fn of(reference: &Column, current: &[u64], rules: &Rules) -> Self {
        let counts = reference.counts();
        let cells = Cells::joined(reference.bins(), counts, current);
        let (statistic, chi_square_p) = chi_square::test(&cells);
        let psi = psi::psi(&cells);
        let ordered = reference.bins().representatives().map(|points| {
            let cells = points.len();
            Ordered::of(&points, counts.get(..cells).unwrap_or_default(), current.get(..cells).unwrap_or_default())
        });
        Self {
            psi,
            psi_critical: psi::critical(&cells, rules.alpha),
            jensen_shannon: jensen_shannon::distance(counts, current),
            ordered,
            chi_square: (statistic, cells.len().saturating_sub(1)),
            chi_square_p,
            p: psi::p_value(psi, &cells).max(chi_square_p),
            adjusted: 1.0,
            verdict: Verdict::TooFew,
            reference: reference.clone(),
            current: current.to_vec(),
            cells,
        }
    }

    /// Records of the two sides.
    #[must_use]
    pub fn records(&self) -> (u64, u64) {
        (self.reference.total(), self.current.iter().sum())
    }
}

impl Ordered {
    fn of(points: &[f64], reference: &[u64], current: &[u64]) -> Self {
        let ks = kolmogorov::statistic(reference, current);
        let wasserstein = wasserstein::distance(points, reference, current);
        let deviation = wasserstein::deviation(points, reference);
        Self {
            ks,
            ks_p: kolmogorov::p_value(ks, reference.iter().sum(), current.iter().sum()),
            wasserstein,
            wasserstein_sd: if deviation > 0.0 { wasserstein / deviation } else { 0.0 },
        }
    }
}

impl RateDrift {
    fn of(reference: (u64, u64), current: (u64, u64)) -> Self {
        Self {
            reference,
            current,
            interval: proportion::wilson(current),
            effect: proportion::effect(reference, current),
            p: proportion::p_value(reference, current),
            adjusted: 1.0,
            verdict: Verdict::TooFew,
        }
    }

    /// The rates of the two sides, in \[0, 1\].
    #[must_use]
    pub fn rates(&self) -> (f64, f64) {
        (proportion::share(self.reference), proportion::share(self.current))
    }
}

/// What is tested together with others.
trait Tested {
    /// Records of the smaller side.
    fn records(&self) -> u64;
    fn p(&self) -> f64;
    fn verdict(&self) -> Verdict;
    fn judge(&mut self, adjusted: f64, rules: &Rules);
}

fn verdict(sure: bool, large: bool) -> Verdict {
    match (sure, large) {
        (true, true) => Verdict::Drift,
        (true, false) => Verdict::Slight,
        (false, _) => Verdict::Stable,
    }
}

impl Tested for ColumnDrift {
    fn records(&self) -> u64 {
        let (reference, current) = self.records();
        reference.min(current)
    }

    fn p(&self) -> f64 {
        self.p
    }

    fn verdict(&self) -> Verdict {
        self.verdict
    }

    fn judge(&mut self, adjusted: f64, rules: &Rules) {
        self.adjusted = adjusted;
        self.verdict = verdict(adjusted <= rules.alpha, self.psi > rules.min_psi);
    }
}

impl Tested for RateDrift {
    fn records(&self) -> u64 {
        self.reference.1.min(self.current.1)
    }

    fn p(&self) -> f64 {
        self.p
    }

    fn verdict(&self) -> Verdict {
        self.verdict
    }

    fn judge(&mut self, adjusted: f64, rules: &Rules) {
        self.adjusted = adjusted;
        self.verdict = verdict(adjusted <= rules.alpha, libm::fabs(self.effect) > rules.min_effect);
    }
}
