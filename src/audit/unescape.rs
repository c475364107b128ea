//! Takes back the escapes of JSON, HTML and URLs, whatever a file says it is.

use memchr::memchr3;

/// A piece of a file without its escapes.
pub(super) struct Plain {
    pub(super) bytes: Vec<u8>,
    /// Where the bytes from here on stand in what was escaped; a place for each stretch without escapes.
    places: Vec<(usize, usize)>,
}

impl Plain {
    /// Where a byte stood in what was escaped.
    pub(super) fn place(&self, at: usize) -> usize {
        let index = self.places.partition_point(|(plain, _)| *plain <= at);
        match index.checked_sub(1).and_then(|index| self.places.get(index)) {
            Some((plain, escaped)) => escaped + (at - plain),
            None => at,
        }
    }

    fn mark(&mut self, escaped: usize) {
        self.places.push((self.bytes.len(), escaped));
    }
}

/// How far from an escape its text is still looked at: what is looked for is no longer.
const REACH: usize = 96;

/// The stretches of a text around its escapes.
pub(super) fn stretches(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut stretches: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr3(b'\\', b'%', b'&', rest)) {
        let escape = at + next;
        let (start, end) = (escape.saturating_sub(REACH), (escape + REACH).min(bytes.len()));
        match stretches.last_mut() {
            Some(last) if last.end >= start => last.end = end,
            _ => stretches.push(start..end),
        }
        at = escape + 1;
    }
    stretches
}

/// A text without its escapes; none where it has none.
pub(super) fn unescape(bytes: &[u8]) -> Option<Plain> {
    let mut plain = Plain { bytes: Vec::with_capacity(bytes.len()), places: Vec::new() };
    let mut at = 0;
    let mut escapes = false;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(next) = memchr3(b'\\', b'%', b'&', rest) else {
            plain.bytes.extend_from_slice(rest);
            return escapes.then_some(plain);
        };
        plain.bytes.extend_from_slice(rest.get(..next).unwrap_or_default());
        at += next;
        let rest = bytes.get(at..).unwrap_or_default();
        let decoded = match rest.first() {
            Some(b'\\') => backslash(rest),
            Some(b'%') => hex(rest, 1, 2).and_then(|code| u8::try_from(code).ok()).map(|byte| (3, Piece::Byte(byte))),
            _ => entity(rest),
        };
        if let Some((length, piece)) = decoded {
            escapes = true;
            plain.mark(at);
            match piece {
                Piece::Byte(byte) => plain.bytes.push(byte),
                Piece::Letter(letter) => plain.bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            at += length;
            plain.mark(at);
        } else {
            plain.bytes.extend(rest.first());
            at += 1;
        }
    }
}

enum Piece {
    Byte(u8),
    Letter(char),
}

/// `count` hexadecimal digits from `from` on.
fn hex(bytes: &[u8], from: usize, count: usize) -> Option<u32> {
    let digits = std::str::from_utf8(bytes.get(from..from + count)?).ok()?;
    if digits.starts_with('+') { None } else { u32::from_str_radix(digits, 16).ok() }
}

/// An escape of JSON (RFC 8259 §7), or `\x41` as many languages write it.
fn backslash(bytes: &[u8]) -> Option<(usize, Piece)> {
    let byte = |byte| Some((2, Piece::Byte(byte)));
    match bytes.get(1)? {
        b'n' => byte(b'\n'),
        b't' => byte(b'\t'),
        b'r' => byte(b'\r'),
        b'b' => byte(8),
        b'f' => byte(12),
        own @ (b'"' | b'\\' | b'/' | b'\'') => byte(*own),
        b'x' => Some((4, Piece::Byte(u8::try_from(hex(bytes, 2, 2)?).ok()?))),
        b'u' => {
            let first = hex(bytes, 2, 4)?;
            if let Some(letter) = char::from_u32(first) {
                return Some((6, Piece::Letter(letter)));
            }
            // A letter beyond 16 bits is two escapes.
            let second = bytes.get(6..8).filter(|begin| *begin == b"\\u").and_then(|_| hex(bytes, 8, 4))?;
            let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
            let letter = char::from_u32(0x1_0000 + ((first.checked_sub(0xD800)? & 0x3FF) << 10) + low)?;
            Some((12, Piece::Letter(letter)))
        }
        _ => None,
    }
}

/// The named letters of Latin-1 from U+00C0 on (HTML 4), as they follow each other.
const NAMES: &str = "Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde \
    Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml \
    aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide \
    oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// A character reference of HTML.
fn entity(bytes: &[u8]) -> Option<(usize, Piece)> {
    let inner = bytes.get(1..bytes.len().min(12))?;
    let length = inner.iter().position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(inner.get(..length)?).ok()?;
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "commat" => '@',
        "period" => '.',
        _ => {
            if let Some(code) = name.strip_prefix('#') {
                let code = match code.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => code.parse(),
                };
                char::from_u32(code.ok()?)?
            } else {
                let place = NAMES.split_ascii_whitespace().position(|known| known == name)?;
                char::from_u32(u32::try_from(0xC0 + place).ok()?)?
            }
        }
    };
    Some((length + 2, Piece::Letter(letter)))
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn takes_escapes_back_and_knows_their_places() {
        for (escaped, plain) in [
            (r"j\u00fcrgen\n\ud83d\ude00 \x41", "jürgen\n😀 A"),
            ("a%40b%2ec%C3%BC", "a@b.cü"),
            ("&lt;a&#64;b&#xfc;&uuml;&amp;c&yuml;&Agrave;", "<a@büü&cÿÀ"),
        ] {
            let found = unescape(escaped.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(found.bytes).unwrap(), plain);
        }
        for none in ["plain", r"\q \u12 \ud800x", "100 % of &this; &#xD800;", "%+1"] {
            assert!(unescape(none.as_bytes()).is_none(), "{none}");
        }
        let found = unescape(b"ab%40cd&amp;e").unwrap();
        assert_eq!((0..7).map(|at| found.place(at)).collect::<Vec<_>>(), [0, 1, 2, 5, 6, 7, 12]);
    }
}
