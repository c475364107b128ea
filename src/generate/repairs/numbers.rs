//! Numbers as people and spreadsheets write them.

use crate::generate::draft::Draft;
use crate::generate::field::Field;
use crate::generate::json::push_text;
use crate::generate::order::Order;
use crate::generate::random::Random;
use std::fmt::Write;

/// `"19.99"`, `"+3"`, `"3.0"`: the JSON number's own form, or nearly, as text.
pub(super) fn plain(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let field = random.pick(&[Which::Quantity, Which::Price, Which::Price, Which::Priority]);
    write(draft, field, |out| {
        let digits = digits(order, field);
        if field == Which::Price {
            match (random.below(6), digits.strip_prefix('0')) {
                (0, Some(fraction)) => out.push_str(fraction),
                (1, _) => out.extend(["+", &digits]),
                _ => out.push_str(&digits),
            }
        } else {
            let sign = random.pick(&["", "", "", "+", "0"]);
            out.extend([sign, &digits, random.pick(&["", "", "", ".0", ".00"])]);
        }
    })
}

/// `"€19.99"`, `"19.99 USD"`, `"£ 5.00"`, with the sign before or after it.
pub(super) fn currency(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    write(draft, Which::Price, |out| {
        let (whole, cents) = parts(order);
        let mark = random.pick(&["€", "$", "£", "EUR", "USD", "GBP", "CHF", "PLN", "JPY"]);
        let space = random.pick(&["", " ", " ", "\u{a0}"]);
        let _ = match random.below(2) {
            0 => write!(out, "{mark}{space}{whole}.{cents:02}"),
            _ => write!(out, "{whole}.{cents:02}{space}{mark}"),
        };
    })
}

/// `"1,299.00"`, `"1.299,00"`, `"1 299"`, `"1'299.50"`: thousands held apart.
pub(super) fn grouping(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    if !raise_price(draft, order, random) {
        return false;
    }
    write(draft, Which::Price, |out| {
        let (whole, cents) = parts(order);
        let (thousands, rest) = (whole / 1000, whole % 1000);
        let (group, point) = random.pick(&[
            (",", "."),
            (",", "."),
            (".", ","),
            (".", ","),
            (" ", "."),
            (" ", ","),
            ("'", "."),
            ("\u{a0}", ","),
            ("\u{202f}", ","),
        ]);
        let _ = write!(out, "{thousands}{group}{rest:03}");
        // `1,299` alone could be read in two ways, `1 299` and `1'299` in one.
        let clear = !matches!(group, "," | ".");
        if cents > 0 || !clear || random.chance(0.5) {
            let _ = write!(out, "{point}{cents:02}");
        }
        if random.chance(0.2) {
            out.push_str(random.pick(&[" €", " EUR", " CHF", "€"]));
        }
    })
}

/// `"19,99"`: the decimal mark of half the world.
pub(super) fn decimal_comma(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    write(draft, Which::Price, |out| {
        let (whole, cents) = parts(order);
        let _ = match cents % 10 {
            0 if random.chance(0.5) => write!(out, "{whole},{}", cents / 10),
            _ => write!(out, "{whole},{cents:02}"),
        };
        if random.chance(0.3) {
            out.push_str(random.pick(&[" €", "€", " EUR"]));
        }
    })
}

/// `"１９．９９"`: digits of East Asian typography, which NFKC folds.
pub(super) fn full_width(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let field = random.pick(&[Which::Quantity, Which::Price, Which::Priority]);
    write(draft, field, |out| {
        let point = random.pick(&['.', '．']);
        let wide = ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'];
        out.extend(digits(order, field).chars().map(|letter| {
            let digit = letter.to_digit(10).and_then(|digit| wide.get(digit as usize));
            digit.copied().unwrap_or(point)
        }));
    })
}

/// `"1999e-2"`: what some exports make of a price.
pub(super) fn exponent(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    write(draft, Which::Price, |out| {
        let (whole, cents) = parts(order);
        let _ = match random.below(3) {
            0 => write!(out, "{}e-2", order.cents),
            1 => write!(out, "{}E-2", order.cents),
            _ => write!(out, "{whole}.{cents:02}e0"),
        };
    })
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Which {
    Quantity,
    #[default]
    Price,
    Priority,
}

/// Claims the field and makes it the text that `form` writes.
fn write(draft: &mut Draft, which: Which, form: impl FnOnce(&mut String)) -> bool {
    let field = match which {
        Which::Quantity => Field::Quantity,
        Which::Price => Field::UnitPrice,
        Which::Priority => Field::Priority,
    };
    if !draft.claim(field) {
        return false;
    }
    let mut text = String::new();
    form(&mut text);
    draft.with(field, |out| push_text(&text, out));
    true
}

/// The number as a program prints it.
fn digits(order: &Order, which: Which) -> String {
    match which {
        Which::Quantity => order.quantity.to_string(),
        Which::Price => format!("{}.{:02}", order.cents / 100, order.cents % 100),
        Which::Priority => order.priority.to_string(),
    }
}

fn parts(order: &Order) -> (u64, u64) {
    (order.cents / 100, order.cents % 100)
}

/// Makes sure that the price has thousands to group, as one piece of something large has.
fn raise_price(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    if order.cents >= 100_000 {
        return draft.is_free(Field::UnitPrice);
    }
    // The quantity must not have been written in another form already: it changes too.
    if !draft.is_free(Field::UnitPrice) || !draft.claim(Field::Quantity) {
        return false;
    }
    order.cents = random.between(100_000, 220_000);
    if random.chance(0.4) {
        order.cents = order.cents / 100 * 100;
    }
    order.quantity = 1;
    draft.json(Field::Quantity, "1");
    true
}
