//! Tokens -> program, in one go: names are resolved and types checked while the steps are written.

mod calls;
mod macros;
mod operators;
mod paths;
#[cfg(test)]
mod tests;

use super::lex::{self, Binary, Token};
use super::program::{Op, Program};
use super::types::{Fields, Type, Wanted};
use super::{ExprError, MOST_DEPTH};

/// A part of the expression whose steps are written.
struct Operand {
    found: Type,
    /// Where it starts in the text.
    column: usize,
    /// Its first step.
    start: usize,
}

struct Compiler<'f> {
    fields: &'f dyn Fields,
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
    program: Program,
    /// The variables of the loops around, the outermost first.
    scope: Vec<(String, Type)>,
}

pub(super) fn compile(source: &str, fields: &dyn Fields, wanted: Wanted) -> Result<Program, ExprError> {
    let tokens = lex::tokens(source)?;
    let mut compiler = Compiler { fields, tokens, at: 0, depth: 0, program: Program::default(), scope: Vec::new() };
    let whole = compiler.expr()?;
    if *compiler.peek() != Token::End {
        return Err(compiler.error("expected an operator or the end"));
    }
    compiler.result(&whole, wanted)?;
    compiler.program.truth = whole.found == Type::Bool;
    Ok(compiler.program)
}

