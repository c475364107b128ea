//! United Kingdom.

use super::{Candidate, Evidence, all_same, weighted};
use crate::mask::scan::compact::{Compact, letters_before};
use crate::mask::scan::hit::Hit;
use crate::mask::scan::kind::{Confidence, Kind};
use crate::mask::scan::text::Text;

/// Ten digits, the last of them a check modulo 11.
pub(super) fn nhs(id: &Candidate<'_>) -> Option<Evidence> {
    let (check, digits) = id.digits.split_last()?;
    let expected = (11 - weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    let holds = digits.len() == 9 && expected == u32::from(*check) && !all_same(id.digits);
    let grouped = id.is_together() || id.shape == 334;
    (holds && grouped).then_some(Evidence::new(Kind::UkNhs, None, "nhs patient* health* hospital"))
}

/// Two letters, six digits, a letter from A to D; without that letter only beside a word.
pub(super) fn nino(text: Text<'_>, digit: usize) -> Option<Hit> {
    let start = letters_before(text, digit, 2)?;
    let id = Compact::read(text, start, 9).filter(|id| matches!(id.chars(), [.., b'A'..=b'D']));
    let suffixed = id.is_some();
    let id = id.or_else(|| Compact::read(text, start, 8))?;
    let _: [u8; 6] = id.digits(2)?;
    let [first, second, ..] = id.chars() else { return None };
    // QQ is never issued: it is what the government's own examples begin with.
    let example = (*first, *second) == (b'Q', b'Q');
    let issued = !b"DFIQUV".contains(first)
        && !b"DFIOQUV".contains(second)
        && ![*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&[*first, *second]);
    // In pairs, or all together.
    let grouped = id.gaps & !0b1_0101_0100 == 0 && id.marks.within(b" -.");
    let alone = suffixed.then_some(Confidence::Medium);
    let evidence = Evidence::new(Kind::UkNino, alone, "nino ni nin national insurance");
    let confidence = evidence.weigh(text, start, id.end)?;
    ((example || issued) && grouped).then(|| Hit::new(start, id.end, Kind::UkNino, confidence))
}
