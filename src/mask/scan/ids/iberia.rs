//! Spain and Portugal.

use super::{Candidate, Evidence, value, weighted};
use crate::mask::scan::compact::{Compact, letters_before};
use crate::mask::scan::hit::Hit;
use crate::mask::scan::kind::{Confidence, Kind};
use crate::mask::scan::text::{Text, is_alnum};

/// The letter of a number, by its rest modulo 23.
const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// Eight digits and a letter.
pub(super) fn dni(text: Text<'_>, start: usize) -> Option<Hit> {
    // 1.38435736E+12 is a number.
    let fraction = text.before(start) == b'.' && text.before(start - 1).is_ascii_digit();
    if fraction || is_alnum(text.before(start)) {
        return None;
    }
    let id = Compact::read(text, start, 9)?;
    let digits: [u8; 8] = id.digits(0)?;
    let holds = id.chars().last() == LETTERS.get(usize::try_from(value(&digits) % 23).ok()?);
    // 12.345.678-Z, or without any of the marks. After a space the letter may be a word: that takes another word.
    let grouped = id.gaps & !0b1_0010_0100 == 0 && matches!(id.gaps & 0b10_0100, 0 | 0b10_0100);
    let tight = id.gaps == 0 || id.marks.within(b".-");
    let alone = tight.then_some(Confidence::Medium);
    let evidence = Evidence::new(Kind::EsDni, alone, "dni nif documento identidad identity");
    (holds && grouped).then(|| Some(Hit::new(start, id.end, Kind::EsDni, evidence.weigh(text, start, id.end)?)))?
}

/// X, Y or Z, seven digits and a letter.
pub(super) fn nie(text: Text<'_>, digit: usize) -> Option<Hit> {
    let start = letters_before(text, digit, 1)?;
    let id = Compact::read(text, start, 9)?;
    let digits: [u8; 7] = id.digits(1)?;
    let lead = match id.chars().first()? {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        _ => return None,
    };
    let rest = (lead * 10_000_000 + value(&digits)) % 23;
    let holds = id.chars().last() == LETTERS.get(usize::try_from(rest).ok()?);
    let grouped = id.gaps & !0b1_0000_0010 == 0;
    let words = "nie dni nif extranjer* identidad identity";
    let evidence = Evidence::new(Kind::EsNie, Some(Confidence::Medium), words);
    (holds && grouped).then(|| Some(Hit::new(start, id.end, Kind::EsNie, evidence.weigh(text, start, id.end)?)))?
}

/// Nine digits, the last of them a check modulo 11.
pub(super) fn nif(id: &Candidate<'_>) -> Option<Evidence> {
    let (check, digits) = id.digits.split_last()?;
    let expected = match 11 - weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 {
        10 | 11 => 0,
        expected => expected,
    };
    let holds = digits.len() == 8 && expected == u32::from(*check) && matches!(digits, [1..=3 | 5 | 6 | 8 | 9, ..]);
    let words = "nif contribuinte* fiscal* nipc financas";
    (holds && (id.is_together() || id.shape == 333)).then_some(Evidence::new(Kind::PtNif, None, words))
}
