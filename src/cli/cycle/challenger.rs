//! A challenger: trained on the window without the rows held out, measured on those beside the champion.

use super::super::train;
use super::Turn;
use super::event::{Reason, Trained};
use super::window::{Rows, TrainingWindow};
use crate::evaluation::{area, paired, stability, wilson};
use crate::forest::Matrix;
use crate::monitor::control::{Blocks, Observed};
use crate::monitor::drift::Plan;
use crate::monitor::gate::Evidence;
use crate::monitor::planted;
use crate::pipeline::Sieve;
use crate::score::{Model, Score};
use crate::training::{Mark, Subject};
use anyhow::{Context, Result};

/// Fewest records that a challenger is trained on.
const FEWEST: usize = 100;
/// The share of rows that count as the oddest where two rankings are compared.
const TOP: f64 = 0.01;

/// A trained and measured challenger.
pub(super) struct Challenger {
    pub(super) onnx: Vec<u8>,
    pub(super) model: Model,
    pub(super) told: Trained,
}

/// Trains and measures; the reason in words where there is too little for that.
pub(super) fn train(
    turn: &Turn<'_>,
    sieve: &Sieve,
    mut window: TrainingWindow,
    plan: Plan,
    champion: Option<&Model>,
    (batch, why): (&str, &[Reason]),
) -> Result<Result<Challenger, String>> {
    if window.train.len() < FEWEST {
        return Ok(Err(format!("{} records to train on, and {FEWEST} are needed", window.train.len())));
    }
    let params = turn.args.forest.params();
    let mut sample = train::sample(sieve, params.seed, &turn.args.forest.categorical)?;
    for (row, id) in window.train.values.iter().zip(&window.train.ids) {
        sample.push(row, &id.to_le_bytes(), Mark::default());
    }
    window.gather.tell(window.records);
    let gathered = Some((plan, window.gather));
    let subject = Subject { gathered, ..Subject::from(sieve.contract()) };
    let trained = train::fit(&sample, &subject, &params, turn.pool)?;
    let model = Model::from_onnx(&trained.onnx).context("the challenger cannot be loaded")?;
    let scores = score(&model, &window.held_out.values)?;
    let Some(evidence) = measure(&model, &scores, champion, &window.held_out, params.seed)? else {
        return Ok(Err(format!("{} records held out, too few to measure on", window.held_out.len())));
    };
    let asked = match params.contamination.rate(window.train.len()) {
        Some(rate) => rate,
        // Where the threshold is fixed, what it flags of the rows it was fitted on is what is asked of others.
        None => share(&score(&model, &window.train.values)?),
    };
    let evidence = Evidence { asked, ..evidence };
    let told = Trained {
        batch: batch.to_owned(),
        model: model.sha256().to_owned(),
        champion: champion.map(|champion| champion.sha256().to_owned()),
        why: why.to_vec(),
        rows: window.train.len() as u64,
        batches: window.batches.len(),
        refusals: turn.settings.gate.refusals(&evidence),
        evidence,
        flagged: by_batch(&scores, &window.held_out.ends),
    };
    Ok(Ok(Challenger { onnx: trained.onnx, model, told }))
}

fn score(model: &Model, rows: &Matrix) -> Result<Vec<Score>> {
    model.score_batch(rows).context("a model cannot score the rows held out")
}

/// What is flagged of each batch, in the order of the window.
fn by_batch(scores: &[Score], ends: &[usize]) -> Vec<Observed> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let batch = |(start, end): (usize, &usize)| {
        let mut blocks = Blocks::default();
        scores.get(start..*end).unwrap_or_default().iter().for_each(|score| blocks.push(score.flagged));
        blocks.observed()
    };
    starts.zip(ends).map(batch).collect()
}

#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
fn share(scores: &[Score]) -> f64 {
    scores.iter().filter(|score| score.flagged).count() as f64 / scores.len().max(1) as f64
}

fn oddness(scores: &[Score]) -> Vec<f64> {
    scores.iter().map(|score| -score.decision).collect()
}

/// Measures both models on the same rows; none where there are too few.
fn measure(
    model: &Model,
    scores: &[Score],
    champion: Option<&Model>,
    held_out: &Rows,
    seed: u64,
) -> Result<Option<Evidence>> {
    let ours = oddness(scores);
    let theirs = champion.map(|champion| score(champion, &held_out.values)).transpose()?.map(|scores| oddness(&scores));
    let known: Vec<usize> =
        (0..held_out.len()).filter(|row| held_out.labels.get(*row).is_some_and(Option::is_some)).collect();
    let labels: Vec<bool> = known.iter().filter_map(|row| *held_out.labels.get(*row)?).collect();
    let outliers = labels.iter().filter(|label| **label).count();
    let planted = outliers < 2 || labels.len() - outliers < 2;
    let (labels, ours_ranked, theirs_ranked) = if planted {
        let made = planted::planted(&held_out.values, seed);
        let mut labels = vec![false; ours.len()];
        labels.resize(ours.len() + made.rows(), true);
        let with = |model: &Model, scores: &[f64]| -> Result<Vec<f64>> {
            let mut all = scores.to_vec();
            all.extend(oddness(&score(model, &made)?));
            Ok(all)
        };
        let theirs = champion.zip(theirs.as_ref()).map(|(champion, scores)| with(champion, scores)).transpose()?;
        (labels, with(model, &ours)?, theirs)
    } else {
        let pick = |scores: &[f64]| -> Vec<f64> { known.iter().filter_map(|row| scores.get(*row)).copied().collect() };
        (labels, pick(&ours), theirs.as_deref().map(pick))
    };
    let Some((challenger, interval)) = area(&labels, &ours_ranked) else {
        return Ok(None);
    };
    let flagged = scores.iter().filter(|score| score.flagged).count();
    let both = theirs.map(|theirs| vec![theirs, ours]);
    Ok(Some(Evidence {
        rows: held_out.len(),
        outliers: labels.iter().filter(|label| **label).count(),
        planted,
        challenger,
        interval,
        paired: theirs_ranked.and_then(|theirs| paired(&labels, &theirs, &ours_ranked)),
        flagged,
        flagged_interval: wilson(flagged, scores.len()).unwrap_or((0.0, 1.0)),
        asked: 0.0,
        correlation: both.and_then(|both| stability(&both, TOP)).map(|found| found.spearman),
    }))
}
