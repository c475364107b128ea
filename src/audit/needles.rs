//! The rule by which a removed value becomes what is looked for; see the module's documentation for its wording.

use super::fold::{fold, in_word};
use super::form::Kind;
use super::index::{Needle, Traits, window};
use super::print::{LONGEST, Printer, SHORTEST, WINDOW};
use super::repeats::marks;
use super::unescape::unescape;
use super::{digest, letters};
use memchr::memchr3;
use std::ops::Range;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

/// Fewest digits that tell a number from the other numbers of a file.
const FEW_DIGITS: usize = 9;
/// Most digits of a number: those of the longest payment card.
const MOST_DIGITS: usize = 19;
/// Fewest digits of a national number, and most of a country's code.
const NATIONAL: usize = 9;
const COUNTRY: usize = 3;
/// Fewest letters of a word, and of what stands before an `@`, that tell a person.
const LONG_WORD: usize = 6;
const LONG_LOCAL: usize = 8;
/// Longest text whose words are looked for: a name or a street, not a letter.
const SHORT_TEXT: usize = 128;

/// What stands before the `@` of addresses that are nobody's.
const ROLES: [&str; 24] = [
    "accounts",
    "accounting",
    "billing",
    "bookings",
    "careers",
    "contact",
    "customer",
    "donotreply",
    "enquiries",
    "feedback",
    "helpdesk",
    "hostmaster",
    "marketing",
    "newsletter",
    "noreply",
    "orders",
    "postmaster",
    "privacy",
    "reception",
    "security",
    "service",
    "support",
    "unsubscribe",
    "webmaster",
];

/// A value that a mask, a failed check or an unknown key removed.
pub(super) struct Removed<'r> {
    /// As it came.
    pub(super) raw: &'r str,
    /// As the repairs made it; the same where there were none.
    pub(super) repaired: &'r str,
    /// What its place shows instead; empty where that is nothing.
    pub(super) shown: &'r str,
    /// The key before it; empty in a list.
    pub(super) key: &'r str,
    /// Whether it stood in a field that the contract takes for personal, or that it does not know.
    pub(super) personal: bool,
    pub(super) digests: bool,
}

/// What a writer works in: kept from value to value, because to ask for memory takes as long as to hash.
#[derive(Default)]
pub(super) struct Room {
    shown: Vec<u8>,
    folded: Vec<u8>,
    named: Named,
}

/// A value behind the name of its field.
#[derive(Default)]
struct Named {
    key: Vec<u8>,
    text: Vec<u8>,
    whole: Vec<u8>,
    folded: Vec<u8>,
}

/// Writes down what is looked for, one record after another.
pub(super) struct Writer<'w> {
    pub(super) printer: Printer,
    pub(super) field: u16,
    pub(super) line: u32,
    /// Fingerprints of what the record shows in some place, value by value.
    pub(super) shown: &'w [u64],
    pub(super) out: &'w mut Vec<Needle>,
    pub(super) room: &'w mut Room,
    /// Where in `out` the value in hand begins.
    pub(super) from: usize,
}

