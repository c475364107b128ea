//! France.

use super::{Evidence, value};
use crate::mask::scan::compact::Compact;
use crate::mask::scan::hit::Hit;
use crate::mask::scan::kind::{Confidence, Kind};
use crate::mask::scan::text::{Text, is_alnum};

/// Where the groups of `1 84 12 76 451 089 46` begin.
const GROUPS: u64 = 0b10_0100_1010_1010;

/// Sex, year, month, department (of Corsica 2A or 2B), commune, order, and a key of two digits modulo 97.
pub(super) fn nir(text: Text<'_>, start: usize) -> Option<Hit> {
    if is_alnum(text.before(start)) || !matches!(text.at(start), b'1'..=b'4' | b'7' | b'8') {
        return None;
    }
    let id = Compact::read(text, start, 15)?;
    let head: [u8; 6] = id.digits(0)?;
    let tail: [u8; 8] = id.digits(7)?;
    // In Corsica the letter counts as 19 or 18, in place of 2A and 2B.
    let department = match id.chars().get(6)? {
        b'A' if head.last() == Some(&2) => 19,
        b'B' if head.last() == Some(&2) => 18,
        digit @ b'0'..=b'9' => u64::from(head.last()? * 10 + (digit - b'0')),
        _ => return None,
    };
    let month = value(head.get(3..5)?);
    let number = (value(head.get(..5)?) * 100 + department) * 1_000_000 + value(tail.get(..6)?);
    let holds = 97 - number % 97 == value(tail.get(6..)?) && matches!(month, 1..=12 | 20 | 30..=42 | 50..=99);
    // Some of the groups may stand together.
    let grouped = id.gaps & !GROUPS == 0;
    // In other groups the digits may be the beginning of a longer number.
    let more = text.at(id.end + 1).is_ascii_digit() && id.gaps != 0 && id.gaps != GROUPS;
    let evidence = Evidence::new(Kind::FrNir, Some(Confidence::Medium), "nir secu* securite sociale insee");
    let confidence = evidence.weigh(text, start, id.end)?;
    (holds && grouped && !more).then(|| Hit::new(start, id.end, Kind::FrNir, confidence))
}
