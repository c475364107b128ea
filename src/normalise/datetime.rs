//! Points in time, stored as RFC 3339 in UTC.

use super::Codes;
use crate::record::document::{Document, NodeId, Value};
use std::fmt::Write;

/// Reads a point in time; what it cannot read is `datetime`, a date whose day and month cannot be told `ambiguous_date`.
pub(super) fn datetime(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    let (moment, mut codes) = match doc.value(id) {
        Value::Text(span) if is_stored_moment(doc.str(span).as_bytes()) => return Ok(()),
        Value::Text(span) => read(doc.str(span))?,
        Value::Number { text, value } => (from_epoch(doc.str(text), value)?, vec!["datetime_from_epoch"]),
        _ => return Err("datetime"),
    };
    if codes.is_empty()
        && let Value::Text(span) = doc.value(id)
        && is_canonical(doc.str(span))
    {
        return Ok(());
    }
    let stored = moment.to_rfc3339().ok_or("datetime")?;
    if let Value::Text(span) = doc.value(id) {
        if doc.str(span) == stored {
            return Ok(());
        }
        if codes.is_empty() {
            codes.push(if moment.offset == 0 { "datetime_rewritten" } else { "converted_to_utc" });
        }
    }
    let span = doc.write(&stored);
    doc.set(id, Value::Text(span));
    repairs.retain(|code| *code != "trimmed");
    repairs.append(&mut codes);
    Ok(())
}

/// Whether a text is surely a moment in the form that is stored; the last days of a month are left to the long way.
pub(crate) fn is_stored_moment(text: &[u8]) -> bool {
    const SHAPE: &[u8; 20] = b"0000-00-00T00:00:00Z";
    let shaped = text.len() == SHAPE.len()
        && text
            .iter()
            .zip(SHAPE)
            .all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape });
    let within = |from: usize, low: &[u8; 2], high: &[u8; 2]| {
        text.get(from..from + 2).is_some_and(|part| low.as_slice() <= part && part <= high.as_slice())
    };
    shaped
        && within(0, b"01", b"99")
        && within(5, b"01", b"12")
        && within(8, b"01", b"28")
        && within(11, b"00", b"23")
        && within(14, b"00", b"59")
        && within(17, b"00", b"59")
}

/// Whether a text that was read without a repair stands in the form that is stored.
fn is_canonical(text: &str) -> bool {
    text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T')
}

/// Whether a text is a point in time in one of the forms that are read.
pub(super) fn is_readable(text: &str) -> bool {
    read(text).is_ok_and(|(moment, _)| moment.to_rfc3339().is_some())
}

/// A point in time, in the zone it was written in.
struct Moment {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    /// The digits behind the decimal point, as written.
    fraction: String,
    /// Minutes east of UTC.
    offset: i64,
}

impl Moment {
    fn check(self) -> Result<Self, &'static str> {
        let good = (1..=days_of_month(self.year, self.month)).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second);
        if good { Ok(self) } else { Err("datetime") }
    }

    /// Seconds since 1970 in UTC.
    fn seconds(&self) -> i64 {
        let clock = (self.hour * 60 + self.minute) * 60 + self.second;
        days_from_civil(self.year, self.month, self.day) * 86_400 + clock - self.offset * 60
    }

    /// The moment in UTC; none where its year would not have four digits.
    fn to_rfc3339(&self) -> Option<String> {
        let seconds = self.seconds();
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        if !(0..=9999).contains(&year) {
            return None;
        }
        let clock = seconds.rem_euclid(86_400);
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        let mut text = String::with_capacity(32);
        // Writing to a String cannot fail.
        let _ = write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if !self.fraction.is_empty() {
            let _ = write!(text, ".{}", self.fraction);
        }
        text.push('Z');
        Some(text)
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years from 0000-03-01.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// How many days a month of a year has; none where there is no such month.
pub(crate) fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// The inverse of [`days_from_civil`].
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// From 10^11 on a number counts milliseconds: as seconds it would lie beyond the year 5000.
const MILLISECONDS_FROM: f64 = 1e11;

fn from_epoch(text: &str, value: f64) -> Result<Moment, &'static str> {
    // ±10^15 milliseconds reach far beyond the years that have four digits, and stay exact in what follows.
    if !value.is_finite() || value.abs() >= 1e15 {
        return Err("datetime");
    }
    let milliseconds = value.abs() >= MILLISECONDS_FROM;
    let whole = libm::floor(value);
    #[allow(clippy::cast_possible_truncation, reason = "bounded by 10^15 above")]
    let units = whole as i64;
    let plain = !text.contains(['e', 'E']);
    let digits = if plain { text.split_once('.').map_or("", |(_, digits)| digits) } else { "" };
    if digits.bytes().any(|byte| byte != b'0') && value < 0.0 {
        // A negative time with a fraction counts its digits backwards; nobody writes it.
        return Err("datetime");
    }
    let (seconds, fraction) = if milliseconds {
        let rest = units.rem_euclid(1000);
        let fraction = if rest == 0 && digits.is_empty() { String::new() } else { format!("{rest:03}{digits}") };
        (units.div_euclid(1000), fraction)
    } else {
        (units, digits.to_owned())
    };
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let clock = seconds.rem_euclid(86_400);
    Ok(Moment {
        year,
        month,
        day,
        hour: clock / 3600,
        minute: clock / 60 % 60,
        second: clock % 60,
        fraction,
        offset: 0,
    })
}

