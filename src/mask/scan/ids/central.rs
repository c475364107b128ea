//! Austria, Czechia and Slovakia, Poland, Switzerland.

use super::{Candidate, Evidence, is_day, value, weighted};
use crate::mask::scan::kind::{Confidence, Kind};

/// The country 756, nine digits, and the check digit of an EAN.
pub(super) fn ahv(id: &Candidate<'_>) -> Option<Evidence> {
    let (check, digits) = id.digits.split_last()?;
    let sum = weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
    let holds = digits.len() == 12 && digits.starts_with(&[7, 5, 6]) && (10 - sum % 10) % 10 == u32::from(*check);
    let own = id.is_written(3442, b"...") || id.is_written(3442, b"   ") || id.is_written(3442, b"---");
    let alone = if own { Some(Confidence::High) } else { id.is_together().then_some(Confidence::Medium) };
    holds.then_some(Evidence::new(Kind::ChAhv, alone, "ahv* avs oasi sozialversicherung*"))
}

/// The date of birth, a slash, three digits, and since 1954 one more, which makes the whole a multiple of 11.
pub(super) fn rodne_cislo(id: &Candidate<'_>) -> Option<Evidence> {
    let width = id.digits.len();
    // Women count 50 months more; where the numbers of a day ran out, another 20.
    let month = value(id.digits.get(2..4)?) % 50;
    let month = if month > 20 { month - 20 } else { month };
    let born = is_day(month, value(id.digits.get(4..6)?));
    let (last, number) = id.digits.split_last()?;
    let old = value(number) % 11 == 10 && *last == 0;
    let holds = born && (width == 9 || width == 10 && (value(id.digits).is_multiple_of(11) || old));
    let own = id.is_written(64, b"/");
    let alone = own.then_some(Confidence::Medium);
    let words = "rc rodne* cislo cisla birth personal";
    let grouped = own || id.is_written(63, b"/") || id.is_together();
    (holds && grouped).then_some(Evidence::new(Kind::CzRodneCislo, alone, words))
}

/// A serial number, its check digit, and the date of birth.
pub(super) fn svnr(id: &Candidate<'_>) -> Option<Evidence> {
    let [first, _, _, check, birth @ ..] = id.digits else { return None };
    let (day, month) = (value(birth.get(..2)?), value(birth.get(2..4)?));
    // Where the numbers of a day run out, it is put into a thirteenth month and those after it.
    let born = is_day(month, day) || (13..=15).contains(&month) && (1..=31).contains(&day);
    let sum = weighted(id.digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    let holds = birth.len() == 6 && *first != 0 && born && sum % 11 == u32::from(*check);
    let alone = id.is_written(46, b" ").then_some(Confidence::Low);
    let words = "svnr sv svn sozialversicherung* versicherungsnummer* vsnr ecard";
    (holds && id.groups <= 5).then_some(Evidence::new(Kind::AtSvnr, alone, words))
}

/// The date of birth with the century in its month, a serial number, and a check digit.
pub(super) fn pesel(id: &Candidate<'_>) -> Option<Evidence> {
    let (check, digits) = id.digits.split_last()?;
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    let born = is_day(value(digits.get(2..4)?) % 20, value(digits.get(4..6)?));
    let holds = digits.len() == 10 && born && (10 - sum % 10) % 10 == u32::from(*check);
    let words = "pesel* ewidencyjny identyfikacyjny";
    (holds && id.groups <= 4).then_some(Evidence::new(Kind::PlPesel, None, words))
}
