//! The records are no longer like those that the champion was trained on.

use super::{Finding, Trigger};
use crate::monitor::drift::{ColumnDrift, Drift, Hysteresis, Verdict};

/// Takes the comparison of a batch with the champion's reference. One odd batch is not enough: the hysteresis decides.
///
/// The rates are left to the charts of [`acceptance`](super::acceptance()) and [`anomaly`](super::anomaly()), which know
/// how much they differ from batch to batch; here columns count alone. The scores do not: those of a reference come from
/// forests of parts of the training rows, whose scale is a little another than that of the forest of all of them.
#[must_use]
pub fn drift(found: &Drift, hysteresis: &mut Hysteresis) -> (Finding, Verdict) {
    let columns: Vec<&ColumnDrift> = found.columns.iter().collect();
    let drifted: Vec<&str> = columns
        .iter()
        .filter(|column| column.verdict == Verdict::Drift)
        .map(|column| column.reference.name())
        .collect();
    let verdict =
        columns.iter().map(|column| column.verdict).max_by_key(|verdict| gravity(*verdict)).unwrap_or(Verdict::TooFew);
    let fired = hysteresis.see(verdict);
    let words = match (verdict, drifted.as_slice()) {
        (Verdict::TooFew, _) => "too few records to compare".to_owned(),
        (_, []) => format!("none of {} columns drifted", columns.len()),
        (_, names) => {
            let when = if fired { ", and again within a few batches" } else { "" };
            format!("{} of {} columns drifted: {}{when}", names.len(), columns.len(), names.join(", "))
        }
    };
    #[allow(clippy::cast_precision_loss, reason = "a count of columns")]
    let value = drifted.len() as f64;
    (Finding { trigger: Trigger::Drift, fired, value, low: None, high: Some(0.0), words }, verdict)
}

fn gravity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::TooFew => 0,
        Verdict::Stable => 1,
        Verdict::Slight => 2,
        Verdict::Drift => 3,
    }
}
