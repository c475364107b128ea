//! Letters and digits drawn together out of their groups.

use super::text::{Text, is_alnum, is_letter};

/// So many letters and digits as an IBAN has at most.
const MOST: usize = 34;

/// Letters, in upper case, and digits, with where their groups meet.
pub(super) struct Compact {
    chars: [u8; MOST],
    len: usize,
    /// Bit n: something stands between character n and the one before.
    pub(super) gaps: u64,
    /// The separators that occur, each once.
    pub(super) marks: Marks,
    pub(super) end: usize,
}

/// Which separators occur.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks(u8);

impl Marks {
    fn bit(byte: u8) -> Option<u8> {
        b" -./_\t".iter().position(|mark| *mark == byte).map(|place| 1 << place)
    }

    /// Whether no other separators occur than these.
    pub(super) fn within(self, marks: &[u8]) -> bool {
        marks.iter().filter_map(|mark| Self::bit(*mark)).fold(self.0, |left, bit| left & !bit) == 0
    }
}

impl Compact {
    /// Draws together exactly `wanted` characters from a place on, at most two separators between one and the next.
    /// No letter or digit may follow.
    pub(super) fn read(text: Text<'_>, start: usize, wanted: usize) -> Option<Self> {
        let mut compact = Self { chars: [0; MOST], len: 0, gaps: 0, marks: Marks::default(), end: start };
        let mut between = 0;
        for at in start.. {
            let byte = text.at(at);
            if byte.is_ascii_alphanumeric() {
                compact.gaps |= u64::from(between > 0) << compact.len;
                *compact.chars.get_mut(compact.len)? = byte.to_ascii_uppercase();
                compact.len += 1;
                between = 0;
                if compact.len == wanted {
                    compact.end = at + 1;
                    return (!is_alnum(text.at(at + 1))).then_some(compact);
                }
            } else {
                compact.marks.0 |= Marks::bit(byte)?;
                between += 1;
                if between > 2 {
                    return None;
                }
            }
        }
        None
    }

    pub(super) fn chars(&self) -> &[u8] {
        self.chars.get(..self.len).unwrap_or_default()
    }

    /// The values of some of the characters, none if one is no digit.
    pub(super) fn digits<const N: usize>(&self, from: usize) -> Option<[u8; N]> {
        let mut digits = [0; N];
        for (digit, char) in digits.iter_mut().zip(self.chars.get(from..from + N)?) {
            *digit = char.is_ascii_digit().then(|| char - b'0')?;
        }
        Some(digits)
    }
}

/// Where the letters begin that stand before a place, at most one separator from it and from one another: exactly
/// `wanted`, and no letter or digit before them.
pub(super) fn letters_before(text: Text<'_>, place: usize, wanted: usize) -> Option<usize> {
    let mut at = place;
    for _ in 0..wanted {
        if Marks::bit(text.before(at)).is_some() {
            at -= 1;
        }
        at = at.checked_sub(1).filter(|at| text.at(*at).is_ascii_alphabetic())?;
    }
    (!is_letter(text.before(at)) && !text.before(at).is_ascii_digit()).then_some(at)
}
