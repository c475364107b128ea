//! When orders come: thirteen weeks with a rhythm of hours and weekdays, and the ways to write a moment down.

use std::fmt::Write;

/// Monday, 6 January 2025, 00:00:00 UTC, in seconds since 1970.
const START: i64 = 1_736_121_600;
const WEEKS: f64 = 13.0;

/// Orders by hour of the day: few at night, a first hill before noon, the highest in the evening.
const HOURS: [u32; 24] = [10, 6, 4, 3, 3, 5, 10, 20, 34, 46, 54, 58, 56, 50, 48, 50, 54, 60, 70, 82, 88, 74, 46, 22];
/// Orders by weekday from Monday: Sunday is the day to shop, Saturday the day for other things.
const DAYS: [u32; 7] = [100, 92, 90, 94, 88, 84, 122];

/// Turns an order's place in the file into the moment when it came in.
pub(super) struct Clock {
    /// For each hour of the week, the share of the week's orders that came before it ends.
    ends: Vec<f64>,
}

impl Clock {
    pub(super) fn new() -> Self {
        let weights = DAYS.iter().flat_map(|day| HOURS.iter().map(move |hour| f64::from(day * hour)));
        let total: f64 = weights.clone().sum();
        let mut before = 0.0;
        let ends = weights.map(|weight| {
            before += weight;
            before / total
        });
        Self { ends: ends.collect() }
    }

    /// The moment at which `progress`, in [0, 1), of all orders had come, in seconds since 1970.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "13 weeks are fewer than 2^23 seconds"
    )]
    pub(super) fn at(&self, progress: f64) -> i64 {
        let weeks = progress * WEEKS;
        let week = libm::floor(weeks);
        let share = weeks - week;
        let hour = self.ends.partition_point(|end| *end <= share).min(self.ends.len() - 1);
        let from = hour.checked_sub(1).and_then(|hour| self.ends.get(hour)).copied().unwrap_or(0.0);
        let to = self.ends.get(hour).copied().unwrap_or(1.0);
        let second = libm::floor((share - from) / (to - from) * 3600.0).clamp(0.0, 3599.0);
        START + week as i64 * 7 * 86_400 + hour as i64 * 3600 + second as i64
    }
}

/// A moment in UTC, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

impl Moment {
    pub(super) fn new(seconds: i64) -> Self {
        let clock = seconds.rem_euclid(86_400);
        let (year, month, day) = date(seconds.div_euclid(86_400));
        Self { year, month, day, hour: clock / 3600, minute: clock / 60 % 60, second: clock % 60 }
    }

    /// Appends `2025-01-10`, with the mark given between the parts.
    pub(super) fn write_date(&self, mark: char, out: &mut String) {
        let Self { year, month, day, .. } = self;
        // Writing to a String cannot fail; this holds for every such line of the generator.
        let _ = write!(out, "{year:04}{mark}{month:02}{mark}{day:02}");
    }

    /// Appends `09:15:00`.
    pub(super) fn write_clock(&self, out: &mut String) {
        let Self { hour, minute, second, .. } = self;
        let _ = write!(out, "{hour:02}:{minute:02}:{second:02}");
    }

    /// Appends `2025-01-10T09:15:00`, with the mark given between date and clock.
    pub(super) fn write_plain(&self, mark: char, out: &mut String) {
        self.write_date('-', out);
        out.push(mark);
        self.write_clock(out);
    }
}

/// Year, month and day, `days` days after 1970-01-01, for days from 1970 to 2099.
///
/// Counted off year by year and month by month. That is slow, but the validator has the formula of eras, and an error
/// that both had would not be seen.
fn date(days: i64) -> (i64, i64, i64) {
    let mut left = days;
    let mut year = 1970;
    // In these years each fourth is a leap year.
    let length = |year: i64| if year % 4 == 0 { 366 } else { 365 };
    while left >= length(year) {
        left -= length(year);
        year += 1;
    }
    let february = if year % 4 == 0 { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

#[cfg(test)]
mod tests {
    use super::{Clock, Moment};

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, written) in [
            (0, "1970-01-01T00:00:00"),
            (951_782_400, "2000-02-29T00:00:00"),
            (1_736_121_600, "2025-01-06T00:00:00"),
            (1_740_787_199, "2025-02-28T23:59:59"),
            (1_743_984_000, "2025-04-07T00:00:00"),
        ] {
            let mut text = String::new();
            Moment::new(seconds).write_plain('T', &mut text);
            assert_eq!(text, written);
        }
    }

    #[test]
    fn moments_rise_and_stay_in_the_thirteen_weeks() {
        let clock = Clock::new();
        let moments: Vec<i64> = (0..50_000).map(|place| clock.at(f64::from(place) / 50_000.0)).collect();
        assert!(moments.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(Moment::new(moments[0]).write(), "2025-01-06T00:00:00");
        assert!(Moment::new(moments[49_999]).write().starts_with("2025-04-06T23:"));
    }

    #[test]
    fn evenings_are_busier_than_nights() {
        let clock = Clock::new();
        let mut hours = [0; 24];
        for place in 0..50_000 {
            hours[usize::try_from(Moment::new(clock.at(f64::from(place) / 50_000.0)).hour).unwrap()] += 1;
        }
        assert!(hours[20] > 15 * hours[3], "{hours:?}");
    }

    impl Moment {
        fn write(self) -> String {
            let mut text = String::new();
            self.write_plain('T', &mut text);
            text
        }
    }
}
