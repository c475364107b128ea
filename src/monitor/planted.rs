//! Anomalies made out of ordinary rows, for comparing two models where nobody has labels.

use crate::forest::Matrix;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// Most rows that are planted.
const MOST: usize = 2000;
/// How far a planted value lies from the mean, in standard deviations: from the first, up to the sum of both.
const FAR: (f64, f64) = (3.0, 5.0);

/// Plants as many rows as there are, at most 2,000, by a recipe that the seed decides.
///
/// Every other one is a row in which one feature, or up to half of them, lies three to eight standard deviations from the
/// mean: an amount with a slipped point. The others are mixed: each feature comes from another row, so that every value
/// is ordinary and their combination is not. What a model makes of them says how well it knows these rows, and whether one
/// knows them better than another; it says little about the anomalies of real life.
#[must_use]
pub fn planted(rows: &Matrix, seed: u64) -> Matrix {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut made = Matrix::new(rows.columns());
    let spread: Vec<(f64, f64)> = (0..rows.columns()).map(|column| moments(rows, column)).collect();
    for number in 0..rows.rows().min(MOST) {
        let row = if number.is_multiple_of(2) {
            shifted(rows, &spread, &mut random)
        } else {
            let value = |column: usize, random: &mut Xoshiro256PlusPlus| {
                rows.row(below(rows.rows(), random)).get(column).copied().unwrap_or(f32::NAN)
            };
            (0..rows.columns()).map(|column| value(column, &mut random)).collect()
        };
        // It has as many columns as the rows it is made of.
        let _ = made.push_row(&row);
    }
    made
}

/// A row with up to half of its features far off.
fn shifted(rows: &Matrix, spread: &[(f64, f64)], random: &mut Xoshiro256PlusPlus) -> Vec<f32> {
    let mut row = rows.row(below(rows.rows(), random)).to_vec();
    let columns = 1 + below((row.len() / 2).max(1), random);
    for _ in 0..columns {
        let at = below(row.len(), random);
        let far = FAR.0 + FAR.1 * unit(random);
        let side = if random.next_u64() >> 63 == 0 { far } else { -far };
        if let Some((value, (mean, deviation))) = row.get_mut(at).zip(spread.get(at)) {
            #[allow(clippy::cast_possible_truncation, reason = "features are floats")]
            let moved = (mean + side * deviation) as f32;
            *value = moved;
        }
    }
    row
}

/// Mean and standard deviation of a column, missing values left out.
#[allow(clippy::cast_precision_loss, reason = "a count of rows")]
fn moments(rows: &Matrix, column: usize) -> (f64, f64) {
    let values = || rows.iter().filter_map(|row| row.get(column)).copied().filter(|value| value.is_finite());
    let count = values().count().max(1) as f64;
    let mean = values().map(f64::from).sum::<f64>() / count;
    let square = values().map(|value| (f64::from(value) - mean) * (f64::from(value) - mean)).sum::<f64>();
    (mean, libm::sqrt(square / count))
}

#[allow(clippy::cast_possible_truncation, reason = "below a usize")]
fn below(bound: usize, random: &mut Xoshiro256PlusPlus) -> usize {
    ((u128::from(random.next_u64()) * bound as u128) >> 64) as usize
}

#[allow(clippy::cast_precision_loss, reason = "53 bits are exact")]
fn unit(random: &mut Xoshiro256PlusPlus) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::planted;
    use crate::forest::Matrix;

    #[test]
    fn planted_rows_are_off_and_depend_on_the_seed_alone() {
        let values = (0..400_u16).flat_map(|n| [f32::from(n % 20), f32::from(n % 20) * 2.0, 7.0]).collect();
        let rows = Matrix::from_vec(3, values).unwrap();
        let made = planted(&rows, 5);
        assert_eq!((made.rows(), made.columns()), (400, 3));
        assert_eq!(made.values(), planted(&rows, 5).values());
        assert_ne!(made.values(), planted(&rows, 6).values());
        let usual = |row: &[f32]| (row[1] - row[0] * 2.0).abs() < 1e-6 && (0.0..20.0).contains(&row[0]);
        assert!(rows.iter().all(usual));
        let odd = made.iter().filter(|row| !usual(row)).count();
        assert!(odd > 300, "{odd}");
    }
}
