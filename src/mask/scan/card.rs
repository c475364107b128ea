//! Payment cards: 12 to 19 digits in the ranges that the schemes issue, with the Luhn check digit (ISO/IEC 7812-1).

use super::context::{self, ByLetter};
use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::number::Region;
use super::text::{Text, is_alnum, is_letter};

#[rustfmt::skip]
const WORDS: ByLetter = [
    "american amex",
    "betaalkaart",
    "card* carta cartao carte* cc credit",
    "debit diners discover",
    "",
    "",
    "",
    "",
    "",
    "jcb",
    "kaart karta karte* kartennummer kort kreditkarte*",
    "",
    "maestro master*",
    "",
    "",
    "pan payment*",
    "",
    "",
    "",
    "tarjeta*",
    "unionpay",
    "visa",
    "",
    "",
    "",
    "",
];

/// The ranges: the first six digits from and to, and how many digits there may be, from and to.
#[rustfmt::skip]
const RANGES: [(u32, u32, usize, usize); 17] = [
    (180_000, 180_099, 15, 15), // JCB
    (213_100, 213_199, 15, 15), // JCB
    (220_000, 220_599, 16, 19), // Mir, Borica
    (222_100, 272_099, 16, 16), // Mastercard
    (300_000, 305_999, 14, 19), // Diners Club
    (309_500, 309_599, 14, 19), // Diners Club
    (340_000, 349_999, 15, 15), // American Express
    (352_800, 358_999, 16, 19), // JCB
    (360_000, 369_999, 14, 19), // Diners Club
    (370_000, 379_999, 15, 15), // American Express
    (380_000, 399_999, 14, 19), // Diners Club
    (400_000, 499_999, 13, 19), // Visa: 13, 16 and 19
    (500_000, 509_999, 12, 19), // Maestro, Dankort, Elo, Verve
    (510_000, 559_999, 16, 16), // Mastercard
    (560_000, 699_999, 12, 19), // Maestro, Discover, UnionPay, RuPay, InterPayment
    (810_000, 829_999, 16, 19), // UnionPay, RuPay
    (860_000, 986_099, 16, 16), // Uzcard, Troy, Humo
];

/// The longest card that begins with a group, and the last of its groups.
pub(super) fn find(text: Text<'_>, region: &Region, first: usize) -> Option<(Hit, usize)> {
    let start = region.group(first).start;
    if !is_free_before(text, region, first) {
        return None;
    }
    let mut card = None;
    for last in first..region.len() {
        let width = region.width(first..=last);
        if width > 19 || (last > first && !joins(text, region, first, last)) {
            break;
        }
        let digits = region.digits(first..=last);
        if width >= 12 && is_issued(digits) && is_grouped(text, region, first, last) && luhn(digits) {
            card = Some(last);
        }
    }
    let last = card?;
    let end = region.group(last).end;
    let named = context::around(text, start, end).any(|word| context::is_listed_by_letter(word, &WORDS));
    // One in ten of all numbers passes the check; the few digits of the shortest need a word or their groups besides.
    let width = region.width(first..=last);
    if width < 14 && !named && first == last {
        return None;
    }
    let confidence = if named { Confidence::High } else { Confidence::Medium };
    Some((Hit::new(start, end, Kind::Card, confidence), last))
}

/// Spaces and dashes go together; points and underscores only with their like, because they make fractions else.
fn joins(text: Text<'_>, region: &Region, first: usize, last: usize) -> bool {
    let gap = region.gap(text, last);
    let alone = |gap: &[u8]| matches!(gap, b"." | b"_");
    let before = region.gap(text, last - 1);
    let even = last == first + 1 || !(alone(gap) || alone(before)) || gap == before;
    even && !gap.iter().any(|byte| matches!(byte, b'(' | b')'))
}

fn is_issued(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(6).fold(0, |prefix, digit| prefix * 10 + u32::from(*digit));
    let width = digits.len();
    // Visa has no 14, 15, 17 or 18.
    let visa = digits.first() != Some(&4) || matches!(width, 13 | 16 | 19);
    visa && RANGES
        .iter()
        .any(|(from, to, least, most)| (*from..=*to).contains(&prefix) && (*least..=*most).contains(&width))
}

/// Groups as people write them, of any size, but not a list of small numbers.
fn is_grouped(text: Text<'_>, region: &Region, first: usize, last: usize) -> bool {
    let groups = last - first + 1;
    let uniform = (first..last).all(|group| region.group(group).len() == region.group(first).len());
    let whole = first == 0 && last + 1 == region.len();
    let end = region.group(last).end;
    let free = !is_letter(text.at(end)) || is_word(text, region.group(first).start, end);
    free && (groups * 5 <= region.width(first..=last) * 2 || uniform && whole)
}

/// What stands before may be a word or a mark, but no more digits of a fraction, and no part of a hexadecimal number.
fn is_free_before(text: Text<'_>, region: &Region, first: usize) -> bool {
    let start = region.group(first).start;
    let before = text.before(start);
    if is_letter(before) {
        // One letter before digits is a number's, as a licence has them.
        return is_letter(text.before(start - 1))
            && is_word(text, start, text.skip(start, |byte| byte.is_ascii_digit()));
    }
    // 0.4111111111111111 is a fraction, and 0.411_111_111_111_111_1 too.
    let fraction = matches!(before, b'.' | b',') && text.before(start - 1).is_ascii_digit();
    !fraction || region.group(first).len() < 10 && matches!(region.gap(text, first + 1), [b'.'])
}

/// Whether the letters around are more than hexadecimal digits.
fn is_word(text: Text<'_>, start: usize, end: usize) -> bool {
    let from = text.skip_back(start, start.saturating_sub(64), is_alnum);
    let around =
        text.slice(from, start).iter().chain(text.slice(end, end + 64).iter().take_while(|byte| is_alnum(**byte)));
    around.into_iter().any(|byte| is_letter(*byte) && !byte.is_ascii_hexdigit())
}

fn luhn(digits: &[u8]) -> bool {
    let same = digits.windows(2).all(|pair| pair.first() == pair.last());
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10) && !same
}
