//! FF1, the format-preserving encryption of NIST SP 800-38G (2016; revision 1, second draft 2025), with AES-256.
//!
//! A text over an alphabet of `radix` letters becomes another of the same length over the same alphabet. Numbers of any
//! length are kept as their digits, so that no arithmetic on big numbers is needed: a sum of two of them is taken digit by
//! digit, and the 128 bits and more of each round are brought into the radix by repeated division.

use aes::Aes256;
use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, KeyInit};

/// SP 800-38G r1 requires radix^length to be at least this: smaller domains can be searched.
pub(super) const LEAST_DOMAIN: u64 = 1_000_000;
/// Longest text, in letters. The standard allows 2^32; the time grows with the square of the length.
pub(super) const MOST_LETTERS: usize = 4096;
const ROUNDS: u8 = 10;

/// FF1 under one key, for one radix in 2 to 65,536.
pub(super) struct Ff1<C = Aes256> {
    cipher: C,
    radix: u32,
}

/// A text that FF1 does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Fewer than two letters, or fewer than a million texts of this length.
    Short,
    /// More than [`MOST_LETTERS`] letters.
    Long,
    /// A letter that is not below the radix.
    Letter,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Encrypt,
    Decrypt,
}

impl Ff1 {
    pub(super) fn new(key: &[u8; 32], radix: u32) -> Self {
        Self { cipher: Aes256::new(key.into()), radix }
    }
}

impl<C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>> Ff1<C> {
    /// Replaces the letters, each below the radix, by those of the encrypted text.
    pub(super) fn encrypt(&self, tweak: &[u8], letters: &mut [u16]) -> Result<(), Unfit> {
        self.run(tweak, letters, Way::Encrypt)
    }

    /// The inverse of [`Ff1::encrypt`].
    pub(super) fn decrypt(&self, tweak: &[u8], letters: &mut [u16]) -> Result<(), Unfit> {
        self.run(tweak, letters, Way::Decrypt)
    }

    /// Whether so many letters make a domain that is large enough.
    fn is_large(&self, letters: usize) -> bool {
        let mut size = 1_u64;
        letters >= 2
            && (0..letters).any(|_| {
                size = size.saturating_mul(u64::from(self.radix));
                size >= LEAST_DOMAIN
            })
    }

    #[allow(clippy::many_single_char_names, reason = "they are the names of the standard")]
    fn run(&self, tweak: &[u8], letters: &mut [u16], way: Way) -> Result<(), Unfit> {
        let n = letters.len();
        if n > MOST_LETTERS {
            return Err(Unfit::Long);
        }
        if letters.iter().any(|letter| u32::from(*letter) >= self.radix) {
            return Err(Unfit::Letter);
        }
        if !self.is_large(n) {
            return Err(Unfit::Short);
        }
        let (u, v) = (n / 2, n - n / 2);
        let bytes = self.bytes_for(v);
        let start = self.start(tweak, u, n);
        let (left, right) = letters.split_at(u);
        let (mut a, mut b) = (left.to_vec(), right.to_vec());
        for step in 0..ROUNDS {
            let round = if way == Way::Encrypt { step } else { ROUNDS - 1 - step };
            let m = if round % 2 == 0 { u } else { v };
            let known = if way == Way::Encrypt { &b } else { &a };
            let y = into_radix(&self.round(start, tweak, round, known, bytes), self.radix, m);
            if way == Way::Encrypt {
                let c = add(&a, &y, self.radix);
                a = std::mem::replace(&mut b, c);
            } else {
                let c = subtract(&b, &y, self.radix);
                b = std::mem::replace(&mut a, c);
            }
        }
        letters.iter_mut().zip(a.into_iter().chain(b)).for_each(|(letter, new)| *letter = new);
        Ok(())
    }

