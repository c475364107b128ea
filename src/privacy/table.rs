//! The combinations themselves, for trying what coarser values would do.
//!
//! Up to a limit all of them are kept. Beyond it a part is kept that their keyed digests choose, which is a uniform
//! sample of the combinations, whatever their order; each with its exact count.

use super::count::Group;
use super::value::Value;
use std::collections::HashMap;

/// Most combinations that are kept.
pub(super) const MOST_ROWS: usize = 1 << 18;

struct Row {
    digest: u128,
    group: usize,
    values: Box<[u32]>,
}

/// The combinations.
#[derive(Default)]
pub(super) struct Table {
    /// Only digests that begin with so many zero bits are kept.
    zeros: u32,
    rows: Vec<Row>,
    /// The different values of each field, and their numbers.
    columns: Vec<HashMap<Value, u32>>,
}

impl Table {
    pub(super) fn push(&mut self, digest: u128, group: usize, values: &[Value]) {
        if digest.leading_zeros() < self.zeros {
            return;
        }
        self.columns.resize_with(values.len(), HashMap::new);
        let values = values.iter().zip(&mut self.columns).map(|(value, column)| number(column, value)).collect();
        self.rows.push(Row { digest, group, values });
        while self.rows.len() > MOST_ROWS {
            self.zeros += 1;
            self.rows.retain(|row| row.digest.leading_zeros() >= self.zeros);
            self.forget();
        }
    }

    /// Forgets the values that no row has any more.
    fn forget(&mut self) {
        let old = self.values();
        self.columns.iter_mut().for_each(HashMap::clear);
        for row in &mut self.rows {
            for ((at, column), old) in row.values.iter_mut().zip(&mut self.columns).zip(&old) {
                if let Some(value) = old.get(*at as usize) {
                    *at = number(column, value);
                }
            }
        }
    }

    /// The different values of each field, by their numbers.
    fn values(&self) -> Vec<Vec<Value>> {
        let sorted = |column: &HashMap<Value, u32>| {
            let mut values: Vec<(u32, &Value)> = column.iter().map(|(value, at)| (*at, value)).collect();
            values.sort_unstable_by_key(|(at, _)| *at);
            values.into_iter().map(|(_, value)| value.clone()).collect()
        };
        self.columns.iter().map(sorted).collect()
    }

    /// Whether some combinations were left out.
    pub(super) fn is_sample(&self) -> bool {
        self.zeros > 0
    }

    /// The combinations with their counts.
    pub(super) fn cells(&self, groups: &[Group]) -> Cells {
        let rows = self.rows.iter().filter_map(|row| Some((row.values.clone(), groups.get(row.group)?.count)));
        Cells { rows: rows.collect(), values: self.values() }
    }
}

fn number(column: &mut HashMap<Value, u32>, value: &Value) -> u32 {
    if let Some(at) = column.get(value) {
        return *at;
    }
    // A column has at most one value a row.
    let at = u32::try_from(column.len()).unwrap_or(u32::MAX);
    column.insert(value.clone(), at);
    at
}

/// Combinations of values, each field's values by number.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub(super) rows: Vec<(Box<[u32]>, u64)>,
    pub(super) values: Vec<Vec<Value>>,
}

impl Cells {
    /// How many records have each value of a field.
    pub(super) fn weights(&self, field: usize) -> Vec<u64> {
        let mut weights = vec![0; self.values.get(field).map_or(0, Vec::len)];
        for (row, count) in &self.rows {
            let at = row.get(field).map_or(usize::MAX, |at| *at as usize);
            if let Some(weight) = weights.get_mut(at) {
                *weight += count;
            }
        }
        weights
    }

    #[cfg(test)]
    pub(super) fn of(records: &[Vec<Value>]) -> Self {
        let mut table = Table::default();
        let mut groups: Vec<Group> = Vec::new();
        let mut known: HashMap<&Vec<Value>, usize> = HashMap::new();
        for record in records {
            let at = *known.entry(record).or_insert(groups.len());
            if at == groups.len() {
                table.push(u128::MAX, at, record);
                groups.push(Group { count: 0, line: 1, source: 0, tallies: Box::default() });
            }
            groups[at].count += 1;
        }
        table.cells(&groups)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Kind;
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn beyond_the_limit_a_uniform_sample_stays() {
        let mut table = Table::default();
        let mut groups = Vec::new();
        let many = MOST_ROWS + MOST_ROWS / 2;
        for at in 0..many {
            let digest = Sha256::digest(at.to_le_bytes());
            let digest = u128::from_be_bytes(digest[..16].try_into().unwrap());
            let value = |text: usize| Value::new(Kind::Text, &text.to_string());
            table.push(digest, at, &[value(at), value(at % 4)]);
            groups.push(Group { count: at as u64, line: 1, source: 0, tallies: Box::default() });
        }
        let cells = table.cells(&groups);
        assert!(table.is_sample());
        // Shares in thousandths of what a uniform sample of one half has.
        let rows = cells.rows.len();
        assert!((rows * 2000 / many).abs_diff(1000) < 20, "{rows}");
        assert_eq!(cells.values[0].len(), cells.rows.len());
        let mut quarters = [0; 4];
        for (row, count) in &cells.rows {
            assert_eq!(cells.values[0][row[0] as usize].text, count.to_string());
            let quarter: usize = cells.values[1][row[1] as usize].text.parse().unwrap();
            assert_eq!(*count % 4, quarter as u64);
            quarters[quarter] += 1;
        }
        for quarter in quarters {
            assert!((quarter * 4000 / rows).abs_diff(1000) < 40, "{quarters:?}");
        }
    }
}
