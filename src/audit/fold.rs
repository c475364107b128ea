//! One spelling for many: what an output is read as before anything is looked for in it.
//!
//! Folding keeps every byte in its place, so that an offset in the folded text is an offset in the file.

/// The separators that stand for each other: `anna.lee`, `anna lee`, `Anna_Lee` and `anna+lee` fold alike.
const SEPARATORS: [u8; 5] = *b" +_-.";

/// Appends the folded form of `bytes`: small letters where they are as long, every separator a blank, and a blank for
/// every byte of what is neither letter nor digit nor mark beyond ASCII.
pub(super) fn fold(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend(bytes.iter().map(|byte| ascii(*byte)));
    let Some(folded) = out.get_mut(start..) else { return };
    if folded.is_ascii() {
        return;
    }
    let mut at = 0;
    while let Some(next) = folded.get(at..).and_then(first_beyond_ascii) {
        at += next;
        at += beyond_ascii(folded, at);
    }
}

/// Where the first byte beyond ASCII stands.
fn first_beyond_ascii(bytes: &[u8]) -> Option<usize> {
    let plain = bytes.chunks_exact(16).take_while(|chunk| chunk.is_ascii()).count() * 16;
    let rest = bytes.get(plain..)?;
    rest.iter().position(|byte| !byte.is_ascii()).map(|at| plain + at)
}

/// The folded form of a text.
#[cfg(test)]
pub(super) fn folded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    fold(text.as_bytes(), &mut out);
    out
}

#[inline]
fn ascii(byte: u8) -> u8 {
    let small = byte | (u8::from(byte.wrapping_sub(b'A') < 26) << 5);
    let mut separates = false;
    for separator in SEPARATORS {
        separates |= byte == separator;
    }
    if separates { b' ' } else { small }
}

/// Folds the character that begins at `at`; answers how many bytes it has.
fn beyond_ascii(folded: &mut [u8], at: usize) -> usize {
    let first = folded.get(at).copied().unwrap_or_default();
    if let (0xC3, Some(second @ 0x80..=0xBF)) = (first, folded.get_mut(at + 1)) {
        // U+00C0 to U+00FF, most letters beyond ASCII in Europe: all are letters but two, the capitals first.
        match *second {
            0x97 | 0xB7 => {
                if let Some(sign) = folded.get_mut(at..at + 2) {
                    sign.fill(b' ');
                }
            }
            capital @ ..=0x9E => *second = capital | 0x20,
            _ => {}
        }
        return 2;
    }
    let length = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    let letter = folded.get(at..at + length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let Some(letter) = letter.and_then(|text| text.chars().next()) else {
        // No text: it bounds what stands beside it.
        if let Some(byte) = folded.get_mut(at) {
            *byte = 0;
        }
        return 1;
    };
    let Some(place) = folded.get_mut(at..at + length) else { return length };
    if !letter.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(letter) {
        place.fill(b' ');
        return length;
    }
    let mut small = letter.to_lowercase();
    if let (Some(small), None) = (small.next(), small.next())
        && small.len_utf8() == length
    {
        small.encode_utf8(place);
    }
    length
}

/// Whether a folded byte belongs to a word.
#[inline]
#[allow(clippy::needless_bitwise_bool, reason = "without branches, 16 bytes are looked at at once")]
pub(super) fn in_word(byte: u8) -> bool {
    (byte.wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10) | (byte >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn the_letters_of_latin_1_fold_as_unicode_says() {
        for letter in '\u{80}'..='\u{24f}' {
            let mut small = letter.to_lowercase();
            let small = match (small.next(), small.next()) {
                (Some(small), None) if small.len_utf8() == letter.len_utf8() => small,
                _ => letter,
            };
            let wanted = if letter.is_alphanumeric() { small.to_string() } else { " ".repeat(letter.len_utf8()) };
            assert_eq!(String::from_utf8(folded(&letter.to_string())).unwrap(), wanted, "{letter}");
        }
    }

    #[test]
    fn spellings_meet_and_no_byte_moves() {
        for (text, wanted) in [
            ("Anna.Lee+x_y-z", "anna lee x y z"),
            ("JÜRGEN", "jürgen"),
            ("\u{201c}Straße\u{201d}", "   straße   "),
            ("İK\u{212a}", "İk\u{212a}"),
            ("a\u{a0}b", "a  b"),
            ("ΣΑΣ", "σασ"),
        ] {
            assert_eq!(String::from_utf8(folded(text)).unwrap(), wanted, "{text}");
            assert_eq!(folded(text).len(), text.len());
        }
        let mut out = Vec::new();
        super::fold(b"a\xFFB\xC3", &mut out);
        assert_eq!(out, b"a\0b\0");
    }
}
