//! What the rows of a node hold in one column, and a random threshold in it.

use super::random::Random;

/// The extremes of a column in a node.
pub(super) struct Range {
    pub(super) least: f32,
    pub(super) greatest: f32,
    pub(super) missing: u32,
    pub(super) rows: usize,
}

impl Range {
    pub(super) fn of(values: &[f32]) -> Self {
        if values.len() < 16 { Self::by_lanes::<1>(values) } else { Self::by_lanes::<8>(values) }
    }

    /// Takes the extremes of every `N`-th value, then of these: what the compiler makes vectors of.
    fn by_lanes<const N: usize>(values: &[f32]) -> Self {
        let (mut least, mut greatest, mut missing) = ([f32::INFINITY; N], [f32::NEG_INFINITY; N], [0; N]);
        let (groups, rest) = values.as_chunks::<N>();
        let mut add = |values: &[f32]| {
            for (((low, high), gaps), &value) in least.iter_mut().zip(&mut greatest).zip(&mut missing).zip(values) {
                *low = lesser(*low, value);
                *high = greater(*high, value);
                *gaps += u32::from(value.is_nan());
            }
        };
        for group in groups {
            add(group);
        }
        add(rest);
        Self {
            least: least.into_iter().fold(f32::INFINITY, lesser),
            greatest: greatest.into_iter().fold(f32::NEG_INFINITY, greater),
            missing: missing.into_iter().sum(),
            rows: values.len(),
        }
    }

    /// Whether no threshold and no gap tells two of the rows apart.
    pub(super) fn is_constant(&self) -> bool {
        self.has_one_value() && (self.missing == 0 || self.missing as usize == self.rows)
    }

    /// Whether there is one value at most, beside gaps.
    pub(super) fn has_one_value(&self) -> bool {
        self.greatest <= self.least
    }

    /// A random threshold, and the side of missing values if there were any.
    pub(super) fn cut(&self, random: &mut Random) -> (f32, Option<bool>) {
        if self.has_one_value() {
            return (self.least, Some(false));
        }
        let (least, greatest) = (f64::from(self.least), f64::from(self.greatest));
        let drawn = least + random.unit() * (greatest - least);
        let threshold = if drawn < greatest { round_down(drawn) } else { self.least };
        (threshold, (self.missing > 0).then(|| random.coin()))
    }
}

/// The lesser of the two; a missing value is passed over.
pub(super) fn lesser(so_far: f32, value: f32) -> f32 {
    if value < so_far { value } else { so_far }
}

/// The greater of the two; a missing value is passed over.
pub(super) fn greater(so_far: f32, value: f32) -> f32 {
    if value > so_far { value } else { so_far }
}

/// The greatest 32-bit float that is not above the value: rows are 32-bit floats, so x ≤ value as before.
#[allow(clippy::cast_possible_truncation, reason = "the rounding is meant, and mended downwards")]
pub(super) fn round_down(value: f64) -> f32 {
    let rounded = value as f32;
    // Without a branch, because half of all values are rounded up. A step down takes one off the bits of a positive float
    // and adds one to those of a negative one; 0 is only rounded up to from below, and then is −0.
    let step = u32::from(f64::from(rounded) > value);
    let step = if rounded.is_sign_negative() { step } else { step.wrapping_neg() };
    f32::from_bits(rounded.to_bits().wrapping_add(step))
}
