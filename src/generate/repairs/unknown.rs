//! Members that the contract does not know. Many hold personal data, which is why they are dropped.

use crate::generate::draft::{Draft, Spot};
use crate::generate::json::push_text;
use crate::generate::order::Order;
use crate::generate::people;
use crate::generate::random::Random;
use std::fmt::Write;

/// Adds one member, nearly always at the end.
pub(super) fn member(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    // A name twice in an object would be another defect, so each order gets one such member at most.
    if draft.has_unknown() {
        return false;
    }
    let spot = random.pick(&[Some(Spot::First), Some(Spot::InShipping), None, None, None]);
    draft.add_unknown(spot.unwrap_or(Spot::Last), text(order, random));
    true
}

fn text(order: &Order, random: &mut Random) -> String {
    let customer = &order.customer;
    let (key, value) = match random.below(12) {
        0 => ("customer_name", full_name(order)),
        1 => ("phone", people::phone(random)),
        2 => ("ip_address", format!("203.0.113.{}", random.between(1, 254))),
        3 => ("note", format!("please call {} on {}", full_name(order), people::phone(random))),
        4 => ("billing_email", people::stranger(random)),
        5 => ("user_agent", "Mozilla/5.0 (X11; Linux x86_64)".into()),
        6 => {
            let (month, day) = (random.between(1, 12), random.between(1, 28));
            ("date_of_birth", format!("{}-{month:02}-{day:02}", random.between(1940, 2006)))
        }
        7 => ("warehouse", random.pick(&["north", "south", "west"]).into()),
        8 => {
            return format!("\"loyalty\": {{\"member\": true, \"since\": {}}}", random.between(2010, 2024));
        }
        9 => return format!("\"_rev\": {}", random.between(1, 40)),
        10 => {
            let mut member = String::from("\"contact\": {\"email\": ");
            push_text(&customer.email, &mut member);
            let _ = write!(member, ", \"phones\": [\"{}\", \"{}\"]}}", people::phone(random), people::phone(random));
            return member;
        }
        // Not only values name people.
        _ => return format!("\"{}\": \"copy\"", people::stranger(random)),
    };
    let mut member = format!("\"{key}\": ");
    push_text(&value, &mut member);
    member
}

fn full_name(order: &Order) -> String {
    let capital = |name: &str| {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    [capital(order.customer.first), capital(order.customer.last)].join(" ")
}
