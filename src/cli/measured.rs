//! Figures and curves as files that DVC, or a spreadsheet, reads.

use super::output::Files;
use crate::evaluation::{Estimate, Evaluation, Ranking, Run, curve};
use crate::quality::Summary;
use anyhow::{Context, Result};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::path::Path;

/// Writes one flat JSON object, into a folder that is made if it is not there.
pub(super) fn write(path: &Path, figures: &Json) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files = Files::new(folder)?;
    let id = files.add(path.file_name().with_context(|| format!("{} names no file", path.display()))?)?;
    files.write(id, format!("{figures:#}\n").as_bytes())?;
    files.finish()
}

/// The counts of a batch.
pub(super) fn of_batch(summary: &Summary) -> Json {
    json!({
        "records": summary.records(),
        "accepted": summary.accepted(),
        "rejected": summary.rejected(),
        "repaired": summary.repaired(),
        "acceptance_rate": summary.acceptance_rate(),
    })
}

/// The figures of an evaluation, each with its interval; what cannot be told is left out, for `null` is no metric.
pub(super) fn of_evaluation(found: &Evaluation) -> Json {
    let mut figures = json!({
        "labelled": found.rows,
        "outliers": found.outliers,
        "flagged": found.flagged,
    });
    let mut add = |name: &str, estimate: Option<Estimate>| {
        if let (Json::Object(figures), Some(estimate)) = (&mut figures, estimate) {
            figures.insert(name.to_owned(), json!(estimate.mean));
            if let Some((low, high)) = estimate.interval {
                figures.insert(format!("{name}_low"), json!(low));
                figures.insert(format!("{name}_high"), json!(high));
            }
        }
    };
    add("auroc", Some(found.auroc));
    add("average_precision", Some(found.average_precision));
    add("precision", found.precision);
    add("recall", Some(found.recall));
    figures
}

/// Bins of the decision function over [-1, 1], where those of all forests lie.
const BINS: u32 = 40;

/// Writes the curves of one model's run as tables: the ROC, precision over recall, and a histogram of decisions.
pub(super) fn plots(folder: &Path, run: &Run, labels: &[bool]) -> Result<()> {
    let mut files = Files::new(folder)?;
    let points = curve(&Ranking::new(&run.oddness), labels);
    let mut roc = "false_alarms,recall\n0,0\n".to_owned();
    let mut precision = "recall,precision\n".to_owned();
    for point in points {
        // Writing to a String cannot fail.
        let _ = writeln!(roc, "{},{}", point.false_alarms, point.recall);
        let _ = writeln!(precision, "{},{}", point.recall, point.precision);
    }
    for (name, table) in
        [("roc.csv", roc), ("precision_recall.csv", precision), ("decisions.csv", decisions(run, labels))]
    {
        let file = files.add(name)?;
        files.write(file, table.as_bytes())?;
    }
    files.finish()
}

/// How many usual rows and how many outliers have a decision from here on; a decision below zero is flagged.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the bins")]
fn decisions(run: &Run, labels: &[bool]) -> String {
    let mut counts = vec![[0_u64; 2]; BINS as usize];
    for (oddness, label) in run.oddness.iter().zip(labels) {
        let bin = ((1.0 - oddness) / 2.0 * f64::from(BINS)).clamp(0.0, f64::from(BINS - 1)) as usize;
        if let Some(count) = counts.get_mut(bin).and_then(|counts| counts.get_mut(usize::from(*label))) {
            *count += 1;
        }
    }
    let mut table = "decision,usual,outliers\n".to_owned();
    for (bin, [usual, outliers]) in (0..BINS).zip(counts) {
        if usual + outliers > 0 {
            let from = f64::from(bin) / f64::from(BINS) * 2.0 - 1.0;
            // Writing to a String cannot fail.
            let _ = writeln!(table, "{from:.2},{usual},{outliers}");
        }
    }
    table
}
