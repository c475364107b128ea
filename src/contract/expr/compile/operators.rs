//! What the operators take, and what they give.

use super::{Compiler, Operand};
use crate::contract::expr::ExprError;
use crate::contract::expr::lex::Binary;
use crate::contract::expr::number::promote;
use crate::contract::expr::program::Op;
use crate::contract::expr::types::Type;

impl Compiler<'_> {
    pub(super) fn operator(
        &mut self,
        operator: Binary,
        left: &Operand,
        right: &Operand,
        column: usize,
    ) -> Result<Type, ExprError> {
        self.promote(left, right);
        let found = match operator {
            Binary::Equal | Binary::NotEqual => {
                if !left.found.compares(&right.found, self.fields) {
                    return Err(cannot_compare(&left.found, &right.found, column));
                }
                Type::Bool
            }
            Binary::In => {
                self.wants(right, right.found.is_list(), "a list")?;
                let item = self.item(&right.found).unwrap_or(Type::Nothing);
                if !left.found.compares(&item, self.fields) || left.found == Type::Null {
                    return Err(cannot_compare(&left.found, &item, column));
                }
                Type::Bool
            }
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                self.wants(left, left.found.is_ordered(), "a number, text or a time")?;
                let both = left.found.is_number() && right.found.is_number();
                self.wants(right, both || right.found.is(&left.found), left.found.name())?;
                Type::Bool
            }
            Binary::Add | Binary::Subtract => self.sum(operator, left, right)?,
            Binary::Multiply | Binary::Divide => {
                self.wants(left, left.found.is_number(), "a number")?;
                self.wants(right, right.found.is_number(), "a number")?;
                arithmetic(&left.found, &right.found)
            }
            Binary::Remainder => {
                self.wants(left, left.found.is(&Type::Int), "an integer")?;
                self.wants(right, right.found.is(&Type::Int), "an integer")?;
                Type::Int
            }
        };
        self.push(Op::Binary(operator));
        Ok(found)
    }

    /// `+` and `-`: numbers, times, and for `+` also text and lists.
    fn sum(&self, operator: Binary, left: &Operand, right: &Operand) -> Result<Type, ExprError> {
        use Type::{Duration, Text, Time};
        let add = operator == Binary::Add;
        let (one, other) = (&left.found, &right.found);
        let found = match (one, other) {
            _ if one.is_number() && other.is_number() => Some(arithmetic(one, other)),
            (Text, Text) if add => Some(Text),
            (Time, Duration) => Some(Time),
            (Duration, Time) if add => Some(Time),
            (Time, Time) if !add => Some(Duration),
            (Duration, Duration) => Some(Duration),
            _ if add && one.is_list() && other.is_list() => one.join(other, self.fields),
            _ => None,
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let wanted = match one {
            Text if add => "text",
            Time | Duration => "a time or a duration that fits",
            _ if add && one.is_list() => "a list of the same kind",
            _ => "a number",
        };
        let known = one.is_number() || matches!(one, Time | Duration) || (add && (*one == Text || one.is_list()));
        self.wants(left, known, wanted)?;
        self.wants(right, false, wanted)?;
        Ok(Type::Nothing)
    }

    /// An integer literal beside a double becomes a double at once, where that is exact.
    fn promote(&mut self, left: &Operand, right: &Operand) {
        let sides = [(left, right, right.start), (right, left, self.program.ops.len())];
        for (literal, other, end) in sides {
            if literal.found != Type::Int || other.found != Type::Double || literal.start + 1 != end {
                continue;
            }
            if let Some(op) = self.program.ops.get_mut(literal.start)
                && let Op::Int(value) = *op
                && value.unsigned_abs() <= 1 << 53
            {
                *op = Op::Double(promote(value));
            }
        }
    }
}

/// Integers stay integers; a double on one side makes the result one.
fn arithmetic(one: &Type, other: &Type) -> Type {
    match (one, other) {
        (Type::Double, _) | (_, Type::Double) => Type::Double,
        (Type::Number, _) | (_, Type::Number) => Type::Number,
        _ => Type::Int,
    }
}

fn cannot_compare(one: &Type, other: &Type, column: usize) -> ExprError {
    ExprError::new(column, format!("cannot compare {} with {}", one.name(), other.name()))
}
