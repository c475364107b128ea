//! The bins in which the values of a column are counted, made from the reference's own values.

use std::cmp::Ordering;

/// Bins of a number column, heavy values aside.
const WANTED: u64 = 10;
/// The share of the reference that a range between two heavy values must hold to have bins of its own, as one part in
/// so many.
const LEAST_RANGE: u64 = 50;
/// Values that a category column names.
const MOST_VALUES: usize = 20;
/// Letters of the label of a range.
const LONGEST_LABEL: usize = 20;
/// Records of the reference that must have a value for it to be named: one that fewer have could tell who it is about.
pub const FEWEST_NAMED: u64 = 5;

/// How the values of a column are told apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Bins {
    /// Ranges of numbers. The cells are: below `low`; up to and with each of `edges`; above the last edge; missing.
    Number {
        /// The least value of the reference.
        low: f64,
        /// The upper ends of the bins, each part of its bin, in ascending order: values of the reference.
        edges: Vec<f64>,
    },
    /// Texts and truth values. The cells are: each of `values`; any other one; missing.
    Category {
        /// The most frequent values of the reference.
        values: Vec<String>,
    },
}

impl Bins {
    /// Bins at the quantiles of numbers, given in ascending order with their counts; none where there are none.
    ///
    /// A value that a tenth of the records has or more is a bin of its own; what lies between two such values is cut
    /// into bins of about a tenth each.
    pub(super) fn of_numbers(low: f64, values: &[(f64, u64)]) -> Option<Self> {
        let total: u64 = values.iter().map(|(_, count)| count).sum();
        let mut edges = Vec::new();
        let mut range: Vec<(f64, u64)> = Vec::new();
        for &(value, count) in values {
            if count * WANTED < total {
                range.push((value, count));
                continue;
            }
            // Few records below a heavy value are not worth a bin: they go into that value's.
            if weight(&range) * LEAST_RANGE >= total {
                cut(&range, total, &mut edges);
            }
            range.clear();
            edges.push(value);
        }
        if let Some((last, _)) = range.last() {
            match edges.last_mut() {
                Some(edge) if weight(&range) * LEAST_RANGE < total => *edge = *last,
                _ => cut(&range, total, &mut edges),
            }
        }
        (!edges.is_empty()).then_some(Self::Number { low, edges })
    }

    /// The most frequent of some values, with how many records have each.
    pub(super) fn of_values<'v>(values: impl Iterator<Item = (&'v str, u64)>) -> Self {
        let mut values: Vec<(&str, u64)> = values.filter(|(_, count)| *count >= FEWEST_NAMED).collect();
        values.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
        values.truncate(MOST_VALUES);
        Self::Category { values: values.into_iter().map(|(value, _)| value.to_owned()).collect() }
    }

    /// How many cells there are.
    #[must_use]
    pub fn cells(&self) -> usize {
        match self {
            Self::Number { edges, .. } => edges.len() + 3,
            Self::Category { values } => values.len() + 2,
        }
    }

    /// The cell of a value that is not there.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.cells() - 1
    }

    /// The cell of a number; that of a missing value where these are no bins of numbers.
    #[must_use]
    pub fn of_number(&self, value: f64) -> usize {
        match self {
            Self::Number { low, edges } => match value.partial_cmp(low) {
                Some(Ordering::Less) => 0,
                Some(_) => 1 + edges.partition_point(|edge| *edge < value),
                None => self.missing(),
            },
            Self::Category { .. } => self.missing(),
        }
    }

    /// The cell of a text; that of a missing value where these are bins of numbers.
    #[must_use]
    pub fn of_text(&self, text: &str) -> usize {
        match self {
            Self::Number { .. } => self.missing(),
            Self::Category { values } => values.iter().position(|value| value == text).unwrap_or(values.len()),
        }
    }

    /// Numbers that stand for the ordered cells of a number column, below and above its range with them: the middle of
    /// each bin, `low` for what is below it, the last edge for what is above. None for categories.
    #[must_use]
    pub fn representatives(&self) -> Option<Vec<f64>> {
        let Self::Number { low, edges } = self else { return None };
        let mut from = *low;
        let mut points = vec![*low];
        for edge in edges {
            // Halves first: the sum of two large numbers is no number.
            points.push(from / 2.0 + edge / 2.0);
            from = *edge;
        }
        points.push(from);
        Some(points)
    }

    /// The cells in words.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        match self {
            Self::Number { low, edges } => {
                let mut labels = vec![format!("below {}", short(*low))];
                let mut from = None;
                for edge in edges {
                    labels.push(match from {
                        None if *edge > *low => format!("{} to {}", short(*low), short(*edge)),
                        None => short(*edge),
                        Some(from) => between(from, *edge),
                    });
                    from = Some(*edge);
                }
                labels.push(format!("above {}", short(from.unwrap_or(*low))));
                labels.push("missing".to_owned());
                labels
            }
            Self::Category { values } => {
                values.iter().cloned().chain(["any other".to_owned(), "missing".to_owned()]).collect()
            }
        }
    }
}

/// A range without its lower end, in the words that a picture has room for.
fn between(from: f64, to: f64) -> String {
    let (from, to) = (short(from), short(to));
    let words = format!("over {from} to {to}");
    if words.chars().count() > LONGEST_LABEL { format!("{from} – {to}") } else { words }
}

