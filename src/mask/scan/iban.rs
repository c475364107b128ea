//! International bank account numbers: the length of the country and the check of ISO 7064 MOD 97-10, in any grouping
//! and letter case.

use super::compact::{Compact, letters_before};
use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::text::{Text, is_alnum};

/// What follows the country and the check digits (ISO 13616 registry): n digits, a letters, c either. By the first letter of
/// the country, after its second.
#[rustfmt::skip]
const ACCOUNTS: [&str; 26] = [
    "Dn8c12 En19 Ln8c16 Tn16 Za4c20",
    "An16 En12 Ga4n6c8 Ha4c14 In23 Rn23c2 Yc4n4c16",
    "Hn5c12 Rn18 Yn8c16 Zn20",
    "En18 Jn23 Kn14 Oc4n20",
    "En16 Gn25 Sn20",
    "In14 Ka2n12 On14 Rn10c11n2",
    "Ba4n14 Ea2n16 Ia4c15 Ln14 Rn7c16 Tc24",
    "Na4n20 Rn17 Un24",
    "Ea4n14 Ln19 Qa4n15 Sn22 Ta1n10c12",
    "Oa4n4c18",
    "Wa4c22 Zn3c13",
    "Bn4c20 Ca4c24 In5c12 Tn16 Un3c13 Va4c13 Yn21",
    "Cn10c11n2 Dc20 En18 Kn3c10n2 Nn16 Rn23 Ta4n5c18 Ua4n19a3",
    "Ia4n20 La4n10 On11",
    "Mn3c16",
    "Ka4c16 Ln24 Sa4c21 Tn21",
    "Aa4c21",
    "Oa4c16 Sn18 Un14c15",
    "An2c18 Ca4n20a3 Dn14 En20 In15 Kn20 Ma1n10c12 On19 Tn21 Va4n20",
    "Ln19 Nn20 Rn6c16",
    "An6c19",
    "An18 Ga4n16",
    "",
    "Kn16",
    "Ea4n4c18",
    "",
];

/// The IBAN whose first check digit stands at a place.
pub(super) fn find(text: Text<'_>, digit: usize) -> Option<Hit> {
    // A second check digit follows, which tells most numbers of a text apart.
    let second = text.skip_up_to(digit + 1, 2, |byte| !is_alnum(byte));
    if !text.at(second).is_ascii_digit() {
        return None;
    }
    let start = country_start(text, digit)?;
    let country: [u8; 2] = letters(text, start, digit)?;
    let account = account(country)?;
    let compact = Compact::read(text, start, 4 + length(account))?;
    // Words and numbers of a sentence, drawn together, might pass the check; they do not fit the country's form too.
    let together = compact.gaps == 0;
    let holds = mod97(compact.chars()) && (together || fits(compact.chars().get(4..).unwrap_or_default(), account));
    holds.then(|| Hit::new(start, compact.end, Kind::Iban, Confidence::High))
}

/// The two letters before the check digits begin a word, or follow the word IBAN.
fn country_start(text: Text<'_>, digit: usize) -> Option<usize> {
    letters_before(text, digit, 2).or_else(|| {
        let start = digit.checked_sub(2)?;
        text.has(start.checked_sub(4)?, b"iban").then_some(start)
    })
}

fn letters(text: Text<'_>, start: usize, end: usize) -> Option<[u8; 2]> {
    let mut letters = text.slice(start, end).iter().filter(|byte| byte.is_ascii_alphabetic());
    Some([letters.next()?.to_ascii_uppercase(), letters.next()?.to_ascii_uppercase()])
}

fn account([first, second]: [u8; 2]) -> Option<&'static [u8]> {
    let countries = ACCOUNTS.get(usize::from(first.checked_sub(b'A')?))?;
    countries.as_bytes().split(|byte| *byte == b' ').find_map(|entry| entry.strip_prefix(&[second]))
}

/// The parts of a form: a class and how many characters of it.
fn parts(account: &[u8]) -> impl Iterator<Item = (u8, usize)> {
    account.chunk_by(|_, next| next.is_ascii_digit()).filter_map(|part| {
        let (class, count) = part.split_first()?;
        Some((*class, count.iter().fold(0, |count, digit| count * 10 + usize::from(digit - b'0'))))
    })
}

fn length(account: &[u8]) -> usize {
    parts(account).map(|(_, count)| count).sum()
}

fn fits(chars: &[u8], account: &[u8]) -> bool {
    let mut rest = chars;
    parts(account).all(|(class, count)| {
        let Some((part, after)) = rest.split_at_checked(count) else { return false };
        rest = after;
        part.iter().all(|char| match class {
            b'n' => char.is_ascii_digit(),
            b'a' => char.is_ascii_alphabetic(),
            _ => true,
        })
    })
}

/// The account, then country and check digits, as one number.
fn mod97(iban: &[u8]) -> bool {
    let Some((head, account)) = iban.split_at_checked(4) else { return false };
    let value = |char: u8| char::from(char).to_digit(36).unwrap_or(0);
    let rest = account
        .iter()
        .chain(head)
        .map(|char| value(*char))
        .fold(0, |rest, value| (rest * if value < 10 { 10 } else { 100 } + value) % 97);
    rest == 1
}
