//! Strings: passed over in words of eight bytes where nothing is escaped, and unescaped where something is.

use super::{Malformed, Parser};
use crate::record::document::Span;

impl Parser<'_> {
    /// Reads a string; without escapes its span lies in the record's own bytes, so nothing is copied.
    pub(super) fn string(&mut self) -> Result<Span, Malformed> {
        self.at += 1;
        let start = self.at;
        loop {
            self.plain();
            match self.peek() {
                Some(b'"') => {
                    let span = Self::span(start, self.at);
                    self.at += 1;
                    return Ok(span);
                }
                Some(b'\\') => return self.escaped(start),
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.syntax("no control character in a string")),
                None => return Err(self.syntax("a closing quote")),
            }
        }
    }

    /// Passes over bytes that a string may hold as they are, eight at a time while there are eight.
    #[inline]
    fn plain(&mut self) {
        while let Some((word, _)) = self.bytes.get(self.at..).and_then(<[u8]>::split_first_chunk::<8>) {
            let special = special_bytes(u64::from_le_bytes(*word));
            if special != 0 {
                self.at += special.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
    }

    /// Goes on with a string at its first backslash, unescaping into the document's buffer.
    fn escaped(&mut self, start: usize) -> Result<Span, Malformed> {
        let out = self.doc.end();
        let mut copied = start;
        loop {
            match self.peek() {
                Some(byte @ (b'"' | b'\\')) => {
                    // Both ends lie beside ASCII bytes of checked UTF-8, so the piece is UTF-8 itself.
                    let piece = self.bytes.get(copied..self.at).unwrap_or_default();
                    self.doc.text.push_str(std::str::from_utf8(piece).unwrap_or_default());
                    self.at += 1;
                    if byte == b'"' {
                        return Ok(self.doc.since(out));
                    }
                    let letter = self.escape()?;
                    self.doc.text.push(letter);
                    copied = self.at;
                }
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.syntax("no control character in a string")),
                None => return Err(self.syntax("a closing quote")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Malformed> {
        let letter = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.syntax("an escape that JSON knows")),
        };
        self.at += 1;
        Ok(letter)
    }

    fn unicode(&mut self) -> Result<char, Malformed> {
        const PAIR: &str = "a pair of surrogates";
        let start = self.at;
        let first = self.hex4()?;
        let code = match first {
            0xD800..=0xDBFF => {
                if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                    self.at = start;
                    return Err(self.syntax(PAIR));
                }
                self.at += 2;
                let second = self.hex4()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    self.at = start;
                    return Err(self.syntax(PAIR));
                }
                0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(|| {
            self.at = start;
            self.syntax(PAIR)
        })
    }

    fn hex4(&mut self) -> Result<u32, Malformed> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self
                .peek()
                .and_then(|byte| char::from(byte).to_digit(16))
                .ok_or_else(|| self.syntax("four hexadecimal digits"))?;
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}

/// Marks, in the high bit of each byte, where a string must be looked at: a quote, a backslash or a control. The
/// lowest mark is exact; a higher one may be a borrow from it (Mycroft 1987).
#[inline]
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let quote = zero(word ^ (ONES * 0x22));
    let backslash = zero(word ^ (ONES * 0x5C));
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    quote | backslash | control
}
