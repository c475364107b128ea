//! Coarser values: the beginning of a text, a bucket or band of numbers, a month, a network.

use super::REDACTED;
use std::net::IpAddr;

/// How a value is made coarser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Generalise {
    /// The first characters of a text.
    Prefix(usize),
    /// The largest multiple of this that is no larger than the number.
    Bucket(u32),
    /// The band between two bounds in which the number lies, in words; the bounds ascend.
    Bands(Vec<i64>),
    /// A date or a point in time, without what is finer.
    Date(Grain),
    /// The network of an address: as many leading bits of an IPv4 address, and of an IPv6 address.
    Network(u8, u8),
}

/// What is left of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grain {
    /// `2025-03-09`
    Day,
    /// `2025-03`
    Month,
    /// `2025`
    Year,
}

impl Grain {
    const NAMED: [(&'static str, Self); 3] = [("day", Self::Day), ("month", Self::Month), ("year", Self::Year)];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, grain)| *grain)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, grain)| *grain == self).map_or("", |(name, _)| name)
    }

    fn length(self) -> usize {
        match self {
            Self::Day => 10,
            Self::Month => 7,
            Self::Year => 4,
        }
    }
}

/// What stands for a value that was made coarser.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Coarse {
    Text(String),
    /// The digits of a whole number.
    Number(String),
    /// A number of which no bucket is known.
    Nothing,
}

impl Generalise {
    /// Makes a text coarser; what cannot be read as what the mask is for is redacted.
    pub(super) fn text(&self, text: &str) -> Coarse {
        Coarse::Text(match self {
            Self::Prefix(count) => text.chars().take(*count).collect(),
            Self::Bands(bounds) => match text.trim().parse::<f64>() {
                Ok(value) if value.is_finite() => band(value, bounds),
                _ if labels(bounds).any(|label| label == text) => text.to_owned(),
                _ => REDACTED.to_owned(),
            },
            Self::Date(grain) => date(text, *grain),
            Self::Network(four, six) => network(text, *four, *six).unwrap_or_else(|| REDACTED.to_owned()),
            Self::Bucket(width) => match text.trim().parse::<f64>().ok().and_then(|value| bucket(value, *width)) {
                Some(digits) => digits,
                None => REDACTED.to_owned(),
            },
        })
    }

    /// Whether a text is as coarse as this already.
    pub(super) fn keeps(&self, text: &str) -> bool {
        self.text(text) == Coarse::Text(text.to_owned())
    }

    /// Whether a number is as coarse as this already.
    pub(super) fn keeps_number(&self, text: &str, value: f64) -> bool {
        self.number(text, value) == Coarse::Number(text.to_owned())
    }

    /// Makes a number coarser.
    pub(super) fn number(&self, text: &str, value: f64) -> Coarse {
        match self {
            Self::Bucket(width) => bucket(value, *width).map_or(Coarse::Nothing, Coarse::Number),
            Self::Bands(bounds) => Coarse::Text(band(value, bounds)),
            Self::Prefix(_) | Self::Date(_) | Self::Network(..) => self.text(text),
        }
    }
}

/// The lower end of a bucket. Beyond 2^53 doubles are not exact, and there is none.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "whole numbers within 2^53")]
fn bucket(value: f64, width: u32) -> Option<String> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    let whole = libm::floor(value);
    let whole = (whole.abs() <= MOST).then_some(whole as i64)?;
    let width = i64::from(width);
    whole.checked_sub(whole.rem_euclid(width.max(1))).map(|low| low.to_string())
}

#[allow(clippy::cast_precision_loss, reason = "bounds are small numbers, such as ages")]
fn band(value: f64, bounds: &[i64]) -> String {
    label(bounds, bounds.iter().take_while(|bound| **bound as f64 <= value).count())
}

fn labels(bounds: &[i64]) -> impl Iterator<Item = String> + '_ {
    (0..=bounds.len()).map(|band| label(bounds, band))
}

/// The words for a band, by how many of the bounds lie at or below it.
fn label(bounds: &[i64], below: usize) -> String {
    match (below.checked_sub(1).and_then(|last| bounds.get(last)), bounds.get(below)) {
        (None, Some(first)) => format!("under {first}"),
        (Some(low), Some(high)) => format!("{low} to under {high}"),
        (Some(low), None) => format!("{low} and over"),
        (None, None) => REDACTED.to_owned(),
    }
}

/// The beginning of `YYYY-MM-DD…`.
fn date(text: &str, grain: Grain) -> String {
    const SHAPE: &[u8] = b"0000-00-00";
    let bytes = text.as_bytes();
    let shaped =
        bytes.iter().zip(SHAPE).all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape });
    // A date that is as coarse already stays.
    let whole =
        bytes.len() == grain.length() || matches!(bytes.get(10), None | Some(b'T' | b't' | b' ')) && bytes.len() >= 10;
    match text.get(..grain.length()) {
        Some(kept) if shaped && whole => kept.to_owned(),
        _ => REDACTED.to_owned(),
    }
}

