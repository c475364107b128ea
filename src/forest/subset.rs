//! A split of categories: some of them against the rest.

use super::random::Random;

/// Draws a subset of the categories that a node's rows have, in ascending order.
///
/// A coin decides for each category. Both sides get at least one: where the coins agree, one category drawn by chance
/// changes sides. A missing value, and a category that the node has not seen, is in no subset, so that gaps stand for
/// one more category on the other side. None where there is nothing to part.
pub(super) fn draw(values: &[f32], random: &mut Random) -> Option<Vec<f32>> {
    // Adding 0 makes a 0 of −0: they are equal, and must be one category.
    let mut categories: Vec<f32> = values.iter().filter(|value| !value.is_nan()).map(|value| value + 0.0).collect();
    let gaps = categories.len() < values.len();
    categories.sort_unstable_by(f32::total_cmp);
    categories.dedup();
    if categories.is_empty() || (categories.len() == 1 && !gaps) {
        return None;
    }
    let coins: Vec<bool> = categories.iter().map(|_| random.coin()).collect();
    let changed = random.below(categories.len());
    let (none, all) = (!coins.contains(&true), !coins.contains(&false));
    let agree = none || (all && !gaps);
    let drawn = categories.iter().zip(&coins).enumerate();
    let subset = drawn.filter(|(at, (_, coin))| if agree && *at == changed { !**coin } else { **coin });
    Some(subset.map(|(_, (category, _))| *category).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_get_some() {
        for seed in 0..200 {
            let mut random = Random::for_tree(seed, 0);
            let subset = draw(&[2.0, 1.0, 2.0, 0.0], &mut random).unwrap_or_default();
            assert!((1..=2).contains(&subset.len()) && subset.is_sorted(), "{subset:?}");
            assert_eq!(draw(&[3.0, f32::NAN], &mut random), Some(vec![3.0]));
            assert_eq!(draw(&[0.0, -0.0], &mut random), None);
            assert_eq!(draw(&[f32::NAN; 2], &mut random), None);
        }
    }
}
