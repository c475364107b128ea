//! Laws of the scanner, on texts that nobody wrote.

use super::text::STEPS;
use super::{Kind, find, scan};
use proptest::prelude::*;

/// Words without an anchor, some of which mean something to a matcher.
fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "call",
        "the",
        "order",
        "tel",
        "of",
        "Straße",
        "phone",
        "invoice",
        "ssn",
        "x",
        "ext",
        "office",
        "fax",
        "EUR",
        "Größe",
        "naïve",
        "слово",
        "語",
        "IBAN",
        "card",
        "nr",
        "is",
        "to",
        "at",
        "und",
        "DE",
        "GB",
        "-",
        ",",
        "(",
        ")",
        ":",
        "/",
        "total",
    ])
}

fn prose() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 0..8).prop_map(|words| words.join(" "))
}

fn digits(count: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0_u8..10, count)
}

fn text_of(digits: &[u8]) -> String {
    digits.iter().map(|digit| char::from(b'0' + digit)).collect()
}

/// The digit that makes the Luhn sum of all of them a multiple of ten; worked out by trying.
fn with_luhn(digits: &[u8]) -> String {
    let sum = |digits: &[u8]| -> u32 {
        digits
            .iter()
            .rev()
            .zip([1, 2].into_iter().cycle())
            .map(|(digit, weight)| u32::from(*digit) * weight)
            .map(|sum| sum / 10 + sum % 10)
            .sum()
    };
    (0..10)
        .map(|check| [digits, &[check]].concat())
        .find(|digits| sum(digits).is_multiple_of(10))
        .map(|digits| text_of(&digits))
        .unwrap()
}

fn rest_of_97(text: &str) -> u32 {
    text.chars()
        .map(|letter| letter.to_digit(36).unwrap().to_string())
        .collect::<String>()
        .bytes()
        .fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97)
}

fn iban(account: &[u8]) -> String {
    let account = text_of(account);
    let check = 98 - rest_of_97(&format!("{account}DE00"));
    format!("DE{check:02}{account}")
}

/// A value in groups of one size, with one separator between.
fn grouped(value: &str, size: usize, separator: &str) -> String {
    let letters: Vec<char> = value.chars().collect();
    letters.chunks(size).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(separator)
}

fn wide(value: &str) -> String {
    value
        .chars()
        .map(
            |letter| if letter.is_ascii_digit() { char::from_u32(u32::from(letter) + 0xfee0).unwrap() } else { letter },
        )
        .collect()
}

fn separator() -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(vec!["", " ", "-", ".", "\u{a0}", "\u{202f}", "\u{2011}", "\u{200b}", "\u{200f}", "\t", "－"])
}

/// A value that must be found wherever it stands, and its kind.
fn planted() -> impl Strategy<Value = (String, Kind)> {
    let group = (3_usize..7, separator());
    let card =
        (prop::sample::select(vec!["4", "51", "2223", "6011", "3530"]), digits(15), group.clone(), any::<bool>());
    let card = card.prop_map(|(prefix, rest, (size, separator), is_wide)| {
        let prefix: Vec<u8> = prefix.bytes().map(|digit| digit - b'0').collect();
        let number = with_luhn(&[&prefix, &rest[..15 - prefix.len()]].concat());
        let number = grouped(&number, size, separator);
        (if is_wide { wide(&number) } else { number }, Kind::Card)
    });
    let iban =
        (digits(18), group, any::<bool>(), any::<bool>()).prop_map(|(account, (size, separator), lower, is_wide)| {
            let value = grouped(&iban(&account), size, separator);
            let value = if lower { value.to_lowercase() } else { value };
            (if is_wide { wide(&value) } else { value }, Kind::Iban)
        });
    let email = (
        "[a-zäöüßé0-9][a-z0-9._+-]{0,12}[a-z0-9ü]",
        "[a-z0-9ü]{1,9}\\.(com|example|invalid|co\\.uk|рф)",
        any::<bool>(),
    );
    let email = email.prop_map(|(local, domain, is_wide)| {
        (format!("{local}{}{domain}", if is_wide { '＠' } else { '@' }), Kind::Email)
    });
    let phone = (
        "[1-9][0-9]{7,13}",
        2_usize..5,
        prop::sample::select(vec![" ", "-", ".", "\u{a0}", "\u{2009}", "\u{200b}", ""]),
    );
    let phone =
        phone.prop_map(|(number, size, separator)| (format!("+{}", grouped(&number, size, separator)), Kind::Phone));
    let v4 = any::<[u8; 4]>().prop_map(|ip| (std::net::Ipv4Addr::from(ip).to_string(), Kind::Ip));
    let v6 = any::<[u16; 8]>()
        .prop_map(|ip| (std::net::Ipv6Addr::from(ip.map(|group| group | 0x1000)).to_string(), Kind::Ip));
    let mac = any::<[u8; 6]>().prop_map(|mac| (mac.map(|byte| format!("{byte:02x}")).join(":"), Kind::Mac));
    let ssn =
        (1_u32..666, 1_u32..100, 1_u32..10_000).prop_map(|(a, g, s)| (format!("{a:03}-{g:02}-{s:04}"), Kind::UsSsn));
    let url = "[a-z]{1,8}:[a-z0-9!]{1,8}".prop_map(|user| (format!("https://{user}@example.com/x"), Kind::Url));
    let dni = (0_u32..100_000_000).prop_map(|number| {
        let letter = "TRWAGMYFPDXBNJZSQVHLCKE".chars().nth(number as usize % 23).unwrap();
        (format!("{number:08}{letter}"), Kind::EsDni)
    });
    let ether = "0x[0-9a-fA-F]{40}".prop_map(|address| (address, Kind::Crypto));
    let key = "[A-Z2-7]{16}".prop_map(|key| (format!("{}{key}", "AKIA"), Kind::Secret));
    prop_oneof![card, iban, email, phone, v4, v6, mac, ssn, url, dni, ether, key]
}

