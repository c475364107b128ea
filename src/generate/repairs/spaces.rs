//! What cannot be seen: blanks around a text, and letters that are put together from two.

use crate::generate::draft::{Draft, push_plain_id};
use crate::generate::field::Field;
use crate::generate::order::Order;
use crate::generate::random::Random;
use unicode_normalization::UnicodeNormalization;

/// Blanks, tabs, line ends and no-break spaces at the ends.
pub(super) fn white_space(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let blanks = &["", " ", "  ", "\t", "\n", "\r\n", "\u{a0}", "\u{3000}"];
    surround(draft, order, random, blanks)
}

/// Zero-width characters and byte order marks at the ends, as copying from web pages leaves them.
pub(super) fn zero_width(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    surround(draft, order, random, &["", "\u{200b}", "\u{200c}", "\u{200d}", "\u{feff}", "\u{2060}"])
}

fn surround(draft: &mut Draft, order: &Order, random: &mut Random, blanks: &[&'static str]) -> bool {
    let field = random.pick(&[
        Some(Field::OrderId),
        Some(Field::CustomerEmail),
        Some(Field::Status),
        Some(Field::CountryCode),
        Some(Field::City),
        Some(Field::PostalCode),
        Some(Field::Street),
        Some(Field::CouponCode),
        Some(Field::ReferrerUrl),
    ]);
    let Some((field, text)) = field.and_then(|field| Some((field, value(order, field)?))) else {
        return false;
    };
    let (before, after) = (random.pick(blanks), random.pick(blanks));
    if before.len() + after.len() == 0 || !draft.claim(field) {
        return false;
    }
    draft.text(field, &[before, &text, after].concat());
    true
}

/// The text that a field holds when it is clean; none where it holds none.
fn value(order: &Order, field: Field) -> Option<String> {
    let customer = &order.customer;
    let text = match field {
        Field::OrderId => {
            let mut id = String::new();
            push_plain_id(order.id, &mut id);
            return Some(id);
        }
        Field::CustomerEmail => &customer.email,
        Field::Status => order.status,
        Field::CountryCode => customer.country.code,
        Field::City => customer.city,
        Field::PostalCode if order.has_postal_code => &customer.postal_code,
        Field::Street if order.has_street => &customer.street,
        Field::CouponCode => &order.coupon,
        Field::ReferrerUrl => &order.referrer,
        _ => "",
    };
    (!text.is_empty()).then(|| text.to_owned())
}

/// `u` and a diaeresis for `ü`: the same letter to a reader, another text to a program.
pub(super) fn decomposed(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let field = random.pick(&[Some(Field::CustomerEmail), Some(Field::City), Some(Field::Street)]);
    let Some((field, text)) = field.and_then(|field| Some((field, value(order, field)?))) else {
        return false;
    };
    let apart: String = text.nfd().collect();
    if apart == text || !draft.claim(field) {
        return false;
    }
    draft.text(field, &apart);
    true
}