impl Compiler<'_> {
    /// The whole expression has to give what it is for.
    fn result(&mut self, whole: &Operand, wanted: Wanted) -> Result<(), ExprError> {
        let number = wanted == Wanted::Number;
        // An enumeration serves as a number by its position, where a number is wanted and text is not.
        if let (true, [Op::Field(field, _)]) = (number, self.program.ops.as_slice())
            && whole.found == Type::Text
            && self.fields.is_enum(*field)
        {
            let position = Op::Position(*field);
            self.program.ops.push(position);
            return Ok(());
        }
        let good = whole.found.is(&Type::Bool) || (number && whole.found.is_number());
        let names = if number { "a number or true or false" } else { "true or false" };
        if good {
            return Ok(());
        }
        Err(ExprError::new(whole.column, format!("gives {}, but {names} is wanted", whole.found.name())))
    }

    fn peek(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> &Token {
        self.tokens.get(self.at + count).map_or(&Token::End, |(token, _)| token)
    }

    /// The column of the token that comes next.
    fn column(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(_, column)| *column)
    }

    fn error(&self, message: impl Into<String>) -> ExprError {
        ExprError::new(self.column(), message)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn eat(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == wanted;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &Token, name: &str) -> Result<(), ExprError> {
        if self.eat(wanted) { Ok(()) } else { Err(self.error(format!("expected {name}"))) }
    }

    /// The place of the next step, as jumps name it. The count of tokens bounds it.
    fn here(&self) -> u32 {
        u32::try_from(self.program.ops.len()).unwrap_or(u32::MAX)
    }

    fn push(&mut self, op: Op) -> usize {
        self.program.ops.push(op);
        self.program.ops.len() - 1
    }

    /// Writes a jump once its goal is known.
    fn patch(&mut self, at: usize, op: Op) {
        if let Some(slot) = self.program.ops.get_mut(at) {
            *slot = op;
        }
    }

    /// `condition ? one : other`, or what binds tighter. All nesting goes through here.
    fn expr(&mut self) -> Result<Operand, ExprError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(self.error(format!("nested deeper than {MOST_DEPTH}")));
        }
        let mut whole = self.or()?;
        let column = self.column();
        if self.eat(&Token::Question) {
            self.wants(&whole, whole.found.is(&Type::Bool), "true or false")?;
            let branch = self.push(Op::Null);
            let one = self.or()?;
            self.expect(&Token::Colon, "a colon and the other value")?;
            let jump = self.push(Op::Null);
            let otherwise = self.here();
            let other = self.expr()?;
            let end = self.here();
            self.patch(branch, Op::Branch(otherwise, end));
            self.patch(jump, Op::Jump(end));
            whole.found = one.found.join(&other.found, self.fields).ok_or_else(|| {
                let (one, other) = (one.found.name(), other.found.name());
                ExprError::new(column, format!("gives {one} or {other}, but both sides must have one type"))
            })?;
        }
        self.depth -= 1;
        Ok(whole)
    }

    fn or(&mut self) -> Result<Operand, ExprError> {
        let left = self.and()?;
        self.chain(left, &Token::Or, Op::Or, true, Self::and)
    }

    fn and(&mut self) -> Result<Operand, ExprError> {
        let left = self.binary(0)?;
        self.chain(left, &Token::And, Op::And, false, |compiler| compiler.binary(0))
    }

    /// `left && right && …`: where the left side decides, the right one is passed over.
    fn chain(
        &mut self,
        left: Operand,
        token: &Token,
        op: Op,
        decides: bool,
        side: impl Fn(&mut Self) -> Result<Operand, ExprError>,
    ) -> Result<Operand, ExprError> {
        let mut left = left;
        while self.eat(token) {
            self.wants(&left, left.found.is(&Type::Bool), "true or false")?;
            let skip = self.push(Op::Null);
            let right = side(self)?;
            self.wants(&right, right.found.is(&Type::Bool), "true or false")?;
            self.push(op);
            let end = self.here();
            self.patch(skip, Op::Skip(decides, end));
            left.found = Type::Bool;
        }
        Ok(left)
    }

    fn binary(&mut self, least: u8) -> Result<Operand, ExprError> {
        let mut left = self.unary()?;
        while let &Token::Operator(operator) = self.peek() {
            let strength = strength(operator);
            if strength <= least {
                break;
            }
            let column = self.column();
            self.at += 1;
            let right = self.binary(strength)?;
            left.found = self.operator(operator, &left, &right, column)?;
        }
        Ok(left)
    }

    /// Signs are counted, not nested: thousands of them cost no stack.
    fn unary(&mut self) -> Result<Operand, ExprError> {
        let column = self.column();
        let mut signs = Vec::new();
        while matches!(self.peek(), Token::Not | Token::Operator(Binary::Subtract)) {
            signs.push((self.next(), self.column()));
        }
        // The least integer can only be written with its sign.
        let mut operand = match (self.peek(), signs.last()) {
            (Token::Int(value), Some((Token::Operator(_), _))) => {
                let value = 0i64.checked_sub_unsigned(*value);
                signs.pop();
                self.at += 1;
                let value = value.ok_or_else(|| ExprError::new(column, "not a 64-bit integer"))?;
                let start = self.push(Op::Int(value));
                self.postfix(Operand { found: Type::Int, column, start })?
            }
            _ => self.primary()?,
        };
        for (sign, inner) in signs.into_iter().rev() {
            let found = operand.found.clone();
            operand.column = inner;
            if sign == Token::Not {
                self.wants(&operand, found.is(&Type::Bool), "true or false")?;
                self.push(Op::Not);
            } else {
                self.wants(&operand, found.is_number(), "a number")?;
                self.push(Op::Negate);
            }
        }
        operand.column = column;
        Ok(operand)
    }

    /// Complains where an operand has the wrong type.
    #[allow(clippy::unused_self, reason = "reads as a question to the compiler")]
    fn wants(&self, operand: &Operand, good: bool, wanted: &str) -> Result<(), ExprError> {
        if good {
            return Ok(());
        }
        Err(ExprError::new(operand.column, format!("needs {wanted}, but has {}", operand.found.name())))
    }
}

/// Binding strength, CEL's: the higher binds tighter. All are left-associative.
fn strength(operator: Binary) -> u8 {
    match operator {
        Binary::Add | Binary::Subtract => 2,
        Binary::Multiply | Binary::Divide | Binary::Remainder => 3,
        _ => 1,
    }
}
