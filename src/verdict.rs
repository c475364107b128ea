//! What Tamis says of one record, and its wire form: the same bytes from the command line, the edge and the browser.

use crate::contract::Contract;
pub use crate::forest::Side;
use crate::mask::{Masked, write_number, write_text};
use crate::score::{Model, Score, narrow};
use crate::validate::Violation;

/// Whether a record may enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It keeps the contract, perhaps after repairs.
    Accepted,
    /// It does not.
    Rejected,
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// How odd an accepted record is.
#[derive(Clone, Debug, PartialEq)]
pub struct Anomaly {
    /// The model's numbers.
    pub score: Score,
    /// The share of the training rows that scored lower, in per cent, to four places, rounded down; none where the model
    /// does not carry the scores of its training.
    pub percentile: Option<f64>,
    /// Features that make the record odd, the largest share first.
    pub reasons: Vec<Reason>,
}

/// A feature that makes a record odd.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Its name.
    pub feature: String,
    /// Its part of all shortening of the path, in (0, 1]; the shares of a record sum to 1.
    pub share: f64,
    /// Where the value lies among the others.
    pub side: Side,
    /// The share of the training rows below the value (above it, for one that stands below the others: 1 − that), in
    /// \[0, 1\]; none where the value is missing or the model does not carry the values of its training.
    pub quantile: Option<f64>,
}

/// How many reasons a verdict gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Explain {
    /// The three largest, for flagged records alone.
    #[default]
    Flagged,
    /// Up to so many, for every scored record.
    Every(usize),
}

impl Explain {
    const FLAGGED: usize = 3;

    /// Scores a row of features and explains the score.
    ///
    /// None where the engine fails on a row of the right width, as only a foreign graph can: the record is then unscored.
    pub(crate) fn anomaly(self, model: &Model, names: &[String], row: &[f32]) -> Option<Anomaly> {
        let score = model.score(row).ok()?;
        let count = self.count(score);
        let reasons = if count == 0 { Vec::new() } else { model.explain(row, count) };
        Some(explained(model, names, |at| row.get(at).copied(), reasons, score))
    }

    /// The same for a row in 64 bits.
    pub(crate) fn anomaly_of_doubles(self, model: &Model, names: &[String], row: &[f64]) -> Option<Anomaly> {
        Some(self.of_score(model, names, row, *model.score_doubles(row).ok()?.first()?))
    }

    /// Explains the score of a row in 64 bits.
    pub(crate) fn of_score(self, model: &Model, names: &[String], row: &[f64], score: Score) -> Anomaly {
        let count = self.count(score);
        let reasons = if count == 0 { Vec::new() } else { model.explain_doubles(row, count) };
        explained(model, names, |at| row.get(at).copied().map(narrow), reasons, score)
    }

    /// How many reasons it is to be at most.
    fn count(self, score: Score) -> usize {
        match self {
            Self::Every(count) => count,
            Self::Flagged if score.flagged => Self::FLAGGED,
            Self::Flagged => 0,
        }
    }
}

/// What a model says of a row, and why; the row's value at a position tells how common it is.
fn explained(
    model: &Model,
    names: &[String],
    value: impl Fn(usize) -> Option<f32>,
    reasons: Vec<crate::forest::Reason>,
    score: Score,
) -> Anomaly {
    let reason = |found: crate::forest::Reason| {
        let feature = names.get(found.feature).cloned().unwrap_or_default();
        let value = value(found.feature).filter(|value| !value.is_nan());
        let seen = model.metadata().feature_quantiles.get(found.feature).and_then(Option::as_ref);
        let quantile = seen.zip(value).map(|(seen, value)| match found.side {
            Side::Below => seen.up_to(value),
            _ => seen.below(value),
        });
        Reason { feature, share: found.share, side: found.side, quantile: quantile.map(|share| rounded(share, 1e6)) }
    };
    let seen = model.metadata().score_quantiles.as_ref();
    let percentile = seen.zip(score.score).map(|(seen, score)| rounded(100.0 * seen.below_score(score), 1e4));
    Anomaly { reasons: reasons.into_iter().map(reason).collect(), percentile, score }
}

