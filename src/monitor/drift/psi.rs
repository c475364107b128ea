//! The population stability index.

use super::cells::{Cells, float};
use super::gamma::{chi_square_critical, chi_square_tail};
use libm::log;

/// What is added to each count, so that an empty cell does not make the index infinite: half a record, as Jeffreys'
/// prior has it. By simulation the critical value holds its level with it (see the tests of `compare`), while with
/// nothing added it is passed twice as often in windows of 100, and with a whole record half as often.
const ADDED: f64 = 0.5;

/// Σ (p − q) ln (p / q) over the cells' shares p of the reference and q of the window (Lin 2017; Kullback's J).
pub(super) fn psi(cells: &Cells) -> f64 {
    let (reference, current) = cells.totals();
    let added = ADDED * float(cells.len() as u64);
    let share = |count: u64, total: u64| (float(count) + ADDED) / (float(total) + added);
    let one = |(p, q): (u64, u64)| {
        let (p, q) = (share(p, reference), share(q, current));
        (p - q) * log(p / q)
    };
    cells.pairs().map(one).sum()
}

/// The value that the index of a window without drift exceeds with the chance `alpha`: to the first order the index is
/// a chi-square variable of one degree less than there are cells, times 1/n + 1/m (Yurdakul 2018).
pub(super) fn critical(cells: &Cells, alpha: f64) -> f64 {
    chi_square_critical(alpha, cells.len().saturating_sub(1)) * scale(cells)
}

/// The chance of so great an index without drift, by the same law.
pub(super) fn p_value(psi: f64, cells: &Cells) -> f64 {
    let scale = scale(cells);
    if scale > 0.0 { chi_square_tail(psi / scale, cells.len().saturating_sub(1)) } else { 1.0 }
}

/// 1/n + 1/m; 0 where a side is empty.
fn scale(cells: &Cells) -> f64 {
    match cells.totals() {
        (0, _) | (_, 0) => 0.0,
        (reference, current) => 1.0 / float(reference) + 1.0 / float(current),
    }
}
