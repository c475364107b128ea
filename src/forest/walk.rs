//! Scoring a forest with derived columns: the simple walk, some rows at a time so that a tree stays in the cache.

use super::matrix::Matrix;
use super::tree::Tree;

/// Rows that are walked down one tree before the next.
const BLOCK: usize = 256;

/// Whether some tree asks for more than plain features.
pub(super) fn is_needed(trees: &[Tree]) -> bool {
    trees.iter().any(|tree| tree.derived().is_some())
}

/// For each row the sum of its leaves' weights, added in the order of the trees.
pub(super) fn sums(trees: &[Tree], rows: &Matrix) -> Vec<f64> {
    let width = rows.columns().max(1);
    let mut sums = vec![0.0; rows.rows()];
    for (sums, rows) in sums.chunks_mut(BLOCK).zip(rows.values().chunks(BLOCK * width)) {
        for tree in trees {
            for (sum, row) in sums.iter_mut().zip(rows.chunks_exact(width)) {
                *sum += f64::from(tree.weight(row));
            }
        }
    }
    sums
}
