//! Splits on derived columns, decided for a whole block of rows: planes and categories.
#![allow(
    clippy::indexing_slicing,
    reason = "every index is a lane below the arrays' common length: none can be out of bounds, and the compiler removes \
              the checks"
)]
#![allow(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "a caller's vector instructions reach only what is inlined into it, and loops over lanes are what becomes of them"
)]

use crate::forest::derived::{Column, Scaling};
use crate::forest::tree::goes_left;

/// Lanes that are summed at once: what stays in registers.
const LANES: usize = 16;

/// A split on a derived column.
#[derive(Clone, Debug)]
pub(super) enum ColumnCut {
    /// Terms by the place of their feature.
    Plane { terms: Vec<(usize, f64)>, threshold: f32, missing_left: bool },
    /// Whether a value that is one of these goes right, and any other.
    Among { place: usize, values: Vec<f32>, inside: bool, outside: bool },
}

impl ColumnCut {
    /// `place` finds a feature among those that are spread.
    pub(super) fn new(
        column: &Column,
        threshold: f32,
        missing_left: bool,
        place: impl Fn(u32) -> Option<usize>,
    ) -> Option<Self> {
        Some(match column {
            Column::Plane(terms) => {
                let terms = terms.iter().map(|&(feature, weight)| Some((place(feature)?, f64::from(weight))));
                Self::Plane { terms: terms.collect::<Option<_>>()?, threshold, missing_left }
            }
            Column::Among { feature, values } => Self::Among {
                place: place(*feature)?,
                values: values.clone(),
                inside: !goes_left(1.0, threshold, missing_left),
                outside: !goes_left(0.0, threshold, missing_left),
            },
        })
    }

    /// Sets each lane of a row that goes right to 1, each other to 0.
    #[inline(always)]
    #[allow(clippy::float_cmp, reason = "a category's code is equal or it is another")]
    pub(super) fn decide<const W: usize>(&self, values: &[[f32; W]], scaled: &[[f64; W]], right: &mut [u8; W]) {
        match self {
            Self::Plane { terms, threshold, missing_left } => {
                let missing_right = !*missing_left;
                for (group, right) in right.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                    let sums = sums(terms, scaled, group);
                    for lane in 0..LANES {
                        let missing = sums[lane].is_nan() & missing_right;
                        right[lane] = u8::from((sums[lane] > *threshold) | missing);
                    }
                }
            }
            Self::Among { place, values: among, inside, outside } => {
                let Some(values) = values.get(*place) else { return };
                *right = [u8::from(*outside); W];
                for one in among {
                    for lane in 0..W {
                        right[lane] = if values[lane] == *one { u8::from(*inside) } else { right[lane] };
                    }
                }
            }
        }
    }
}

/// The places of a group of lanes along a plane's normal, added in 64 bits in the order of the terms.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "the rounding to what a split compares")]
fn sums<const W: usize>(terms: &[(usize, f64)], scaled: &[[f64; W]], group: usize) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for &(place, weight) in terms {
        let Some(values) = scaled.get(place).and_then(|values| values.as_chunks::<LANES>().0.get(group)) else {
            continue;
        };
        for lane in 0..LANES {
            sums[lane] += weight * values[lane];
        }
    }
    sums.map(|sum: f64| sum as f32)
}

/// A feature's values as planes see them.
#[inline(always)]
pub(super) fn scale<const W: usize>(scaling: &Scaling, feature: u32, values: &[f32; W], scaled: &mut [f64; W]) {
    for lane in 0..W {
        scaled[lane] = f64::from(scaling.of(feature, values[lane]));
    }
}
