//! E-mail addresses, as Python's email-validator reads them without asking the DNS.

use unicode_normalization::UnicodeNormalization;

/// Domains that no mail can reach (RFC 2606, 6761, 6762, 7686).
const RESERVED: [&str; 6] = ["arpa", "invalid", "local", "localhost", "onion", "test"];

/// Whether a text is an address: a dot-atom of at most 64 bytes, `@`, and a host name with a dot whose last label ends
/// in a letter. International letters are read on both sides (RFC 6531); quoted local parts and address literals are not.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    text.len() <= 254 && is_local(local) && is_domain(domain)
}

fn is_local(local: &str) -> bool {
    let atom = |letter: char| {
        letter.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(letter)
            || (!letter.is_ascii() && is_visible(letter))
    };
    local.len() <= 64 && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

/// Letters, marks, digits and symbols, but no spaces, controls, formats or private use.
fn is_visible(letter: char) -> bool {
    !letter.is_whitespace()
        && !letter.is_control()
        && !matches!(letter,
            '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFF}'
            | '\u{E0000}'..='\u{10FFFF}')
}

fn is_domain(domain: &str) -> bool {
    // Full-width letters and ideographic dots fold into the plain ones, as IDNA maps them.
    let folded: String = if domain.is_ascii() {
        domain.to_ascii_lowercase()
    } else {
        domain.nfkc().collect::<String>().to_lowercase().replace('。', ".")
    };
    let labels: Vec<&str> = folded.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    // A label beyond ASCII becomes longer as an A-label; five more bytes are the least it takes.
    let length: usize = labels.iter().map(|label| label.len() + 1).sum();
    length <= 254
        && labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && last.ends_with(|last: char| last.is_alphabetic())
        && !RESERVED.contains(&last)
}

fn is_label(label: &str) -> bool {
    let letter = |letter: char| {
        letter.is_ascii_alphanumeric() || letter == '-' || (!letter.is_ascii() && letter.is_alphanumeric())
    };
    // Hyphens in the third and fourth place are kept for encodings, of which IDNA is the only one.
    let encoded = label.get(2..4) == Some("--") && !label.starts_with("xn--");
    !label.is_empty()
        && label.len() <= 63
        && label.chars().all(letter)
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !encoded
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
            "",
            &long_local,
            &long_label,
        ] {
            assert!(!is_email(text), "{text}");
        }
    }
}
