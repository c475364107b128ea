//! Texts that are of the right type and yet are none of what the field can hold.

use crate::generate::draft::Draft;
use crate::generate::field::Field;
use crate::generate::order::Order;
use crate::generate::people;
use crate::generate::random::Random;

/// Claims a field, replaces it by a text and notes what that breaks.
fn put(draft: &mut Draft, field: Field, text: &str, code: &'static str) -> bool {
    let free = draft.claim(field);
    if free {
        draft.text(field, text);
        draft.fault(field, code);
    }
    free
}

/// An id that does not match `^ORD-\d{4,12}$`.
pub(super) fn order_id(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let id = order.id;
    let text = match random.below(9) {
        0 => format!("ORD-{}", id % 1000),
        1 => format!("ord-{id:06}"),
        2 => format!("{id:06}"),
        3 => format!("ORD{id:06}"),
        4 => format!("ORD-{id:013}"),
        5 => format!("ORD-{:03}A{:02}", id % 1000, id % 100),
        6 => format!("#{id}"),
        7 => format!("ORD - {id:06}"),
        // Digits to a reader of Unicode, but not the ASCII digits of ECMA-262's `\d`.
        _ => "ORD-１２３４５６".into(),
    };
    put(draft, Field::OrderId, &text, "pattern")
}

/// An address that no mail can be sent to, in the ways in which people and programs spoil one.
pub(super) fn email(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let Some((local, domain)) = order.customer.email.split_once('@') else {
        return false;
    };
    let text = match random.below(20) {
        0 => format!("{local}_at_{domain}"),
        1 => format!("{local}.{domain}"),
        2 => format!("{local}@@{domain}"),
        3 => format!("{local}@{local}@{domain}"),
        4 => format!("{local}@example"),
        5 => format!("{local}@{domain}."),
        6 => format!(".{local}@{domain}"),
        7 => format!("{local}.@{domain}"),
        8 => format!("a..{local}@{domain}"),
        9 => format!("{} {}@{domain}", order.customer.first, order.customer.last),
        10 => format!("@{domain}"),
        11 => format!("{local}@"),
        12 => format!("{local}@example..com"),
        13 => format!("<{local}@{domain}>"),
        14 => format!("mailto:{local}@{domain}"),
        15 => format!("{local}@-{domain}"),
        16 => format!("{local}@my_{domain}"),
        17 => format!("{local}@192.0.2.{}", random.between(1, 254)),
        18 => format!("{}@{domain}", local.repeat(250 / local.len() + 1)),
        _ => format!("{local}@{}", domain.replace('.', ",")),
    };
    put(draft, Field::CustomerEmail, &text, "format")
}

/// A domain that the standards keep out of the public DNS (RFC 2606, 6761, 6762, 7686).
pub(super) fn reserved_domain(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let local = order.customer.email.split('@').next().unwrap_or_default();
    let domain =
        random.pick(&["mail.localhost", "shop.local", "mail.test", "example.invalid", "a1b2c3.onion", "localhost"]);
    put(draft, Field::CustomerEmail, &[local, "@", domain].concat(), "format")
}

/// A status of another system, or with a typing error.
pub(super) fn status(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let text = random.pick(&[
        "delivered",
        "complete",
        "RETURNED",
        "open",
        "canceled",
        "payed",
        "shiped",
        "pending payment",
        "refunded!",
        "1",
    ]);
    put(draft, Field::Status, text, "enum")
}

/// A country that the shop does not deliver to, or its name, or another code for it.
pub(super) fn country(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let text = random.pick(&["UK", "USA", "Germany", "D", "XX", "SE", "DK", "JP", "DEU", "Deutschland", "U.S.", "EN"]);
    put(draft, Field::CountryCode, text, "enum")
}

/// A city of blanks, which is no value.
pub(super) fn empty_city(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    put(draft, Field::City, random.pick(&["", "", " ", "\t", "\u{a0}", "\u{200b}"]), "missing")
}

/// Somebody's data in a field that is shown as it is: a validator that repeats what it rejects leaks them.
pub(super) fn misplaced(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let text = match random.below(3) {
        0 => order.customer.email.clone(),
        1 => people::phone(random),
        _ => "4111 1111 1111 1111".into(),
    };
    let (field, code) = random.pick(&PLACES);
    field.is_some_and(|field| put(draft, field, &text, code))
}

const PLACES: [(Option<Field>, &str); 7] = [
    (Some(Field::OrderId), "pattern"),
    (Some(Field::Quantity), "number"),
    (Some(Field::UnitPrice), "number"),
    (Some(Field::Status), "enum"),
    (Some(Field::CreatedAt), "datetime"),
    (Some(Field::CountryCode), "enum"),
    (Some(Field::Priority), "number"),
];