impl Writer<'_> {
    /// Writes down all that is looked for of a value; answers whether that is anything.
    pub(super) fn value(&mut self, value: &Removed<'_>) -> bool {
        let before = self.out.len();
        self.from = before;
        let mut shown = std::mem::take(&mut self.room.shown);
        refold(value.shown, &mut shown);
        self.spellings(value, &shown);
        self.room.shown = shown;
        if value.digests {
            self.digests(value);
        }
        self.out.len() > before
    }

    fn spellings(&mut self, value: &Removed<'_>, shown: &[u8]) {
        self.spelling(value.raw, Kind::Whole, value, shown);
        if value.repaired != value.raw {
            self.spelling(value.repaired, Kind::Normal, value, shown);
        }
        if !value.raw.is_ascii() {
            self.normal_forms(value, shown);
        }
        if memchr3(b'%', b'&', b'\\', value.raw.as_bytes()).is_some()
            && let Some(plain) = unescape(value.raw.as_bytes()).and_then(|plain| String::from_utf8(plain.bytes).ok())
        {
            self.spelling(&plain, Kind::Normal, value, shown);
        }
    }

    fn normal_forms(&mut self, value: &Removed<'_>, shown: &[u8]) {
        // Most texts are composed already, which a look at each letter tells.
        let composed = is_nfc_quick(value.raw.chars()) == IsNormalized::Yes;
        let compatible = is_nfkc_quick(value.raw.chars()) == IsNormalized::Yes;
        let nfc = (!composed).then(|| value.raw.nfc().collect::<String>());
        let other = (!compatible).then(|| value.raw.nfkc().collect());
        for form in [nfc, other, Some(value.raw.nfd().collect())].iter().flatten().filter(|form| *form != value.raw) {
            self.spelling(form, Kind::Normal, value, shown);
        }
    }

    fn spelling(&mut self, text: &str, kind: Kind, value: &Removed<'_>, shown: &[u8]) {
        let text = text.trim_matches(|letter: char| !letter.is_alphanumeric());
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let lettered = text.chars().any(char::is_alphabetic);
        let moment = letters::is_moment(text);
        if !lettered || moment {
            if moment || digits < FEW_DIGITS {
                return self.named(text, value);
            }
            self.text(text, kind, shown);
            return self.digits(text, shown);
        }
        // A short value that only failed its check is more often a slip than a secret, and a domain alone is nobody's.
        let alone = value.raw.trim_start().starts_with('@') && !text.contains('@');
        if alone || !value.personal && text.len() < WINDOW {
            return;
        }
        self.text(text, kind, shown);
        if text.contains('@') {
            self.addresses(text, shown);
        }
        if digits >= FEW_DIGITS {
            self.digits(text, shown);
        }
        if value.personal && text.len() <= SHORT_TEXT && !text.contains('@') && !text.contains("://") {
            self.words(text, shown);
        }
    }

    /// A text as a whole, or the most telling part of it.
    fn text(&mut self, text: &str, kind: Kind, shown: &[u8]) {
        let mut folded = std::mem::take(&mut self.room.folded);
        refold(text, &mut folded);
        let (part, bounded) = most_telling(text, &folded, shown);
        if let (Some(spelled), Some(folded)) = (text.as_bytes().get(part.clone()), folded.get(part)) {
            self.part(spelled, folded, kind, bounded, shown);
        }
        self.room.folded = folded;
    }

    fn part(&mut self, spelled: &[u8], folded: &[u8], kind: Kind, bounded: bool, shown: &[u8]) {
        if folded.len() < SHORTEST || folded.len() > LONGEST || contains(shown, folded) {
            return;
        }
        let print = self.printer.of(folded);
        if self.shown.contains(&print) {
            return;
        }
        let traits = Traits { kind, bounded, spelling: self.printer.spelling(spelled) };
        self.push(print, window(self.printer, folded), folded.len(), marks(folded), traits);
    }

    fn push(&mut self, print: u64, window: u64, length: usize, cuts: u8, traits: Traits) {
        // Two forms of a value may be spelled alike; they count as one.
        if self.out.get(self.from..).unwrap_or_default().iter().any(|needle| needle.print == print) {
            return;
        }
        #[allow(clippy::cast_possible_truncation, reason = "at most LONGEST")]
        let length = length as u8;
        self.out.push(Needle { print, window, length, cuts, traits, field: self.field, line: self.line });
    }

    /// Too plain to be told alone: behind the name of its field, as JSON and logs write it.
    fn named(&mut self, text: &str, value: &Removed<'_>) {
        let alike = letters::alike(value.shown, value.repaired);
        if !value.personal || text.len() < SHORTEST || value.key.len() < 2 || alike {
            return;
        }
        let plain = text.len() > SHORTEST + 1 && !text.bytes().all(|byte| byte.is_ascii_digit());
        let bare = if plain { &["=", "\": ", "\":", ": "][..] } else { &["="] };
        let mut named = std::mem::take(&mut self.room.named);
        refold(value.key, &mut named.key);
        refold(text, &mut named.text);
        // A name that begins with no letter would never be seen as the beginning of a word.
        let begins = named.key.first().is_some_and(|byte| in_word(*byte));
        for between in ["\":\"", "\": \"", "=\""].iter().chain(bare).filter(|_| begins) {
            // None of what stands between is folded to anything else, but for the blank, which stays.
            named.whole.clear();
            named.folded.clear();
            for part in [value.key, between, text] {
                named.whole.extend_from_slice(part.as_bytes());
            }
            for part in [&named.key, between.as_bytes(), &named.text] {
                named.folded.extend_from_slice(part);
            }
            self.part(&named.whole, &named.folded, Kind::Named, true, &[]);
        }
        self.room.named = named;
    }

    /// The addresses inside a text, and what stands before their `@`.
    fn addresses(&mut self, text: &str, shown: &[u8]) {
        for (at, _) in text.match_indices('@') {
            let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
            let inside = |letter: char| letter.is_alphanumeric() || "!#$&'*+-/?^_`{|}~.".contains(letter);
            let start = before.trim_end_matches(inside).len();
            let local = before.get(start..).unwrap_or_default();
            let local = local.trim_start_matches(|letter: char| !letter.is_alphanumeric());
            let end = after.find(|letter: char| !letter.is_alphanumeric() && letter != '.' && letter != '-');
            let domain = after.get(..end.unwrap_or(after.len())).unwrap_or_default();
            if local.is_empty() || domain.len() < 3 {
                continue;
            }
            let inside = at - local.len()..at + 1 + domain.len();
            let address = text.get(inside).unwrap_or_default();
            let mut folded = std::mem::take(&mut self.room.folded);
            if address.len() != text.len() && address.len() <= LONGEST {
                refold(address, &mut folded);
                self.part(address.as_bytes(), &folded, Kind::Address, false, shown);
            }
            let telling = local.chars().filter(|letter| letter.is_alphanumeric()).count();
            let more = local.chars().any(|letter| !letter.is_alphabetic());
            if telling >= if more { LONG_WORD } else { LONG_LOCAL } && letters::tells(local) {
                refold(local, &mut folded);
                if !is_role(&folded) {
                    self.part(local.as_bytes(), &folded, Kind::Local, true, shown);
                }
            }
            self.room.folded = folded;
        }
    }

    /// The digits of each number with enough of them, whatever stands between the digits.
    fn digits(&mut self, text: &str, shown: &[u8]) {
        for number in letters::numbers(text.as_bytes()) {
            let digits = letters::significant(&number);
            if digits.len() < FEW_DIGITS - 1 || digits.len() > MOST_DIGITS || contains(shown, &number) {
                continue;
            }
            let traits = |kind| Traits { kind, bounded: true, spelling: 0 };
            self.push(self.printer.of_digits(digits), 0, digits.len(), 0, traits(Kind::Digits));
            if digits.len() > 15 {
                // No telephone number has more (ITU-T E.164).
                continue;
            }
            for country in 1..=COUNTRY {
                let national = digits.get(country..).map(letters::significant).unwrap_or_default();
                if national.len() >= NATIONAL {
                    self.push(self.printer.of_digits(national), 0, national.len(), 0, traits(Kind::National));
                }
            }
        }
    }

    /// The long words of a text of several.
    fn words(&mut self, text: &str, shown: &[u8]) {
        let words = || text.split(|letter: char| !letter.is_alphanumeric() && !letters::is_mark(letter));
        if words().filter(|word| !word.is_empty()).nth(1).is_none() {
            return;
        }
        let mut folded = std::mem::take(&mut self.room.folded);
        for word in words() {
            if word.chars().filter(|letter| letter.is_alphabetic()).count() >= LONG_WORD && word.len() <= LONGEST {
                refold(word, &mut folded);
                self.part(word.as_bytes(), &folded, Kind::Word, true, shown);
            }
        }
        self.room.folded = folded;
    }

    fn digests(&mut self, value: &Removed<'_>) {
        let trimmed = value.raw.trim();
        let mut forms: Vec<String> = vec![value.raw.to_owned(), trimmed.to_owned(), trimmed.to_lowercase()];
        forms.extend([value.repaired.to_owned(), value.repaired.to_lowercase()]);
        let digits: String = trimmed.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= FEW_DIGITS {
            forms.extend([format!("+{digits}"), digits]);
        }
        forms.sort();
        forms.dedup();
        for form in forms.iter().filter(|form| form.len() > 2) {
            for (kind, digest) in digest::all(form.as_bytes()) {
                let traits = Traits { kind, bounded: true, spelling: 0 };
                self.push(self.printer.of(&digest), 0, digest.len(), 0, traits);
            }
        }
    }
}

