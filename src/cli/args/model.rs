//! Models: training, scoring, measuring.

use super::{Forest, Records, StatementArgs, TrackArgs, TrustArgs};
use clap::Args as ClapArgs;
use std::path::PathBuf;

#[derive(ClapArgs)]
pub(in crate::cli) struct TrainArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// File for the model
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) model_out: PathBuf,
    /// Add the model to the registry in this folder as well, with a card that says what it was trained on and how good it is
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) registry: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) statements: StatementArgs,
    /// File for a second ONNX model, which gives what each feature did to a row's path length
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) explain_out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) forest: Forest,
    /// The field that says how readily a tree draws a record: a number of at least 0, 1 for all where this is left out. Of
    /// bare numbers, a column of CSV
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) weights: Option<String>,
    /// Add trees to this model until it has --trees of them. Its own parameters, seed, categorical features and threshold's
    /// rule apply, so that with the same records (and the same --weights and --split-by) the result is the model that they
    /// would have made at once. --contamination, --threshold or --alarms give it another threshold
    #[arg(long, value_name = "MODEL", requires = "trees", conflicts_with_all = ["preset", "samples", "features_per_tree", "bootstrap", "split", "guided", "full_height", "extension_level", "seed"])]
    pub(in crate::cli) warm_start: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    /// Flag what scores above this, in (0, 1), instead of a share of the records
    #[arg(long, value_name = "SCORE", value_parser = score, conflicts_with_all = ["contamination", "alarms"])]
    pub(in crate::cli) threshold: Option<f64>,
    /// Flag at most so many records a time, such as 20/day, at the rate that --volume names; calibrated on records that are
    /// held out, with 95 % confidence
    #[arg(long, value_name = "N/TIME", value_parser = pace, conflicts_with = "contamination")]
    pub(in crate::cli) alarms: Option<Pace>,
    /// Accepted records a time, such as 50000/day; with --split-by it is taken from the records
    #[arg(long, value_name = "N/TIME", value_parser = pace, requires = "alarms")]
    pub(in crate::cli) volume: Option<Pace>,
    /// Hold out the latest records by this date-time field, a name or a JSON Pointer; else by a hash of the id. Of bare
    /// numbers, a column of CSV
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) split_by: Option<String>,
    /// The field that says 1 for a known outlier and 0 for others (or -1 and 1): it is measured against, never trained on. Of
    /// bare numbers, the array or the column, by name or counted from 1; without it every column is a feature
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) label: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) track: TrackArgs,
}

/// A number of records a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) struct Pace(pub(in crate::cli) f64);

/// A number over a time: `20/day`, `1.5/h`.
fn pace(text: &str) -> Result<Pace, String> {
    let seconds = |unit: &str| match unit.trim().to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" => Some(1.0),
        "m" | "min" | "minute" => Some(60.0),
        "h" | "hour" => Some(3600.0),
        "d" | "day" => Some(86_400.0),
        "w" | "week" => Some(604_800.0),
        _ => None,
    };
    let parsed = text.split_once('/').and_then(|(count, unit)| {
        let count = count.trim().parse::<f64>().ok().filter(|count| *count > 0.0 && count.is_finite())?;
        Some(Pace(count / seconds(unit)?))
    });
    parsed.ok_or_else(|| "must be a number over second, minute, hour, day or week, such as 20/day".to_owned())
}

fn score(text: &str) -> Result<f64, String> {
    let score = text.parse::<f64>().ok().filter(|score| *score > 0.0 && *score < 1.0);
    score.ok_or_else(|| "must be a score in (0, 1)".to_owned())
}

#[derive(ClapArgs)]
pub(in crate::cli) struct ScoreArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// The model: an ONNX file, a registry (its champion), or REGISTRY@ID; without it, the built-in one for web-shop orders
    #[arg(long, value_name = "MODEL")]
    pub(in crate::cli) model: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    /// Give up to N reasons for every record; by default up to three for flagged ones
    #[arg(long, value_name = "N")]
    pub(in crate::cli) explain: Option<usize>,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(ClapArgs)]
#[command(mut_arg("inputs", |inputs| inputs.help(
    "Files of records, or of bare numbers: .npz with X and y, .npy, CSV. One line of the result each")))]
#[command(mut_arg("seed", |seed| seed.help("Seed of the bootstrap; the forests take the seeds 0 to N-1")))]
pub(in crate::cli) struct EvaluateArgs {
    #[command(flatten)]
    pub(in crate::cli) records: Records,
    /// The field that says 1 for an outlier and 0 for others (or -1 and 1). Of bare numbers, the array or the column, by name
    /// or counted from 1; by default y, or the last column
    #[arg(long, value_name = "FIELD")]
    pub(in crate::cli) label: Option<String>,
    /// Read the labels from this NDJSON file, of which each line has the record's id, in the field of that name or in `id`,
    /// and the field of --label, `outlier` by default. Of several labels of one id, an outlier wins
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) labels: Option<PathBuf>,
    /// Score with this model: an ONNX file, a registry (its champion), or REGISTRY@ID; without it, forests are fitted on all
    /// rows and score the same rows
    #[arg(long, value_name = "MODEL")]
    pub(in crate::cli) model: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    /// File for the figures as one flat JSON object, as `dvc metrics` reads them
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) metrics_out: Option<PathBuf>,
    /// Folder for `roc.csv`, `precision_recall.csv` and `decisions.csv`, as `dvc plots` reads them
    #[arg(long, value_name = "DIR", requires = "model")]
    pub(in crate::cli) plots_out: Option<PathBuf>,
    /// Forests to fit, one a seed from 0 on
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), conflicts_with = "model")]
    pub(in crate::cli) seeds: u16,
    #[command(flatten)]
    pub(in crate::cli) forest: Forest,
    #[command(flatten)]
    pub(in crate::cli) track: TrackArgs,
}

#[cfg(test)]
mod tests {
    use super::{Pace, pace};

    #[test]
    fn a_pace_has_a_number_and_a_time() {
        assert_eq!(pace("20/day"), Ok(Pace(20.0 / 86_400.0)));
        assert_eq!(pace(" 1.5 / Hour"), Ok(Pace(1.5 / 3600.0)));
        for wrong in ["20", "/day", "0/day", "-1/day", "inf/day", "20/month", "NaN/s"] {
            assert!(pace(wrong).is_err(), "{wrong}");
        }
    }
}
