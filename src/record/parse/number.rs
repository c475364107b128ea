//! Numbers, which keep their text beside their value.

use super::{Malformed, Parser};
use crate::record::document::Value;

impl Parser<'_> {
    pub(super) fn number(&mut self) -> Result<Value, Malformed> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(self.syntax("a digit")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = Self::span(start, self.at);
        // The grammar above is a subset of what `f64` reads, correctly rounded; beyond its range it gives infinity,
        // which the contract refuses where it knows the field.
        let value = self.doc.str(text).parse().unwrap_or(f64::NAN);
        Ok(Value::Number { text, value })
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.syntax("a digit"));
        }
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        Ok(())
    }
}
