//! What the triggers say of a batch, and whether a challenger is called for.

use super::clock;
use super::event::{ColumnFinding, Judged, Reason};
use super::settings::Settings;
use super::story::{Story, Told};
use crate::monitor::control::Past;
use crate::monitor::drift::{ColumnDrift, Drift};
use crate::monitor::trigger::{self, Finding, Trigger};

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// Judges the batch that was taken last; `drift` compares it with the champion's reference.
pub(super) fn judge(story: &Story, told: &Told, drift: Option<&Drift>, settings: &Settings) -> Judged {
    let batch = &told.batch;
    let mut findings = Vec::new();
    let past = |past: &std::collections::VecDeque<Past>| past.iter().copied().collect::<Vec<Past>>();
    if settings.has(Trigger::Acceptance) && batch.refused.records > 0 {
        findings.push(trigger::acceptance(&past(&story.acceptance), &batch.refused, settings.alpha));
    }
    if let Some(flagged) = batch.flagged.filter(|flagged| settings.has(Trigger::Anomaly) && flagged.records > 0) {
        findings.push(trigger::anomaly(&past(&story.anomaly), &flagged, settings.anomaly_alpha));
    }
    let mut verdict = None;
    if let Some(drift) = drift.filter(|_| settings.has(Trigger::Drift)) {
        let (finding, found) = trigger::drift(drift, &mut story.hysteresis.clone());
        findings.push(finding);
        verdict = Some(found);
    }
    let now = clock::read(&batch.moment);
    let since = now.zip(story.last_training_seconds());
    if story.champion().is_some() {
        if settings.has(Trigger::Records) {
            findings.push(trigger::records(story.since, settings.new_records));
        }
        if let Some((now, last)) = since.filter(|_| settings.has(Trigger::Age)) {
            findings.push(trigger::age(last, now, settings.max_age));
        }
    }
    let train = called_for(story, told, &findings, since, settings);
    let columns = drift.map(columns).unwrap_or_default();
    Judged { batch: batch.id.clone(), findings, drift: verdict, columns, train }
}

/// Why a challenger is called for.
fn called_for(
    story: &Story,
    told: &Told,
    findings: &[Finding],
    since: Option<(i64, i64)>,
    settings: &Settings,
) -> Vec<Reason> {
    if story.champion().is_none() {
        return vec![Reason::First];
    }
    if told.batch.model.is_none() {
        return vec![Reason::Contract];
    }
    #[allow(clippy::cast_precision_loss, reason = "seconds of some years")]
    let resting = since.is_some_and(|(now, last)| ((now - last) as f64) < settings.cooldown * DAY);
    if resting {
        return Vec::new();
    }
    findings.iter().filter(|finding| finding.fired).map(|finding| Reason::Trigger(finding.trigger)).collect()
}

fn columns(drift: &Drift) -> Vec<ColumnFinding> {
    let column = |column: &ColumnDrift| ColumnFinding {
        name: column.reference.name().to_owned(),
        psi: column.psi,
        critical: column.psi_critical,
        verdict: column.verdict,
    };
    drift.columns.iter().map(column).collect()
}
