//! Words that stand for values, values that stand for nothing, and values of a neighbouring type.

use crate::generate::draft::Draft;
use crate::generate::field::Field;
use crate::generate::order::Order;
use crate::generate::random::Random;

/// What feeds write where they have no value. Null is told apart, because an optional field may be null.
pub(in crate::generate) const TOKENS: &[&str] = &[
    "", "", "N/A", "n/a", "NA", "None", "none", "NULL", "null", "nil", "unknown", "Unknown", "-", "?", " ", "\u{200b}",
];

/// Claims a field and replaces its JSON.
fn put(draft: &mut Draft, field: Field, json: &str) -> bool {
    let free = draft.claim(field);
    if free {
        draft.json(field, json);
    }
    free
}

/// Claims a field and replaces it by a text.
fn put_text(draft: &mut Draft, field: Field, text: &str) -> bool {
    let free = draft.claim(field);
    if free {
        draft.text(field, text);
    }
    free
}

/// `"yes"`, `"FALSE"`, `"on"`.
pub(super) fn boolean(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let word = if order.gift {
        random.pick(&["true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "1", "on", "ON"])
    } else {
        random.pick(&["false", "False", "FALSE", "no", "No", "NO", "n", "N", "0", "off", "Off"])
    };
    put_text(draft, Field::IsGift, word)
}

/// 1 and 0.
pub(super) fn boolean_number(draft: &mut Draft, order: &mut Order, _: &mut Random) -> bool {
    put(draft, Field::IsGift, if order.gift { "1" } else { "0" })
}

/// Nothing is said of the gift, so it is none.
pub(super) fn gift_absent(draft: &mut Draft, order: &mut Order, _: &mut Random) -> bool {
    order.gift = false;
    put(draft, Field::IsGift, "")
}

/// The gift is null or a token for "no value", so it is none.
pub(super) fn gift_missing(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    order.gift = false;
    if random.chance(0.5) {
        put(draft, Field::IsGift, "null")
    } else {
        put_text(draft, Field::IsGift, random.pick(TOKENS))
    }
}

/// `"PAID"`, `"de"`, `"anna@Example.COM"`.
pub(super) fn letter_case(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    match random.below(3) {
        0 => {
            let mut letters = order.status.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            let title: String = first.into_iter().chain(letters).collect();
            let shout = random.chance(0.5);
            put_text(draft, Field::Status, &if shout { title.to_uppercase() } else { title })
        }
        1 => {
            let lower = order.customer.country.code.to_lowercase();
            put_text(draft, Field::CountryCode, &lower)
        }
        _ => {
            let Some((local, domain)) = order.customer.email.split_once('@') else {
                return false;
            };
            let domain = match random.below(2) {
                0 => domain.to_uppercase(),
                _ => domain.replace("example", "Example"),
            };
            put_text(draft, Field::CustomerEmail, &[local, "@", &domain].concat())
        }
    }
}

/// `"vip, returning"`.
pub(super) fn tags_as_text(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let comma = random.pick(&[", ", ",", " , "]);
    !order.tags.is_empty() && put_text(draft, Field::Tags, &order.tags.join(comma))
}

/// `["vip", "", "  "]`.
pub(super) fn blank_tags(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let first = order.tags.first().cloned().unwrap_or_default();
    if first.is_empty() {
        let json = random.pick(&["[\"\"]", "[\" \", \"\"]", "[\"\\u200b\"]"]);
        return put(draft, Field::Tags, json);
    }
    let json = match random.below(3) {
        0 => format!("[\"{first}\", \"\"]"),
        1 => format!("[\"\", \"{first}\", \"  \"]"),
        _ => format!("[\" {first}\", \"\\t\"]"),
    };
    put(draft, Field::Tags, &json)
}

const OPTIONAL: &[Option<Field>] = &[
    Some(Field::PostalCode),
    Some(Field::Street),
    Some(Field::Tags),
    Some(Field::ReferrerUrl),
    Some(Field::CouponCode),
];

/// An optional field that holds a blank text.
pub(super) fn blank_optional(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let field = random.pick(OPTIONAL).unwrap_or(Field::Street);
    put_text(draft, field, random.pick(&["", "", " ", "   ", "\t", "\u{a0}", "\u{200b}"]))
}

/// An optional field that holds a token for "no value".
pub(super) fn missing_token(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let field = random.pick(OPTIONAL).unwrap_or(Field::Street);
    let token = random.pick(TOKENS);
    !token.trim().is_empty() && put_text(draft, field, token)
}

/// `75001`, where the code is digits that do not begin with 0.
pub(super) fn numeric_postal_code(draft: &mut Draft, order: &mut Order, _: &mut Random) -> bool {
    let code = &order.customer.postal_code;
    let is_number = code.bytes().all(|byte| byte.is_ascii_digit()) && !code.starts_with('0');
    is_number && put(draft, Field::PostalCode, code)
}

/// A referrer that nobody can follow.
pub(super) fn not_a_url(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let email = &order.customer.email;
    match random.below(12) {
        0 => put_text(draft, Field::ReferrerUrl, &["mailto:", email].concat()),
        1 => put_text(draft, Field::ReferrerUrl, email),
        2 => put(draft, Field::ReferrerUrl, random.pick(&["0", "404", "false", "[]"])),
        _ => {
            let text = random.pick(&[
                "not-a-url",
                "www.example.com/landing",
                "ftp://files.example.org/list",
                "javascript:alert(1)",
                "(direct)",
                "android-app://com.example.shop",
                "/checkout",
                "http://",
                "https//example.net",
                "http://exa mple.com/",
            ]);
            put_text(draft, Field::ReferrerUrl, text)
        }
    }
}

/// `"High"` for 1, `"low"` for 5.
pub(super) fn priority(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let word = match order.priority {
        1 => random.pick(&["high", "High", "HIGH", "urgent", "Urgent", " urgent "]),
        3 => random.pick(&["medium", "Medium", "MEDIUM", "medium "]),
        5 => random.pick(&["low", "Low", "LOW"]),
        _ => return false,
    };
    put_text(draft, Field::Priority, word)
}
