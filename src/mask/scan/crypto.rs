//! Addresses of crypto-currencies, by their checksums: base58check and bech32 of Bitcoin and its kin; and those of
//! Ethereum, by their form, which has none that could be checked without Keccak.

use super::hit::Hit;
use super::kind::{Confidence, Kind};
use super::text::{Text, is_alnum};
use sha2::{Digest, Sha256};

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The address that a word is; a private key, where it is one in base58check.
pub(super) fn find(text: Text<'_>, start: usize, end: usize) -> Option<Hit> {
    let word = text.slice(start, end);
    let kind = match word {
        [b'0', b'x' | b'X', hex @ ..] if hex.len() == 40 && hex.iter().all(u8::is_ascii_hexdigit) => Kind::Crypto,
        _ if (26..=36).contains(&word.len()) && base58_length(word) == Some(25) => Kind::Crypto,
        _ if (51..=52).contains(&word.len()) && matches!(base58_length(word), Some(37 | 38)) => Kind::Secret,
        _ if (14..=90).contains(&word.len()) && bech32(word) => Kind::Crypto,
        _ => return None,
    };
    let whole = !is_alnum(text.before(start)) && !is_alnum(text.at(end));
    whole.then(|| Hit::new(start, end, kind, Confidence::High))
}

/// How many bytes a word decodes to, if the last four of them are the check of the others.
fn base58_length(word: &[u8]) -> Option<usize> {
    let mut bytes = [0_u8; 40];
    let mut length = 0;
    for char in word {
        let mut carry = BASE58.iter().position(|known| known == char)?;
        for byte in bytes.iter_mut().rev().take(length) {
            carry += 58 * usize::from(*byte);
            [*byte, ..] = carry.to_le_bytes();
            carry >>= 8;
        }
        if carry > 0 {
            length += 1;
            let [low, ..] = carry.to_le_bytes();
            *bytes.get_mut(40_usize.checked_sub(length)?)? = low;
        }
    }
    // Each leading 1 is a zero byte of its own.
    length += word.iter().take_while(|char| **char == b'1').count();
    let decoded = bytes.get(40_usize.checked_sub(length)?..)?;
    let (payload, check) = decoded.split_at_checked(length.checked_sub(4)?)?;
    let twice = Sha256::digest(Sha256::digest(payload));
    twice.starts_with(check).then_some(length)
}

/// BIP 173 and BIP 350, for the networks whose addresses are seen.
fn bech32(word: &[u8]) -> bool {
    const NETWORKS: [&[u8]; 4] = [b"bc1", b"tb1", b"ltc1", b"bcrt1"];
    let mixed = word.iter().any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase);
    let word = word.to_ascii_lowercase();
    let Some(prefix) = NETWORKS.into_iter().find(|prefix| word.starts_with(prefix)).filter(|_| !mixed) else {
        return false;
    };
    let (network, data) = word.split_at(prefix.len());
    let network = network.strip_suffix(b"1").unwrap_or_default();
    let values: Option<Vec<u8>> = data
        .iter()
        .map(|char| BECH32.iter().position(|known| known == char).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let Some(values) = values else { return false };
    let expanded =
        network.iter().map(|char| char >> 5).chain([0]).chain(network.iter().map(|char| char & 31)).chain(values);
    matches!(expanded.fold(1, polymod), 1 | 0x2bc8_30a3)
}

fn polymod(check: u32, value: u8) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = check >> 25;
    let shifted = (check & 0x01ff_ffff) << 5 ^ u32::from(value);
    GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(shifted, |check, (_, term)| check ^ term)
}