    /// Bytes that hold any text of `letters` letters: ⌈⌈letters · log₂ radix⌉ / 8⌉, counted without rounding.
    fn bytes_for(&self, letters: usize) -> usize {
        // The largest such number, radix^letters − 1, has just as many bytes.
        let most = u16::try_from(self.radix - 1).unwrap_or(u16::MAX);
        let largest = into_bytes(&vec![most; letters], self.radix);
        largest.len()
    }

    /// The cipher's state behind P, which is the same in all rounds (step 5).
    fn start(&self, tweak: &[u8], u: usize, n: usize) -> [u8; 16] {
        let mut p = [0; 16];
        let [_, r1, r2, r3] = self.radix.to_be_bytes();
        #[allow(clippy::cast_possible_truncation, reason = "the standard takes u modulo 256")]
        let half = u as u8;
        let n = u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
        let t = u32::try_from(tweak.len()).unwrap_or(u32::MAX).to_be_bytes();
        let parts = [&[1, 2, 1, r1, r2, r3, 10, half][..], &n, &t].concat();
        p.copy_from_slice(&parts);
        self.aes(p)
    }

    /// S of one round (steps 6.i to 6.iii), as big-endian bytes.
    fn round(&self, start: [u8; 16], tweak: &[u8], round: u8, known: &[u16], bytes: usize) -> Vec<u8> {
        let number = into_bytes(known, self.radix);
        let mut q = tweak.to_vec();
        let used = tweak.len() + 1 + bytes;
        q.resize(tweak.len() + (16 - used % 16) % 16, 0);
        q.push(round);
        q.resize(q.len() + bytes.saturating_sub(number.len()), 0);
        q.extend_from_slice(&number);
        let mut r = start;
        for block in q.chunks_exact(16) {
            r.iter_mut().zip(block).for_each(|(byte, other)| *byte ^= other);
            r = self.aes(r);
        }
        let wanted = 4 * bytes.div_ceil(4) + 4;
        let mut s = r.to_vec();
        let mut counter = 1_u64;
        while s.len() < wanted {
            let mut block = r;
            block.iter_mut().skip(8).zip(counter.to_be_bytes()).for_each(|(byte, count)| *byte ^= count);
            s.extend_from_slice(&self.aes(block));
            counter += 1;
        }
        s.truncate(wanted);
        s
    }

    fn aes(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = Array::from(block);
        self.cipher.encrypt_block(&mut block);
        block.into()
    }
}

/// The number that letters stand for, as big-endian bytes without zeros in front.
fn into_bytes(letters: &[u16], radix: u32) -> Vec<u8> {
    // Little-endian limbs: value = value · radix + letter.
    let mut limbs: Vec<u32> = Vec::with_capacity(letters.len() / 2 + 1);
    for letter in letters {
        let mut carry = u64::from(*letter);
        for limb in &mut limbs {
            let value = u64::from(*limb) * u64::from(radix) + carry;
            *limb = low(value);
            carry = value >> 32;
        }
        if carry > 0 {
            limbs.push(low(carry));
        }
    }
    let bytes: Vec<u8> = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default().to_vec()
}

/// A big-endian number modulo radix^letters, as letters.
fn into_radix(number: &[u8], radix: u32, letters: usize) -> Vec<u16> {
    // The bytes come in whole words of four, the most significant first.
    let mut limbs: Vec<u32> = number
        .chunks_exact(4)
        .map(|word| word.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)))
        .collect();
    let mut out = vec![0; letters];
    for letter in out.iter_mut().rev() {
        let mut rest = 0_u64;
        for limb in &mut limbs {
            let value = rest << 32 | u64::from(*limb);
            *limb = low(value / u64::from(radix));
            rest = value % u64::from(radix);
        }
        *letter = u16::try_from(rest).unwrap_or_default();
    }
    out
}

#[allow(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn low(value: u64) -> u32 {
    value as u32
}

/// (a + b) modulo radix^len, digit by digit from the end.
fn add(a: &[u16], b: &[u16], radix: u32) -> Vec<u16> {
    let mut carry = 0;
    digits(a, b, |a, b| {
        let sum = a + b + carry;
        carry = u32::from(sum >= radix);
        sum - carry * radix
    })
}

