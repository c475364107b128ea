//! Finds personal data inside free text: e-mail addresses, payment cards and IBANs.
//!
//! Names and street addresses are not found: that takes a language model. Where a field holds them, mask the field.

use std::ops::Range;

/// Replaces what is found by its kind in brackets; none when nothing was found.
pub(crate) fn scan(text: &str) -> Option<String> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    if text.contains('@') {
        emails(text, &mut found);
    }
    // The shortest IBAN has 15 characters of which at least 10 are digits; a card has 13 digits.
    if digits >= 10 {
        ibans(text, &mut found);
        cards(text, &mut found);
    }
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for (range, kind) in found {
        if range.start < at {
            // Overlaps what was replaced; the rest of it goes too.
            at = at.max(range.end);
            continue;
        }
        masked.push_str(text.get(at..range.start).unwrap_or_default());
        masked.push_str(kind);
        at = range.end;
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    Some(masked)
}

fn emails(text: &str, found: &mut Vec<(Range<usize>, &'static str)>) {
    let local = |letter: char| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(letter) || is_mark(letter);
    let domain = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '.' || is_mark(letter);
    for (at, _) in text.match_indices('@') {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + 1..).unwrap_or_default();
        let start = before.trim_end_matches(local).len();
        let length = after.find(|letter| !domain(letter)).unwrap_or(after.len());
        let host = after.get(..length).unwrap_or_default().trim_end_matches(['.', '-']);
        let last = host.rsplit('.').next().unwrap_or_default();
        let good = start < at && host.contains('.') && last.chars().count() >= 2 && last.ends_with(char::is_alphabetic);
        if good {
            found.push((start..at + 1 + host.len(), "[email]"));
        }
    }
}

/// Combining marks belong to the letter before them.
fn is_mark(letter: char) -> bool {
    unicode_normalization::char::is_combining_mark(letter)
}

/// Digits with their places, in runs whose digits are at most one separator apart.
fn digit_runs(text: &str) -> Vec<Vec<(usize, u8)>> {
    let mut runs = Vec::new();
    let mut run: Vec<(usize, u8)> = Vec::new();
    let mut separators = 0;
    for (at, letter) in text.char_indices() {
        match letter.to_digit(10) {
            Some(digit) => {
                #[allow(clippy::cast_possible_truncation, reason = "a decimal digit")]
                run.push((at, digit as u8));
                separators = 0;
            }
            None if matches!(letter, ' ' | '-' | '.' | '\u{a0}' | '\u{202f}') && separators == 0 => separators = 1,
            None => {
                runs.push(std::mem::take(&mut run));
                separators = 0;
            }
        }
    }
    runs.push(run);
    runs
}

/// Payment cards: 13 to 19 digits that pass the Luhn check (ISO/IEC 7812-1), beginning and ending with a group.
fn cards(text: &str, found: &mut Vec<(Range<usize>, &'static str)>) {
    for run in digit_runs(text) {
        let joined =
            |left: usize, right: usize| matches!((run.get(left), run.get(right)), (Some(l), Some(r)) if l.0 + 1 == r.0);
        let mut from = 0;
        while from + 13 <= run.len() {
            let begins = from == 0 || !joined(from - 1, from);
            let card = (13..=19).rev().find(|length| {
                let to = from + length;
                begins && to <= run.len() && !joined(to - 1, to) && luhn(run.get(from..to).unwrap_or_default())
            });
            match (card, run.get(from), card.and_then(|length| run.get(from + length - 1))) {
                (Some(length), Some(first), Some(last)) => {
                    found.push((first.0..last.0 + 1, "[card]"));
                    from += length;
                }
                _ => from += 1,
            }
        }
    }
}

fn luhn(digits: &[(usize, u8)]) -> bool {
    let same = digits.windows(2).all(|pair| pair.first().map(|digit| digit.1) == pair.last().map(|digit| digit.1));
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, (_, digit))| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10) && !same
}

/// The length of an IBAN by country (ISO 13616 registry).
const IBAN_LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 \
    EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 \
    LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 \
    SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

fn ibans(text: &str, found: &mut Vec<(Range<usize>, &'static str)>) {
    let mut previous = ' ';
    for (start, letter) in text.char_indices() {
        let begins = letter.is_ascii_alphabetic() && !previous.is_alphanumeric();
        previous = letter;
        if !begins {
            continue;
        }
        let mut compact = String::with_capacity(34);
        let mut end = start;
        let mut wanted = usize::MAX;
        for (offset, letter) in text.get(start..).unwrap_or_default().char_indices() {
            if letter.is_ascii_alphanumeric() {
                compact.push(letter.to_ascii_uppercase());
                end = start + offset + 1;
            } else if !matches!(letter, ' ' | '-' | '.' | '\u{a0}' | '\u{202f}') {
                break;
            }
            if compact.len() == 2 {
                match iban_length(&compact) {
                    Some(length) => wanted = length,
                    None => break,
                }
            }
            if compact.len() == wanted {
                break;
            }
        }
        let ends = !text.get(end..).unwrap_or_default().starts_with(char::is_alphanumeric);
        if compact.len() == wanted && ends && mod97(&compact) {
            found.push((start..end, "[iban]"));
        }
    }
}

fn iban_length(country: &str) -> Option<usize> {
    IBAN_LENGTHS.split_ascii_whitespace().find_map(|entry| entry.strip_prefix(country)?.parse().ok())
}

/// ISO 7064 MOD 97-10 over the account, then country and check digits.
fn mod97(iban: &str) -> bool {
    let Some((head, account)) = iban.split_at_checked(4) else {
        return false;
    };
    let mut rest = 0;
    for letter in account.chars().chain(head.chars()) {
        let Some(value) = letter.to_digit(36) else {
            return false;
        };
        rest = (rest * if value < 10 { 10 } else { 100 } + value) % 97;
    }
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::scan;

    #[test]
    fn masks_what_it_knows() {
        for (text, masked) in [
            ("mail anna@example.com now", "mail [email] now"),
            ("jürgen.6106@example.com", "[email]"),
            ("a@b.de, c@d.fr.", "[email], [email]."),
            ("card 4111 1111 1111 1111 ok", "card [card] ok"),
            ("4111111111111111", "[card]"),
            ("2223003122003222", "[card]"),
            ("12 4111-1111-1111-1111", "12 [card]"),
            ("IBAN de89 3704 0044 0532 0130 00.", "IBAN [iban]."),
            ("GB82WEST12345698765432", "[iban]"),
        ] {
            assert_eq!(scan(text).as_deref(), Some(masked), "{text}");
        }
    }

    #[test]
    fn leaves_the_rest() {
        for text in [
            "vip",
            "WELCOME10",
            "a @ b",
            "user@localhost",
            "4111111111111112",
            "1234567890",
            "order 41111111111111110000000",
            "DE89370400440532013001",
            "0000000000000000",
            "@",
            "x@.",
            "2025-01-10T09:15:00Z",
        ] {
            assert_eq!(scan(text), None, "{text}");
        }
    }
}
