//! The risk figures, from the sizes of the groups alone.

use super::Survey;

/// How many of the smallest groups are pointed at.
const SHOWN: usize = 10;
/// Where the bands of the histogram begin.
const BANDS: [u64; 9] = [1, 2, 3, 5, 10, 20, 50, 100, 1000];

/// Groups of about one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The least size.
    pub from: u64,
    /// The greatest size; none where there is no end.
    pub to: Option<u64>,
    /// How many groups.
    pub groups: u64,
    /// How many records in them.
    pub records: u64,
}

/// What the sizes of the groups tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Records that were measured.
    pub records: u64,
    /// Different combinations of values.
    pub groups: u64,
    /// The size of the smallest group; 0 without records.
    pub k: u64,
    /// Records that are alone in their group.
    pub unique: u64,
    /// Groups smaller than what is asked for.
    pub below_groups: u64,
    /// The records in them.
    pub below_records: u64,
    /// The chance of finding a record of the smallest group, for one who knows that person's values and that the record is
    /// there: 1 / k (prosecutor risk).
    pub highest_risk: f64,
    /// The mean of the same over all records: groups / records.
    pub mean_risk: f64,
    /// How many groups of which size; only bands that hold some.
    pub sizes: Vec<Band>,
}

impl Figures {
    /// Computes the figures; `wanted` is the size that is asked for.
    #[must_use]
    pub fn of(sizes: impl Iterator<Item = u64>, wanted: u64) -> Self {
        let mut sizes_of: Vec<Band> = BANDS
            .iter()
            .enumerate()
            .map(|(at, from)| Band { from: *from, to: BANDS.get(at + 1).map(|next| next - 1), groups: 0, records: 0 })
            .collect();
        let (mut records, mut groups, mut k, mut unique, mut below) = (0, 0, u64::MAX, 0, (0, 0));
        for size in sizes {
            records += size;
            groups += 1;
            k = k.min(size);
            unique += u64::from(size == 1);
            if size < wanted {
                below = (below.0 + 1, below.1 + size);
            }
            if let Some(band) = sizes_of.iter_mut().rev().find(|band| band.from <= size) {
                band.groups += 1;
                band.records += size;
            }
        }
        sizes_of.retain(|band| band.groups > 0);
        let k = if records == 0 { 0 } else { k };
        Self {
            records,
            groups,
            k,
            unique,
            below_groups: below.0,
            below_records: below.1,
            highest_risk: share(u64::from(k > 0), k),
            mean_risk: share(groups, records),
            sizes: sizes_of,
        }
    }
}

/// A part of a whole; 0 of nothing.
#[allow(clippy::cast_precision_loss, reason = "counts of records, far below 2^53")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A small group. It is pointed at and not shown: its values single somebody out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Small {
    /// How many records it has.
    pub size: u64,
    /// Where its first record stands.
    pub line: u64,
    /// In which input, where there are several.
    pub source: Option<String>,
}

impl Survey {
    /// The figures; `wanted` is the group size that is asked for.
    #[must_use]
    pub fn figures(&self, wanted: u64) -> Figures {
        Figures::of(self.sizes(), wanted)
    }

    /// The smallest groups below the size that is asked for, the smallest and then the earliest first.
    #[must_use]
    pub fn smallest(&self, wanted: u64) -> Vec<Small> {
        let mut small: Vec<_> = self.groups.iter().filter(|group| group.count < wanted).collect();
        let order = |group: &&super::count::Group| (group.count, group.source, group.line);
        if small.len() > SHOWN {
            small.select_nth_unstable_by_key(SHOWN, order);
            small.truncate(SHOWN);
        }
        small.sort_unstable_by_key(order);
        let source = |at: usize| self.sources.get(at)?.as_deref().map(ToOwned::to_owned);
        small.iter().map(|it| Small { size: it.count, line: it.line, source: source(it.source) }).collect()
    }
}
