//! Hashes without a key: what an attacker with a list of guesses takes back at once.

use super::form::Kind;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The lengths of the digests, in bytes.
pub(super) const LENGTHS: [usize; 3] = [16, 20, 32];

/// The digests of a value.
pub(super) fn all(value: &[u8]) -> [(Kind, Vec<u8>); 3] {
    [
        (Kind::Md5, Md5::digest(value).to_vec()),
        (Kind::Sha1, Sha1::digest(value).to_vec()),
        (Kind::Sha256, Sha256::digest(value).to_vec()),
    ]
}

/// Whether a text may be a digest in hexadecimal digits or base64.
pub(super) fn may_be(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    match bare.len() {
        32 | 40 | 64 => bare.bytes().all(|byte| byte.is_ascii_hexdigit()),
        22 | 27 | 43 => bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)),
        _ => false,
    }
}