fn weight(range: &[(f64, u64)]) -> u64 {
    range.iter().map(|(_, count)| count).sum()
}

/// Cuts a range into bins of about a tenth of all records, none of which is one value's alone by force: each ends
/// where it comes nearest to its share of what is left.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn cut(range: &[(f64, u64)], total: u64, edges: &mut Vec<f64>) {
    let Some((last, _)) = range.last() else { return };
    let mut left = weight(range);
    // To the nearest number of tenths.
    let mut bins = ((2 * left * WANTED + total) / (2 * total)).max(1);
    let (mut held, mut end) = (0_u64, None);
    for (value, count) in range {
        let share = left as f64 / bins as f64;
        let nearer = share - held as f64 <= (held + count) as f64 - share;
        if let Some(end) = end.filter(|_| bins > 1 && nearer) {
            edges.push(end);
            left -= held;
            bins -= 1;
            held = 0;
        }
        held += count;
        end = Some(*value);
    }
    edges.push(*last);
}

/// A number of few digits, as people read it.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e7).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = match size {
        1000.0.. => 0,
        100.0.. => 1,
        10.0.. => 2,
        1.0.. => 3,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    #![allow(clippy::float_cmp, reason = "what is exact")]

    use super::{Bins, short};
    use proptest::prelude::*;

    fn edges(values: &[(f64, u64)]) -> Vec<f64> {
        match Bins::of_numbers(values[0].0, values) {
            Some(Bins::Number { edges, .. }) => edges,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bins_are_tenths_and_heavy_values_stand_alone() {
        let even: Vec<(f64, u64)> = (1..=100).map(|value| (f64::from(value), 3)).collect();
        assert_eq!(edges(&even), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]);
        // Half is 0, a tenth 1000, the rest between them.
        let mut heavy = vec![(0.0, 500)];
        heavy.extend((1..=400).map(|value| (f64::from(value), 1)));
        heavy.push((1000.0, 100));
        assert_eq!(edges(&heavy), [0.0, 100.0, 200.0, 300.0, 400.0, 1000.0]);
        // What is next to nothing has no bin of its own.
        assert_eq!(edges(&[(0.0, 500), (0.5, 3), (1.0, 497)]), [0.0, 1.0]);
        assert_eq!(edges(&[(0.0, 990), (5.0, 10)]), [5.0]);
        assert_eq!(edges(&[(7.0, 1)]), [7.0]);
        assert_eq!(Bins::of_numbers(0.0, &[]), None);
    }

    #[test]
    fn every_value_has_its_cell() {
        let bins = Bins::Number { low: 1.0, edges: vec![1.0, 2.5, 10.0] };
        let cells = [0.9, 1.0, 1.1, 2.5, 2.6, 10.0, 10.1, f64::NAN].map(|value| bins.of_number(value));
        assert_eq!(cells, [0, 1, 2, 2, 3, 3, 4, 5]);
        assert_eq!(bins.of_text("1"), bins.missing());
        assert_eq!(bins.labels(), ["below 1", "1", "over 1 to 2.5", "over 2.5 to 10", "above 10", "missing"]);
        assert_eq!(bins.representatives(), Some(vec![1.0, 1.0, 1.75, 6.25, 10.0]));
        let bins = Bins::of_values([("b", 9), ("a", 9), ("rare", 4), ("c", 12)].into_iter());
        assert_eq!(bins, Bins::Category { values: ["c", "a", "b"].map(str::to_owned).to_vec() });
        assert_eq!(["a", "rare", ""].map(|text| bins.of_text(text)), [1, 3, 3]);
        assert_eq!((bins.of_number(1.0), bins.missing(), bins.representatives()), (4, 4, None));
    }

    #[test]
    fn numbers_read_well() {
        let numbers = [0.0, 3.5, 19.989_999_771, 1234.56, 100.0, 1e9, -0.000_012, 0.1].map(short);
        assert_eq!(numbers, ["0", "3.5", "19.99", "1235", "100", "1.00e9", "-1.20e-5", "0.1"]);
    }

    proptest! {
        #[test]
        fn edges_rise_and_no_light_bin_is_large(counts in prop::collection::vec((1..60_u64, 0..4_u8), 1..120)) {
            let count = |(count, factor): &(u64, u8)| if *factor == 0 { count * 20 } else { *count };
            let values: Vec<(f64, u64)> =
                counts.iter().enumerate().map(|(at, one)| (at as f64, count(one))).collect();
            let total: u64 = values.iter().map(|(_, count)| count).sum();
            let bins = Bins::of_numbers(0.0, &values).unwrap();
            let edges = edges(&values);
            prop_assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(edges.len() <= 21, "{}", edges.len());
            let mut cells = vec![0; bins.cells()];
            for (value, count) in &values {
                cells[bins.of_number(*value)] += count;
            }
            // Everything lies inside the range, and nothing but one heavy value holds much more than its share.
            prop_assert_eq!((cells[0], cells[edges.len() + 1], cells[edges.len() + 2]), (0, 0, 0));
            let heaviest = values.iter().map(|(_, count)| *count).max().unwrap();
            prop_assert!(cells.iter().all(|cell| *cell <= heaviest + total / 4 + 1), "{:?} {}", cells, total);
        }
    }
}
