//! Addresses of network cards: EUI-48 in pairs or, as some routers show them, in threes of four digits; EUI-64 in pairs.

use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::text::{Text, is_alnum};

/// The address that begins with a word.
pub(super) fn find(text: Text<'_>, start: usize) -> Option<Hit> {
    let pairs = is_hex(text, start, 2);
    let size = if pairs { 2 } else { 4 };
    let mark = text.at(start + size);
    let fits = matches!((size, mark), (2, b':' | b'-') | (4, b'.'));
    if !fits || text.before(start) == mark || is_alnum(text.before(start)) {
        return None;
    }
    // Nine groups would be one too many for either kind.
    let groups = (0..9).take_while(|group| {
        let at = start + group * (size + 1);
        is_hex(text, at, size) && (*group == 0 || text.before(at) == mark)
    });
    let groups = groups.count();
    let end = start + groups * (size + 1) - usize::from(groups > 0);
    let whole = matches!((size, groups), (2, 6 | 8) | (4, 3)) && !(text.at(end) == mark && is_alnum(text.at(end + 1)));
    // Decimal digits in groups may number anything, but not with colons between.
    let letters = text.slice(start, end).iter().any(u8::is_ascii_alphabetic);
    (whole && (letters || mark == b':')).then(|| Hit::new(start, end, Kind::Mac, Confidence::High))
}

/// Whether a word of so many hexadecimal digits stands at a place.
fn is_hex(text: Text<'_>, start: usize, size: usize) -> bool {
    let word = text.slice(start, start + size);
    word.len() == size && word.iter().all(u8::is_ascii_hexdigit) && !is_alnum(text.at(start + size))
}
