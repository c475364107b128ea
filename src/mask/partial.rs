//! Keeps the ends of a text and hides what lies between, and how long that is.

/// Stands for what is hidden, however long it was: the length would tell something of it.
const HIDDEN: &str = "***";

/// The first and last characters of a text, with `***` between.
///
/// A text of which the kept ends would be more than half is hidden whole. What has the form of a result is left alone.
pub(super) fn partial(text: &str, first: usize, last: usize) -> String {
    let length = text.chars().count();
    if text == HIDDEN {
        return HIDDEN.to_owned();
    }
    let head = end_of(text, first);
    let tail = start_of(text, last);
    if length == first + HIDDEN.len() + last && text.get(head..tail) == Some(HIDDEN) {
        return text.to_owned();
    }
    if length < 2 * (first + last) || length == 0 {
        return HIDDEN.to_owned();
    }
    format!("{}{HIDDEN}{}", text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default())
}

/// The byte behind the first characters.
fn end_of(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
}

/// The byte of the first of the last characters.
fn start_of(text: &str, characters: usize) -> usize {
    if characters == 0 {
        return text.len();
    }
    text.char_indices().rev().nth(characters - 1).map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::partial;
    use proptest::prelude::*;

    #[test]
    fn keeps_the_ends() {
        for (text, first, last, masked) in [
            ("DE89370400440532013000", 4, 4, "DE89***3000"),
            ("4111111111111111", 0, 4, "***1111"),
            ("Anna Schmidt", 1, 0, "A***"),
            ("Jürgen", 2, 1, "Jü***n"),
            ("short", 2, 1, "***"),
            ("", 0, 4, "***"),
            ("x", 0, 0, "***"),
            ("ab***cd", 2, 2, "ab***cd"),
            ("***", 2, 2, "***"),
        ] {
            assert_eq!(partial(text, first, last), masked, "{text}");
        }
    }

    proptest! {
        #[test]
        fn is_idempotent_and_hides_half(text in "\\PC{0,30}", first in 0..6_usize, last in 0..6_usize) {
            let once = partial(&text, first, last);
            prop_assert_eq!(&partial(&once, first, last), &once);
            let kept = once.chars().count().saturating_sub(3);
            prop_assert!(once == text || kept <= text.chars().count() / 2);
        }
    }
}
