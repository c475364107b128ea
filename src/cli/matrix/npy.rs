//! NumPy's array format (NEP 1): versions 1 to 3, every kind of number, both orders.

use super::columns::{Asked, Columns, Great};
use super::csv::is_rounded;
use super::{MOST_CELLS, Mark, Row, Rows, made_up};
use anyhow::{Context, Result, bail};
use std::io::{BufReader, Read};

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header, in bytes: numpy's own limit for what it reads without being told that the file is trusted is 10,000.
const LONGEST_HEADER: usize = 1 << 16;
/// Most columns, so that one row stays small.
const MOST_COLUMNS: usize = 1 << 20;

/// What stands in front of an array's numbers.
pub(super) struct Header {
    kind: u8,
    size: usize,
    big: bool,
    fortran: bool,
    shape: Vec<usize>,
}

/// Reads a lone array; its label, if there is one, is a column.
pub(super) fn read_array(
    reader: impl Read,
    asked: &Asked<'_>,
    say: &mut dyn FnMut(&str),
    to: &mut dyn Rows,
) -> Result<()> {
    let mut reader = BufReader::with_capacity(1 << 17, reader);
    let header = Header::read(&mut reader)?;
    let (_, columns) = header.table()?;
    asked.only_label()?;
    let names = made_up(columns);
    let columns = Columns::find(asked, &names, false, say)?;
    to.begin(columns.features.clone())?;
    let mut row = Vec::new();
    let mut great = Great::among(names.len());
    let watched = columns.single && header.has_great();
    header.rows(&mut reader, &mut |line, values| {
        if watched {
            see_great(values, &mut great);
        }
        let label = columns.take(values, &mut row);
        to.row(&Row { line, values: &row, mark: Mark { label, ..Mark::default() } })
    })?;
    great.tell(&names, say);
    Ok(())
}

/// Notes the integers of a row that were perhaps rounded.
pub(super) fn see_great(values: &[f64], great: &mut Great) {
    values.iter().enumerate().filter(|(_, value)| is_rounded(**value)).for_each(|(at, _)| great.see(at));
}

impl Header {
    pub(super) fn read(reader: &mut impl Read) -> Result<Self> {
        let mut start = [0; 8];
        reader.read_exact(&mut start).context("the array is cut short")?;
        let version = start.get(6).copied().unwrap_or_default();
        if !start.starts_with(MAGIC) {
            bail!("the array does not begin as NumPy's do");
        }
        let mut length = [0; 4];
        let known = match version {
            1 => reader.read_exact(length.split_at_mut(2).0),
            2 | 3 => reader.read_exact(&mut length),
            _ => bail!("version {version} of NumPy's array format is not known"),
        };
        known.context("the array is cut short")?;
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST_HEADER {
            bail!("the array's header is longer than {LONGEST_HEADER} bytes");
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text).context("the array is cut short")?;
        Self::parse(&String::from_utf8_lossy(&text))
    }

