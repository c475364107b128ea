//! Dates that are not in any calendar, that no program can read, or that two people read differently.

use crate::generate::clock::Moment;
use crate::generate::draft::Draft;
use crate::generate::field::Field;
use crate::generate::order::Order;
use crate::generate::random::Random;

fn put(draft: &mut Draft, text: &str, code: &'static str) -> bool {
    let free = draft.claim(Field::CreatedAt);
    if free {
        draft.text(Field::CreatedAt, text);
        draft.fault(Field::CreatedAt, code);
    }
    free
}

/// Month 13, 30 February, second 60.
pub(super) fn impossible(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let mut clock = String::new();
    Moment::new(order.at).write_clock(&mut clock);
    let text = match random.below(9) {
        0 => format!("2025-13-01T{clock}Z"),
        1 => format!("2025-00-10T{clock}Z"),
        2 => format!("2025-02-30T{clock}Z"),
        3 => format!("2025-02-29 {clock}"),
        4 => "31.04.2025".into(),
        5 => "2025-03-14T25:00:00Z".into(),
        6 => "2025-03-14T10:61:00Z".into(),
        7 => "2025-03-14T10:59:60Z".into(),
        _ => format!("2025-03-14T{clock}+24:00"),
    };
    put(draft, &text, "datetime")
}

/// `"yesterday"`, `"Jan 10, 2025"`.
pub(super) fn unreadable(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let text = random.pick(&[
        "yesterday",
        "Jan 10, 2025",
        "10 January 2025",
        "2025-1-5",
        "20250110",
        "2025-W03-5",
        "soon",
        "25-01-10",
        "2025-01-10T",
        "2025-01-10T9:15",
        "10/01",
        "13/02/2025",
    ]);
    put(draft, text, "datetime")
}

/// `01/02/2025`: the first of February, or the second of January.
pub(super) fn ambiguous(draft: &mut Draft, _: &mut Order, random: &mut Random) -> bool {
    let first = random.between(1, 12);
    let second = (first + random.between(0, 10)) % 12 + 1;
    let mut text = format!("{first:02}/{second:02}/2025");
    if random.chance(0.3) {
        text.push_str(" 10:30");
    }
    put(draft, &text, "ambiguous_date")
}
