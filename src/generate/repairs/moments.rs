//! Points in time in other forms than RFC 3339 in UTC.

use crate::generate::clock::Moment;
use crate::generate::draft::Draft;
use crate::generate::field::Field;
use crate::generate::order::Order;
use crate::generate::random::Random;
use std::fmt::Write;

/// Claims the field and writes the moment as text.
fn write(draft: &mut Draft, order: &Order, form: impl FnOnce(Moment, &mut String)) -> bool {
    if !draft.claim(Field::CreatedAt) {
        return false;
    }
    draft.with(Field::CreatedAt, |out| {
        out.push('"');
        form(Moment::new(order.at), out);
        out.push('"');
    });
    true
}

/// `2025-01-11`.
pub(super) fn date_alone(draft: &mut Draft, order: &mut Order, _: &mut Random) -> bool {
    write(draft, order, |moment, out| moment.write_date('-', out))
}

/// `11.1.2025`, `11.01.2025 12:00`.
pub(super) fn dotted(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    write(draft, order, |moment, out| {
        let Moment { year, month, day, .. } = moment;
        let _ = match random.below(2) {
            0 => write!(out, "{day}.{month}.{year}"),
            _ => write!(out, "{day:02}.{month:02}.{year}"),
        };
        match random.below(3) {
            0 => {}
            1 => {
                let _ = write!(out, " {:02}:{:02}", moment.hour, moment.minute);
            }
            _ => {
                out.push(' ');
                moment.write_clock(out);
            }
        }
    })
}

/// `2025/01/11 12:00:00`.
pub(super) fn slashed(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    write(draft, order, |moment, out| {
        moment.write_date('/', out);
        if random.chance(0.7) {
            out.push(random.pick(&[' ', 'T']));
            moment.write_clock(out);
            out.push_str(random.pick(&["", "Z"]));
        }
    })
}

/// `2025-01-11 12:00:00`, `2025-01-11T12:00`.
pub(super) fn no_zone(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    write(draft, order, |moment, out| {
        let mark = random.pick(&[' ', 'T']);
        moment.write_plain(mark, out);
        match random.below(4) {
            // Without the seconds.
            0 => out.truncate(out.len() - 3),
            1 => out.push_str(".250"),
            _ => {}
        }
    })
}

/// `2025-01-11T13:00:00+01:00`: the same moment on another clock.
pub(super) fn zone_offset(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    let (minutes, zones) = random.pick(&[
        (60, ["+01:00", "+0100"]),
        (120, ["+02:00", "+0200"]),
        (-300, ["-05:00", "-0500"]),
        (-480, ["-08:00", "-0800"]),
        (330, ["+05:30", "+0530"]),
    ]);
    write(draft, order, |_, out| {
        Moment::new(order.at + minutes * 60).write_plain(random.pick(&['T', 'T', ' ']), out);
        out.push_str(random.pick(&zones));
    })
}

/// `1736596800`.
pub(super) fn epoch_seconds(draft: &mut Draft, order: &mut Order, _: &mut Random) -> bool {
    draft.claim(Field::CreatedAt) && {
        draft.json(Field::CreatedAt, &order.at.to_string());
        true
    }
}

/// `1736596800000`.
pub(super) fn epoch_milliseconds(draft: &mut Draft, order: &mut Order, random: &mut Random) -> bool {
    draft.claim(Field::CreatedAt) && {
        let milliseconds = random.between(0, 999);
        draft.with(Field::CreatedAt, |out| {
            let _ = write!(out, "{}{milliseconds:03}", order.at);
        });
        true
    }
}