/// Reads a text; beside the moment come the repairs that its form calls for.
fn read(text: &str) -> Result<(Moment, Codes), &'static str> {
    let mut codes = Codes::new();
    let mut cursor = Cursor(text);
    let (year, month, day) = date(&mut cursor, &mut codes)?;
    let mut moment = Moment { year, month, day, hour: 0, minute: 0, second: 0, fraction: String::new(), offset: 0 };
    if cursor.0.is_empty() {
        codes.extend(["date_at_midnight", "assumed_utc"]);
        return Ok((moment.check()?, codes));
    }
    if cursor.eat(" ") {
        codes.push("datetime_rewritten");
    } else if !(cursor.eat("T") || cursor.eat("t")) {
        return Err("datetime");
    }
    moment.hour = cursor.digits(2, 2)?;
    cursor.expect(":")?;
    moment.minute = cursor.digits(2, 2)?;
    if cursor.eat(":") {
        moment.second = cursor.digits(2, 2)?;
        if cursor.eat(".") {
            cursor.fraction(&mut moment.fraction)?;
        }
    } else {
        codes.push("datetime_rewritten");
    }
    zone(&mut cursor, &mut moment, &mut codes)?;
    codes.dedup();
    Ok((moment.check()?, codes))
}

fn date(cursor: &mut Cursor<'_>, codes: &mut Codes) -> Result<(i64, i64, i64), &'static str> {
    let text = cursor.0;
    let first = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = text.get(first..=first).unwrap_or_default();
    match (first, mark) {
        (4, "-" | "/") => {
            let year = cursor.digits(4, 4)?;
            cursor.expect(mark)?;
            let month = cursor.digits(2, 2)?;
            cursor.expect(mark)?;
            let day = cursor.digits(2, 2)?;
            if mark == "/" {
                codes.push("datetime_rewritten");
            }
            Ok((year, month, day))
        }
        (1 | 2, ".") => {
            let day = cursor.digits(1, 2)?;
            cursor.expect(".")?;
            let month = cursor.digits(1, 2)?;
            cursor.expect(".")?;
            codes.push("datetime_rewritten");
            Ok((cursor.digits(4, 4)?, month, day))
        }
        (1 | 2, "/") => {
            let first = cursor.digits(1, 2)?;
            cursor.expect("/")?;
            let second = cursor.digits(1, 2)?;
            cursor.expect("/")?;
            cursor.digits(4, 4)?;
            let both = (1..=12).contains(&first) && (1..=12).contains(&second);
            Err(if both { "ambiguous_date" } else { "datetime" })
        }
        _ => Err("datetime"),
    }
}

fn zone(cursor: &mut Cursor<'_>, moment: &mut Moment, codes: &mut Codes) -> Result<(), &'static str> {
    if cursor.0.is_empty() {
        codes.push("assumed_utc");
        return Ok(());
    }
    if cursor.eat("Z") || cursor.eat("z") {
        return if cursor.0.is_empty() { Ok(()) } else { Err("datetime") };
    }
    let sign = match (cursor.eat("+"), cursor.eat("-")) {
        (true, _) => 1,
        (_, true) => -1,
        _ => return Err("datetime"),
    };
    let hours = cursor.digits(2, 2)?;
    if !cursor.eat(":") {
        codes.push("datetime_rewritten");
    }
    let minutes = cursor.digits(2, 2)?;
    if hours > 23 || minutes > 59 || !cursor.0.is_empty() {
        return Err("datetime");
    }
    moment.offset = sign * (hours * 60 + minutes);
    Ok(())
}

/// The text that is left to read.
struct Cursor<'t>(&'t str);

impl Cursor<'_> {
    fn eat(&mut self, mark: &str) -> bool {
        match self.0.strip_prefix(mark) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, mark: &str) -> Result<(), &'static str> {
        if self.eat(mark) { Ok(()) } else { Err("datetime") }
    }

    /// Takes all the digits that follow, of which there must be `least` to `most`.
    fn digits(&mut self, least: usize, most: usize) -> Result<i64, &'static str> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count().min(most);
        let (digits, rest) = self.0.split_at_checked(count).ok_or("datetime")?;
        if count < least {
            return Err("datetime");
        }
        self.0 = rest;
        digits.parse().map_err(|_| "datetime")
    }

    fn fraction(&mut self, into: &mut String) -> Result<(), &'static str> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(count).ok_or("datetime")?;
        if digits.is_empty() {
            return Err("datetime");
        }
        into.push_str(digits);
        self.0 = rest;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &str) -> Result<(String, Codes), &'static str> {
        let (moment, codes) = read(text)?;
        Ok((moment.to_rfc3339().ok_or("datetime")?, codes))
    }

    #[test]
    fn reads_the_forms_of_the_contract() {
        for (text, utc, repairs) in [
            ("2025-01-10T09:15:00Z", "2025-01-10T09:15:00Z", &[][..]),
            ("2025-01-10T09:15:00.250Z", "2025-01-10T09:15:00.250Z", &[]),
            ("2025-01-10T01:15:00+02:00", "2025-01-09T23:15:00Z", &[]),
            ("2025-01-11 12:00:00", "2025-01-11T12:00:00Z", &["datetime_rewritten", "assumed_utc"]),
            ("2025-01-11", "2025-01-11T00:00:00Z", &["date_at_midnight", "assumed_utc"]),
            ("2025/01/11 08:30", "2025-01-11T08:30:00Z", &["datetime_rewritten", "assumed_utc"]),
            ("1.2.2025", "2025-02-01T00:00:00Z", &["datetime_rewritten", "date_at_midnight", "assumed_utc"]),
            ("2024-02-29T23:59:59-0130", "2024-03-01T01:29:59Z", &["datetime_rewritten"]),
        ] {
            assert_eq!(stored(text), Ok((utc.to_owned(), repairs.to_vec())), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "2025-13-01T10:00:00Z",
            "2025-02-30",
            "2025-02-29",
            "2025-01-01T24:00:00Z",
            "2025-01-01T10:00:60Z",
            "2025-01-01T10:00:00+24:00",
            "2025-1-1",
            "yesterday",
            "",
            "2025-01-01T",
            "2025-01-01T10",
            "20250101",
            "2025-01-01T10:00:00Zx",
            "2025-01/01",
            "2025-01-01T10:00:00.Z",
            "13/02/2025",
            "2025-01-01  10:00",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert_eq!(stored(text), Err("datetime"), "{text}");
        }
        assert_eq!(stored("01/02/2025"), Err("ambiguous_date"));
        assert_eq!(stored("10/01"), Err("datetime"));
    }

    #[test]
    fn reads_epochs() {
        for (text, utc) in [
            ("0", "1970-01-01T00:00:00Z"),
            ("1736500500", "2025-01-10T09:15:00Z"),
            ("1736500500.5", "2025-01-10T09:15:00.5Z"),
            ("1736500500250", "2025-01-10T09:15:00.250Z"),
            ("99999999999", "5138-11-16T09:46:39Z"),
            ("100000000000", "1973-03-03T09:46:40Z"),
            ("-1", "1969-12-31T23:59:59Z"),
        ] {
            let moment = from_epoch(text, text.parse().unwrap()).unwrap();
            assert_eq!(moment.to_rfc3339().as_deref(), Some(utc), "{text}");
        }
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-719_528..=2_932_896).step_by(37) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }
}
