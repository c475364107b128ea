//! Italy.

use super::Evidence;
use crate::mask::scan::compact::{Compact, letters_before};
use crate::mask::scan::hit::Hit;
use crate::mask::scan::kind::{Confidence, Kind};
use crate::mask::scan::text::{Text, is_alnum, is_letter};

/// Where two persons would have the same code, letters stand for some of the digits.
const DIGITS: &[u8; 10] = b"LMNPQRSTUV";
/// The values of the characters at the odd places, digits and letters alike: A counts as 0 does.
const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// The code of which a place holds the first digit: six letters stand before it.
pub(super) fn codice_fiscale(text: Text<'_>, digit: usize) -> Option<Hit> {
    // The year has two digits, the letter of the month follows: few numbers of a text go on so.
    let month = text.skip_up_to(digit, 4, |byte| !is_letter(byte));
    if month == digit + 4
        || month < digit + 2
        || !is_alnum(text.before(digit)) && !is_letter(text.at(digit.wrapping_sub(2)))
    {
        return None;
    }
    codice_fiscale_at(text, letters_before(text, digit, 6)?)
}

/// The code that begins at a place: six letters of the names, the date of birth, the place, a check letter.
pub(in crate::mask::scan) fn codice_fiscale_at(text: Text<'_>, start: usize) -> Option<Hit> {
    if is_alnum(text.before(start)) {
        return None;
    }
    let id = Compact::read(text, start, 16)?;
    let fits = b"aaaaaannmnnannna".iter().zip(id.chars()).all(|(class, char)| match class {
        b'n' => char.is_ascii_digit() || DIGITS.contains(char),
        b'm' => b"ABCDEHLMPRST".contains(char),
        _ => char.is_ascii_alphabetic(),
    });
    let (check, code) = id.chars().split_last()?;
    let sum: u32 = code.iter().enumerate().map(|(place, char)| value(place, *char)).sum();
    let evidence = Evidence::new(Kind::ItCodiceFiscale, Some(Confidence::High), "");
    let holds = fits && sum % 26 == u32::from(check.saturating_sub(b'A'));
    holds.then(|| Some(Hit::new(start, id.end, Kind::ItCodiceFiscale, evidence.weigh(text, start, id.end)?)))?
}

fn value(place: usize, char: u8) -> u32 {
    let value = char.checked_sub(b'A').unwrap_or_else(|| char.saturating_sub(b'0'));
    // The first place is odd.
    if place.is_multiple_of(2) { ODD.get(usize::from(value)).copied().unwrap_or(0) } else { u32::from(value) }
}
