//! The domain of an address: a host name, perhaps beyond ASCII (RFC 1123 §2.1, RFC 5890 to 5893).
//!
//! The tables of IDNA are thousands of ranges; here they are derived, as RFC 5892 §3 derives them, from what the
//! standard library and the normalisation forms know. `tests/it/email.rs` lists where that differs from the tables.

use super::punycode::{decode, encode};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Domains that no mail can reach (RFC 2606, 6761, 6762, 7686).
const RESERVED: [&str; 6] = ["arpa", "invalid", "local", "localhost", "onion", "test"];

/// Bytes of a domain without its last dot (RFC 1035 §2.3.4).
const LONGEST: usize = 253;

/// Bytes of the longer form of a domain, ASCII or beyond; none where it is no domain.
///
/// A domain has a dot, its last label ends in a letter, and it is not reserved.
pub(super) fn longest_form(domain: &str) -> Option<usize> {
    if domain.len() > 4 * LONGEST {
        return None;
    }
    if domain.is_ascii() && !domain.split('.').any(is_encoded) {
        // Nearly every domain, which needs no other form made.
        let good = domain.split('.').all(is_host_label) && is_public(domain);
        return good.then_some(domain.len());
    }
    let mapped = map(domain)?;
    let labels = mapped.split('.').map(Label::read).collect::<Option<Vec<Label>>>()?;
    let joined = |form: fn(&Label) -> &str| labels.iter().map(form).collect::<Vec<&str>>().join(".");
    let ascii = joined(Label::ascii);
    let good = is_public(&ascii) && is_one_way(&labels);
    good.then(|| ascii.len().max(joined(Label::shown).len()))
}

/// Whether mail can reach a domain of good labels from everywhere.
fn is_public(ascii: &str) -> bool {
    let last = ascii.rsplit_once('.').map(|(_, last)| last).unwrap_or_default();
    ascii.len() <= LONGEST
        && last.ends_with(|letter: char| letter.is_ascii_alphabetic())
        && !RESERVED.iter().any(|reserved| last.eq_ignore_ascii_case(reserved))
}

fn is_encoded(label: &str) -> bool {
    label.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("xn--"))
}

/// Lower case, and plain letters and dots for their other forms (UTS #46); none where a sign stands for a dot and more.
fn map(domain: &str) -> Option<String> {
    if domain.is_ascii() {
        return Some(domain.to_ascii_lowercase());
    }
    let dot_and_more =
        |letter: char| !letter.is_ascii() && letter != '．' && std::iter::once(letter).nfkd().any(|part| part == '.');
    if !super::is_visible(domain) || domain.chars().any(dot_and_more) {
        return None;
    }
    let seen = domain.chars().filter(|letter| !is_ignored(*letter));
    Some(seen.nfkc().flat_map(char::to_lowercase).map(fold).nfkc().collect())
}

/// What UTS #46 maps further than to lower case: a dot, the iota below a vowel, and Cherokee, whose capitals are the older.
fn fold(letter: char) -> char {
    let code = u32::from(letter);
    match letter {
        '。' => '.',
        '\u{345}' => 'ι',
        '\u{13F8}'..='\u{13FD}' => char::from_u32(code - 8).unwrap_or(letter),
        '\u{AB70}'..='\u{ABBF}' => char::from_u32(code - 0xAB70 + 0x13A0).unwrap_or(letter),
        _ => letter,
    }
}

/// Marks that change how a letter looks, not which one it is.
fn is_ignored(letter: char) -> bool {
    matches!(letter, '\u{34F}' | '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// A label in both forms; only an international one has two.
struct Label {
    ascii: String,
    international: Option<String>,
}

impl Label {
    fn read(label: &str) -> Option<Self> {
        let (ascii, international) = match (label.is_ascii(), label.strip_prefix("xn--")) {
            (false, _) => (format!("xn--{}", encode(label)?), Some(label.to_owned())),
            (true, None) => (label.to_owned(), None),
            (true, Some(encoded)) => {
                // The one spelling of a label that a domain may be registered under.
                let shown = decode(encoded)
                    .filter(|shown| !shown.is_ascii() && encode(shown).as_deref() == Some(encoded))
                    .filter(|shown| map(shown).as_ref() == Some(shown))?;
                (label.to_owned(), Some(shown))
            }
        };
        let good = international.as_deref().is_none_or(is_international) && is_host_label(&ascii);
        good.then_some(Self { ascii, international })
    }

    fn ascii(&self) -> &str {
        &self.ascii
    }

    fn shown(&self) -> &str {
        self.international.as_deref().unwrap_or(&self.ascii)
    }
}

/// Letters, digits and hyphens within. Hyphens in the third and fourth place are kept for encodings, of which there is one.
fn is_host_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
        && (label.get(2..4) != Some("--") || is_encoded(label))
}

/// The letters that RFC 5892 lets stand in a label, each where it may stand.
fn is_international(label: &str) -> bool {
    let letters: Vec<char> = label.chars().collect();
    let at = |place: usize| letters.get(place).copied().unwrap_or('-');
    let good = |(place, letter): (usize, &char)| match letter {
        // Appendix A: the Catalan l·l, the Greek numeral sign, the Hebrew geresh, the Japanese middle dot, and the two
        // sets of Arabic digits, which look alike.
        '·' => place > 0 && at(place - 1) == 'l' && at(place + 1) == 'l',
        '\u{375}' => matches!(at(place + 1), '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}'),
        '\u{5F3}' | '\u{5F4}' => place > 0 && matches!(at(place - 1), '\u{591}'..='\u{5F4}' | '\u{FB1D}'..='\u{FB4F}'),
        '・' => letters.iter().any(|letter| is_japanese(*letter)),
        '\u{660}'..='\u{669}' => !letters.iter().any(|letter| matches!(letter, '\u{6F0}'..='\u{6F9}')),
        letter => is_letter(*letter),
    };
    let hyphens = at(0) == '-' || label.ends_with('-') || (at(2), at(3)) == ('-', '-') && letters.len() > 3;
    !hyphens && !letters.first().is_some_and(|first| is_combining_mark(*first)) && letters.iter().enumerate().all(good)
}

/// Hiragana, Katakana or Han.
fn is_japanese(letter: char) -> bool {
    matches!(letter, '々' | '〇' | '\u{3041}'..='\u{3096}' | '\u{309D}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}' | '\u{30FD}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The zeros of the decimal digits: other numbers, such as the Roman, stand in no label.
const ZEROS: [u16; 35] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
];

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
        || ZEROS.iter().any(|zero| (u32::from(*zero)..u32::from(*zero) + 10).contains(&u32::from(letter)))
}

/// RFC 5892 §2: letters, digits and marks, without its exceptions, old Hangul and marks around symbols.
fn is_letter(letter: char) -> bool {
    let refused = matches!(letter,
        '\u{488}' | '\u{489}' | '\u{640}' | '\u{7FA}' | '\u{1100}'..='\u{11FF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{302E}' | '\u{302F}' | '\u{3031}'..='\u{3035}' | '\u{303B}' | '\u{A960}'..='\u{A97F}'
        | '\u{D7B0}'..='\u{D7FF}');
    let taken = matches!(letter, '-' | '〇' | '\u{6FD}' | '\u{6FE}' | '\u{F0B}');
    let known =
        if letter.is_numeric() { is_digit(letter) } else { letter.is_alphabetic() || is_combining_mark(letter) };
    taken || known && !refused
}

/// How a letter runs (RFC 5893 §2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Left,
    Right,
    Number,
    ArabicNumber,
    Neutral,
    Mark,
}

