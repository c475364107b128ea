//! Required fields without a value.

use crate::generate::draft::Draft;
use crate::generate::field::Field;
use crate::generate::order::Order;
use crate::generate::random::Random;
use crate::generate::repairs::TOKENS;

const REQUIRED: &[Option<Field>] = &[
    Some(Field::OrderId),
    Some(Field::CustomerEmail),
    Some(Field::Quantity),
    Some(Field::UnitPrice),
    Some(Field::Status),
    Some(Field::CreatedAt),
    Some(Field::Shipping),
    Some(Field::CountryCode),
    Some(Field::City),
    Some(Field::Priority),
];

fn claimed(draft: &mut Draft, random: &mut Random) -> Option<Field> {
    random.pick(REQUIRED).filter(|field| draft.claim(*field))
}

/// The field is not there.
pub(super) fn absent(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let Some(field) = claimed(draft, random) else {
        return false;
    };
    draft.leave_out(field);
    draft.fault(field, "required");
    true
}

/// The field is null or holds a token for "no value".
pub(super) fn missing(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let Some(field) = claimed(draft, random) else {
        return false;
    };
    if random.chance(0.35) {
        draft.json(field, "null");
    } else {
        draft.text(field, random.pick(TOKENS));
    }
    draft.fault(field, "missing");
    true
}
