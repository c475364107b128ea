//! What a split may compare beside a plain feature: the side of a plane, or membership in a set of categories.
//!
//! A tree stays a tree of thresholds. Past the last feature of a row its splits name *derived* columns, which are
//! computed from the row; each belongs to one split alone.

use std::sync::Arc;

/// A column that is computed from a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Σ coefficient · scaled value over these features, see [`Scaling`].
    Plane(Vec<(u32, f32)>),
    /// 1 where the feature is one of these values, else 0; a missing value is none of them.
    Among {
        /// Position of the feature in a row.
        feature: u32,
        /// The values, in ascending order.
        values: Vec<f32>,
    },
}

/// What planes see of a row: its values centred, in units of their deviation, so that no feature's unit matters.
///
/// Planes are the one split that adds features up. The steps are those of the exported graph, in 32 bits: subtract,
/// multiply, a missing value becomes 0 (the mean), clip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scaling {
    /// For each feature its mean over the training rows.
    pub(crate) mean: Vec<f32>,
    /// For each feature one over its standard deviation; 0 for a constant one.
    pub(crate) rate: Vec<f32>,
}

/// The most deviations that a plane sees: sums of them are far from overflowing.
pub(crate) const MOST_DEVIATIONS: f32 = 1e6;

/// The derived columns of a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    features: u32,
    scaling: Arc<Scaling>,
    list: Vec<Column>,
}

impl Scaling {
    /// Whether there are planes that need it.
    pub(crate) fn is_known(&self) -> bool {
        !self.mean.is_empty()
    }

    /// A feature's value as planes see it.
    pub(crate) fn of(&self, feature: u32, value: f32) -> f32 {
        let at = feature as usize;
        let (mean, rate) = (self.mean.get(at).copied().unwrap_or(0.0), self.rate.get(at).copied().unwrap_or(0.0));
        let scaled = (value - mean) * rate;
        if scaled.is_nan() { 0.0 } else { scaled.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS) }
    }
}

impl Derived {
    /// Without a plane there is nothing to scale, and a file does not say how.
    pub(crate) fn new(features: u32, scaling: Arc<Scaling>, list: Vec<Column>) -> Self {
        let plane = list.iter().any(|column| matches!(column, Column::Plane(_)));
        Self { features, scaling: if plane { scaling } else { Arc::default() }, list }
    }

    /// What planes see of a row.
    pub(crate) fn scaling(&self) -> &Arc<Scaling> {
        &self.scaling
    }

    /// The columns, in the order of their numbers.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.list
    }

    /// The derived column that a split names, if it is no plain feature.
    pub(crate) fn column(&self, feature: u32) -> Option<&Column> {
        self.list.get(feature.checked_sub(self.features)? as usize)
    }

    /// What a split that names this feature sees of a row.
    pub(crate) fn value(&self, feature: u32, row: &[f32]) -> f32 {
        let cell = |feature: u32| row.get(feature as usize).copied().unwrap_or(f32::NAN);
        match self.column(feature) {
            None => cell(feature),
            Some(Column::Plane(terms)) => self.side(terms, cell),
            Some(Column::Among { feature, values }) => membership(values, cell(*feature)),
        }
    }

    /// How much each feature had to do with what a split saw of a row; the shares sum to 1.
    ///
    /// Of a plane that is the part of each term in the sum of their sizes.
    pub(crate) fn shares(&self, feature: u32, row: &[f32], mut tell: impl FnMut(u32, f64)) {
        match self.column(feature) {
            None => tell(feature, 1.0),
            Some(Column::Among { feature, .. }) => tell(*feature, 1.0),
            Some(Column::Plane(terms)) => {
                let cell = |feature: u32| row.get(feature as usize).copied().unwrap_or(f32::NAN);
                let size = |&(feature, weight): &(u32, f32)| {
                    f64::from(weight).abs() * f64::from(self.scaling.of(feature, cell(feature))).abs()
                };
                let total: f64 = terms.iter().map(size).sum();
                for term in terms {
                    #[allow(clippy::cast_precision_loss, reason = "a plane has far fewer terms than 2^53")]
                    let share = if total > 0.0 { size(term) / total } else { 1.0 / terms.len() as f64 };
                    tell(term.0, share);
                }
            }
        }
    }

    /// Where a row lies along a plane's normal: added in 64 bits in the order of the terms, so the same everywhere.
    pub(crate) fn side(&self, terms: &[(u32, f32)], cell: impl Fn(u32) -> f32) -> f32 {
        side(&self.scaling, terms, cell)
    }
}

/// See [`Derived::side`].
#[allow(clippy::cast_possible_truncation, reason = "the rounding to what the exported graph compares")]
pub(super) fn side(scaling: &Scaling, terms: &[(u32, f32)], cell: impl Fn(u32) -> f32) -> f32 {
    let term = |&(feature, weight): &(u32, f32)| f64::from(weight) * f64::from(scaling.of(feature, cell(feature)));
    terms.iter().map(term).sum::<f64>() as f32
}

/// 1 if the value is one of these, else 0.
pub(super) fn membership(values: &[f32], value: f32) -> f32 {
    f32::from(u8::from(values.contains(&value)))
}
