//! Synthetic orders with the truth about each: what is wrong with it, and whether it is odd.
//!
//! The orders look like those of a web shop that sends to fourteen countries. A share of them has defects: some that a
//! validator repairs, some for which it must reject the record, some that leave no record at all. The truth about each
//! line is known from how the line was made, not from validating it, so that it can contradict the validator.
//!
//! Nobody's data are in here: names come out of two lists, e-mail addresses end in the domains that RFC 2606 keeps for
//! examples, cards are the numbers that their companies publish for tests, accounts the examples of ISO 13616.
//!
//! Memory does not grow with the number of rows, and the same parameters give the same bytes on every target.
//!
//! # Example
//! ```
//! use tamis::generate::{Params, orders};
//! let params = Params { rows: 100, seed: 7, defects: 0.3, anomalies: 0.02 };
//! let mut orders = orders(&params).unwrap();
//! let row = orders.next().unwrap();
//! assert!(row.line.starts_with("{\"order_id\": \"ORD-"));
//! assert!(row.truth.starts_with("{\"line\": 1, \"id\": \"ORD-"));
//! assert_eq!(orders.count(), 99);
//! ```

mod basket;
mod broken;
mod clock;
mod defect;
mod draft;
mod field;
mod json;
mod memory;
mod order;
mod params;
mod people;
mod places;
mod random;
mod repairs;
mod stream;
mod truth;
mod violations;

#[cfg(test)]
mod tests;

pub use params::{Error, Params};
pub use stream::{Orders, Row, Tally};

use std::io::{self, Write};

/// Begins a stream of orders.
///
/// # Errors
/// [`Error`] when a parameter is out of its range.
pub fn orders(params: &Params) -> Result<Orders, Error> {
    params.check()?;
    Ok(Orders::new(*params))
}

/// Writes all orders that are left, and the truth about them, a line each.
///
/// # Errors
/// What the writers say; lines may have been written by then.
///
/// # Example
/// ```
/// use tamis::generate::{Params, orders, write};
/// let params = Params { rows: 50, seed: 1, defects: 0.0, anomalies: 0.0 };
/// let mut lines = Vec::new();
/// let tally = write(orders(&params).unwrap(), &mut lines, &mut std::io::sink()).unwrap();
/// assert_eq!((tally.rows, tally.accepted), (50, 50));
/// assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 50);
/// ```
pub fn write(mut orders: Orders, lines: &mut dyn Write, truth: &mut dyn Write) -> io::Result<Tally> {
    for mut row in &mut orders {
        row.line.push('\n');
        row.truth.push('\n');
        lines.write_all(row.line.as_bytes())?;
        truth.write_all(row.truth.as_bytes())?;
    }
    lines.flush()?;
    truth.flush()?;
    Ok(orders.tally())
}
