//! International bank account numbers: the length of the country and the check of ISO 7064 MOD 97-10, in any grouping
//! and letter case.

use super::compact::{Compact, letters_before};
use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::text::Text;

/// What follows the country and the check digits (ISO 13616 registry): n digits, a letters, c either.
#[rustfmt::skip]
const ACCOUNTS: &str = "ADn8c12 AEn19 ALn8c16 ATn16 AZa4c20 BAn16 BEn12 BGa4n6c8 BHa4c14 BIn23 BRn23c2 BYc4n4c16 CHn5c12 CRn18 \
    CYn8c16 CZn20 DEn18 DJn23 DKn14 DOc4n20 EEn16 EGn25 ESn20 FIn14 FKa2n12 FOn14 FRn10c11n2 GBa4n14 GEa2n16 GIa4c15 GLn14 \
    GRn7c16 GTc24 HNa4n20 HRn17 HUn24 IEa4n14 ILn19 IQa4n15 ISn22 ITa1n10c12 JOa4n4c18 KWa4c22 KZn3c13 LBn4c20 LCa4c24 \
    LIn5c12 LTn16 LUn3c13 LVa4c13 LYn21 MCn10c11n2 MDc20 MEn18 MKn3c10n2 MNn16 MRn23 MTa4n5c18 MUa4n19a3 NIa4n20 NLa4n10 \
    NOn11 OMn3c16 PKa4c16 PLn24 PSa4c21 PTn21 QAa4c21 ROa4c16 RSn18 RUn14c15 SAn2c18 SCa4n20a3 SDn14 SEn20 SIn15 SKn20 \
    SMa1n10c12 SOn19 STn21 SVa4n20 TLn19 TNn20 TRn6c16 UAn6c19 VAn18 VGa4n16 XKn16 YEa4n4c18";

/// The IBAN whose first check digit stands at a place.
pub(super) fn find(text: Text<'_>, digit: usize) -> Option<Hit> {
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

fn account(country: [u8; 2]) -> Option<&'static [u8]> {
    ACCOUNTS.split(' ').map(str::as_bytes).find(|entry| entry.starts_with(&country)).and_then(|entry| entry.get(2..))
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
