//! Dates moved by a number of days that is one person's own: the days between two of their dates stay.

use super::Key;
use crate::normalise::{civil_from_days, days_from_civil};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The offsets of one domain under one key.
pub(super) struct Offsets {
    mac: Hmac<Sha256>,
    most: u16,
}

impl Offsets {
    /// Offsets of one to `most` days, either way.
    pub(super) fn new(key: &Key, domain: &str, most: u16) -> Self {
        let key = key.derive::<32>(&format!("tamis/v2/shift/{domain}"));
        // A key of any length is taken.
        let mac = Hmac::new_from_slice(key.as_slice());
        let mac = mac.unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()));
        Self { mac, most }
    }

    /// The days by which the dates of a person move, never none; `person` is in canonical form.
    pub(super) fn days(&self, person: &str) -> i64 {
        let mut mac = self.mac.clone();
        mac.update(person.as_bytes());
        let digest = mac.finalize().into_bytes();
        let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let most = i64::from(self.most.max(1));
        // The remainder is below twice 65,535; its bias is under one in 10^14.
        let choice = i64::try_from(number % (2 * u64::from(self.most.max(1)))).unwrap_or_default();
        if choice < most { choice - most } else { choice - most + 1 }
    }
}

/// A date, or a point in time that begins with one, so many days later; what follows the date stays. None for anything
/// else, and outside the years 1 to 9999.
pub(super) fn shifted(text: &str, days: i64) -> Option<String> {
    let (date, rest) = text.split_at_checked(10)?;
    let part = |from: usize, to: usize| {
        let digits = date.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<i64>().ok()
    };
    let dashes = date.as_bytes().get(4) == Some(&b'-') && date.as_bytes().get(7) == Some(&b'-');
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let number = days_from_civil(year, month, day);
    if !dashes
        || civil_from_days(number) != (year, month, day)
        || !matches!(rest.chars().next(), None | Some('T' | 't' | ' '))
    {
        return None;
    }
    let (year, month, day) = civil_from_days(number + days);
    (1..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::{Offsets, shifted};
    use crate::mask::Key;

    #[test]
    fn moves_dates() {
        for (text, days, moved) in [
            ("2024-02-28", 1, Some("2024-02-29")),
            ("2025-02-28T23:59:59Z", 1, Some("2025-03-01T23:59:59Z")),
            ("2025-01-01T00:00:00+01:00", -1, Some("2024-12-31T00:00:00+01:00")),
            ("9999-12-31", 1, None),
            ("0001-01-01", -1, None),
            ("2025-02-30", 1, None),
            ("2025-13-01", 1, None),
            ("2025-01-01x", 1, None),
            ("2025-01", 1, None),
            ("20250101xx", 1, None),
            ("+025-01-01", 1, None),
        ] {
            assert_eq!(shifted(text, days).as_deref(), moved, "{text}");
        }
    }

    #[test]
    fn every_offset_but_none_is_used_about_equally() {
        let offsets = Offsets::new(&Key::new([5; 32]), "visits", 7);
        let mut counts = [0; 15];
        for person in 0..14_000 {
            let days = offsets.days(&person.to_string());
            assert_eq!(days, offsets.days(&person.to_string()));
            counts[usize::try_from(days + 7).unwrap()] += 1;
        }
        assert_eq!(counts[7], 0);
        // 1000 each, with a standard deviation of 30.
        assert!(counts.iter().enumerate().all(|(at, count)| at == 7 || (850..1150).contains(count)), "{counts:?}");
        let other = Offsets::new(&Key::new([6; 32]), "visits", 7);
        assert!((0..100).any(|person| other.days(&person.to_string()) != offsets.days(&person.to_string())));
    }
}
