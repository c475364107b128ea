//! Defects that nobody can repair without guessing: a validator rejects the record and says why.

mod amounts;
mod required;
mod texts;
mod times;
mod types;

use super::defect::Family;

/// Every family that breaks the contract, but for the duplicate, which takes memory of other lines.
pub(super) const TABLE: &[Family] = &[
    Family::new("required_absent", 8, required::absent),
    Family::new("required_missing", 10, required::missing),
    Family::new("bad_order_id", 5, texts::order_id),
    Family::new("bad_email", 14, texts::email),
    Family::new("reserved_domain", 4, texts::reserved_domain),
    Family::new("quantity_below_one", 8, amounts::quantity_below_one),
    Family::new("fractional_quantity", 3, amounts::fractional_quantity),
    Family::new("unreadable_number", 8, amounts::unreadable),
    Family::new("ambiguous_number", 4, amounts::ambiguous),
    Family::new("number_out_of_range", 3, amounts::out_of_range),
    Family::new("negative_price", 4, amounts::negative_price),
    Family::new("zero_price", 7, amounts::zero_price),
    Family::new("order_total", 5, amounts::order_total),
    Family::new("bad_boolean", 3, types::boolean),
    Family::new("unknown_status", 7, texts::status),
    Family::new("impossible_date", 6, times::impossible),
    Family::new("unreadable_date", 4, times::unreadable),
    Family::new("ambiguous_date", 4, times::ambiguous),
    Family::new("unknown_country", 5, texts::country),
    Family::new("empty_city", 4, texts::empty_city),
    Family::new("priority_out_of_range", 4, amounts::priority_out_of_range),
    Family::new("misplaced_data", 5, texts::misplaced),
    Family::new("wrong_type", 10, types::wrong),
    Family::new("bad_tag", 3, types::tag),
];
