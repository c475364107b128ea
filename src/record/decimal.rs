//! The exact value of a JSON number, out of its text: a double is not enough for 64-bit integers and for money.

use smallvec::SmallVec;
use std::cmp::Ordering;
use std::fmt::Write;

/// A decimal number: the digits, without zeros at either end, times a power of ten.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// Empty for zero.
    digits: SmallVec<[u8; 24]>,
    /// The power of ten of the last digit.
    exponent: i64,
}

impl Decimal {
    /// Reads the text of a JSON number (RFC 8259 section 6).
    pub(crate) fn read(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // A power beyond 64 bits is as good as endless: such a number is no finite double, or it is zero.
        let endless = if power.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        let power: i64 = power.parse().unwrap_or(endless);
        let mut exponent = power.saturating_sub(i64::try_from(fraction.len()).unwrap_or(i64::MAX));
        let mut digits: SmallVec<[u8; 24]> = whole
            .bytes()
            .chain(fraction.bytes())
            .map(|digit| digit.wrapping_sub(b'0'))
            .skip_while(|digit| *digit == 0)
            .collect();
        while digits.last() == Some(&0) {
            digits.pop();
            exponent = exponent.saturating_add(1);
        }
        if digits.is_empty() {
            return Self { negative: false, digits, exponent: 0 };
        }
        Self { negative, digits, exponent }
    }

    /// Whether the number has no fraction, in whatever form it is written.
    pub(crate) fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// Whether the number is a whole multiple of `divisor`, which is not zero and has at most 18 digits.
    pub(crate) fn is_multiple_of(&self, divisor: &Self) -> bool {
        let shift = self.exponent.saturating_sub(divisor.exponent);
        if self.digits.is_empty() {
            return true;
        }
        if shift < 0 {
            // The digits would have to be divisible by ten, and they end in none.
            return false;
        }
        let modulus = divisor.digits.iter().fold(0_u128, |value, digit| value * 10 + u128::from(*digit));
        if modulus == 0 {
            return false;
        }
        let rest = self.digits.iter().fold(0_u128, |rest, digit| (rest * 10 + u128::from(*digit)) % modulus);
        (rest * power_of_ten(shift, modulus)).is_multiple_of(modulus)
    }

    /// Appends the number in its one form.
    pub(crate) fn write(&self, form: &mut String) {
        if self.negative {
            form.push('-');
        }
        form.extend(self.digits.iter().map(|digit| char::from(b'0' + digit)));
        // Writing to a String cannot fail.
        let _ = write!(form, "e{}", self.exponent);
    }

    /// How many digits there are, for the bound on divisors.
    pub(crate) fn len(&self) -> usize {
        self.digits.len()
    }

    fn size(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        let leading =
            |number: &Self| number.exponent.saturating_add(i64::try_from(number.digits.len()).unwrap_or(i64::MAX));
        // Without zeros at the end, a longer list with the same beginning is the larger number.
        leading(self).cmp(&leading(other)).then_with(|| self.digits.cmp(&other.digits))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.size(other),
            (true, true) => other.size(self),
        }
    }
}

/// 10^power modulo a number below 10^18, by squaring.
fn power_of_ten(power: i64, modulus: u128) -> u128 {
    let (mut result, mut base, mut left) = (1 % modulus, 10 % modulus, power);
    while left > 0 {
        if left & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        left >>= 1;
    }
    result
}

/// Compares two numbers by their exact values. Doubles decide where they differ, because rounding keeps the order;
/// where they are one, so many digits may still tell the numbers apart.
pub(crate) fn compare(left: (&str, f64), right: (&str, f64)) -> Ordering {
    match left.1.partial_cmp(&right.1) {
        Some(Ordering::Equal) if left.0 == right.0 => Ordering::Equal,
        // Up to fifteen digits, different numbers are different doubles; what is too small for a double is zero.
        Some(Ordering::Equal) if left.0.len() <= 15 && right.0.len() <= 15 && left.1.is_normal() => Ordering::Equal,
        Some(Ordering::Equal) | None => Decimal::read(left.0).cmp(&Decimal::read(right.0)),
        Some(order) => order,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn compares_exactly() {
        let compare = |left: &str, right: &str| compare((left, left.parse().unwrap()), (right, right.parse().unwrap()));
        for (less, more) in [
            ("9007199254740992", "9007199254740993"),
            ("-9007199254740993", "-9007199254740992"),
            ("0.1", "0.10000000000000000555"),
            ("18446744073709551614", "18446744073709551615"),
            ("-1e400", "1e400"),
            ("-0.5", "1e-5"),
            ("1e400", "1e401"),
        ] {
            assert_eq!(compare(less, more), Ordering::Less, "{less} {more}");
            assert_eq!(compare(more, less), Ordering::Greater, "{less} {more}");
        }
        for (left, right) in
            [("12.0", "12"), ("1e3", "1000"), ("-0", "0.000"), ("1.50", "15e-1"), ("0e999999999999999999999", "0")]
        {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} {right}");
        }
    }

    #[test]
    fn tells_whole_numbers_and_multiples() {
        for (text, whole) in
            [("12", true), ("12.0", true), ("1.5e1", true), ("9007199254740993.5", false), ("1e-1", false)]
        {
            assert_eq!(Decimal::read(text).is_whole(), whole, "{text}");
        }
        for (number, divisor, multiple) in [
            ("0.0075", "0.0001", true),
            ("0.00751", "0.0001", false),
            ("19.99", "0.01", true),
            ("1e308", "0.123456789", false),
            ("1e308", "0.5", true),
            ("0", "7", true),
            ("-21", "7", true),
            ("4.5", "1.5", true),
            ("35", "1.5", false),
        ] {
            assert_eq!(Decimal::read(number).is_multiple_of(&Decimal::read(divisor)), multiple, "{number} {divisor}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_whole_numbers(left in any::<i64>(), right in any::<i64>(), divisor in 1_i64..1_000_000) {
            let (a, b) = (left.to_string(), right.to_string());
            prop_assert_eq!(Decimal::read(&a).cmp(&Decimal::read(&b)), left.cmp(&right));
            let multiple = Decimal::read(&a).is_multiple_of(&Decimal::read(&divisor.to_string()));
            prop_assert_eq!(multiple, left % divisor == 0);
        }
    }
}
