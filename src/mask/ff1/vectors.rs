//! The vectors of C2SP/wycheproof, those that must be refused among them.

use super::{Ff1, LEAST_DOMAIN, Unfit};
use crate::mask::testdata;
use aes::cipher::KeyInit;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockSizeUser};
use data_encoding::HEXLOWER;
use serde_json::Value as Json;

#[test]
fn agrees_with_wycheproof() {
    for name in ["base10", "radix10", "radix36", "radix62"] {
        let Some(vectors) = testdata::read(&format!("suites/crypto/aes_ff1_{name}_test.json")) else { return };
        let groups = vectors["testGroups"].as_array().unwrap();
        let cases =
            groups.iter().flat_map(|group| group["tests"].as_array().unwrap().iter().map(move |case| (group, case)));
        let checked = cases.filter(|(group, case)| holds(group, case)).count();
        assert!(checked > 2000, "{name}: {checked}");
    }
}

/// Checks one case; answers false for texts that are none of the alphabet.
fn holds(group: &Json, case: &Json) -> bool {
    let radix = u32::try_from(group["radix"].as_u64().unwrap()).unwrap();
    let alphabet = group["alphabet"].as_str();
    let (Some(plain), Some(secret)) = (letters(&case["msg"], alphabet), letters(&case["ct"], alphabet)) else {
        assert_eq!(case["result"], "invalid");
        return false;
    };
    let size = u64::from(radix).checked_pow(u32::try_from(plain.len()).unwrap());
    // The first edition of the standard took domains of a hundred texts; we go by its revision.
    let small = size.is_some_and(|size| size < LEAST_DOMAIN);
    let (forth, back) = (run(case, radix, &plain, true), run(case, radix, &secret, false));
    if case["result"] == "valid" && !small {
        assert_eq!((forth.as_ref(), back.as_ref()), (Some(&secret), Some(&plain)), "{}", case["tcId"]);
    } else {
        assert_eq!(forth, None, "{}", case["tcId"]);
    }
    true
}

fn letters(value: &Json, alphabet: Option<&str>) -> Option<Vec<u16>> {
    match (value, alphabet) {
        (Json::String(text), Some(alphabet)) => {
            let place = |letter: char| u16::try_from(alphabet.chars().position(|known| known == letter)?).ok();
            text.chars().map(place).collect()
        }
        (value, _) => value.as_array()?.iter().map(|letter| u16::try_from(letter.as_i64()?).ok()).collect(),
    }
}

fn run(case: &Json, radix: u32, text: &[u16], encrypt: bool) -> Option<Vec<u16>> {
    let bytes = |name: &str| HEXLOWER.decode(case[name].as_str().unwrap().as_bytes()).unwrap();
    let (key, tweak) = (bytes("key"), bytes("tweak"));
    let mut text = text.to_vec();
    let done = match key.len() {
        16 => turn(&Ff1 { cipher: aes::Aes128::new_from_slice(&key).unwrap(), radix }, &tweak, &mut text, encrypt),
        24 => turn(&Ff1 { cipher: aes::Aes192::new_from_slice(&key).unwrap(), radix }, &tweak, &mut text, encrypt),
        32 => turn(&Ff1 { cipher: aes::Aes256::new_from_slice(&key).unwrap(), radix }, &tweak, &mut text, encrypt),
        _ => return None,
    };
    done.ok().map(|()| text)
}

fn turn<C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>>(
    ff1: &Ff1<C>,
    tweak: &[u8],
    text: &mut [u16],
    encrypt: bool,
) -> Result<(), Unfit> {
    if encrypt { ff1.encrypt(tweak, text) } else { ff1.decrypt(tweak, text) }
}