/// Bits of which values and near-values come to be by chance.
fn soup() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        3 => "[0-9]{1,7}",
        1 => "[0-9]{8,19}",
        4 => prop::sample::select(vec![" ", "-", ".", "/", "+", "(", ") ", "@", ":", ", ", "\n", "_", "x", "#", "€", "\u{a0}", "\u{200b}", "00", "[", "]", "\""]).prop_map(str::to_owned),
        2 => word().prop_map(|word| format!("{word} ")),
        2 => planted().prop_map(|(value, _)| value),
        1 => "[A-Za-z]{1,3}",
    ];
    prop::collection::vec(bit, 0..24).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn spans_are_in_order_and_whole(text in prop_oneof![soup(), "\\PC{0,60}", any::<String>()]) {
        let mut at = 0;
        for found in find(&text) {
            prop_assert!(found.range.start >= at && !found.range.is_empty());
            prop_assert!(text.get(found.range.clone()).is_some());
            at = found.range.end;
        }
    }

    #[test]
    fn is_idempotent(text in soup()) {
        if let Some(masked) = scan(&text) {
            prop_assert_eq!(scan(&masked), None, "{} -> {}", text, masked);
        }
    }

    #[test]
    fn finds_nothing_without_an_anchor(text in "([A-Za-zäöüßéλж.,;:!?()'\"€+/-]{0,14}[ \n])*") {
        prop_assert_eq!(scan(&text), None);
    }

    #[test]
    fn finds_all_that_is_planted(before in prose(), (value, kind) in planted(), after in prose()) {
        // An amount of money is no telephone number.
        prop_assume!(kind != Kind::Phone || !before.contains("EUR") && !after.contains("EUR"));
        let kinds_apart = !matches!(before.split(' ').next_back(), Some("DE" | "GB" | "x" | "(" | "-" | "/" | ":"));
        let text = format!("{before}{} {value} {after}", if kinds_apart { "" } else { "," });
        let start = before.len() + 1 + usize::from(!kinds_apart);
        let covered = find(&text).into_iter().any(|found| found.range.start <= start && found.range.end >= start + value.len());
        prop_assert!(covered, "{kind} in {text}: {:?}", scan(&text));
    }
}

/// How much is read of a text.
fn steps(text: &str) -> usize {
    STEPS.set(0);
    let _ = find(text);
    STEPS.get()
}

/// What a hostile text repeats: near-matches of every kind.
const BITS: &[&str] = &[
    "a",
    "1",
    "@",
    ".",
    "-",
    " ",
    ":",
    "\"",
    "(",
    "+",
    "x",
    "_",
    "a@",
    "a.",
    "1 ",
    "1-",
    "1.",
    "a1",
    "A1b",
    "4111 1111 ",
    "4111-",
    "41",
    "+1",
    "+49 ",
    "+1 2 ",
    "00",
    "0049 ",
    "030 ",
    "DE89 ",
    "D E 8 9 ",
    "DE89",
    "GB82WEST",
    "1:",
    ":1",
    "a:b",
    "::",
    "ab:",
    "ab-",
    "001b.",
    "eyJ.",
    "eyJa-",
    "eyJ",
    "sk-",
    "ghp_",
    "glpat-",
    "glpat-é",
    "AKIA",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY----- aaaaaaaaaaaaaaaaa ",
    "\"a",
    "\"@",
    "\\\"",
    "(1) ",
    "1.1.1.",
    "1.1.1.1.",
    "0x",
    "tel ",
    "tel 1 ",
    "tel 12 34 56 ",
    "call 1234567 89 ",
    "x@y.",
    "x@y.de",
    "://",
    "http://a@",
    "http://a:",
    "é",
    "é1",
    "\u{200b}1",
    "１",
    "語1 ",
    "bc1q",
    "1A1z",
    "12345678Z",
    "12345678-",
    "AB12 34 56 ",
    "RSSMRA85T10",
    "780123/3540",
    "85.07.30-",
    "2 69 05 ",
    "219-09-",
    "219-09-9999",
    "550e8400-",
    "550e8400-e29b-41d4-a716-446655440000",
    "2025-01-10 ",
    "1234567x",
    "1234567 ext ",
    "123456789:AA",
    "[",
    "1[",
    "email=",
    "mail=a@",
    "a=b&",
];

#[test]
fn hostile_texts_stay_linear() {
    for bit in BITS {
        for (before, after) in
            [("", ""), ("x", "@example.com"), ("@", "é"), ("tel ", " fax"), ("4", "1"), ("https://", "@")]
        {
            let text = |bytes: usize| format!("{before}{}{after}", bit.repeat(bytes / bit.len()));
            let (once, twice) = (steps(&text(3_000)), steps(&text(6_000)));
            assert!(twice <= once * 5 / 2 + 500, "{before}{bit}...{after}: {once} steps, then {twice}");
            assert!(once < 3_000 * 1_000, "{before}{bit}...{after}: {once} steps");
        }
    }
}