/// An address with its host's bits cleared, and how many bits are left.
fn network(text: &str, four: u8, six: u8) -> Option<String> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, bits.parse::<u8>().ok()?),
        None => (text, u8::MAX),
    };
    let address = address.trim().trim_matches(['[', ']']).split('%').next()?;
    match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => {
            let bits = four.min(bits).min(32);
            let mask = u32::MAX.checked_shl(u32::from(32 - bits)).unwrap_or(0);
            Some(format!("{}/{bits}", std::net::Ipv4Addr::from(u32::from(address) & mask)))
        }
        IpAddr::V6(address) => {
            if let Some(mapped) = address.to_ipv4_mapped() {
                return network(&mapped.to_string(), four, six);
            }
            let bits = six.min(bits).min(128);
            let mask = u128::MAX.checked_shl(u32::from(128 - bits)).unwrap_or(0);
            Some(format!("{}/{bits}", std::net::Ipv6Addr::from(u128::from(address) & mask)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Coarse, Generalise, Grain};
    use proptest::prelude::*;

    fn ages() -> Generalise {
        Generalise::Bands(vec![18, 25, 65])
    }

    #[test]
    fn makes_texts_coarser() {
        let network = Generalise::Network(24, 48);
        for (mask, text, coarse) in [
            (Generalise::Prefix(2), "10115", "10"),
            (Generalise::Prefix(2), "ü", "ü"),
            (Generalise::Date(Grain::Month), "2025-03-09T10:00:00Z", "2025-03"),
            (Generalise::Date(Grain::Year), "2025-03-09", "2025"),
            (Generalise::Date(Grain::Day), "2025-03-09T10:00:00+01:00", "2025-03-09"),
            (Generalise::Date(Grain::Month), "2025-03", "2025-03"),
            (Generalise::Date(Grain::Month), "9.3.2025", "[redacted]"),
            (Generalise::Date(Grain::Year), "2025 and more", "[redacted]"),
            (Generalise::Date(Grain::Year), "20250309", "[redacted]"),
            (network.clone(), "192.0.2.77", "192.0.2.0/24"),
            (network.clone(), "192.0.2.0/24", "192.0.2.0/24"),
            (network.clone(), "10.0.0.0/8", "10.0.0.0/8"),
            (network.clone(), "2001:db8:1:2::5", "2001:db8:1::/48"),
            (network.clone(), "::ffff:192.0.2.77", "192.0.2.0/24"),
            (network.clone(), "fe80::1%eth0", "fe80::/48"),
            (Generalise::Network(0, 0), "192.0.2.77", "0.0.0.0/0"),
            (network, "host.example.com", "[redacted]"),
            (ages(), "17", "under 18"),
            (ages(), "18 to under 25", "18 to under 25"),
            (ages(), "old", "[redacted]"),
        ] {
            assert_eq!(mask.text(text), Coarse::Text(coarse.into()), "{text}");
        }
    }

    #[test]
    fn makes_numbers_coarser() {
        for (mask, value, coarse) in [
            (Generalise::Bucket(10), 37.0, Coarse::Number("30".into())),
            (Generalise::Bucket(10), 40.0, Coarse::Number("40".into())),
            (Generalise::Bucket(10), -0.5, Coarse::Number("-10".into())),
            (Generalise::Bucket(1000), 1999.99, Coarse::Number("1000".into())),
            (Generalise::Bucket(10), 1e300, Coarse::Nothing),
            (ages(), 17.9, Coarse::Text("under 18".into())),
            (ages(), 18.0, Coarse::Text("18 to under 25".into())),
            (ages(), 64.0, Coarse::Text("25 to under 65".into())),
            (ages(), 65.0, Coarse::Text("65 and over".into())),
        ] {
            assert_eq!(mask.number(&value.to_string(), value), coarse, "{value}");
        }
    }

    proptest! {
        #[test]
        fn coarse_values_stay(text in "\\PC{0,20}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9.:a-f]{3,20}", which in 0..6_usize, bits in 0_u8..=32) {
            let mask = [
                Generalise::Prefix(3), ages(), Generalise::Date(Grain::Year), Generalise::Date(Grain::Month),
                Generalise::Network(bits, bits * 4), Generalise::Bucket(7),
            ][which].clone();
            let Coarse::Text(once) = mask.text(&text) else { unreachable!() };
            prop_assert_eq!(mask.text(&once), Coarse::Text(once));
        }

        #[test]
        fn coarse_numbers_stay(value in -1e17..1e17_f64, width in 1..1_000_000_u32) {
            let mask = Generalise::Bucket(width);
            if let Coarse::Number(once) = mask.number("", value) {
                let low: f64 = once.parse().unwrap();
                prop_assert!(low <= value && value - low < f64::from(width));
                prop_assert_eq!(mask.number("", low), Coarse::Number(once));
            }
        }
    }
}
