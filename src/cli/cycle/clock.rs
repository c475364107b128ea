//! Moments: the clock, what `--now` says instead, and the date in a file's name.

use super::super::now;
use crate::normalise::{civil_from_days, days_from_civil};

/// Where the time comes from.
#[derive(Clone, Debug)]
pub(super) enum Clock {
    /// The system.
    System,
    /// It stands still: for tests and simulations.
    At(String),
}

impl Clock {
    /// The moment in the form of RFC 3339, to the second.
    pub(super) fn now(&self) -> String {
        match self {
            Self::At(moment) => moment.clone(),
            Self::System => now::now(),
        }
    }
}

/// A moment of seconds since 1970 in words.
fn text(seconds: i64) -> String {
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let clock = seconds.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", clock / 3600, clock / 60 % 60, clock % 60)
}

/// A moment that `--now` takes: RFC 3339, in UTC, to the second.
pub(super) fn read(moment: &str) -> Option<i64> {
    let (date, clock) = (moment.get(..10)?, moment.get(10..)?);
    let days = date_days(date)?;
    let number = |from: usize, to: usize| clock.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
    let seconds = number(1, 3)? * 3600 + number(4, 6)? * 60 + number(7, 9)?;
    let found = days.checked_mul(86_400)? + seconds;
    (text(found) == moment).then_some(found)
}

/// The first date YYYY-MM-DD in a file's name, as the moment at which that day begins.
pub(super) fn of_name(name: &str) -> Option<String> {
    let alone = |at: usize| {
        let digit =
            |place: Option<usize>| place.and_then(|place| name.as_bytes().get(place)).is_some_and(u8::is_ascii_digit);
        !digit(at.checked_sub(1)) && !digit(Some(at + 10))
    };
    let days = (0..name.len()).filter(|at| alone(*at)).find_map(|at| date_days(name.get(at..at + 10)?))?;
    Some(text(days * 86_400))
}

/// The day of a date YYYY-MM-DD that exists, since 1970.
fn date_days(date: &str) -> Option<i64> {
    let shape = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    if date.len() != 10 || !date.bytes().enumerate().all(shape) {
        return None;
    }
    let number = |from: usize, to: usize| date.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
    let parts = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let days = days_from_civil(parts.0, parts.1, parts.2);
    (civil_from_days(days) == parts).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::{of_name, read, text};

    #[test]
    fn names_tell_their_day() {
        for (name, day) in [
            ("2010-12-22.csv", Some("2010-12-22T00:00:00Z")),
            ("orders_2024-02-29-final.ndjson.gz", Some("2024-02-29T00:00:00Z")),
            ("a2023-02-29.csv", None),
            ("12010-12-22.csv", None),
            ("2010-12-223.csv", None),
            ("2010-13-01_2010-12-01", Some("2010-12-01T00:00:00Z")),
            ("é2010-12-01", Some("2010-12-01T00:00:00Z")),
            ("orders.csv", None),
        ] {
            assert_eq!(of_name(name).as_deref(), day, "{name}");
        }
    }

    #[test]
    fn moments_are_read_as_they_are_written() {
        assert_eq!(read("2024-02-29T23:59:59Z"), Some(1_709_251_199));
        assert_eq!(text(1_709_251_199), "2024-02-29T23:59:59Z");
        for wrong in ["2024-02-30T00:00:00Z", "2024-02-29", "2024-02-29T24:00:00Z", "2024-02-29T00:00:00+01:00", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
