//! The clock, which the core does not have.

use crate::normalise::civil_from_days;
use std::time::{SystemTime, UNIX_EPOCH};

/// The moment, to the second, in the form of RFC 3339.
#[allow(clippy::disallowed_methods, reason = "the shell tells the core what time it is")]
pub(super) fn now() -> String {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    text(i64::try_from(passed.as_secs()).unwrap_or_default())
}

fn text(seconds: i64) -> String {
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let clock = seconds.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", clock / 3600, clock / 60 % 60, clock % 60)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn seconds_are_moments() {
        assert_eq!(text(0), "1970-01-01T00:00:00Z");
        assert_eq!(text(1_709_251_199), "2024-02-29T23:59:59Z");
    }
}
