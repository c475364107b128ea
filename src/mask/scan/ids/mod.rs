//! National ids: each by its own form and check, one file a family of countries.
//!
//! Where the check is so weak that one number in ten passes it, the digits alone do not tell: it takes a word beside them
//! that names the id, or a grouping that is the id's own.

mod benelux;
mod britain;
mod central;
mod france;
mod germany;
mod iberia;
mod italy;
mod usa;

pub(super) use italy::codice_fiscale_at;

use super::context;
use super::hit::Hit;
use super::kind::{Confidence, Kind, Kinds};
use super::number::Region;
use super::text::{Text, is_alnum};
use crate::normalise::days_of_month;

/// Digits that may be an id, with the grouping that they are written in.
pub(super) struct Candidate<'r> {
    digits: &'r [u8],
    /// The sizes of the groups, as decimal digits: `[3, 2, 4]` is 324.
    shape: u64,
    /// The bytes between the groups; no more than six.
    gaps: [u8; 6],
    groups: usize,
}

impl Candidate<'_> {
    /// Whether the digits are in these groups with these marks between, such as 324 with `--`.
    fn is_written(&self, shape: u64, marks: &[u8]) -> bool {
        self.shape == shape && self.gaps.get(..marks.len()) == Some(marks) && self.groups == marks.len() + 1
    }

    fn is_together(&self) -> bool {
        self.groups == 1
    }
}

/// What speaks for an id.
#[derive(Clone, Copy)]
struct Evidence {
    kind: Kind,
    /// Without a word that names it; none where it takes such a word.
    alone: Option<Confidence>,
    words: &'static str,
    /// Words before it that say that it is something else, where no word names it.
    unless: &'static str,
}

impl Evidence {
    fn new(kind: Kind, alone: Option<Confidence>, words: &'static str) -> Self {
        Self { kind, alone, words, unless: "" }
    }

    /// The confidence that this gives to what stands between two places.
    fn weigh(self, text: Text<'_>, start: usize, end: usize) -> Option<Confidence> {
        if context::names(text, start, end, self.words) {
            return Some(self.alone.map_or(Confidence::Medium, Confidence::raised));
        }
        let other = !self.unless.is_empty()
            && context::before(text, start).take(3).any(|word| context::is_listed(word, self.unless));
        self.alone.filter(|_| !other)
    }
}

/// Reads digits as an id of one country.
type Rule = fn(&Candidate<'_>) -> Option<Evidence>;

const RULES: [Rule; 10] = [
    usa::ssn,
    central::ahv,
    benelux::nrn,
    germany::steuer_id,
    central::rodne_cislo,
    central::svnr,
    britain::nhs,
    central::pesel,
    benelux::bsn,
    iberia::nif,
];

/// The id of digits alone that begins with a group, and the last of its groups.
pub(super) fn numeric(text: Text<'_>, region: &Region, first: usize, kinds: Kinds) -> Option<(Hit, usize)> {
    let start = region.group(first).start;
    let bound = text.before(start);
    if is_alnum(bound) {
        return None;
    }
    let mut gaps = [0; 6];
    for last in first..region.len().min(first + 7) {
        if last > first {
            let [gap] = region.gap(text, last) else { return None };
            *gaps.get_mut(last - first - 1)? = *gap;
        }
        let digits = region.digits(first..=last);
        if digits.len() > 13 {
            return None;
        }
        let end = region.group(last).end;
        if digits.len() < 9 || is_alnum(text.at(end)) {
            continue;
        }
        let candidate = Candidate { digits, shape: region.shape(first..=last), gaps, groups: last - first + 1 };
        let free = is_free(text, start, end);
        let best =
            RULES.iter().filter_map(|rule| rule(&candidate)).filter(|found| kinds.has(found.kind)).find_map(|found| {
                let found = Evidence { alone: found.alone.filter(|_| free), ..found };
                Some((found.kind, found.weigh(text, start, end)?))
            });
        if let Some((kind, confidence)) = best {
            return Some((Hit::new(start, end, kind, confidence), last));
        }
    }
    None
}

/// Whether no mark binds the digits to what stands around them, as in `INV-12345678901`.
fn is_free(text: Text<'_>, start: usize, end: usize) -> bool {
    let bound = |mark: u8, beyond: u8| match mark {
        b'#' | b'_' | b'$' | b'@' => true,
        b'-' | b'/' | b'.' | b',' => is_alnum(beyond),
        _ => false,
    };
    let word_before = bound(text.before(start), text.before(start.wrapping_sub(1)));
    !word_before && !bound(text.at(end), text.at(end + 1))
}

/// The id with letters in it whose first digit stands at a place; it begins there or with letters before. So many digits
/// stand around there.
pub(super) fn mixed(text: Text<'_>, digit: usize, count: usize, kinds: Kinds) -> Option<Hit> {
    // Letters part the digits of a codice fiscale, and of a French number from Corsica: of those fewer stand together.
    type Rule = fn(Text<'_>, usize) -> Option<Hit>;
    let rules: [(Kind, usize, Rule); 5] = [
        (Kind::ItCodiceFiscale, 1, italy::codice_fiscale),
        (Kind::UkNino, 6, britain::nino),
        (Kind::EsNie, 7, iberia::nie),
        (Kind::EsDni, 8, iberia::dni),
        (Kind::FrNir, 6, france::nir),
    ];
    let mut rules = rules.into_iter().filter(|(kind, least, _)| count >= *least && kinds.has(*kind));
    rules.find_map(|(_, _, rule)| rule(text, digit))
}

/// The sum of digits, each times its weight.
fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum()
}

/// The value of digits as one number.
fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, digit| value * 10 + u64::from(*digit))
}

/// Whether a month has such a day, in some year.
fn is_day(month: u64, day: u64) -> bool {
    const LEAP: i64 = 2000;
    (1..=days_of_month(LEAP, month.cast_signed())).contains(&day.cast_signed())
}

fn all_same(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair.first() == pair.last())
}
