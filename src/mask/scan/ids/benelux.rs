//! Belgium and the Netherlands.

use super::{Candidate, Evidence, all_same, is_day, value, weighted};
use crate::mask::scan::kind::{Confidence, Kind};

/// Nine digits of which the weighted sum is a multiple of 11, the last counting against it.
pub(super) fn bsn(id: &Candidate<'_>) -> Option<Evidence> {
    let (last, digits) = id.digits.split_last()?;
    let sum = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    let holds = digits.len() == 8 && sum % 11 == u32::from(*last) % 11 && !all_same(id.digits);
    let words = "bsn burgerservice* sofi* persoonsnummer";
    (holds && id.groups <= 4).then_some(Evidence::new(Kind::NlBsn, None, words))
}

/// The date of birth, a serial number, and 97 less the rest of it all; with a 2 before for those born from 2000 on.
pub(super) fn nrn(id: &Candidate<'_>) -> Option<Evidence> {
    let (number, check) = id.digits.split_at_checked(9)?;
    let check_fits = |number: u64| 97 - number % 97 == value(check);
    let holds = check.len() == 2 && (check_fits(value(number)) || check_fits(value(number) + 2_000_000_000));
    // Numbers for those who do not live there count 20 or 40 months more.
    let month = value(number.get(2..4)?);
    let born = month < 60 && is_day(month % 20, value(number.get(4..6)?));
    let own = id.is_written(22_232, b"..-.");
    let alone = if own { Some(Confidence::High) } else { id.is_together().then_some(Confidence::Medium) };
    let words = "rijksregister* registre national* nationaal insz niss nrn";
    (holds && born).then_some(Evidence::new(Kind::BeNrn, alone, words))
}
