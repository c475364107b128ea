//! Values that keep their shape: FF1 over the letters of an alphabet, with separators left where they stand.

use super::Key;
use super::ff1::Ff1;

/// The letters that are encrypted among themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// `0` to `9`
    Digits,
    /// `0` to `9` and `a` to `f`
    Hex,
    /// `A` to `Z`
    Upper,
    /// `a` to `z`
    Lower,
    /// `0` to `9` and `A` to `Z`
    UpperAlphanumeric,
    /// `0` to `9` and `a` to `z`
    LowerAlphanumeric,
    /// `0` to `9`, `A` to `Z` and `a` to `z`
    Alphanumeric,
}

const DIGITS: &str = "0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";

impl Alphabet {
    const NAMED: [(&'static str, Self); 7] = [
        ("digits", Self::Digits),
        ("hex", Self::Hex),
        ("upper", Self::Upper),
        ("lower", Self::Lower),
        ("upper_alphanumeric", Self::UpperAlphanumeric),
        ("lower_alphanumeric", Self::LowerAlphanumeric),
        ("alphanumeric", Self::Alphanumeric),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, alphabet)| *alphabet)
    }

    pub(super) fn names() -> String {
        Self::NAMED.map(|(name, _)| name).join(", ")
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, alphabet)| *alphabet == self).map_or("", |(name, _)| name)
    }

    fn parts(self) -> [&'static str; 3] {
        match self {
            Self::Digits => [DIGITS, "", ""],
            Self::Hex => [DIGITS, "abcdef", ""],
            Self::Upper => [UPPER, "", ""],
            Self::Lower => [LOWER, "", ""],
            Self::UpperAlphanumeric => [DIGITS, UPPER, ""],
            Self::LowerAlphanumeric => [DIGITS, LOWER, ""],
            Self::Alphanumeric => [DIGITS, UPPER, LOWER],
        }
    }

    pub(super) fn radix(self) -> u32 {
        self.parts().iter().map(|part| u32::try_from(part.len()).unwrap_or_default()).sum()
    }

    /// The fewest letters of which there are a million texts.
    pub(crate) fn least(self) -> u32 {
        let enough = |letters: &u32| u64::from(self.radix()).saturating_pow(*letters) >= super::ff1::LEAST_DOMAIN;
        (1..=20).find(enough).unwrap_or_default()
    }

    fn place(self, letter: char) -> Option<u16> {
        let place = self.parts().iter().flat_map(|part| part.chars()).position(|known| known == letter)?;
        u16::try_from(place).ok()
    }

    fn letter(self, place: u16) -> Option<char> {
        self.parts().iter().flat_map(|part| part.chars()).nth(usize::from(place))
    }
}

/// Encrypts the texts of one domain under one key.
pub(super) struct Shaped {
    ff1: Ff1,
    alphabet: Alphabet,
    keep: usize,
}

impl Shaped {
    /// The first `keep` characters stay as they are.
    pub(super) fn new(key: &Key, domain: &str, alphabet: Alphabet, keep: usize) -> Self {
        // The alphabet is part of what the key is for: one key for two radices would be outside the standard's proof.
        let key = key.derive::<32>(&format!("tamis/v2/format/{}/{domain}", alphabet.name()));
        Self { ff1: Ff1::new(&key, alphabet.radix()), alphabet, keep }
    }

    /// The text in its shape; none where it has too few letters to be hidden among a million, or letters and digits that
    /// are not of the alphabet, which would stay in sight.
    pub(super) fn mask(&self, text: &str) -> Option<String> {
        self.run(text, true)
    }

    /// What [`Shaped::mask`] took.
    pub(super) fn reveal(&self, text: &str) -> Option<String> {
        self.run(text, false)
    }

    fn run(&self, text: &str, encrypt: bool) -> Option<String> {
        let mut letters = Vec::with_capacity(text.len());
        for letter in text.chars().skip(self.keep) {
            match self.alphabet.place(letter) {
                Some(place) => letters.push(place),
                None if is_separator(letter) => {}
                None => return None,
            }
        }
        let done = if encrypt { self.ff1.encrypt(&[], &mut letters) } else { self.ff1.decrypt(&[], &mut letters) };
        done.ok()?;
        let mut letters = letters.into_iter().filter_map(|place| self.alphabet.letter(place));
        let replace = |(at, letter): (usize, char)| {
            if at < self.keep || is_separator(letter) { Some(letter) } else { letters.next() }
        };
        text.chars().enumerate().map(replace).collect()
    }
}

/// ASCII punctuation and the space stand between groups of letters and tell nothing of them.
fn is_separator(letter: char) -> bool {
    letter == ' ' || letter.is_ascii_punctuation()
}

#[cfg(test)]
mod tests {
    use super::{Alphabet, Shaped};
    use crate::mask::Key;
    use proptest::prelude::*;

    fn shaped(key: u8, alphabet: Alphabet, keep: usize) -> Shaped {
        Shaped::new(&Key::new([key; 32]), "id", alphabet, keep)
    }

    #[test]
    fn refuses_what_would_stay_in_sight() {
        for (alphabet, keep, text, fits) in [
            (Alphabet::Digits, 4, "ORD-014983", true),
            (Alphabet::Digits, 0, "ORD-014983", false),
            (Alphabet::Digits, 4, "ORD-1498", false),
            (Alphabet::Digits, 0, "4111-1111 1111.1111", true),
            (Alphabet::Digits, 0, "４１１１1111", false),
            (Alphabet::Hex, 0, "0123-45ab", true),
            (Alphabet::Hex, 0, "0123-45AB", false),
            (Alphabet::Alphanumeric, 0, "aB3_x", true),
            (Alphabet::Alphanumeric, 0, "aB3", false),
            (Alphabet::Alphanumeric, 0, "aB3üx", false),
            (Alphabet::Alphanumeric, 0, "", false),
            (Alphabet::Alphanumeric, 9, "abc", false),
        ] {
            assert_eq!(shaped(1, alphabet, keep).mask(text).is_some(), fits, "{text}");
        }
        assert_eq!([Alphabet::Digits, Alphabet::Hex, Alphabet::Alphanumeric].map(Alphabet::least), [6, 5, 4]);
    }

    proptest! {
        #[test]
        fn keeps_the_shape_and_gives_it_back(text in "[0-9]{3}[- .]?[0-9]{3,9}") {
            let ours = shaped(1, Alphabet::Digits, 0);
            let masked = ours.mask(&text).unwrap();
            let shape = |text: &str| text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect::<String>();
            prop_assert_eq!(shape(&masked), shape(&text));
            prop_assert_eq!(ours.reveal(&masked).unwrap(), text.clone());
            // The separators say where to look, not what: the digits alone are what is encrypted.
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let expected: String = masked.chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(ours.mask(&digits).unwrap(), expected);
            prop_assert_ne!(shaped(2, Alphabet::Digits, 0).reveal(&masked).unwrap(), text);
        }
    }
}
