//! Timestamps and durations, as CEL has them: the years 1 to 9999, and 64 bits of nanoseconds.

use crate::normalise::{civil_from_days, days_from_civil};
use std::fmt::Write;

const NANOS: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds since 1970.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time {
    seconds: i64,
    nanos: u32,
}

/// What can be asked of a timestamp or a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

impl Part {
    pub(super) const NAMES: [(&'static str, Self); 10] = [
        ("getFullYear", Self::FullYear),
        ("getMonth", Self::Month),
        ("getDate", Self::Date),
        ("getDayOfMonth", Self::DayOfMonth),
        ("getDayOfWeek", Self::DayOfWeek),
        ("getDayOfYear", Self::DayOfYear),
        ("getHours", Self::Hours),
        ("getMinutes", Self::Minutes),
        ("getSeconds", Self::Seconds),
        ("getMilliseconds", Self::Milliseconds),
    ];

    /// Whether a duration has it too.
    pub(super) fn of_duration(self) -> bool {
        matches!(self, Self::Hours | Self::Minutes | Self::Seconds | Self::Milliseconds)
    }
}

impl Time {
    pub(super) fn new(seconds: i64, nanos: u32) -> Option<Self> {
        (FIRST..=LAST).contains(&seconds).then_some(Self { seconds, nanos })
    }

    pub(super) fn seconds(self) -> i64 {
        self.seconds
    }

    /// Reads RFC 3339.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut cursor = Cursor(text);
        let year = cursor.digits(4)?;
        cursor.mark("-")?;
        let month = cursor.digits(2)?;
        cursor.mark("-")?;
        let day = cursor.digits(2)?;
        cursor.mark("T").or_else(|| cursor.mark("t"))?;
        let hour = cursor.digits(2)?;
        cursor.mark(":")?;
        let minute = cursor.digits(2)?;
        cursor.mark(":")?;
        let second = cursor.digits(2)?;
        let nanos = if cursor.mark(".").is_some() { cursor.fraction()? } else { 0 };
        let offset = match cursor.0 {
            "Z" | "z" => 0,
            zone if zone.starts_with(['+', '-']) => i64::from(offset(zone)?),
            _ => return None,
        };
        let days = days_from_civil(year, month, day);
        let good = civil_from_days(days) == (year, month, day) && hour < 24 && minute < 60 && second < 60;
        let seconds = days * DAY + (hour * 60 + minute) * 60 + second - offset * 60;
        if good { Self::new(seconds, nanos) } else { None }
    }

    pub(super) fn write(self) -> String {
        let (year, month, day) = civil_from_days(self.seconds.div_euclid(DAY));
        let clock = self.seconds.rem_euclid(DAY);
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        write_nanos(&mut text, self.nanos);
        text.push('Z');
        text
    }

    /// Moves by a duration; none beyond the years 1 to 9999.
    pub(super) fn plus(self, duration: i64) -> Option<Self> {
        let nanos = i64::from(self.nanos) + duration.rem_euclid(NANOS);
        let seconds = self.seconds.checked_add(duration.div_euclid(NANOS))?.checked_add(nanos / NANOS)?;
        Self::new(seconds, u32::try_from(nanos % NANOS).ok()?)
    }

    /// The duration from `other` to here; none beyond 292 years.
    pub(super) fn since(self, other: Self) -> Option<i64> {
        let seconds = i128::from(self.seconds) - i128::from(other.seconds);
        let nanos = seconds * i128::from(NANOS) + i128::from(self.nanos) - i128::from(other.nanos);
        i64::try_from(nanos).ok()
    }

    /// A part of the local time, so many minutes east of UTC.
    pub(super) fn part(self, part: Part, offset: i16) -> i64 {
        let local = self.seconds + i64::from(offset) * 60;
        let days = local.div_euclid(DAY);
        let clock = local.rem_euclid(DAY);
        let (year, month, day) = civil_from_days(days);
        match part {
            Part::FullYear => year,
            Part::Month => month - 1,
            Part::Date => day,
            Part::DayOfMonth => day - 1,
            // 1970-01-01 was a Thursday, and Sunday is 0.
            Part::DayOfWeek => (days + 4).rem_euclid(7),
            Part::DayOfYear => days - days_from_civil(year, 1, 1),
            Part::Hours => clock / 3600,
            Part::Minutes => clock / 60 % 60,
            Part::Seconds => clock % 60,
            Part::Milliseconds => i64::from(self.nanos / 1_000_000),
        }
    }
}

fn write_nanos(text: &mut String, nanos: u32) {
    if nanos > 0 {
        let digits = format!("{nanos:09}");
        // Writing to a String cannot fail.
        let _ = write!(text, ".{}", digits.trim_end_matches('0'));
    }
}

