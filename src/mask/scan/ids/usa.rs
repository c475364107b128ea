//! United States.

use super::{Candidate, Evidence, value};
use crate::mask::scan::kind::{Confidence, Kind};

/// Area, group and serial number; there is no check digit, so other forms than `NNN-NN-NNNN` take a word.
pub(super) fn ssn(id: &Candidate<'_>) -> Option<Evidence> {
    let (area, rest) = id.digits.split_at_checked(3)?;
    let (group, serial) = rest.split_at_checked(2)?;
    let area = value(area);
    let issued = serial.len() == 4 && area != 0 && area != 666 && area < 900 && value(group) != 0 && value(serial) != 0;
    let alone = id.is_written(324, b"--").then_some(Confidence::Medium);
    (issued && (id.shape == 324 || id.is_together())).then_some(Evidence { kind: Kind::UsSsn, alone, words: "ssn ssns social*" })
}
