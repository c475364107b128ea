//! Passes over what cannot hold anything: eight bytes at a time, on every target alike.

const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
const HIGH: u64 = 0x8080_8080_8080_8080;

const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The high bit of each byte that is below `limit`; bytes beyond ASCII are not.
fn below(bytes: u64, limit: u8) -> u64 {
    !(((bytes & LOW) + all(0x80 - limit)) | bytes) & HIGH
}

/// The high bit of each byte that is a digit or an `@`.
fn marks(bytes: u64) -> u64 {
    let digits = below(bytes, b'9' + 1) & !below(bytes, b'0');
    let at = below(bytes ^ all(b'@'), 1);
    digits | at
}

/// Whether all eight are of ASCII and none is white space.
fn is_in_long_word(bytes: u64) -> bool {
    bytes & HIGH == 0 && below(bytes, b' ' + 1) == 0
}

/// The next place from which it is worth looking: a digit, an `@`, or the first of eight bytes of ASCII without white space,
/// which are part of a long word. Any word of 15 bytes holds such an eight, whole, wherever one begins to count.
pub(super) fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let chunk = u64::from_le_bytes(*chunk);
        if is_in_long_word(chunk) {
            return Some(at);
        }
        let marks = marks(chunk);
        if marks != 0 {
            return Some(at + marks.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|byte| byte.is_ascii_digit() || *byte == b'@').map(|place| at + place)
}

/// Whether a text may hold anything at all: an anchor, or a character beyond ASCII that may show as one.
pub(super) fn any(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let chunk = u64::from_le_bytes(*chunk);
        // In order of cost: most of a text is ASCII with white space in it.
        if marks(chunk) != 0 || is_in_long_word(chunk) || (chunk & HIGH != 0 && shows(&chunk.to_le_bytes())) {
            return true;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().any(|byte| byte.is_ascii_digit() || *byte == b'@') || shows(rest)
}

/// Whether any byte may begin a character that shows as an anchor. No letter of Latin, Greek, Cyrillic, Armenian or
/// Hebrew does; those of two bytes that do are the superscripts of Latin-1 and the digits of Arabic
/// and N'Ko; and combining marks may part what is one word.
fn shows(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte >= 0xe0 || matches!(byte, 0xc2 | 0xcc | 0xcd | 0xd9 | 0xdb | 0xdf))
}
