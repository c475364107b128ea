//! Dates, times and durations (RFC 3339 §5.6 and appendix A).

use crate::normalise::days_of_month;

/// A date, `T` and a time.
pub(super) fn is_date_time(text: &str) -> bool {
    matches!(text.as_bytes().get(10), Some(b'T' | b't'))
        && text.get(..10).is_some_and(is_date)
        && text.get(11..).is_some_and(is_time)
}

/// `2026-11-23`, on a day that there is.
pub(super) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (true, Some(year), Some(month), Some(day)) = (
        bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-'),
        digits(text, 0, 4),
        digits(text, 5, 7),
        digits(text, 8, 10),
    ) else {
        return false;
    };
    (1..=days_of_month(year.into(), month.into())).contains(&day.into())
}

/// `12:34:56.789Z`, with `Z` or an offset; a leap second only where it is 23:59:60 in UTC.
pub(super) fn is_time(text: &str) -> bool {
    let shape = text.get(2..3) == Some(":") && text.get(5..6) == Some(":");
    let (true, Some(hour), Some(minute), Some(second)) =
        (shape, digits(text, 0, 2), digits(text, 3, 5), digits(text, 6, 8))
    else {
        return false;
    };
    let rest = text.get(8..).unwrap_or_default();
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    let Some(offset) = offset(rest) else { return false };
    let in_utc = (hour * 60 + minute - offset).rem_euclid(24 * 60);
    hour <= 23 && minute <= 59 && (second <= 59 || (second == 60 && in_utc == 23 * 60 + 59))
}

/// Minutes east of Greenwich.
fn offset(zone: &str) -> Option<i32> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(zone, 1, 3)?, digits(zone, 4, 6)?);
    (zone.len() == 6 && zone.get(3..4) == Some(":") && hours <= 23 && minutes <= 59)
        .then_some(sign * (hours * 60 + minutes))
}

/// `P1Y2M3DT4H5M6S` or `P2W`. The grammar leaves no unit out between two that stand; Python writes `P0DT1.5S`, so a
/// fraction of seconds is read too.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    if let Some(weeks) = rest.strip_suffix('W') {
        return is_digits(weeks);
    }
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let some = !date.is_empty() || time.is_some();
    some && (date.is_empty() || units(date, "YMD")) && time.is_none_or(|time| !time.is_empty() && units(time, "HMS"))
}

/// Numbers, each with a unit, in the order of `wanted` and without a gap.
fn units(text: &str, wanted: &str) -> bool {
    let mut rest = text;
    let mut last = None;
    while !rest.is_empty() {
        let Some(at) = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.') else { return false };
        let (number, tail) = rest.split_at(at);
        let mut letters = tail.chars();
        let Some(place) = letters.next().and_then(|unit| wanted.find(unit)) else { return false };
        let whole = is_digits(number);
        let fraction = tail.starts_with('S')
            && number.split_once('.').is_some_and(|(whole, fraction)| is_digits(whole) && is_digits(fraction));
        if !(whole || fraction) || last.is_some_and(|last| place != last + 1) {
            return false;
        }
        last = Some(place);
        rest = letters.as_str();
    }
    last.is_some()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str, from: usize, to: usize) -> Option<i32> {
    text.get(from..to).filter(|part| is_digits(part))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_rfc3339() {
        for text in [
            "2025-01-10T09:15:00Z",
            "2025-01-10t09:15:00.1z",
            "2025-01-10T09:15:00-08:00",
            "1998-12-31T15:59:60.123-08:00",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "2025-01-10 09:15:00Z",
            "2025-01-10",
            "2025-01-10T09:15Z",
            "2025-01-10T09:15:00",
            "2025-01-10T09:15:00+0100",
            "2025-02-29T09:15:00Z",
            "1998-12-31T22:59:60Z",
            "é025-01-10T09:15:00Z",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
    }

    #[test]
    fn tells_durations() {
        for text in ["P1Y", "P1Y2M3DT4H5M6S", "PT0S", "P2W", "P0DT1.5S", "PT36H", "P1DT12H"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["P", "PT", "P1YT", "1Y", "P1S", "PT1D", "P1Y3D", "P1W2D", "P.5Y", "P1,5S", "-P1D", "P٢D", ""] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
