//! Punycode: a label beyond ASCII as letters, digits and hyphens (RFC 3492).

const BASE: u32 = 36;
const TMIN: u32 = 1;
const TMAX: u32 = 26;
const FIRST: u32 = 128;

/// The label behind `xn--`; none where the encoded text is broken.
pub(super) fn decode(encoded: &str) -> Option<String> {
    let (basic, deltas) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut letters: Vec<char> = basic.chars().collect();
    let (mut code, mut place, mut bias) = (FIRST, 0_u32, 72);
    let mut digits = deltas.bytes();
    while digits.len() > 0 {
        let before = place;
        let mut weight = 1_u32;
        let mut k = BASE;
        loop {
            let digit = char::from(digits.next()?).to_digit(36)?;
            // The letters are 0 to 25 and the digits 26 to 35, the other way round than in base 36.
            let digit = if digit < 10 { digit + 26 } else { digit - 10 };
            place = place.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold(k, bias);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let count = u32::try_from(letters.len()).ok()? + 1;
        bias = adapt(place - before, count, before == 0);
        code = code.checked_add(place / count)?;
        place %= count;
        letters.insert(usize::try_from(place).ok()?, char::from_u32(code)?);
        place += 1;
    }
    Some(letters.into_iter().collect())
}

/// The text behind `xn--` for a label; none where it is too long to count.
pub(super) fn encode(label: &str) -> Option<String> {
    let mut encoded: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(encoded.len()).ok()?;
    if basic > 0 {
        encoded.push('-');
    }
    let (mut code, mut delta, mut bias, mut handled) = (FIRST, 0_u32, 72, basic);
    while let Some(next) = label.chars().map(u32::from).filter(|letter| *letter >= code).min() {
        delta = delta.checked_add((next - code).checked_mul(handled + 1)?)?;
        code = next;
        for letter in label.chars().map(u32::from) {
            if letter < code {
                delta = delta.checked_add(1)?;
            } else if letter == code {
                write(delta, bias, &mut encoded);
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        code += 1;
    }
    Some(encoded)
}

fn write(mut delta: u32, bias: u32, encoded: &mut String) {
    let mut digit = |digit: u32| {
        let turned = if digit < 26 { digit + 10 } else { digit - 26 };
        encoded.extend(char::from_digit(turned, 36));
    };
    let mut k = BASE;
    loop {
        let threshold = threshold(k, bias);
        if delta < threshold {
            return digit(delta);
        }
        digit(threshold + (delta - threshold) % (BASE - threshold));
        delta = (delta - threshold) / (BASE - threshold);
        k += BASE;
    }
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(TMIN, TMAX)
}

fn adapt(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > (BASE - TMIN) * TMAX / 2 {
        delta /= BASE - TMIN;
        k += BASE;
    }
    k + (BASE - TMIN + 1) * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use proptest::prelude::*;

    #[test]
    fn holds_known_labels() {
        // RFC 3492 §7.1 (A), (B), (L), (P), (R), and two top-level domains.
        for (label, encoded) in [
            ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
            ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
            ("maji", "maji-"),
            ("そのスピードで", "d9juau41awczczp"),
            ("中国", "fiqs8s"),
            ("рф", "p1ai"),
            ("münchen", "mnchen-3ya"),
        ] {
            assert_eq!(encode(label).as_deref(), Some(encoded));
            assert_eq!(decode(encoded).as_deref(), Some(label));
        }
        for broken in ["99999999999", "a-99999999", "é", "_", "a b"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_it_writes(label in "\\PC{0,40}") {
            let encoded = encode(&label).unwrap();
            prop_assert_eq!(decode(&encoded), Some(label));
        }

        #[test]
        fn never_panics(text in "[a-z0-9-]{0,60}") {
            let _ = decode(&text);
        }
    }
}
