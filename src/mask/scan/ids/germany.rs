//! Germany.

use super::{Candidate, Evidence};
use crate::mask::scan::kind::{Confidence, Kind};

/// Eleven digits: among the first ten one digit twice or thrice and no other twice; the last a check (ISO 7064 MOD 11,10).
pub(super) fn steuer_id(id: &Candidate<'_>) -> Option<Evidence> {
    let (check, digits) = id.digits.split_last()?;
    let mut counts = [0_u8; 10];
    for digit in digits {
        *counts.get_mut(usize::from(*digit))? += 1;
    }
    let repeated = counts.iter().filter(|count| **count > 1).count() == 1 && counts.iter().all(|count| *count < 4);
    let product = digits.iter().fold(10, |product, digit| match (product + u32::from(*digit)) % 10 {
        0 => 20 % 11,
        sum => sum * 2 % 11,
    });
    let holds =
        digits.len() == 10 && digits.first() != Some(&0) && repeated && (11 - product) % 10 == u32::from(*check);
    // One number of eleven digits in 260 passes all that.
    let alone = (id.is_together() || id.is_written(2333, b"   ")).then_some(Confidence::Medium);
    let words = "steuer* idnr tin tax* identifikationsnummer* finanzamt elster";
    holds.then_some(Evidence::new(Kind::DeSteuerId, alone, words))
}