    /// Reads the literal of a Python dictionary with `descr`, `fortran_order` and `shape`.
    fn parse(text: &str) -> Result<Self> {
        let after = |key: &str| {
            let quoted = [format!("'{key}'"), format!("\"{key}\"")];
            let found = quoted.iter().find_map(|key| text.split_once(key.as_str()));
            let value = found.and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
            value.map(str::trim_start).with_context(|| format!("the array's header has no {key}"))
        };
        let descr = after("descr")?;
        let Some(name) = descr.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next()) else {
            bail!("the array holds records of several fields, not numbers");
        };
        let (order, rest) = match name.split_at_checked(1) {
            Some((order @ ("<" | ">" | "|" | "="), rest)) => (order, rest),
            _ => ("=", name),
        };
        let (kind, size) = rest.split_at_checked(1).unwrap_or(("", ""));
        let (kind, size) = match (kind, size) {
            ("b", "1") => (b'u', 1),
            ("i" | "u", "1" | "2" | "4" | "8") | ("f", "2" | "4" | "8") => {
                (kind.bytes().next().unwrap_or_default(), size.parse()?)
            }
            ("O", _) => bail!("the array holds Python objects, which would have to be unpickled: that is never done"),
            _ => bail!("the array holds {name:?}, which are no real numbers of up to 64 bits"),
        };
        let fortran = after("fortran_order")?;
        let Some((inside, _)) = after("shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
            bail!("the array's header has no shape");
        };
        let sizes = inside.split(',').map(str::trim).filter(|size| !size.is_empty());
        let shape: Vec<usize> = sizes
            .map(|size| size.trim_end_matches('L').parse().with_context(|| "the array's shape is no list of sizes"))
            .collect::<Result<_>>()?;
        Ok(Self { kind, size, big: order == ">", fortran: fortran.starts_with("True"), shape })
    }

    /// Bytes of a number.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether integers may be greater than single floats hold.
    pub(super) fn has_great(&self) -> bool {
        matches!(self.kind, b'i' | b'u') && self.size > 2
    }

    /// Rows and columns; a list is a column.
    pub(super) fn table(&self) -> Result<(usize, usize)> {
        let (rows, columns) = match *self.shape {
            [rows] => (rows, 1),
            [rows, columns] => (rows, columns),
            _ => bail!("the array has {} dimensions, a matrix has two", self.shape.len()),
        };
        if columns == 0 || columns > MOST_COLUMNS {
            bail!("the array has {columns} columns, a matrix has 1 to {MOST_COLUMNS}");
        }
        Ok((rows, columns))
    }

    /// Hands over the rows with their positions counted from 1, and proves that nothing follows them.
    pub(super) fn rows(&self, reader: &mut impl Read, each: &mut dyn FnMut(u64, &[f64]) -> Result<()>) -> Result<()> {
        let (rows, columns) = self.table()?;
        if self.fortran && columns > 1 && rows > 1 {
            let cells = self.cells(reader)?;
            let mut row = Vec::with_capacity(columns);
            for at in 0..rows {
                row.clear();
                row.extend(cells.chunks_exact(self.size).skip(at).step_by(rows).map(|bytes| self.value(bytes)));
                each(at as u64 + 1, &row)?;
            }
            return Ok(());
        }
        let mut bytes = vec![0; columns * self.size];
        let mut row = Vec::with_capacity(columns);
        for at in 0..rows {
            reader.read_exact(&mut bytes).with_context(|| format!("the array ends before its row {}", at + 1))?;
            row.clear();
            row.extend(bytes.chunks_exact(self.size).map(|bytes| self.value(bytes)));
            each(at as u64 + 1, &row)?;
        }
        ends(reader)
    }

    /// The bytes of all numbers as they stand in the file; memory grows with what is there, not with what the header says.
    pub(super) fn cells(&self, reader: &mut impl Read) -> Result<Vec<u8>> {
        let (rows, columns) = self.table()?;
        let Some(count) = rows.checked_mul(columns).filter(|count| *count <= MOST_CELLS) else {
            bail!("the array has {rows} rows of {columns}: more than the {MOST_CELLS} numbers that are held in memory");
        };
        let length = count * self.size;
        let mut cells = Vec::new();
        reader.by_ref().take(length as u64).read_to_end(&mut cells)?;
        if cells.len() < length {
            bail!("the array ends within its first {count} numbers");
        }
        ends(reader)?;
        Ok(cells)
    }

    #[allow(clippy::cast_precision_loss, reason = "the nearest double, as NumPy's own conversion")]
    pub(super) fn value(&self, bytes: &[u8]) -> f64 {
        let mut raw = [0; 8];
        let places = raw.iter_mut().zip(bytes.iter().rev());
        // The number's bytes from the highest on, at the low end of the eight.
        if self.big {
            raw.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
        } else {
            places.for_each(|(to, byte)| *to = *byte);
        }
        let unused = 64 - 8 * bytes.len().min(8);
        let high = u64::from_be_bytes(raw);
        let bits = high >> unused;
        match (self.kind, self.size) {
            (b'f', 2) => f64::from(half(bits)),
            (b'f', 4) => f64::from(f32::from_bits(u32::try_from(bits).unwrap_or_default())),
            (b'f', _) => f64::from_bits(bits),
            (b'i', _) => (high.cast_signed() >> unused) as f64,
            _ => bits as f64,
        }
    }
}

