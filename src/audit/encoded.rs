//! Hexadecimal digits and base64, taken back.

/// Fewest digits, and fewest letters of base64, that hold a value of eight bytes at any alignment.
pub(super) const SHORTEST_HEX: usize = 16;
pub(super) const SHORTEST_BASE64: usize = 11;

#[allow(clippy::needless_bitwise_bool, reason = "without branches, 16 bytes are looked at at once")]
pub(super) fn is_base64(byte: u8) -> bool {
    ((byte | 32).wrapping_sub(b'a') < 26)
        | (byte.wrapping_sub(b'0') < 10)
        | (byte == b'+')
        | (byte == b'/')
        | (byte == b'-')
        | (byte == b'_')
}

/// The next run of letters of base64 that is long enough, where a run may begin at `at`. Such a run reaches over every
/// place that is as far from a beginning as it is long, so few bytes are looked at.
pub(super) fn base64_run(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    loop {
        let probe = at + SHORTEST_BASE64 - 1;
        let rest = bytes.get(probe..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| !is_base64(*byte)).unwrap_or(rest.len());
        if length > 0 {
            let before = bytes.get(at..probe).unwrap_or_default();
            let start = at + before.iter().rposition(|byte| !is_base64(*byte)).map_or(0, |last| last + 1);
            if probe + length - start >= SHORTEST_BASE64 {
                return Some((start, probe + length));
            }
        }
        at = probe + length + 1;
    }
}

/// Whether a run can be base64 of a text at all: `_` and `-` hardly come up in it, and without any capital never.
/// So most keys and all tokens of masks are passed over.
pub(super) fn may_be_base64(run: &[u8]) -> bool {
    run.iter().any(u8::is_ascii_uppercase) || !run.iter().any(|byte| matches!(byte, b'_' | b'-'))
}

/// What six bits a letter of base64 stands for, in both alphabets of RFC 4648.
fn sextet(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    }
}

/// Decodes a run of base64 from its beginning on; bits that fill no byte are left out.
pub(super) fn base64(run: &[u8], out: &mut Vec<u8>) {
    out.clear();
    for group in run.chunks(4) {
        let mut bits = 0_u32;
        for place in 0..4 {
            bits = (bits << 6) | u32::from(group.get(place).map_or(0, |byte| sextet(*byte)));
        }
        let [_, first, second, third] = bits.to_be_bytes();
        let whole = [first, second, third];
        out.extend_from_slice(whole.get(..(group.len() * 3 / 4).min(3)).unwrap_or_default());
    }
}

/// Where a byte of what [`base64`] decoded begins in the run.
pub(super) fn base64_place(at: usize) -> usize {
    at / 3 * 4 + at % 3
}

pub(super) fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// Decodes a run of hexadecimal digits from its beginning on.
pub(super) fn hex(run: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let digit = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { (byte | 32).wrapping_sub(b'a') + 10 };
    out.extend(run.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte: u8, half| (byte << 4) | (digit(*half) & 15))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_those_of_a_simple_loop(bytes in prop::collection::vec(prop::sample::select(b"aaaaaaaaaaaaA.".to_vec()), 0..200)) {
            let mut wanted = Vec::new();
            let mut from = 0;
            for run in bytes.split(|byte| !is_base64(*byte)) {
                if run.len() >= SHORTEST_BASE64 {
                    wanted.push((from, from + run.len()));
                }
                from += run.len() + 1;
            }
            let next = |last: &(usize, usize)| base64_run(&bytes, last.1 + 1);
            let found: Vec<_> = std::iter::successors(base64_run(&bytes, 0), next).collect();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn decodes_as_a_library_does() {
        let mut out = Vec::new();
        for length in 0..40_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            for text in [BASE64.encode(&bytes), BASE64URL_NOPAD.encode(&bytes)] {
                base64(text.trim_end_matches('=').as_bytes(), &mut out);
                assert_eq!(out, bytes);
            }
            for text in [HEXLOWER.encode(&bytes), HEXUPPER.encode(&bytes)] {
                hex(text.as_bytes(), &mut out);
                assert_eq!(out, bytes);
            }
        }
        assert_eq!([0, 1, 2, 3, 4].map(base64_place), [0, 1, 2, 4, 5]);
    }
}
