//! Moments in milliseconds since 1970, written as people read them.

use crate::normalise::{civil_from_days, days_from_civil};
use serde::{Deserialize, Deserializer, Serializer, de};

const DAY: i64 = 86_400_000;

/// A moment in RFC 3339, in UTC, to the millisecond.
#[must_use]
pub(crate) fn rfc3339(milliseconds: u64) -> String {
    let (year, month, day, clock) = parts(milliseconds);
    let (seconds, fraction) = (clock / 1000, clock % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
}

/// The same as Python prints it, which `MLmodel` has.
pub(super) fn python(milliseconds: u64) -> String {
    rfc3339(milliseconds).replace('T', " ").replace('Z', "000")
}

fn parts(milliseconds: u64) -> (i64, i64, i64, i64) {
    let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    let (year, month, day) = civil_from_days(milliseconds.div_euclid(DAY));
    (year, month, day, milliseconds.rem_euclid(DAY))
}

/// Reads what [`rfc3339`] wrote, and nothing else.
fn read(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
    let days = days_from_civil(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let clock = ((number(11, 13)? * 60 + number(14, 16)?) * 60 + number(17, 19)?) * 1000 + number(20, 23)?;
    let milliseconds = u64::try_from(days.checked_mul(DAY)? + clock).ok()?;
    (rfc3339(milliseconds) == text).then_some(milliseconds)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn serialize<S: Serializer>(milliseconds: &u64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&rfc3339(*milliseconds))
}

pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<u64, D::Error> {
    let text = String::deserialize(from)?;
    read(&text).ok_or_else(|| de::Error::custom("a moment is written as 2026-01-31T23:59:59.000Z"))
}

#[cfg(test)]
mod tests {
    use super::{python, read, rfc3339};

    #[test]
    fn a_moment_is_read_as_it_was_written() {
        for (moment, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_790_000_000_123, "2026-09-21T14:13:20.123Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(moment), text);
            assert_eq!(read(text), Some(moment));
        }
        assert_eq!(python(1_790_000_000_123), "2026-09-21 14:13:20.123000");
        for text in
            ["", "2026-09-21", "2026-13-21T14:13:20.123Z", "2026-09-21T14:13:20.123+0", "1969-12-31T23:59:59.999Z"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
