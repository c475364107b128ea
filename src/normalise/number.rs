//! Numbers, from JSON or from text as people write it.

use super::Codes;
use crate::record::document::{Document, NodeId, Value};
use unicode_normalization::UnicodeNormalization;

/// The largest integer that a double holds together with all its neighbours, 2^53 − 1 (RFC 8259 section 6).
const LARGEST_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Reads a number; what it cannot read is `number`, what can be read in two ways is `ambiguous_number`.
///
/// The number keeps its digits: `1.299,00` becomes `1299.00`, never a re-formatted double.
pub(super) fn number(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    let (text, from_text) = match doc.value(id) {
        Value::Number { text, value } => {
            return if fits(doc.str(text), value) { Ok(()) } else { Err("number") };
        }
        Value::Text(span) => (read(doc.str(span))?, true),
        _ => return Err("number"),
    };
    let value: f64 = text.parse().map_err(|_| "number")?;
    if !fits(&text, value) {
        return Err("number");
    }
    let text = doc.write(&text);
    doc.set(id, Value::Number { text, value });
    if from_text {
        repairs.retain(|code| !matches!(*code, "trimmed" | "composed"));
        repairs.push("number_from_text");
    }
    Ok(())
}

/// A finite number, and if it is written as an integer or is one, not so large that a double would round it.
fn fits(text: &str, value: f64) -> bool {
    let fraction = || text.contains(['.', 'e', 'E']) && !crate::contract::is_whole(value);
    value.abs() <= LARGEST_INTEGER || (value.is_finite() && fraction())
}

/// A number becomes its own text, digit for digit; other values stay.
#[allow(clippy::unnecessary_wraps, reason = "every step of a normaliser has the same form")]
pub(super) fn to_text(doc: &mut Document, id: NodeId, repairs: &mut Codes) -> Result<(), &'static str> {
    if let Value::Number { text, .. } = doc.value(id) {
        doc.set(id, Value::Text(text));
        repairs.push("text_from_number");
    }
    Ok(())
}

/// Reads a number as people write it and gives it as JSON writes it.
pub(super) fn read(written: &str) -> Result<String, &'static str> {
    // Full-width digits and no-break spaces fold into the plain ones.
    let folded: String;
    let text = if written.is_ascii() {
        written
    } else {
        folded = written.nfkc().collect();
        folded.trim()
    };
    let (negative, text) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let text = without_currency(text);
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, ',' | '.' | '\'' | ' ')));
    let (mantissa, exponent) = text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""));
    let exponent = self::exponent(exponent)?;
    let (whole, fraction) = split(mantissa)?;
    let mut number = String::with_capacity(text.len() + 2);
    if negative {
        number.push('-');
    }
    let digits = whole.trim_start_matches('0');
    number.push_str(if digits.is_empty() { "0" } else { digits });
    if !fraction.is_empty() {
        number.push('.');
        number.push_str(fraction);
    }
    number.push_str(&exponent);
    Ok(number)
}

/// Takes off one currency mark, before or after the digits, with or without a space.
fn without_currency(text: &str) -> &str {
    let sign = |letter: char| matches!(letter, '€' | '$' | '£');
    let code = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if let Some(rest) = text.strip_prefix(sign) {
        return rest.strip_prefix(' ').unwrap_or(rest);
    }
    if let Some(rest) = text.strip_suffix(sign) {
        return rest.strip_suffix(' ').unwrap_or(rest);
    }
    if let Some((first, rest)) = text.split_at_checked(3)
        && code(first)
    {
        return rest.strip_prefix(' ').unwrap_or(rest);
    }
    if let Some((rest, last)) = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at))
        && code(last)
    {
        return rest.strip_suffix(' ').unwrap_or(rest);
    }
    text
}

fn exponent(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let rest = text.strip_prefix(['e', 'E']).ok_or("number")?;
    let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("number");
    }
    Ok(text.to_owned())
}

/// Splits digits with separators into the whole part, without separators, and the fraction.
fn split(text: &str) -> Result<(String, &str), &'static str> {
    let separators: Vec<(usize, char)> = text.char_indices().filter(|(_, letter)| !letter.is_ascii_digit()).collect();
    let piece = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let decimal = |letter: char| matches!(letter, '.' | ',');
    match separators.as_slice() {
        [] if text.is_empty() => Err("number"),
        [] => Ok((text.to_owned(), "")),
        [(at, letter)] => {
            let (before, after) = (piece(0, *at), piece(at + 1, text.len()));
            let groups = (1..=3).contains(&before.len()) && after.len() == 3;
            match (decimal(*letter), groups) {
                (true, true) if !before.starts_with('0') => Err("ambiguous_number"),
                (true, _) if after.is_empty() => Err("number"),
                (true, _) => Ok((before.to_owned(), after)),
                (false, true) => Ok((format!("{before}{after}"), "")),
                (false, false) => Err("number"),
            }
        }
        [(first, group), .., (last_at, last)] => {
            // With several separators the last may be the decimal mark, if it is another one.
            let decimals = last != group;
            if decimals && !decimal(*last) {
                return Err("number");
            }
            let end = if decimals { *last_at } else { text.len() };
            let fraction = if decimals { piece(last_at + 1, text.len()) } else { "" };
            if (decimals && fraction.is_empty()) || !(1..=3).contains(first) {
                return Err("number");
            }
            let mut whole = String::new();
            for (index, part) in piece(0, end).split(*group).enumerate() {
                if (index > 0 && part.len() != 3) || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err("number");
                }
                whole.push_str(part);
            }
            Ok((whole, fraction))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn reads_what_people_write() {
        for (written, number) in [
            ("1,299.00", "1299.00"),
            ("1.299,00", "1299.00"),
            ("1 299", "1299"),
            ("1'299.50", "1299.50"),
            ("1.234.567", "1234567"),
            ("1,234,567.8", "1234567.8"),
            (".5", "0.5"),
            ("JPY 100", "100"),
            ("1e2", "1e2"),
            ("-2", "-2"),
            ("+7", "7"),
            ("007", "7"),
            ("0,125", "0.125"),
            ("-0.125", "-0.125"),
            ("12,5", "12.5"),
            ("1234,567", "1234.567"),
            ("€ 5.00", "5.00"),
            ("5 €", "5"),
            ("5EUR", "5"),
            ("1\u{a0}299,50 EUR", "1299.50"),
            ("１２", "12"),
            ("-$5", "-5"),
            ("1E-2", "1E-2"),
            ("0.0", "0.0"),
        ] {
            assert_eq!(read(written).as_deref(), Ok(number), "{written}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for written in [
            "5.",
            "12..5",
            "12,34,56",
            "many",
            "",
            "-",
            ".",
            "NaN",
            "inf",
            "1,2,3",
            "1.2.3",
            "€5€",
            "0x10",
            "1_000",
            "1e",
            "e5",
            "--5",
            "1,234,5",
            "1234,567,890",
            "1.5.",
            "5 5",
            "1'5",
            "١٢",
            "1,299 000",
            "- 5",
            "EUR",
        ] {
            assert_eq!(read(written), Err("number"), "{written}");
        }
        for written in ["1,299", "1.299", "12.500", "-1,000", "€1,299", "1.299e2"] {
            assert_eq!(read(written), Err("ambiguous_number"), "{written}");
        }
    }
}
