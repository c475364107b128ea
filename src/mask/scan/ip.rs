//! IPv4 and IPv6 addresses.

use super::context::{self, is_listed};
use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::number::Region;
use super::text::{Text, is_alnum};
use std::net::Ipv6Addr;

/// Four numbers with points between may also be the number of a version or of a section.
const OTHERS: &str = "v ver version* versao release* build* firmware section* sec chapter clause article abschnitt kapitel \
    paragraph anexo annex";

/// The four octets that begin with a group, and the last of them.
pub(super) fn v4(text: Text<'_>, region: &Region, first: usize) -> Option<(Hit, usize)> {
    let last = first + 3;
    let octet = |group| {
        let digits = region.digits(group..=group);
        digits.len() <= 3 && digits.iter().fold(0, |value, digit| value * 10 + u32::from(*digit)) < 256
    };
    if last >= region.len()
        || !(first..=last).all(octet)
        || !(first + 1..=last).all(|group| region.gap(text, group) == b".")
    {
        return None;
    }
    let (start, end) = (region.group(first).start, region.group(last).end);
    let more = text.at(end) == b'.' && text.at(end + 1).is_ascii_digit();
    let part = text.before(start) == b'.' && is_alnum(text.before(start - 1)) || is_compared(text, start);
    if more || part || is_alnum(text.before(start)) || is_alnum(text.at(end)) || is_product(text, start) {
        return None;
    }
    let other = context::before(text, start).take(3).any(|word| is_listed(word, OTHERS));
    (!other).then(|| (Hit::new(start, end, Kind::Ip, Confidence::High), last))
}

/// As in `>=1.2.3.4` and `~1.2.3.4`: versions are compared so.
fn is_compared(text: Text<'_>, start: usize) -> bool {
    match text.before(start) {
        b'~' | b'^' => true,
        b'=' => b"<>=~!".contains(&text.before(start - 1)),
        _ => false,
    }
}

/// As in `Chrome/120.0.0.0`: a name and a slash before. Of a path it may be a part all the same.
fn is_product(text: Text<'_>, start: usize) -> bool {
    let slash = start.wrapping_sub(1);
    text.before(start) == b'/' && text.before(slash).is_ascii_alphabetic() && {
        let name = text.skip_back(slash, slash.saturating_sub(24), is_alnum);
        text.before(name) != b'/' && !text.has(name, b"ip")
    }
}

/// The address of which the word that begins at a place is the first group.
pub(super) fn v6(text: Text<'_>, word: usize) -> Option<Hit> {
    let hidden = text.before(word) == b':' && text.before(word.wrapping_sub(1)) == b':';
    let start = if hidden { word - 2 } else { word };
    if matches!(text.before(start), b':' | b'.') || is_alnum(text.before(start)) {
        return None;
    }
    // The longest form has 45 characters.
    let run = text.slice(start, start + 46);
    let length = run.iter().take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')).count();
    if length > 45 {
        return None;
    }
    let mut end = start + length;
    while text.before(end) == b'.' || text.before(end) == b':' && text.before(end - 1) != b':' {
        end -= 1;
    }
    if is_alnum(text.at(end)) {
        return None;
    }
    let address = std::str::from_utf8(text.slice(start, end)).ok()?;
    let colons = address.bytes().filter(|byte| *byte == b':').count();
    // `a::b` is a path of a program; an address that short begins with a whole group or with none.
    let first = address.split(':').next().unwrap_or_default().len();
    // Without a digit a short one is no anchor, so that it would be found or not by where it happens to stand.
    let anchored = address.len() >= 15 || address.bytes().any(|byte| byte.is_ascii_digit());
    // Of `[::2]` every second is meant.
    let step = colons == 2 && first == 0 && address != "::1";
    if !anchored
        || step
        || colons < 2
        || (colons < 5 && first != 0 && first < 3)
        || address.parse::<Ipv6Addr>().is_err()
        || address == "::"
    {
        return None;
    }
    let zone = text.at(end) == b'%' && is_alnum(text.at(end + 1));
    let end = if zone { text.skip(end + 1, is_alnum) } else { end };
    Some(Hit::new(start, end, Kind::Ip, Confidence::High))
}