/// The verdict up to the anomaly: all of it that is known before a model is.
pub struct Head<'v> {
    pub(crate) line: u64,
    pub(crate) source: Option<&'v str>,
    pub(crate) status: Status,
    pub(crate) record: Option<&'v Masked>,
    pub(crate) violations: &'v [Violation],
}

impl Head<'_> {
    pub(crate) fn write(&self, contract: &Contract, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"line\":");
        out.extend_from_slice(self.line.to_string().as_bytes());
        if let Some(source) = self.source {
            out.extend_from_slice(b",\"source\":");
            write_text(source, out);
        }
        out.extend_from_slice(b",\"id\":");
        match self.record.zip(contract.id).and_then(|(record, id)| Some((record, record.value(id)?))) {
            Some((record, value)) => record.write_scalar(value, out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"status\":\"");
        out.extend_from_slice(self.status.name().as_bytes());
        out.extend_from_slice(b"\",\"record\":");
        match self.record {
            Some(record) => record.write_json(out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"repairs\":[");
        for (index, repair) in self.record.map_or(&[][..], |record| &record.repairs).iter().enumerate() {
            out.extend_from_slice(if index > 0 { b",{\"path\":" } else { b"{\"path\":" });
            write_text(repair.place.pointer(contract), out);
            out.extend_from_slice(b",\"code\":\"");
            out.extend_from_slice(repair.code.as_bytes());
            out.extend_from_slice(b"\"}");
        }
        out.extend_from_slice(b"],\"violations\":[");
        for (index, violation) in self.violations.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_violation(violation, contract, out);
        }
        out.push(b']');
    }
}

fn write_violation(violation: &Violation, contract: &Contract, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"path\":");
    write_text(violation.place.pointer(contract), out);
    out.extend_from_slice(b",\"code\":");
    write_text(violation.code(contract), out);
    out.extend_from_slice(b",\"message\":");
    write_text(&violation.message(contract), out);
    out.extend_from_slice(b",\"expected\":");
    write_text(&violation.expected(contract), out);
    if let Some(byte) = violation.byte() {
        out.extend_from_slice(format!(",\"byte\":{byte}").as_bytes());
    }
    if violation.severity(contract) == crate::contract::Severity::Warn {
        out.extend_from_slice(b",\"severity\":\"warn\"");
    }
    out.push(b'}');
}

/// Writes the rest of a verdict behind its head, and the end of the line.
pub(crate) fn write_tail(anomaly: Option<&Anomaly>, model: Option<&str>, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"anomaly\":");
    match anomaly {
        None => out.extend_from_slice(b"null"),
        Some(anomaly) => {
            out.extend_from_slice(b"{\"score\":");
            write_number(anomaly.score.score.unwrap_or(f64::NAN), out);
            out.extend_from_slice(b",\"decision\":");
            write_number(anomaly.score.decision, out);
            out.extend_from_slice(if anomaly.score.flagged { b",\"flagged\":true" } else { b",\"flagged\":false" });
            write_why(anomaly, out);
            out.push(b'}');
        }
    }
    out.extend_from_slice(b",\"model\":");
    match model {
        Some(model) => write_text(model, out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b"}\n");
}

/// Writes the percentile and the reasons.
pub(crate) fn write_why(anomaly: &Anomaly, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"percentile\":");
    write_number(anomaly.percentile.unwrap_or(f64::NAN), out);
    out.extend_from_slice(b",\"reasons\":[");
    for (index, reason) in anomaly.reasons.iter().enumerate() {
        out.extend_from_slice(if index > 0 { b",{\"feature\":" } else { b"{\"feature\":" });
        write_text(&reason.feature, out);
        out.extend_from_slice(b",\"share\":");
        write_number(reason.share, out);
        out.extend_from_slice(b",\"side\":");
        write_text(reason.side.name(), out);
        out.extend_from_slice(b",\"quantile\":");
        write_number(reason.quantile.unwrap_or(f64::NAN), out);
        out.push(b'}');
    }
    out.push(b']');
}

/// Rounded down to so many parts of one: a value that was exceeded once must not be said to be above all.
fn rounded(value: f64, parts: f64) -> f64 {
    libm::floor(value * parts) / parts
}
