//! Numbers that cannot be read, or that say what no order can.

use crate::generate::draft::{Draft, push_number};
use crate::generate::field::Field;
use crate::generate::order::Order;
use crate::generate::random::Random;

/// Claims a field, replaces its JSON and notes what it breaks.
fn put(draft: &mut Draft, field: Field, json: &str, code: &'static str) -> bool {
    let free = draft.claim(field);
    if free {
        draft.json(field, json);
        draft.fault(field, code);
    }
    free
}

/// 0, −1, `"-2"`.
pub(super) fn quantity_below_one(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let json = random.pick(&["0", "0", "-1", "-3", "\"0\"", "\"-2\"", "\"0.0\"", "-1.0", "\"０\""]);
    put(draft, Field::Quantity, json, "minimum")
}

/// 2.5 pieces.
pub(super) fn fractional_quantity(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let json = random.pick(&["2.5", "1.01", "\"2.5\"", "\"1,5\"", "\"12.75\"", "15e-1"]);
    put(draft, Field::Quantity, json, "type")
}

/// `"many"`, `"5."`, `"12,34,56"`.
pub(super) fn unreadable(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let (field, json) = match random.below(3) {
        0 => (
            Field::Quantity,
            random.pick(&["\"many\"", "\"two or three\"", "\"1O\"", "\"3 items\"", "\"2-4\"", "\"x5\""]),
        ),
        1 => (
            Field::UnitPrice,
            random.pick(&[
                "\"free\"",
                "\"call us\"",
                "\"5.\"",
                "\"12..5\"",
                "\"12,34,56\"",
                "\"1.2.3\"",
                "\"€5€\"",
                "\"19.99.\"",
                "\"NaN\"",
                "\"inf\"",
                "\"0x1F\"",
                "\"1_000\"",
                "\"--5\"",
            ]),
        ),
        _ => (Field::Priority, random.pick(&["\"asap\"", "\"critical\"", "\"normal\"", "\"P1\"", "\"!!\""])),
    };
    put(draft, field, json, "number")
}

/// `"1,299"`: one thousand and more, or one and a bit.
pub(super) fn ambiguous(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let field = if random.chance(0.7) { Field::UnitPrice } else { Field::Quantity };
    let (before, after) = (random.between(1, 250), random.between(0, 999));
    let mark = random.pick(&[",", ".", ","]);
    let text = match (field, random.below(5)) {
        (Field::UnitPrice, 0) => format!("\"€{before}{mark}{after:03}\""),
        (Field::UnitPrice, 1) => format!("\"{before}{mark}{after:03} USD\""),
        _ => format!("\"{before}{mark}{after:03}\""),
    };
    put(draft, field, &text, "ambiguous_number")
}

/// What no double can hold, or not without rounding.
pub(super) fn out_of_range(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let (field, json) = match random.below(2) {
        0 => (
            Field::Quantity,
            random.pick(&["9007199254740993", "\"9007199254740992\"", "123456789012345678901234567890", "1e999"]),
        ),
        _ => (Field::UnitPrice, random.pick(&["1e999", "\"1e999\"", "-1e400", "18446744073709551616", "\"1E+400\""])),
    };
    put(draft, field, json, "number")
}

/// −19.99.
pub(super) fn negative_price(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let (whole, cents) = (order.cents / 100, order.cents % 100);
    let json = match random.below(4) {
        0 => format!("\"-{whole}.{cents:02}\""),
        1 => format!("\"-{whole},{cents:02}\""),
        2 => format!("\"-€{whole}.{cents:02}\""),
        _ => format!("-{whole}.{cents:02}"),
    };
    put(draft, Field::UnitPrice, &json, "minimum")
}

/// Nothing is wrong with the field alone: the rule catches it.
pub(super) fn zero_price(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let free = draft.claim(Field::UnitPrice);
    if free {
        order.cents = 0;
        let json = random.pick(&["0", "0", "0.0", "0.00", "\"0\"", "\"0.00\"", "\"€0\"", "\"0,00\""]);
        draft.json(Field::UnitPrice, json);
    }
    free
}

/// More than 100,000 in one order, which the rule keeps for a person to look at.
pub(super) fn order_total(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    if !(draft.is_free(Field::Quantity) && draft.is_free(Field::UnitPrice)) {
        return false;
    }
    let _ = draft.claim(Field::Quantity) && draft.claim(Field::UnitPrice);
    let total = random.between(10_050_000, 90_000_000);
    let (cents, quantity) = match random.below(3) {
        0 => (random.between(100, 900), 0),
        1 => (random.between(20_000, 200_000), 0),
        _ => (total, 1),
    };
    order.cents = cents;
    order.quantity = if quantity == 0 { total / cents + 1 } else { quantity };
    let as_text = random.chance(0.2);
    draft.with(Field::Quantity, |out| push_number(order.quantity, out));
    draft.with(Field::UnitPrice, |out| {
        let price = format!("{}.{:02}", cents / 100, cents % 100);
        let mark = if as_text { "\"" } else { "" };
        out.extend([mark, &price, mark]);
    });
    true
}

/// 0 and 9, where 1 to 5 are.
pub(super) fn priority_out_of_range(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    match random.below(3) {
        0 => put(draft, Field::Priority, random.pick(&["9", "6", "\"10\"", "99", "\"6\""]), "maximum"),
        1 => put(draft, Field::Priority, random.pick(&["0", "-1", "\"0\"", "\"-5\""]), "minimum"),
        _ => put(draft, Field::Priority, random.pick(&["2.5", "\"1.5\"", "\"3,5\""]), "type"),
    }
}
