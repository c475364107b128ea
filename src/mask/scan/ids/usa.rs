//! United States.

use super::{Candidate, Evidence, value};
use crate::mask::scan::kind::{Confidence, Kind};

/// Area, group and serial number; there is no check digit, so other forms than `NNN-NN-NNNN`, with dashes or
/// spaces, take a word.
pub(super) fn ssn(id: &Candidate<'_>) -> Option<Evidence> {
    let (area, rest) = id.digits.split_at_checked(3)?;
    let (group, serial) = rest.split_at_checked(2)?;
    let area = value(area);
    let issued = serial.len() == 4 && area != 0 && area != 666 && area < 900 && value(group) != 0 && value(serial) != 0;
    let dashed = id.is_written(324, b"--").then_some(Confidence::Medium);
    let alone = dashed.or_else(|| id.is_written(324, b"  ").then_some(Confidence::Low));
    // With spaces between it may be numbers of an address, or a telephone's.
    let unless = if dashed.is_some() {
        ""
    } else {
        "suite apt apartment unit floor room box tel* phone* call* fax mobile* cell*"
    };
    let evidence = Evidence { kind: Kind::UsSsn, alone, words: "ssn ssns social*", unless };
    (issued && (id.shape == 324 || id.is_together())).then_some(evidence)
}