/// (a − b) modulo radix^len.
fn subtract(a: &[u16], b: &[u16], radix: u32) -> Vec<u16> {
    let mut borrow = 0;
    digits(a, b, |a, b| {
        let wanted = b + borrow;
        borrow = u32::from(a < wanted);
        a + borrow * radix - wanted
    })
}

fn digits(a: &[u16], b: &[u16], mut digit: impl FnMut(u32, u32) -> u32) -> Vec<u16> {
    let pairs = a.iter().rev().zip(b.iter().rev());
    let mut digits: Vec<u16> =
        pairs.map(|(a, b)| u16::try_from(digit(u32::from(*a), u32::from(*b))).unwrap_or_default()).collect();
    digits.reverse();
    digits
}

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use super::{Ff1, Unfit};
    use proptest::prelude::*;

    fn letters(text: &str) -> Vec<u16> {
        text.chars().map(|letter| u16::try_from(letter.to_digit(36).unwrap()).unwrap()).collect()
    }

    /// NIST's samples for AES-256 (FF1samples.pdf, 7 to 9).
    #[test]
    fn equals_the_standards_samples() {
        let key: [u8; 32] = [
            0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6, 0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C, 0xEF, 0x43,
            0x59, 0xD8, 0xD5, 0x80, 0xAA, 0x4F, 0x7F, 0x03, 0x6D, 0x6F, 0x04, 0xFC, 0x6A, 0x94,
        ];
        let tweak = [0x37, 0x37, 0x37, 0x37, 0x70, 0x71, 0x72, 0x73, 0x37, 0x37, 0x37];
        let ten = [0x39, 0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31, 0x30];
        for (radix, tweak, plain, secret) in [
            (10, &[][..], "0123456789", "6657667009"),
            (10, &ten[..], "0123456789", "1001623463"),
            (36, &tweak[..], "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
        ] {
            let ff1 = Ff1::new(&key, radix);
            let mut text = letters(plain);
            ff1.encrypt(tweak, &mut text).unwrap();
            assert_eq!(text, letters(secret));
            ff1.decrypt(tweak, &mut text).unwrap();
            assert_eq!(text, letters(plain));
        }
    }

    proptest! {
        #[test]
        fn decrypts_what_it_encrypted(
            radix in 2_u32..=65_536, seed in prop::collection::vec(any::<u32>(), 20..80), tweak in prop::collection::vec(any::<u8>(), 0..40)
        ) {
            let ff1 = Ff1::new(&[3; 32], radix);
            let plain: Vec<u16> = seed.iter().map(|letter| u16::try_from(letter % radix).unwrap()).collect();
            let mut text = plain.clone();
            ff1.encrypt(&tweak, &mut text).unwrap();
            prop_assert_ne!(&text, &plain);
            prop_assert!(text.iter().all(|letter| u32::from(*letter) < radix));
            ff1.decrypt(&tweak, &mut text).unwrap();
            prop_assert_eq!(text, plain);
        }
    }

    #[test]
    fn refuses_what_can_be_searched() {
        let ff1 = Ff1::new(&[3; 32], 10);
        assert_eq!(ff1.encrypt(&[], &mut [1; 5]), Err(Unfit::Short));
        assert_eq!(ff1.encrypt(&[], &mut []), Err(Unfit::Short));
        assert_eq!(ff1.encrypt(&[], &mut [1; 6]), Ok(()));
        assert_eq!(ff1.encrypt(&[], &mut [10; 6]), Err(Unfit::Letter));
        assert_eq!(ff1.encrypt(&[], &mut vec![1; 5000]), Err(Unfit::Long));
        assert_eq!(Ff1::new(&[3; 32], 62).encrypt(&[], &mut [61; 4]), Ok(()));
        assert_eq!(Ff1::new(&[3; 32], 62).encrypt(&[], &mut [61; 3]), Err(Unfit::Short));
    }
}
