//! What a text looks like.

/// Whether a letter belongs to the one before it.
pub(super) fn is_mark(letter: char) -> bool {
    !letter.is_ascii() && unicode_normalization::char::is_combining_mark(letter)
}

/// Whether a text is a date, a time or both, written in digits: such values are shared by strangers.
pub(super) fn is_moment(text: &str) -> bool {
    let stray = text.bytes().any(|byte| !byte.is_ascii_digit() && !b" -/.:,TtZz+".contains(&byte));
    if stray || text.len() < 6 || !text.bytes().any(|byte| b"-/.:".contains(&byte)) {
        return false;
    }
    let groups = text.as_bytes().split(|byte| !byte.is_ascii_digit());
    let mut lengths = groups.map(<[u8]>::len).filter(|length| *length > 0);
    let date = match (lengths.next(), lengths.next(), lengths.next()) {
        (Some(first), Some(second), Some(third)) => {
            (first == 4 || third == 4 || third <= 2) && first <= 4 && second <= 2
        }
        (Some(first), Some(second), None) => matches!((first, second), (4, 1..=2) | (1..=2, 4)),
        _ => false,
    };
    date && lengths.all(|length| length <= 9)
}

/// Whether two values are written alike, so that one person's masked value may be another's raw one.
pub(super) fn alike(left: &str, right: &str) -> bool {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => b'0',
        b'a'..=b'z' => b'a',
        b'A'..=b'Z' => b'A',
        other => other,
    };
    !left.is_empty() && left.len() == right.len() && left.bytes().map(class).eq(right.bytes().map(class))
        || is_moment(left) && is_moment(right)
}

/// The digits of a number without the zeros before them, which a country or a trunk asks for.
pub(super) fn significant(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

/// Whether the letters and digits of a text are of more than two kinds: `xxxxxxxx` tells nobody.
pub(super) fn tells(text: &str) -> bool {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return false };
    let Some(second) = letters.find(|letter| *letter != first) else { return false };
    letters.any(|letter| letter != first && letter != second)
}

/// How far a separator between two digits goes; 0 where the number ends.
pub(super) fn separator(bytes: &[u8]) -> usize {
    match bytes {
        [b' ' | b'-' | b'.' | b'/' | b'(' | b')', ..] => 1,
        [0xC2, 0xA0, ..] => 2,
        [0xE2, 0x80, 0x91 | 0xAF, ..] => 3,
        _ => 0,
    }
}

/// Most separators in a row inside a number.
pub(super) const SEPARATORS: usize = 3;

/// The numbers of a text: digits with few separators between them.
pub(super) fn numbers(text: &[u8]) -> Vec<Vec<u8>> {
    let mut numbers = Vec::new();
    let mut number = Vec::new();
    let mut gap = 0;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let width = separator(text.get(at..).unwrap_or_default());
        if byte.is_ascii_digit() {
            number.push(*byte);
            gap = 0;
        } else if width > 0 && gap < SEPARATORS && !number.is_empty() {
            gap += 1;
            at += width - 1;
        } else if !number.is_empty() {
            numbers.push(std::mem::take(&mut number));
            gap = 0;
        }
        at += 1;
    }
    numbers.push(number);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_from_numbers() {
        for text in [
            "2025-01-10",
            "2025-01-10T09:15:00Z",
            "01/07/2025",
            "10.1.25",
            "2025/01/10 09:15",
            "2025-01-10T09:15:00+02:00",
        ] {
            assert!(is_moment(text), "{text}");
        }
        for text in ["4915123456789", "+49 151 2345-6789", "80237", "212-555-0123", "17850.0", "4111 1111 1111 1111"] {
            assert!(!is_moment(text), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_over_their_separators() {
        let read = |text: &str| -> Vec<String> {
            numbers(text.as_bytes()).into_iter().map(|number| String::from_utf8(number).unwrap()).collect()
        };
        assert_eq!(read("+49 (151) 2345-6789, 12"), ["4915123456789", "12"]);
        assert_eq!(read("a1b22"), ["1", "22"]);
    }
}
