//! The arguments of tracking.

use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// Where a run is recorded, and under what names.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Tracking")]
pub(in crate::cli) struct TrackArgs {
    /// Record the run at an MLflow server (http:// or https://), or in this folder; else where the variables `TAMIS_TRACK`
    /// or `MLFLOW_TRACKING_URI` say. A line in .tamis/runs.ndjson is written in any case
    #[arg(long, value_name = "URI", conflicts_with = "no_track")]
    pub(in crate::cli) track: Option<String>,
    /// Record nothing
    #[arg(long)]
    pub(in crate::cli) no_track: bool,
    /// The experiment; else the variable `MLFLOW_EXPERIMENT_NAME`, else the contract's name
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) experiment: Option<String>,
    /// What the run is called; its command and the end of its id by default
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) run_name: Option<String>,
    /// Register the model at the server under this name; `tamis train` does so under the contract's name by default
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) register: Option<String>,
    /// Do not register the model, and move no alias
    #[arg(long, conflicts_with = "register")]
    pub(in crate::cli) no_register: bool,
    /// The alias that is moved to the registered version
    #[arg(long, value_name = "NAME", default_value = "champion")]
    pub(in crate::cli) alias: String,
}

#[derive(ClapArgs)]
pub(in crate::cli) struct RunsArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: RunsCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum RunsCommand {
    /// List the runs of the local record, the newest last
    List {
        #[command(flatten)]
        record: RecordArgs,
        /// Print the runs as JSON, one a line
        #[arg(long)]
        json: bool,
    },
    /// Print all that is known of one run
    Show {
        /// Its id, the beginning or the end of it, or `last`
        id: String,
        #[command(flatten)]
        record: FolderArgs,
        /// Print the line of the record
        #[arg(long)]
        json: bool,
    },
    /// Print side by side what differs between runs, and how their figures changed
    Compare {
        /// The runs: their ids, the beginning or the end of each, or `last`; the first is what the others are compared with
        #[arg(required = true, num_args = 2.., value_name = "ID")]
        ids: Vec<String>,
        #[command(flatten)]
        record: FolderArgs,
        /// Write the comparison as one HTML file, with pictures
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write how the figures went from run to run as one HTML file
    Chart {
        #[command(flatten)]
        record: RecordArgs,
        /// File for the chart
        #[arg(short, long, default_value = "runs.html", value_name = "FILE")]
        out: PathBuf,
    },
    /// Send a run of the local record to an MLflow server, such as one that did not answer at the time. What the server has
    /// of it already is not sent twice
    Send {
        /// Its id, the beginning or the end of it, or `last`
        id: String,
        #[command(flatten)]
        record: FolderArgs,
        /// The server; else the variable `MLFLOW_TRACKING_URI`
        #[arg(long, value_name = "URI")]
        track: Option<String>,
    },
}

#[derive(ClapArgs)]
pub(in crate::cli) struct FolderArgs {
    /// The folder of the local record; else the variable `TAMIS_TRACK`, else .tamis
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) folder: Option<PathBuf>,
}

/// Which runs of a record.
#[derive(ClapArgs)]
pub(in crate::cli) struct RecordArgs {
    #[command(flatten)]
    pub(in crate::cli) folder: FolderArgs,
    /// The newest N alone
    #[arg(long, value_name = "N")]
    pub(in crate::cli) last: Option<usize>,
    /// Those of one experiment alone
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) experiment: Option<String>,
    /// Those of one command alone, such as train
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) command: Option<String>,
}
