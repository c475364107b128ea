//! What an input is, by its first bytes: the one place that tells bare numbers from records.

use super::{csv, npy};
use crate::cli::args::Records;
use crate::cli::input;
use crate::cli::setup;
use crate::record::Format;
use anyhow::{Result, bail};
use std::path::Path;

/// What an input's first bytes say of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Npz,
    Npy,
    Csv,
    /// No JSON and no CSV that begins with numbers: records as CSV, or a table with something wrong in it.
    Doubtful,
    Empty,
    Records,
}

/// Whether the inputs are matrices and not records. With a contract they are records. What could be both is numbers where
/// they are `expected` and no header speaks for the built-in contract.
pub(in crate::cli) fn are_matrices(records: &Records, expected: impl Fn() -> Result<bool>) -> Result<bool> {
    if records.contract.is_some() {
        return Ok(false);
    }
    let one = |path: &std::path::PathBuf| {
        let (kind, head) = of(path, records)?;
        Ok(match kind {
            Kind::Npz | Kind::Npy | Kind::Csv => true,
            Kind::Records => false,
            Kind::Doubtful => !is_of_orders(&head)? && expected()?,
            Kind::Empty => expected()?,
        })
    };
    let kinds: Vec<bool> = records.inputs.iter().map(one).collect::<Result<_>>()?;
    match (kinds.iter().any(|matrix| *matrix), kinds.iter().all(|matrix| *matrix)) {
        (true, false) => bail!("some inputs are bare matrices and some are records: give them to separate commands"),
        (any, _) => Ok(any),
    }
}

/// The kind of an input, and its beginning.
pub(super) fn of(path: &Path, records: &Records) -> Result<(Kind, Vec<u8>)> {
    let format = input::format(path, records.format);
    if matches!(format, Format::Ndjson | Format::Json) && records.format.is_some() {
        return Ok((Kind::Records, Vec::new()));
    }
    let head = input::head(path)?;
    Ok((sniff(&head, format), head))
}

fn sniff(head: &[u8], format: Format) -> Kind {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Kind::Npz;
    }
    if head.starts_with(npy::MAGIC) {
        return Kind::Npy;
    }
    if matches!(format, Format::Ndjson | Format::Json) {
        return Kind::Records;
    }
    match head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start().first() {
        None => Kind::Empty,
        Some(b'{' | b'[') if format != Format::Csv => Kind::Records,
        Some(_) if csv::is_matrix(head) => Kind::Csv,
        Some(_) => Kind::Doubtful,
    }
}

/// Whether at least half of a header's names are fields of the built-in contract.
fn is_of_orders(head: &[u8]) -> Result<bool> {
    let names = csv::first(head);
    let contract = setup::contract(None)?;
    let field = |name: &String| {
        let pointer = format!("/{}", name.replace('.', "/"));
        contract.paths().any(|path| path == pointer)
    };
    Ok(2 * names.iter().filter(|name| field(name)).count() >= names.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::{Kind, is_of_orders, sniff};
    use crate::record::Format;

    #[test]
    fn the_first_bytes_tell_numbers_from_records() {
        for (head, kind) in [
            ("1,2\n3,4\n", Kind::Csv),
            ("a,b\n3,4\n", Kind::Csv),
            ("\u{feff}\n\"a\";b\r\n3;4", Kind::Csv),
            ("1\n2\n", Kind::Csv),
            ("1,2,true\n", Kind::Csv),
            ("a,b,y\n1,2,False\n", Kind::Csv),
            ("PK\u{3}\u{4}", Kind::Npz),
            ("{\"a\":1}\n", Kind::Records),
            (" [1,2]", Kind::Records),
            ("\u{feff}{}", Kind::Records),
            ("a,b\n1,x\n", Kind::Doubtful),
            ("a,b\n", Kind::Doubtful),
            ("true,false\n", Kind::Doubtful),
            ("\n \n", Kind::Empty),
            ("", Kind::Empty),
        ] {
            assert_eq!(sniff(head.as_bytes(), Format::Auto), kind, "{head:?}");
        }
        assert_eq!(sniff(b"1,2\n", Format::Ndjson), Kind::Records);
        assert!(is_of_orders(b"order_id,quantity,unit_price,note\nx").unwrap());
        assert!(!is_of_orders(b"a,b,quantity\n1,2,x\n").unwrap());
    }
}
