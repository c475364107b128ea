//! Groups of digits that may be one number.

use super::text::Text;
use std::ops::RangeInclusive;

/// Groups of digits with at most three separators between one and the next.
#[derive(Default)]
pub(super) struct Region {
    digits: Vec<u8>,
    groups: Vec<Group>,
}

/// Digits that stand together.
#[derive(Clone, Copy, Default)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many digits of the region come before.
    first: usize,
}

impl Group {
    pub(super) fn len(self) -> usize {
        self.end - self.start
    }
}

fn separates(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'-' | b'.' | b'/' | b'(' | b')' | b'_')
}

impl Region {
    /// Reads the region that begins with the digit at a place.
    pub(super) fn read(&mut self, text: Text<'_>, start: usize) {
        self.digits.clear();
        self.groups.clear();
        let mut start = start;
        loop {
            let end = text.skip(start, |byte| byte.is_ascii_digit());
            self.groups.push(Group { start, end, first: self.digits.len() });
            self.digits.extend(text.slice(start, end).iter().map(|digit| digit - b'0'));
            let next = text.skip(end, separates);
            if next == end || next > end + 3 || !text.at(next).is_ascii_digit() {
                return;
            }
            start = next;
        }
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn group(&self, group: usize) -> Group {
        self.groups.get(group).copied().unwrap_or_default()
    }

    /// The group that begins at a place.
    pub(super) fn index(&self, start: usize) -> Option<usize> {
        self.groups.binary_search_by_key(&start, |group| group.start).ok()
    }

    pub(super) fn end(&self) -> usize {
        self.groups.last().map_or(0, |group| group.end)
    }

    pub(super) fn count(&self) -> usize {
        self.digits.len()
    }

    /// The values of the digits of some groups.
    pub(super) fn digits(&self, groups: RangeInclusive<usize>) -> &[u8] {
        let end = self.groups.get(groups.end() + 1).map_or(self.digits.len(), |next| next.first);
        self.digits.get(self.group(*groups.start()).first..end).unwrap_or_default()
    }

    /// How many digits some groups have together.
    pub(super) fn width(&self, groups: RangeInclusive<usize>) -> usize {
        self.digits(groups).len()
    }

    /// What stands between a group and the one before; nothing before the first and after the last.
    pub(super) fn gap<'t>(&self, text: Text<'t>, group: usize) -> &'t [u8] {
        match (group.checked_sub(1).and_then(|last| self.groups.get(last)), self.groups.get(group)) {
            (Some(last), Some(group)) => text.slice(last.end, group.start),
            _ => &[],
        }
    }

    /// The sizes of some groups, as decimal digits: `[3, 2, 4]` is 324. A size over nine is nine.
    pub(super) fn shape(&self, groups: RangeInclusive<usize>) -> u64 {
        let groups = self.groups.get(groups).unwrap_or_default();
        groups.iter().fold(0, |shape, group| shape * 10 + group.len().min(9) as u64)
    }
}

/// Whether the byte between the groups is always the same one; that byte.
pub(super) fn only_gap(text: Text<'_>, region: &Region, from: usize, to: usize) -> Option<u8> {
    let mut only = None;
    for group in from + 1..=to {
        match region.gap(text, group) {
            [byte] if only.is_none_or(|only| only == *byte) => only = Some(*byte),
            _ => return None,
        }
    }
    only
}
