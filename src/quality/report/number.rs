//! Numbers as people read them, and numbers out of a summary.

use serde_json::Value as Json;

/// A count out of a summary; 0 where there is none.
pub(crate) fn count(json: &Json) -> u64 {
    json.as_u64().unwrap_or(0)
}

/// A count as a length in a picture.
#[allow(clippy::cast_precision_loss, reason = "a picture has fewer dots than a double has bits")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// A count with its thousands apart, such as `12,345`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number to three decimals at most, or in scientific notation where that says more; a dash for none.
pub(crate) fn decimal(json: &Json) -> String {
    let Some(value) = json.as_f64() else {
        return "–".to_owned();
    };
    let size = value.abs();
    if size != 0.0 && !(0.001..1e12).contains(&size) {
        return format!("{value:.2e}");
    }
    let rounded = format!("{value:.3}");
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let fraction = fraction.trim_end_matches('0');
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("−", whole));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{dot}{fraction}")
}

/// The sign, which no line break may cut off.
pub(crate) const PERCENT: &str = "\u{a0}%";

/// A share of a whole in per cent, such as `42.0 %`; a dash where there is no whole.
///
/// What is nearly nothing or nearly all does not round to 0 or 100 per cent.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let Some(share) = share(part, whole) else {
        return "–".to_owned();
    };
    let percent = 100.0 * share;
    match (part, percent) {
        (1.., ..0.05) => format!("< 0.1{PERCENT}"),
        (_, 99.95..) if part < whole => format!("> 99.9{PERCENT}"),
        _ => format!("{percent:.1}{PERCENT}"),
    }
}

/// A share of a whole in \[0, 1\]; none where there is no whole.
#[allow(clippy::cast_precision_loss, reason = "counts of records stay far below 2^53")]
pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::{decimal, grouped, percent};
    use serde_json::json;

    #[test]
    fn reads_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        let numbers = [json!(0), json!(5), json!(-1234.5), json!(0.125_49), json!(1e-7), json!(1e15), json!(null)];
        assert_eq!(numbers.map(|json| decimal(&json)), ["0", "5", "−1,234.5", "0.125", "1.00e-7", "1.00e15", "–"]);
        let shares = [(0, 0), (0, 5), (21, 50), (1, 100_000), (99_999, 100_000), (5, 5)];
        assert_eq!(
            shares.map(|(part, whole)| percent(part, whole)),
            ["–", "0.0\u{a0}%", "42.0\u{a0}%", "< 0.1\u{a0}%", "> 99.9\u{a0}%", "100.0\u{a0}%"]
        );
    }
}
