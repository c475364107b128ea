//! E-mail addresses, as Python's email-validator reads them without asking the DNS.

mod domain;
mod punycode;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Bytes of an address (RFC 5321 §4.5.3.1.3, by erratum 1690 of RFC 3696).
const LONGEST: usize = 254;

/// Bytes before the `@` (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// Whether a text is an address: a dot-atom, `@`, and a host name with a dot whose last label ends in a letter.
///
/// International letters are read on both sides (RFC 6531); quoted local parts, address literals, comments and display
/// names are not.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let Some(local) = longest_local(local) else {
        return false;
    };
    text.len() <= LONGEST && domain::longest_form(domain).is_some_and(|domain| local + 1 + domain <= LONGEST)
}

/// Bytes of the longer form of a local part, as it stands or composed (RFC 6532 §3.1); none where either is not good.
fn longest_local(local: &str) -> Option<usize> {
    if local.len() > LONGEST_LOCAL {
        return None;
    }
    if local.is_ascii() {
        return is_dot_atom(local).then_some(local.len());
    }
    let composed: String = local.nfc().collect();
    let good = is_dot_atom(local) && is_dot_atom(&composed) && is_visible(local);
    good.then_some(composed.len().max(local.len()))
}

fn is_dot_atom(local: &str) -> bool {
    let atom =
        |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter) || !letter.is_ascii();
    local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

/// Whether a text shows as itself: letters, marks, digits, punctuation and symbols, and no mark in front that would
/// combine with what stands before. The standard library escapes all others, where it shows a text to a programmer.
fn is_visible(text: &str) -> bool {
    let text = text.replace('\'', "-");
    text.escape_debug().eq(text.chars()) && !text.chars().next().is_some_and(is_combining_mark)
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn accepts_addresses() {
        for text in [
            "alice@example.com",
            "a.b+c@mail.example.co.uk",
            "jürgen@example.com",
            "x@münchen.de",
            "!#$%&'*+-/=?^_`{|}~@a.de",
            "x@xn--mnchen-3ya.de",
            "1@2.io",
            "用户@例子.中国",
            "e\u{301}@a.de",
            "o'é@a.de",
            "x@उदाहरण.परीक्षा",
            "☃@a.de",
        ] {
            assert!(is_email(text), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_label = format!("a@{}.com", "a".repeat(64));
        for text in [
            "bob_at_example.com",
            "frank@example",
            "user17example.com",
            "a@b@c.de",
            "@example.com",
            "a@",
            "a..b@c.de",
            ".a@c.de",
            "a.@c.de",
            "a@.de",
            "a@b..de",
            "a@-b.de",
            "a@b-.de",
            "a@b.de.",
            "a b@c.de",
            "a@b c.de",
            "a@b.localhost",
            "a@b.test",
            "a@b.invalid",
            "a@b.local",
            "\"a b\"@c.de",
            "a@[127.0.0.1]",
            "a@1.2.3.4",
            "a@b_c.de",
            "a@ab--cd.de",
            "a\u{200b}@b.de",
            "\u{301}a@b.de",
            "\u{903}a@b.de",
            "é\u{a0}@b.de",
            "a\u{37e}@b.de",
            "é\u{e000}@b.de",
            "é\u{378}@b.de",
            "a@xn--a.de",
            "",
            &long_local,
            &long_label,
        ] {
            assert!(!is_email(text), "{text}");
        }
    }
}
