//! Ed25519 keys as PEM (RFC 7468, RFC 8410): what `openssl pkey` reads and writes.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// `SubjectPublicKeyInfo` of an Ed25519 key up to the key itself: it has no other form in DER.
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// `PrivateKeyInfo` of version 1 likewise, as openssl writes it.
const PRIVATE: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

const PUBLIC_LABEL: &str = "PUBLIC KEY";
const PRIVATE_LABEL: &str = "PRIVATE KEY";

/// A public key as PEM.
pub(super) fn write_public(key: &[u8; 32]) -> String {
    let der = [PUBLIC.as_slice(), key].concat();
    format!("-----BEGIN {PUBLIC_LABEL}-----\n{}\n-----END {PUBLIC_LABEL}-----\n", Base64::encode_string(&der))
}

/// A private key as PEM.
pub(super) fn write_private(key: &[u8; 32]) -> Zeroizing<String> {
    let der = Zeroizing::new([PRIVATE.as_slice(), key].concat());
    let base64 = Zeroizing::new(Base64::encode_string(&der));
    // Room for all of it, so that no copy of the key is left behind where the text moves.
    let mut pem = Zeroizing::new(String::with_capacity(256));
    for part in ["-----BEGIN ", PRIVATE_LABEL, "-----\n", base64.as_str(), "\n-----END ", PRIVATE_LABEL, "-----\n"] {
        pem.push_str(part);
    }
    pem
}

/// The public keys of a text; none where a block is no Ed25519 key. Around the blocks anything may stand (RFC 7468, §2).
pub(super) fn read_public(text: &str) -> Option<Vec<[u8; 32]>> {
    let blocks = blocks(text, PUBLIC_LABEL)?;
    blocks.iter().map(|block| key(block, &PUBLIC).map(|key| *key)).collect()
}

/// The one private key of a text.
pub(super) fn read_private(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    match blocks(text, PRIVATE_LABEL)?.as_slice() {
        [block] => key(block, &PRIVATE),
        _ => None,
    }
}

/// The bytes of every block with a label; none where one is broken.
fn blocks(text: &str, label: &str) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = Vec::new();
    for after in text.split(begin.as_str()).skip(1) {
        let (body, _) = after.split_once(end.as_str())?;
        let base64 = Zeroizing::new(body.split_ascii_whitespace().collect::<String>());
        blocks.push(Zeroizing::new(Base64::decode_vec(&base64).ok()?));
    }
    Some(blocks)
}

fn key(der: &[u8], head: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let key: [u8; 32] = der.strip_prefix(head)?.try_into().ok()?;
    Some(Zeroizing::new(key))
}

#[cfg(test)]
mod tests {
    use super::{read_private, read_public, write_private, write_public};

    #[test]
    fn keys_come_back_from_their_text() {
        let (one, two) = ([7; 32], [9; 32]);
        assert_eq!(*read_private(&write_private(&one)).unwrap(), one);
        let both = format!("for the shop:\n{}\r\n# and the old one\n{}", write_public(&one), write_public(&two));
        assert_eq!(read_public(&both.replace('\n', "\r\n")).unwrap(), [one, two]);
        assert_eq!(read_public("no key here").unwrap(), Vec::<[u8; 32]>::new());
    }

    /// The example of RFC 8410, section 10.1 and 10.3.
    #[test]
    fn the_standards_examples_are_read() {
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let keys = read_public(public).unwrap();
        assert_eq!(keys[0][..4], [0x19, 0xbf, 0x44, 0x09]);
        assert_eq!(write_public(&keys[0]), public);
        let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let key = read_private(private).unwrap();
        assert_eq!(write_private(&key).as_str(), private);
        assert_eq!(super::super::SigningKey::from_pem(private).unwrap().public().to_pem(), public);
    }

    #[test]
    fn other_keys_are_none() {
        let good = write_public(&[7; 32]);
        for (from, to) in
            [("MCow", "MCox"), ("-----END", "----END"), ("VwAy", "Vw!y"), ("MCowBQYDK2Vw", "MCowBQYDK2Vu")]
        {
            assert!(read_public(&good.replace(from, to)).is_none(), "{from}");
        }
        let private = write_private(&[7; 32]);
        assert!(read_private(&format!("{}{}", private.as_str(), private.as_str())).is_none());
        assert!(read_private(&good).is_none());
    }
}
