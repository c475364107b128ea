//! Keys and tokens of services, by the prefixes that the services gave them to be found by; JSON web tokens; private
//! keys in PEM.

use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::text::{Text, is_alnum};

/// A prefix, the characters that follow it, and how many there are at least: `x` hexadecimal, `u` upper case and digits,
/// `n` letters and digits, `w` those with `-` and `_`, `d` those with `.` too.
#[rustfmt::skip]
const SHAPES: [(&[u8], u8, usize); 44] = [
    (b"AKIA", b'u', 16), (b"ASIA", b'u', 16), (b"ABIA", b'u', 16), (b"ACCA", b'u', 16), // Amazon
    (b"AIza", b'w', 35), (b"ya29.", b'd', 20), (b"GOCSPX-", b'w', 28), // Google
    (b"ghp_", b'n', 36), (b"gho_", b'n', 36), (b"ghu_", b'n', 36), (b"ghs_", b'n', 36), (b"ghr_", b'n', 36), // GitHub
    (b"github_pat_", b'w', 22), (b"glpat-", b'w', 20), (b"gldt-", b'w', 20), // GitHub, GitLab
    (b"xoxb-", b'w', 20), (b"xoxp-", b'w', 20), (b"xoxa-", b'w', 20), (b"xoxr-", b'w', 20), (b"xoxs-", b'w', 20),
    (b"xapp-", b'w', 20), // Slack
    (b"sk_live_", b'n', 16), (b"sk_test_", b'n', 16), (b"rk_live_", b'n', 16), (b"rk_test_", b'n', 16),
    (b"pk_live_", b'n', 16), (b"whsec_", b'n', 24), // Stripe
    (b"sk-proj-", b'w', 20), (b"sk-ant-", b'w', 20), (b"sk-", b'n', 32), (b"hf_", b'n', 30), // models
    (b"SG.", b'd', 50), (b"npm_", b'n', 36), (b"pypi-AgEI", b'w', 50), (b"dop_v1_", b'x', 64), // SendGrid, registries, DigitalOcean
    (b"shpat_", b'x', 32), (b"shpss_", b'x', 32), (b"shpca_", b'x', 32), // Shopify
    (b"SK", b'x', 32), (b"key-", b'x', 32), (b"sq0atp-", b'w', 22), (b"EAAA", b'w', 60), // Twilio, Mailgun, Square
    (b"AGE-SECRET-KEY-1", b'u', 58), (b"dckr_pat_", b'w', 24), // age, Docker
];

/// The key that begins with the word at a place.
pub(super) fn key(text: Text<'_>, start: usize) -> Option<Hit> {
    if is_alnum(text.before(start)) {
        return None;
    }
    let rest = text.slice(start, start + 16);
    let (prefix, class, least) = SHAPES.iter().find(|(prefix, _, _)| rest.starts_with(prefix))?;
    let body = start + prefix.len();
    let end = text.skip(body, |byte| is_of(byte, *class));
    // A sentence's full stop is not the key's.
    let end = text.skip_back(end, body, |byte| matches!(byte, b'.' | b'-'));
    let exact = !matches!(class, b'u' | b'x') || end - body == *least && !is_alnum(text.at(end));
    (end - body >= *least && exact).then(|| Hit::new(start, end, Kind::Secret, Confidence::High))
}

fn is_of(byte: u8, class: u8) -> bool {
    match class {
        b'x' => byte.is_ascii_hexdigit(),
        b'u' => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        b'n' => byte.is_ascii_alphanumeric(),
        b'w' => is_base64url(byte),
        _ => is_base64url(byte) || byte == b'.',
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The key of a bot of Telegram: its number, a colon, 35 characters.
pub(super) fn bot(text: Text<'_>, start: usize) -> Option<Hit> {
    let colon = text.skip_up_to(start, 11, |byte| byte.is_ascii_digit());
    let whole = (8..=10).contains(&(colon - start)) && text.has(colon, b":AA") && !is_alnum(text.before(start));
    let end = text.skip_up_to(colon + 1, 36, is_base64url);
    (whole && end - colon == 36).then(|| Hit::new(start, end, Kind::Secret, Confidence::High))
}

/// The token that begins with the word at a place: three parts in base64url, of which the first two are JSON objects.
pub(super) fn jwt(text: Text<'_>, start: usize) -> Option<Hit> {
    if !text.slice(start, start + 3).eq(b"eyJ") || is_base64url(text.before(start)) {
        return None;
    }
    let claims = text.skip(start, is_base64url) + 1;
    if text.before(claims) != b'.' || text.slice(claims, claims + 2) != b"ey" || claims - start < 12 {
        return None;
    }
    let signature = text.skip(claims, is_base64url) + 1;
    if text.before(signature) != b'.' {
        return None;
    }
    let end = text.skip(signature, is_base64url);
    Some(Hit::new(start, end.max(signature), Kind::Jwt, Confidence::High))
}

/// The private key whose first line begins with the dashes at a place, with all its lines if its end is there.
pub(super) fn pem(text: Text<'_>, start: usize) -> Option<Hit> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const KEY: &[u8] = b"PRIVATE KEY";
    let head = text.has(start, BEGIN).then(|| text.slice(start + BEGIN.len(), start + 64))?;
    let key = head.windows(KEY.len()).position(|window| window == KEY)?;
    let named = head.get(..key)?.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b' ');
    let body = start + BEGIN.len() + key + KEY.len();
    if !named {
        return None;
    }
    let body = text.skip(body, |byte| byte == b'-');
    // What goes on to other dashes than the end's is another key's, or no key.
    let rest = text.0.get(body..).unwrap_or_default();
    let dashes = memchr::memmem::find(rest, b"-----").unwrap_or(rest.len());
    let is_body = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-\n\r :,\\".contains(byte);
    let lines = rest.get(..dashes).unwrap_or_default();
    let whole = lines.iter().all(is_body) && text.has(body + dashes, b"-----END ");
    let end = if whole {
        text.skip(text.skip_up_to(body + dashes + 9, 40, |byte| byte != b'-'), |byte| byte == b'-')
    } else {
        body + cut_off(lines)
    };
    Some(Hit::new(start, end, Kind::Secret, Confidence::High))
}

/// How much of a text is lines of a key that was cut off: its words are long.
fn cut_off(rest: &[u8]) -> usize {
    let mut end = 0;
    let mut at = 0;
    for word in rest.split(u8::is_ascii_whitespace) {
        at += word.len() + 1;
        match word.len() {
            0 => {}
            1..16 if end > 0 => break,
            _ => end = at - 1,
        }
    }
    end
}