fn run(letter: char) -> Run {
    match letter {
        '0'..='9' | '\u{6F0}'..='\u{6F9}' => Run::Number,
        '\u{660}'..='\u{669}' | '\u{10D30}'..='\u{10D39}' | '\u{10E60}'..='\u{10E7E}' => Run::ArabicNumber,
        '-' | '·' | '\u{2B9}' | '\u{2BA}' | '\u{2C6}'..='\u{2CF}' | '\u{2EC}' | '\u{375}' | '・' => Run::Neutral,
        // The standard library escapes a mark without space of its own, where it stands alone.
        letter if !letter.is_ascii() && letter.escape_debug().len() > 1 => Run::Mark,
        '\u{590}'..='\u{8FF}'
        | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}'
        | '\u{1E800}'..='\u{1EFFF}' => Run::Right,
        _ => Run::Left,
    }
}

/// Where one label runs from right to left, each of them must show in one way only.
fn is_one_way(labels: &[Label]) -> bool {
    let turned =
        |label: &Label| label.shown().chars().map(run).any(|run| matches!(run, Run::Right | Run::ArabicNumber));
    labels.iter().all(|label| label.international.is_none() || !turned(label))
        || labels.iter().all(|label| {
            let has = |wanted: Run| label.shown().chars().any(|letter| run(letter) == wanted);
            let last = label.shown().chars().rev().map(run).find(|run| *run != Run::Mark);
            match label.shown().chars().next().map(run) {
                Some(Run::Right) => {
                    let mixed = has(Run::Left) || has(Run::Number) && has(Run::ArabicNumber);
                    !mixed && matches!(last, Some(Run::Right | Run::Number | Run::ArabicNumber))
                }
                Some(Run::Left) => {
                    !has(Run::Right) && !has(Run::ArabicNumber) && matches!(last, Some(Run::Left | Run::Number))
                }
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::longest_form;

    #[test]
    fn counts_the_longer_form() {
        for (domain, length) in [
            ("Example.COM", Some(11)),
            ("münchen.de", Some("xn--mnchen-3ya.de".len())),
            ("ｅｘａｍｐｌｅ。com", Some(11)),
            ("xn--fiqs8s.xn--fiqs8s", Some(21)),
            ("xn--gbechtv.ꭰ.com", Some(18)),
            ("उदाहरण.परीक्षा", Some("उदाहरण.परीक्षा".len())),
            ("col·lega.cat", Some("xn--collega-5ua.cat".len())),
            ("スター・ウォーズ.jp", Some("スター・ウォーズ.jp".len())),
            ("דוגמה.קום", Some("xn--8dbas8bk.xn--9dbq2a".len())),
        ] {
            let found = longest_form(domain);
            assert_eq!(found.is_some(), length.is_some(), "{domain}");
            assert!(found >= length.map(|length| length.min(domain.len())), "{domain}");
        }
    }

    #[test]
    fn refuses_what_no_registry_takes() {
        for domain in [
            "xn--a.com",
            "xn--.com",
            "xn--example.com",
            "xn--mnchen-3YA1.de",
            "a·b.cat",
            "・.jp",
            "☃.net",
            "é--.com",
            "éa--b.com",
            "ab--é.com",
            "\u{301}a.com",
            "\u{903}a.com",
            "・ー.jp",
            "1.דוגמה.com",
            "דוגמהa.com",
            "\u{661}\u{6F1}.com",
            "a⒈com",
            "a…com",
            "aᛮ.com",
            "a❿.com",
            "a.é-",
            "",
            ".",
        ] {
            assert_eq!(longest_form(domain), None, "{domain}");
        }
    }
}