/// Which part of a text is looked for: all of a short one, of a longer one that from where it is no longer what is shown.
/// And whether it counts only where it ends with a word.
fn most_telling(text: &str, folded: &[u8], shown: &[u8]) -> (Range<usize>, bool) {
    let mut from = 0;
    if folded.len() > LONGEST {
        let kept = folded.iter().zip(shown).take_while(|(ours, theirs)| ours == theirs).count();
        from = kept.saturating_sub(LONGEST / 4).min(folded.len() - LONGEST / 2);
        while from > 0 && !(text.is_char_boundary(from) && starts_word(folded, from)) {
            from -= 1;
        }
    }
    let to = folded.len().min(from + LONGEST);
    let part = folded.get(from..to).unwrap_or_default();
    let bare = part.iter().all(|byte| in_word(*byte) && !byte.is_ascii_digit() || *byte == b' ');
    let cut = to < folded.len();
    (from..to, !cut && (bare || part.len() < 12))
}

/// Whether what stands before an `@` is nobody's, whatever number stands behind it.
fn is_role(folded: &[u8]) -> bool {
    let letters = || folded.iter().copied().filter(|byte| *byte != b' ');
    let digits = letters().rev().take_while(u8::is_ascii_digit).count();
    let length = letters().count() - digits;
    ROLES.iter().any(|role| role.len() == length && role.bytes().eq(letters().take(length)))
}

/// Puts the folded form of a text where another was.
fn refold(text: &str, folded: &mut Vec<u8>) {
    folded.clear();
    fold(text.as_bytes(), folded);
}

fn starts_word(folded: &[u8], at: usize) -> bool {
    let is = |at: usize| folded.get(at).is_some_and(|byte| in_word(*byte));
    is(at) && (at == 0 || !is(at - 1))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.len() >= needle.len() && memchr::memmem::find(haystack, needle).is_some()
}