fn ends(reader: &mut impl Read) -> Result<()> {
    // Reading past the last byte also makes an archive check its sum.
    match reader.read(&mut [0])? {
        0 => Ok(()),
        _ => bail!("bytes follow the array's last number"),
    }
}

/// A number of IEEE 754's half precision.
fn half(bits: u64) -> f32 {
    let bits = u16::try_from(bits & 0xFFFF).unwrap_or_default();
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (bits >> 10 & 0x1F, f32::from(bits & 0x3FF));
    let size = match exponent {
        0 => fraction / 16_777_216.0,
        31 if fraction > 0.0 => f32::NAN,
        31 => f32::INFINITY,
        // 2^(exponent − 15), from its bits.
        _ => (1.0 + fraction / 1024.0) * f32::from_bits((u32::from(exponent) + 112) << 23),
    };
    sign * size
}

#[cfg(test)]
mod tests {
    use super::Header;

    fn values(descr: &str, bytes: &[u8]) -> Vec<f64> {
        let header =
            Header::parse(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}")).unwrap();
        let mut found = Vec::new();
        header
            .rows(&mut &*bytes, &mut |_, row| {
                found.extend_from_slice(row);
                Ok(())
            })
            .unwrap();
        found
    }

    #[test]
    fn every_kind_of_number_is_read() {
        for (descr, bytes) in [
            ("|b1", &[1, 0][..]),
            ("|u1", &[1, 0]),
            ("|i1", &[1, 0]),
            ("<u2", &[1, 0, 0, 0]),
            (">i4", &[0, 0, 0, 1, 0, 0, 0, 0]),
            ("<i8", &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("<f2", &[0, 0x3C, 0, 0]),
            (">f4", &[0x3F, 0x80, 0, 0, 0, 0, 0, 0]),
            ("<f8", &[0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(values(descr, bytes), [1.0, 0.0], "{descr}");
        }
        assert_eq!(values("|i1", &[0xFF, 0x80]), [-1.0, -128.0]);
        assert_eq!(values(">u2", &[0xFF, 0xFE, 0, 7]), [65534.0, 7.0]);
        assert_eq!(
            values("<f2", &[0x55, 0x35, 1, 0x80]),
            [f64::from(0.333_251_95_f32), f64::from(-5.960_464_5e-8_f32)]
        );
        assert!(
            values("<f2", &[0, 0xFC, 1, 0x7E])
                .iter()
                .zip([f64::NEG_INFINITY, f64::NAN])
                .all(|(a, b)| a.total_cmp(&b).is_eq() || a.is_nan())
        );
        assert_eq!(
            values("<f8", &[&1e300_f64.to_le_bytes()[..], &(-1e300_f64).to_le_bytes()].concat()),
            [1e300, -1e300]
        );
    }

    #[test]
    fn what_is_no_matrix_of_numbers_is_refused() {
        for (header, says) in [
            ("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", "never done"),
            ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,), }", "several fields"),
            ("{'descr': '<c16', 'fortran_order': False, 'shape': (3,), }", "no real numbers"),
            ("{'descr': '<U5', 'fortran_order': False, 'shape': (3,), }", "no real numbers"),
            ("{'descr': '<f8', 'shape': (3,), }", "fortran_order"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (x,), }", "no list of sizes"),
            ("{}", "descr"),
        ] {
            let error = Header::parse(header).err().unwrap();
            assert!(format!("{error:#}").contains(says), "{header}: {error:#}");
        }
        let shaped = |shape: &str| {
            Header::parse(&format!("{{'descr': '<f8', 'fortran_order': True, 'shape': {shape}}}")).unwrap()
        };
        for (shape, says) in [("()", "0 dimensions"), ("(2, 3, 4)", "3 dimensions"), ("(2, 0)", "0 columns")] {
            assert!(shaped(shape).table().unwrap_err().to_string().contains(says), "{shape}");
        }
        // A header that promises more than there is costs no memory, and is told.
        for shape in ["(100000000, 2)", "(1000000000000, 1000)", "(18446744073709551615, 2)"] {
            assert!(shaped(shape).cells(&mut &[0_u8; 64][..]).is_err());
        }
        let short = shaped("(3, 3)").rows(&mut &[0_u8; 80][..], &mut |_, _| Ok(()));
        assert!(short.is_err());
    }
}
