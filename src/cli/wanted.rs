//! What `tamis train` is to make: as the options say, and with `--warm-start` as the model says that it starts from.

use super::args::TrainArgs;
use crate::forest::{CheckedParams, Column, Contamination, Params, Tree};
use crate::onnx::{Metadata, ThresholdRule};
use crate::score::Model;
use crate::training::{Sample, SplitBy, Threshold};
use anyhow::{Context, Result, bail};

/// A forest and its threshold, before the records are read.
pub(super) struct Wanted {
    pub(super) params: CheckedParams,
    /// The names of the features that have categories.
    pub(super) categorical: Vec<String>,
    mark: Mark,
}

/// Where a row is to begin to be odd.
#[derive(Clone, Copy)]
enum Mark {
    Contamination,
    Score(f64),
    /// So many alarms a second.
    Alarms(f64),
    /// Such a share of the records, held out as this says.
    Budget {
        rate: f64,
        by_moment: bool,
    },
}

impl Wanted {
    pub(super) fn of(args: &TrainArgs, begun: Option<&Model>) -> Result<Self> {
        let given = match (args.threshold, args.alarms) {
            (Some(score), _) => Some(Mark::Score(score)),
            (None, Some(alarms)) => Some(Mark::Alarms(alarms.0)),
            (None, None) => args.forest.contamination.map(|_| Mark::Contamination),
        };
        let mut params = args.forest.params();
        let (mark, categorical) = match begun {
            None => (given.unwrap_or(Mark::Contamination), args.forest.categorical.clone()),
            Some(model) => {
                let Some(training) = model.metadata().training else {
                    bail!("the model to start from is no forest of Tamis");
                };
                let contamination = args.forest.contamination.unwrap_or(training.contamination);
                params = Params { contamination, ..training.more(params.trees) };
                let mark = given.map_or_else(|| carried(model.metadata()), Ok)?;
                (mark, categorical(model, &args.forest.categorical)?)
            }
        };
        if !matches!(mark, Mark::Contamination) {
            // A threshold of its own leaves no contamination to be measured.
            params.contamination = Contamination::Auto;
        }
        let params = params.check().context("the forest cannot be trained")?;
        Ok(Self { params, categorical, mark })
    }

    /// The threshold for the records that were read.
    pub(super) fn threshold(&self, args: &TrainArgs, sample: &Sample, by: SplitBy) -> Result<Threshold> {
        let rate = match self.mark {
            Mark::Contamination => return Ok(Threshold::Contamination),
            Mark::Score(score) => return Ok(Threshold::Score(score)),
            Mark::Budget { by_moment: true, .. } if by == SplitBy::Id => bail!(
                "the threshold of the model to start from was calibrated on the latest records: name the date-time field \
                 with --split-by, or another threshold with --alarms, --threshold or --contamination"
            ),
            Mark::Budget { rate, .. } => rate,
            Mark::Alarms(alarms) => {
                let seen = if by == SplitBy::Moment { sample.pace() } else { None };
                let Some(volume) = args.volume.map(|volume| volume.0).or(seen) else {
                    bail!(
                        "--alarms needs --volume, the records a time, or --split-by with a date-time field to count them by"
                    );
                };
                alarms / volume
            }
        };
        if rate > 0.5 {
            bail!("the budget is more than half of the volume: there is nothing to calibrate");
        }
        Ok(Threshold::Budget { rate, by })
    }
}

/// The threshold's rule of a model.
fn carried(model: &Metadata) -> Result<Mark> {
    match model.threshold {
        None => Ok(Mark::Contamination),
        Some(ThresholdRule::Score { score }) => Ok(Mark::Score(score)),
        Some(ThresholdRule::Budget { rate, by_moment: Some(by_moment), .. }) => Ok(Mark::Budget { rate, by_moment }),
        Some(ThresholdRule::Budget { .. }) => bail!(
            "the model to start from does not say by which records its threshold was calibrated: repeat --alarms, or name \
             another threshold with --threshold or --contamination"
        ),
    }
}

/// The categorical features of a model, which those that are named now must be.
fn categorical(model: &Model, named: &[String]) -> Result<Vec<String>> {
    let metadata = model.metadata();
    let mut own = metadata.categorical.clone();
    if own.is_empty() {
        let used = parted(model);
        if used.is_empty() {
            if let Some(name) = named.first() {
                bail!(
                    "the model to start from splits no feature by categories: --categorical {name} cannot be added to it"
                );
            }
            return Ok(own);
        }
        // A version of Tamis that did not write them down.
        if named.is_empty() {
            bail!("the model to start from does not say which features have categories: repeat --categorical");
        }
        own = named.to_vec();
        if used.iter().all(|name| own.contains(name)) {
            return Ok(own);
        }
        own = used;
    }
    let is_other = |name: &String| !own.contains(name);
    if !named.is_empty() && (named.iter().any(is_other) || own.iter().any(|name| !named.contains(name))) {
        bail!(
            "--categorical names other features than those of the model to start from, which are {}: leave it out",
            own.join(", ")
        );
    }
    Ok(own)
}

/// The names of the features that a model splits by subsets of categories.
fn parted(model: &Model) -> Vec<String> {
    let derived = model.forest().map(crate::forest::Forest::trees).unwrap_or_default().iter().filter_map(Tree::derived);
    let feature =
        |column: &Column| if let Column::Among { feature, .. } = column { Some(*feature as usize) } else { None };
    let mut features: Vec<usize> = derived.flat_map(|derived| derived.columns().iter().filter_map(feature)).collect();
    features.sort_unstable();
    features.dedup();
    let name = |at: usize| model.metadata().features.get(at).cloned();
    features.into_iter().filter_map(name).collect()
}
