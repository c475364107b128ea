//! The registry of models.

use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// Who must vouch for a model before it is used.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(in crate::cli) struct TrustArgs {
    /// Use no model that none of these keys signed: a PEM file (`tamis model keygen`); else the variable
    /// `TAMIS_MODEL_PUBLIC_KEY`, PEM or a path; else any model is used
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) public_key: Option<PathBuf>,
}

#[derive(Clone, ClapArgs)]
pub(in crate::cli) struct RegistryArgs {
    /// The folder of the registry
    #[arg(long, default_value = "models", value_name = "DIR")]
    pub(in crate::cli) registry: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    /// Print the result as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(ClapArgs)]
pub(in crate::cli) struct ModelArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: ModelCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum ModelCommand {
    /// List the versions of a registry, the champion marked
    List(RegistryArgs),
    /// Show what is known of a version
    Show {
        /// The first digits of its id; the champion by default
        #[arg(default_value = "champion")]
        id: String,
        #[command(flatten)]
        at: RegistryArgs,
    },
    /// Print the card of a version: what it is, what it is for, how good it is, its limits
    Card {
        /// The first digits of its id; the champion by default
        #[arg(default_value = "champion")]
        id: String,
        #[command(flatten)]
        at: RegistryArgs,
    },
    /// Add a model with a card; a model that is there already stays as it is
    Add(AddArgs),
    /// Make a version the champion
    Promote {
        /// The first digits of its id
        id: String,
        #[command(flatten)]
        at: RegistryArgs,
        /// Why, for the history
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
        /// Refuse a model that was made for another contract than this one
        #[arg(long, value_name = "FILE")]
        contract: Option<PathBuf>,
    },
    /// Make the champion before the champion again
    Rollback {
        #[command(flatten)]
        at: RegistryArgs,
        /// Why, for the history
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// Compare every version with its hashes and signatures; 1 when one is damaged or not vouched for
    Verify {
        /// The first digits of the ids; all versions by default
        ids: Vec<String>,
        #[command(flatten)]
        at: RegistryArgs,
    },
    /// Print what happened in a registry
    History(RegistryArgs),
    /// Make a pair of keys that sign models and check signatures (Ed25519)
    Keygen {
        /// File for the private key, which only its owner can read; the public key goes beside it, with .pub at the end
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Sign a version with its card, or a model's file
    Sign(SignArgs),
    /// Rewrite an isolation forest's graph (skl2onnx's, coniferest's, ours) as one ensemble, equal in result. A forest
    /// that splits by planes or sets of categories cannot be: one ensemble does not express it
    Fold {
        /// The model
        file: PathBuf,
        /// File for the rewritten model
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// Opset of ai.onnx.ml: 3 for `TreeEnsembleRegressor`, which every runtime knows, 5 for the smaller `TreeEnsemble`
        #[arg(long, value_name = "OPSET", default_value = "3", value_parser = ["3", "5"])]
        ml: String,
    },
}

#[derive(ClapArgs)]
pub(in crate::cli) struct AddArgs {
    /// The model, an ONNX file
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) at: RegistryArgs,
    #[command(flatten)]
    pub(in crate::cli) statements: StatementArgs,
}

/// What people state for a card.
#[derive(Clone, Default, ClapArgs)]
pub(in crate::cli) struct StatementArgs {
    /// File of statements for the card, TOML or JSON: provider, `intended_use`, deployment, `not_for`, limits, `data_source`,
    /// `data_governance`, `legal_basis`, retention, risks, oversight, logging, changes
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) card: Option<PathBuf>,
    /// For the card: who answers for the model, an organisation or a function, and how they are reached
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) provider: Option<String>,
    /// For the card: what the model is for
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) intended_use: Option<String>,
}

#[derive(ClapArgs)]
pub(in crate::cli) struct SignArgs {
    /// The first digits of the version's id, or champion, or the file of a model that is in no registry
    pub(in crate::cli) model: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) at: RegistryArgs,
    /// The file with the private key
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) key: PathBuf,
}
