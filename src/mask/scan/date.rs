//! Dates: groups of digits that are no part of a longer number.

use super::number::{Region, only_gap};
use super::text::Text;

/// Whether three groups from here on are a date: year first or last, with the same mark between.
pub(super) fn at(text: Text<'_>, region: &Region, group: usize) -> bool {
    if group + 2 >= region.len() || !matches!(only_gap(text, region, group, group + 2), Some(b'-' | b'.' | b'/')) {
        return false;
    }
    let value = |group| region.digits(group..=group).iter().fold(0, |value, digit| value * 10 + u32::from(*digit));
    let size = |group| region.group(group).len();
    let part = |group: usize, most: u32| size(group) <= 2 && (1..=most).contains(&value(group));
    let year = |group: usize| match size(group) {
        2 => true,
        4 => (1900..2100).contains(&value(group)),
        _ => false,
    };
    let [first, second, third] = [group, group + 1, group + 2];
    // 02.27.96.63.08 is no date: it goes on.
    if size(first) == 2 && size(third) == 2 && region.gap(text, third + 1) == region.gap(text, third) {
        return false;
    }
    let day_and_month = |one, other| part(one, 31) && part(other, 12) || part(one, 12) && part(other, 31);
    size(first) == 4 && year(first) && part(second, 12) && part(third, 31)
        || year(third) && day_and_month(first, second)
}
