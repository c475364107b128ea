//! Integers and doubles: read from text, written as text.

use std::fmt::Write;

/// 2^53: below it a double that is whole is the integer that was written.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// 2^63, the first double that is too large for an integer.
const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;

/// The integer that a JSON number is, in whatever form it is written; none where it is none or passes 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "exact below 2^53")]
pub(super) fn integer(text: &str, value: f64) -> Option<i64> {
    if value.abs() < EXACT {
        return (libm::trunc(value) - value == 0.0).then_some(value as i64);
    }
    text.parse().ok().or_else(|| from_decimal(text))
}

/// Reads `-12.50e3` exactly.
fn from_decimal(text: &str) -> Option<i64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let places = exponent.parse::<i64>().ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(zeros)?;
    let significant = significant.trim_start_matches('0');
    if significant.len() > 19 {
        return None;
    }
    let power = 10i128.checked_pow(u32::try_from(places).ok().filter(|places| *places < 19)?)?;
    let value = significant.parse::<i128>().ok()?.checked_mul(power)?;
    i64::try_from(if negative { -value } else { value }).ok()
}

/// CEL's `int(double)`: towards zero; an error from 2^63 on, and at -2^63 too.
#[allow(clippy::cast_possible_truncation, reason = "checked to be in range")]
pub(super) fn truncate(value: f64) -> Option<i64> {
    (value.abs() < TOO_LARGE).then_some(value as i64)
}

#[allow(clippy::cast_precision_loss, reason = "the promotion rounds to the nearest double, as CEL's double() does")]
pub(super) fn promote(value: i64) -> f64 {
    value as f64
}

/// CEL's `double(text)`.
pub(super) fn double(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    // Beyond the range is an error; infinity has to be meant.
    (!value.is_infinite() || text.contains(['i', 'I'])).then_some(value)
}

/// A double as cel-go writes it: the shortest digits that read back as it, with an exponent below 10^-4 and from 10^6 on.
pub(super) fn write(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let mut text = String::from(mantissa);
    let sign = if exponent < 0 { '-' } else { '+' };
    // Writing to a String cannot fail.
    let _ = write!(text, "e{sign}{:02}", exponent.abs());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_exactly() {
        for (text, wanted) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("12.0", Some(12)),
            ("1.5", None),
            ("9007199254740993", Some(9_007_199_254_740_993)),
            ("9007199254740993.0", Some(9_007_199_254_740_993)),
            ("90071992547409.93e2", Some(9_007_199_254_740_993)),
            ("900719925474099300e-2", Some(9_007_199_254_740_993)),
            ("9007199254740993.5", None),
            ("1e18", Some(1_000_000_000_000_000_000)),
            ("1e19", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("-9223372036854775808", Some(i64::MIN)),
            ("-9223372036854775808.0", Some(i64::MIN)),
            ("-9223372036854775809", None),
            ("1e99999999999999999999", None),
        ] {
            assert_eq!(integer(text, text.parse().unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn doubles_are_written_in_their_shortest_form() {
        for (value, wanted) in [(123.456, "123.456"), (-4.5e-3, "-0.0045"), (1e6, "1e+06"), (2.0, "2"), (-0.0, "-0")] {
            assert_eq!(write(value), wanted);
        }
        assert_eq!(write(1.25e-7), "1.25e-07");
    }
}
