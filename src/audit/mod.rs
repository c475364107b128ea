//! Searches outputs for what the masks removed.
//!
//! # What is looked for
//! Every raw value of a field that the contract masks, of a key that it does not know, and every value that failed its
//! check — unless the record shows it unchanged in its place. What a mask leaves is no finding: a kept prefix, the text
//! around a span that a scan replaced, and a value that the record also shows in another field. Of each value:
//!
//! * the whole, from 4 bytes on. Up to 64 bytes are compared; of a longer one those where it parts from what is shown;
//! * as the contract's repairs, NFC, NFD and NFKC make it;
//! * an e-mail address in it, and what stands before its `@`, if that has 6 letters or digits with a digit or separator
//!   among them, or 8 letters, and is no role such as `support`;
//! * a number of 9 to 19 digits in it with any separators, and without the 1 to 3 digits of a country;
//! * the words of 6 letters and more of a text of several words up to 128 bytes (a name, a street), unless more than one
//!   record in a hundred has that word (and more than 20 have it);
//! * where it is a date or a number of fewer digits: behind the name of its field, as JSON and
//!   logs write it (`"zip":"80237"`), because it stands in every file by chance.
//!
//! A word or a text of letters that the records show by right somewhere, that the contract holds, or that the program
//! itself writes, is nobody's and is no finding. Less than 4 bytes are never looked for.
//!
//! # In which form
//! Letter case and the separators blank, `+`, `_`, `-`, `.` are no difference. The output is read as it is, without the
//! escapes of JSON, HTML and URLs (two layers), from hexadecimal digits, and from base64 in both alphabets at any alignment. MD5,
//! SHA-1 and SHA-256 of the value, as it came, trimmed, in small letters, repaired, and of its digits, are found in
//! hexadecimal digits or base64.
//!
//! A find begins where a word begins (except in what was decoded), and ends where one ends unless it has 12 bytes and
//! more than letters.
//!
//! # How
//! No value is kept, only fingerprints under a key that is forgotten with the audit: 16 bytes each, in a table of a
//! given size. What is too much for it is for another pass.

mod digest;
mod digits;
mod encoded;
mod fold;
mod form;
mod index;
mod layers;
mod letters;
mod needles;
mod outputs;
#[cfg(test)]
mod plain;
mod print;
mod removed;
mod repeats;
mod runs;
mod scan;
mod set;
mod tally;
#[cfg(test)]
mod tests;
mod unescape;

pub(crate) use outputs::Output;
pub(crate) use removed::{Noter, Notes};
pub(crate) use tally::{Audit, Report};
