//! URLs with a user, and perhaps a password, before the host.

use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::text::{Text, is_alnum, is_seen};

/// The URL whose user information ends with an `@`; nothing of it before `floor`.
pub(super) fn find(text: Text<'_>, at: usize, floor: usize) -> Option<Hit> {
    let user = text.skip_back(at, floor, |byte| is_seen(byte) && !matches!(byte, b'/' | b'"' | b'<' | b'>'));
    let slashes = user.checked_sub(2).filter(|place| *place > floor && text.slice(*place, user) == b"//")?;
    let colon = slashes.checked_sub(1).filter(|colon| text.at(*colon) == b':')?;
    let start = text.skip_back(colon, floor, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let scheme = text.at(start).is_ascii_alphabetic() && start < colon;
    if !scheme || user == at || !is_alnum(text.at(at + 1)) && text.at(at + 1) != b'[' {
        return None;
    }
    let end = text.skip(at, |byte| is_seen(byte) && !matches!(byte, b'"' | b'<' | b'>' | b'`'));
    let end = text.skip_back(end, at + 1, |byte| b".,;:!?)]}'".contains(&byte));
    Some(Hit::new(start, end, Kind::Url, Confidence::High))
}
