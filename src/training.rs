//! Accepted, masked records -> a model: the sample that a stream leaves, the held-out rate, the export.

use crate::contract::Contract;
use crate::forest::{self, CheckedParams, FitError, Forest, Matrix, Tree};
use crate::onnx::{ContractRef, ExportError, Metadata, Scaler, Training, export, score_histogram};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use siphasher::sip::SipHasher13;
use std::fmt;
use std::hash::Hasher;

/// Most rows that a sample keeps: all of a stream up to here, a uniform sample of a longer one.
pub const MOST_ROWS: usize = 1 << 20;
/// Fewest rows from which a held-out anomaly rate is measured.
pub const FEWEST_FOR_RATE: usize = 100;
/// Parts of the sample for measuring the rate: each is scored by a forest of the others.
const FOLDS: u8 = 5;

/// Grows the trees of a forest, in any order and on any threads; see [`forest::fit_with`].
pub type Grower<'g> = &'g dyn Fn(usize, &(dyn Fn(usize) -> Tree + Sync)) -> Vec<Tree>;

/// The training rows that a stream leaves (Vitter 1985, algorithm R), so that memory does not grow with its length.
pub struct Sample {
    columns: usize,
    values: Vec<f32>,
    folds: Vec<u8>,
    seen: u64,
    most: usize,
    random: Xoshiro256PlusPlus,
}

impl Sample {
    /// An empty sample of rows with so many features.
    #[must_use]
    pub fn new(columns: usize, seed: u64) -> Self {
        Self {
            columns,
            values: Vec::new(),
            folds: Vec::new(),
            seen: 0,
            most: MOST_ROWS,
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// Rows that were offered.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Rows that are kept.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.folds.len()
    }

    /// Offers one row; `id` decides the part in which it is held out, so that equal ids stay together.
    pub fn push(&mut self, row: &[f32], id: &[u8]) {
        let mut hasher = SipHasher13::new();
        hasher.write(id);
        let fold = u8::try_from(hasher.finish() % u64::from(FOLDS)).unwrap_or_default();
        self.seen += 1;
        if self.folds.len() < self.most {
            self.values.extend_from_slice(row);
            self.folds.push(fold);
            return;
        }
        // The high half of a product with a 64-bit number is uniform below `seen`, but for a bias under 2^-40.
        let place = (u128::from(self.random.next_u64()) * u128::from(self.seen)) >> 64;
        let Ok(place) = usize::try_from(place) else {
            return;
        };
        let from = place * self.columns;
        if let (Some(fold_there), Some(there)) =
            (self.folds.get_mut(place), self.values.get_mut(from..from + self.columns))
        {
            *fold_there = fold;
            there.copy_from_slice(row);
        }
    }

    fn matrix(&self, keep: impl Fn(u8) -> bool) -> Matrix {
        let rows = self.values.chunks_exact(self.columns.max(1)).zip(&self.folds);
        let values = rows.filter(|(_, fold)| keep(**fold)).flat_map(|(row, _)| row.iter().copied()).collect();
        Matrix::from_vec(self.columns, values).unwrap_or_default()
    }

    /// Fits a forest on all rows, measures its anomaly rate on rows held out, and exports it.
    ///
    /// # Errors
    /// Too few rows, a contract without features, or a model too large for its file.
    pub fn train(&self, contract: &Contract, params: &CheckedParams, grow: Grower<'_>) -> Result<Trained, TrainError> {
        let rows = self.matrix(|_| true);
        let forest = forest::fit_with(&rows, params, grow).map_err(TrainError::Fit)?;
        let anomaly_rate = self.held_out_rate(params, grow);
        let metadata = Metadata {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            contract: Some(ContractRef {
                name: contract.name().to_owned(),
                version: contract.version().to_owned(),
                sha256: contract.sha256().to_owned(),
            }),
            features: contract.feature_names().map(ToOwned::to_owned).collect(),
            scaler: Some(Scaler::of(&rows)),
            training: Some(Training::of(&forest, params.get(), rows.rows())),
            anomaly_rate,
            score_histogram: Some(score_histogram(forest.score_batch(&rows))),
            ..Metadata::default()
        };
        let onnx = export(&forest, &metadata).map_err(TrainError::Export)?;
        Ok(Trained { onnx, anomaly_rate })
    }

    /// The share of flagged rows when each part is scored by a forest that never saw it; none from too few rows.
    ///
    /// Over the training rows the rate is the contamination that was asked for, and measures nothing.
    #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
    fn held_out_rate(&self, params: &CheckedParams, grow: Grower<'_>) -> Option<f64> {
        if self.rows() < FEWEST_FOR_RATE {
            return None;
        }
        let mut flagged = 0;
        for fold in 0..FOLDS {
            let held_out = self.matrix(|other| other == fold);
            let others = self.matrix(|other| other != fold);
            let forest: Forest = forest::fit_with(&others, params, grow).ok()?;
            let scores = forest.score_batch(&held_out);
            flagged += scores.iter().filter(|score| forest.decision(**score) < 0.0).count();
        }
        Some(flagged as f64 / self.rows() as f64)
    }
}

/// A trained model.
pub struct Trained {
    /// The model's file.
    pub onnx: Vec<u8>,
    /// The share of flagged rows among those held out, in \[0, 1\]; none from fewer than [`FEWEST_FOR_RATE`] rows.
    pub anomaly_rate: Option<f64>,
}

/// Why no model came out.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrainError {
    /// The rows do not make a forest.
    Fit(FitError),
    /// The forest does not make a file.
    Export(ExportError),
}

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fit(error) => write!(f, "cannot train on the accepted records: {error}"),
            Self::Export(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TrainError {}
