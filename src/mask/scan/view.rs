//! What a text shows, as one byte a character, and the way back to the text.
//!
//! ASCII stands for itself, a compatibility form (full-width, circled, mathematical, …) for what it is compatible with,
//! an accented letter for the letter alone, any decimal digit for the ASCII digit, any dash for `-`, any white space
//! for a space, any line's end for a line feed. Combining marks and characters of no width, direction marks among them,
//! stand for nothing. Any other letter is [`LETTER`], anything else [`SYMBOL`].

use super::text::{LETTER, SYMBOL};
use std::borrow::Cow;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

pub(super) struct View<'t> {
    pub(super) bytes: Cow<'t, [u8]>,
    /// How the places of the view lie in the text; empty where the two are one.
    runs: Vec<Run>,
    length: usize,
}

/// Places of the view that lie evenly in the text.
struct Run {
    /// The first of them.
    view: usize,
    /// Where it lies in the text.
    text: usize,
    /// The bytes in the text from one to the next; none where they show one character together.
    width: usize,
}

impl<'t> View<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut view = Self { bytes: Cow::Borrowed(text.as_bytes()), runs: Vec::new(), length: text.len() };
        if !text.is_ascii() {
            view.fold(text);
        }
        view
    }

    fn fold(&mut self, text: &str) {
        let mut bytes = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = ascii_length(rest.as_bytes());
            if plain > 0 {
                self.lies(bytes.len(), at, 1);
                bytes.extend_from_slice(rest.as_bytes().get(..plain).unwrap_or_default());
                at += plain;
            }
            for letter in rest.get(plain..).unwrap_or_default().chars().take_while(|letter| !letter.is_ascii()) {
                let from = bytes.len();
                shown(letter, &mut bytes);
                match bytes.len() - from {
                    0 => {}
                    1 => self.lies(from, at, letter.len_utf8()),
                    _ => self.lies(from, at, 0),
                }
                at += letter.len_utf8();
            }
        }
        self.bytes = Cow::Owned(bytes);
    }

    /// Notes where a place of the view lies, unless it goes on evenly from the one before.
    fn lies(&mut self, view: usize, text: usize, width: usize) {
        let even = |last: &Run| width > 0 && last.width == width && last.text + (view - last.view) * width == text;
        if !self.runs.last().is_some_and(even) {
            self.runs.push(Run { view, text, width });
        }
    }

    /// Where a character of the view begins in the text.
    fn start(&self, place: usize) -> usize {
        if place >= self.bytes.len() {
            return self.length;
        }
        let after = self.runs.partition_point(|run| run.view <= place);
        match after.checked_sub(1).and_then(|last| self.runs.get(last)) {
            Some(run) => run.text + (place - run.view) * run.width,
            None => place,
        }
    }

    /// Where what ends here in the view ends in the text, with what of it is not seen.
    fn end(&self, place: usize) -> usize {
        let last = self.start(place.saturating_sub(1));
        let mut place = place;
        // One character may show as several.
        while place < self.bytes.len() && self.start(place) == last {
            place += 1;
        }
        self.start(place)
    }

    pub(super) fn range(&self, from: usize, to: usize) -> std::ops::Range<usize> {
        self.start(from)..self.end(to)
    }
}

fn ascii_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let high = u64::from_le_bytes(*chunk) & 0x8080_8080_8080_8080;
        if high != 0 {
            return at + high.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii()).count()
}

/// What the letters from U+00C0 to U+00FF show, which are the most frequent beyond ASCII in much of Europe; `?` stands
/// for those that decompose to nothing of ASCII, a space for the two that are no letters.
const LATIN: &[u8; 64] = b"AAAAAA?CEEEEIIII?NOOOOO ?UUUUY??aaaaaa?ceeeeiiii?nooooo ?uuuuy?y";

fn shown(letter: char, bytes: &mut Vec<u8>) {
    match letter {
        '\u{c0}'..='\u{ff}' => bytes.push(match LATIN.get(letter as usize - 0xc0) {
            Some(b' ') | None => SYMBOL,
            Some(b'?') => LETTER,
            Some(plain) => *plain,
        }),
        // Greek, Cyrillic, Hangul and Han in bulk: letters that stand for no other.
        '\u{391}'..='\u{481}' | '\u{48a}'..='\u{52f}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => {
            bytes.push(LETTER);
        }
        _ => decompose(letter, bytes),
    }
}

fn decompose(letter: char, bytes: &mut Vec<u8>) {
    decompose_compatible(letter, |part| bytes.extend(part_shown(part)));
}

fn part_shown(part: char) -> Option<u8> {
    if let Ok(byte @ 0..0x80) = u8::try_from(part) {
        return Some(byte);
    }
    Some(match part {
        '\u{85}' | '\u{2028}' | '\u{2029}' => b'\n',
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}' => b'-',
        '\u{b7}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{3002}' => b'.',
        '\u{2044}' | '\u{2215}' => b'/',
        '\u{2236}' => b':',
        '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20c0}' => b'$',
        // Fillers that show nothing, although they count as letters.
        '\u{115f}' | '\u{1160}' => return None,
        _ if is_unseen(part) || is_combining_mark(part) => return None,
        _ if part.is_whitespace() => b' ',
        _ => match digit(part) {
            Some(digit) => b'0' + digit,
            None if part.is_alphabetic() => LETTER,
            None => SYMBOL,
        },
    })
}

/// Characters of the category Cf, and others that have no width.
fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}'
        | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The zeros of the scripts whose digits are no compatibility forms (category Nd of Unicode 17).
const ZEROS: [u32; 60] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450,
    0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0,
    0x16b50, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950,
];

/// The value of a decimal digit of any script.
fn digit(letter: char) -> Option<u8> {
    let code = u32::from(letter);
    let zero = ZEROS.get(ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?)?;
    u8::try_from(code - zero).ok().filter(|digit| *digit < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_is_the_long_way() {
        for letter in '\u{c0}'..='\u{ff}' {
            let (mut short, mut long) = (Vec::new(), Vec::new());
            shown(letter, &mut short);
            decompose(letter, &mut long);
            assert_eq!(short, long, "{letter}");
        }
    }

    #[test]
    fn shows_digits_of_any_script() {
        for text in
            ["0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９", "𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳𝟴𝟵", "⁰¹²³⁴⁵⁶⁷⁸⁹", "𞥐𞥑𞥒𞥓𞥔𞥕𞥖𞥗𞥘𞥙"]
        {
            assert_eq!(&*View::new(text).bytes, b"0123456789", "{text}");
        }
    }

    #[test]
    fn finds_the_way_back() {
        let text = "a\u{308}é\u{200b} ½x℡語１2\u{feff}";
        let view = View::new(text);
        assert_eq!(&*view.bytes, b"ae 1/2xTEL\x8012");
        let back = |from, to| &text[view.range(from, to)];
        assert_eq!(back(0, 1), "a\u{308}");
        assert_eq!(back(1, 2), "é\u{200b}");
        assert_eq!(back(3, 4), "½");
        assert_eq!(back(4, 7), "½x");
        assert_eq!(back(8, 9), "℡");
        assert_eq!(back(11, 13), "１2\u{feff}");
    }
}