/// Minutes east of UTC, from `UTC`, `+02:00`, `-09:30` or `02:00`.
pub(super) fn offset(zone: &str) -> Option<i16> {
    if zone == "UTC" || zone == "Z" {
        return Some(0);
    }
    let (sign, digits) = match zone.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let mut cursor = Cursor(digits);
    let hours = cursor.digits(2)?;
    cursor.mark(":")?;
    let minutes = cursor.digits(2)?;
    let good = hours < 24 && minutes < 60 && cursor.0.is_empty();
    i16::try_from(sign * (hours * 60 + minutes)).ok().filter(|_| good)
}

/// Reads a duration as Go writes it, `1h30m`, `-1.5s`, `250ms`: in nanoseconds.
pub(super) fn read_duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, i128); 8] = [
        ("ns", 1),
        ("us", 1000),
        ("\u{b5}s", 1000),
        ("\u{3bc}s", 1000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut cursor = Cursor(text);
    let mut total: i128 = 0;
    if text == "0" {
        return Some(0);
    }
    if text.is_empty() || text.len() > 128 {
        return None;
    }
    while !cursor.0.is_empty() {
        let whole = cursor.take_digits();
        let fraction = if cursor.mark(".").is_some() { cursor.take_digits() } else { "" };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (_, unit) = UNITS.iter().find(|(name, _)| cursor.mark(name).is_some())?;
        let mut part = if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()?.checked_mul(*unit)? };
        let digits = fraction.get(..fraction.len().min(18))?;
        if !digits.is_empty() {
            part += digits.parse::<i128>().ok()? * unit / 10i128.pow(u32::try_from(digits.len()).ok()?);
        }
        total = total.checked_add(part)?;
    }
    i64::try_from(sign * total).ok()
}

/// A duration as CEL writes it: in seconds.
pub(super) fn write_duration(nanos: i64) -> String {
    let rest = u32::try_from(nanos.unsigned_abs() % 1_000_000_000).unwrap_or(0);
    let mut text = format!("{}{}", if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs() / 1_000_000_000);
    write_nanos(&mut text, rest);
    text.push('s');
    text
}

/// A part of a duration: the whole of it in hours, minutes or seconds, but the milliseconds within the second.
pub(super) fn part_of_duration(nanos: i64, part: Part) -> i64 {
    match part {
        Part::Hours => nanos / (3600 * NANOS),
        Part::Minutes => nanos / (60 * NANOS),
        Part::Seconds => nanos / NANOS,
        _ => nanos % NANOS / 1_000_000,
    }
}

/// The text that is left to read.
struct Cursor<'t>(&'t str);

impl<'t> Cursor<'t> {
    fn mark(&mut self, mark: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(mark)?;
        Some(())
    }

    fn take_digits(&mut self) -> &'t str {
        let end = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(end).unwrap_or(("", self.0));
        self.0 = rest;
        digits
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }

    /// The digits behind the decimal point; what lies below a nanosecond is cut off.
    fn fraction(&mut self) -> Option<u32> {
        let digits = self.take_digits();
        let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
        if digits.is_empty() { None } else { nine.parse().ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_rfc_3339() {
        for good in ["2024-02-29T12:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"] {
            assert_eq!(Time::read(good).unwrap().write(), good);
        }
        assert_eq!(Time::read("2024-01-01T01:00:00.500+02:00").unwrap().write(), "2023-12-31T23:00:00.5Z");
        for bad in [
            "",
            "2024",
            "2024-01-01",
            "2023-02-29T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+2:00",
            "2024-01-01T00:00:00+24:00",
            "2024-13-01T00:00:00Z",
            "0000-12-31T00:00:00Z",
            "2024-01-01T00:00:00UTC",
            "9999-12-31T23:59:59-00:01",
            "+024-01-01T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-01-01T00:00:0\u{664}Z",
        ] {
            assert_eq!(Time::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_are_go_s() {
        for (text, wanted) in [
            ("0", Some(0)),
            ("1h", Some(3600 * NANOS)),
            ("1h30m", Some(5400 * NANOS)),
            ("-1.5s", Some(-1_500_000_000)),
            (".5m", Some(30 * NANOS)),
            ("1.s", Some(NANOS)),
            ("250ms", Some(250_000_000)),
            ("3us2ns", Some(3002)),
            ("3\u{b5}s", Some(3000)),
            ("+2s", Some(2 * NANOS)),
            ("1.0000000019s", Some(1_000_000_001)),
            ("", None),
            ("1", None),
            ("s", None),
            (".s", None),
            ("1d", None),
            ("1h ", None),
            ("--1s", None),
            ("320000000000s", None),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("9223372036854775808ns", None),
            ("-9223372036854775808ns", Some(i64::MIN)),
        ] {
            assert_eq!(read_duration(text), wanted, "{text}");
        }
        assert_eq!(write_duration(-1_500_000_000), "-1.5s");
        assert_eq!(write_duration(i64::MIN), "-9223372036.854775808s");
    }
}
