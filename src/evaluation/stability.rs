//! Whether a forest of another seed would have said the same.

use super::Ranking;

/// How alike the rankings of several runs are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stability {
    /// The mean of Spearman's rank correlation over all pairs of runs, ties at their mean rank.
    pub spearman: f64,
    /// The mean, over all pairs of runs, of the share that the oddest rows of both have in common (Jaccard's index).
    pub top: f64,
    /// How many oddest rows of each run that is of.
    pub top_rows: usize,
}

/// Compares runs on the same rows; `share` of the rows, at least one, are the oddest. None for fewer than two runs or
/// rows, or where a run scores all rows alike.
///
/// # Example
/// ```
/// use tamis::evaluation::stability;
///
/// let same = stability(&[vec![0.1, 0.2, 0.9], vec![0.3, 0.4, 0.5]], 0.4).unwrap();
/// assert!((same.spearman - 1.0).abs() < 1e-12 && (same.top - 1.0).abs() < 1e-12);
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the count of rows")]
pub fn stability(runs: &[Vec<f64>], share: f64) -> Option<Stability> {
    let rows = runs.first()?.len();
    if runs.len() < 2 || rows < 2 || runs.iter().any(|run| run.len() != rows) {
        return None;
    }
    let top_rows = (libm::ceil(share * rows as f64) as usize).clamp(1, rows);
    let rankings: Vec<Ranking> = runs.iter().map(|run| Ranking::new(run)).collect();
    let ranks: Vec<Vec<f64>> = rankings.iter().map(|ranking| ranks(ranking, rows)).collect::<Option<_>>()?;
    let tops: Vec<Vec<u32>> = rankings.iter().map(|ranking| top(ranking, top_rows)).collect();
    let (mut spearman, mut jaccard, mut pairs) = (0.0, 0.0, 0.0);
    for (index, (left, left_top)) in ranks.iter().zip(&tops).enumerate() {
        for (right, right_top) in ranks.iter().zip(&tops).skip(index + 1) {
            spearman += left.iter().zip(right).map(|(a, b)| a * b).sum::<f64>();
            let common = left_top.iter().filter(|row| right_top.binary_search(row).is_ok()).count();
            jaccard += common as f64 / (2 * top_rows - common) as f64;
            pairs += 1.0;
        }
    }
    Some(Stability { spearman: spearman / pairs, top: jaccard / pairs, top_rows })
}

/// Each row's mean rank, moved and scaled to mean 0 and length 1; none where all are equal.
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
fn ranks(ranking: &Ranking, rows: usize) -> Option<Vec<f64>> {
    let mut ranks = vec![0.0; rows];
    let middle = (rows as f64 - 1.0) / 2.0;
    let mut before = 0.0;
    for group in ranking.groups() {
        let size = group.len() as f64;
        for row in group {
            if let Some(rank) = ranks.get_mut(*row as usize) {
                *rank = before + (size - 1.0) / 2.0 - middle;
            }
        }
        before += size;
    }
    let length = libm::sqrt(ranks.iter().map(|rank| rank * rank).sum());
    (length > 0.0).then(|| ranks.into_iter().map(|rank| rank / length).collect())
}

/// The first rows, in the order of their numbers.
fn top(ranking: &Ranking, count: usize) -> Vec<u32> {
    let mut top: Vec<u32> = ranking.rows().iter().take(count).copied().collect();
    top.sort_unstable();
    top
}
