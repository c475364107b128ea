//! Values: literals, fields, variables, and what follows them with a dot or in brackets.

use super::{Compiler, Operand};
use crate::contract::FieldId;
use crate::contract::expr::ExprError;
use crate::contract::expr::lex::Token;
use crate::contract::expr::program::Op;
use crate::contract::expr::types::Type;

impl Compiler<'_> {
    pub(super) fn primary(&mut self) -> Result<Operand, ExprError> {
        let column = self.column();
        let start = self.program.ops.len();
        let found = match self.peek().clone() {
            Token::Name(name) => match name.as_str() {
                "true" => self.literal(Op::Bool(true), Type::Bool),
                "false" => self.literal(Op::Bool(false), Type::Bool),
                "null" => self.literal(Op::Null, Type::Null),
                _ if *self.ahead(1) == Token::Open => self.function(&name)?,
                _ => self.path()?,
            },
            Token::Quoted(_) => self.path()?,
            Token::Int(value) => {
                let value = i64::try_from(value).map_err(|_| self.error("not a 64-bit integer"))?;
                self.literal(Op::Int(value), Type::Int)
            }
            Token::Double(value) => self.literal(Op::Double(value), Type::Double),
            Token::Text(text) => {
                let text = self.text(text);
                self.literal(Op::Text(text), Type::Text)
            }
            Token::Open => {
                self.at += 1;
                let inner = self.expr()?;
                self.expect(&Token::Close, "a closing parenthesis")?;
                inner.found
            }
            Token::OpenList => self.list()?,
            _ => return Err(self.error("expected a value, a field or a function")),
        };
        self.postfix(Operand { found, column, start })
    }

    fn literal(&mut self, op: Op, found: Type) -> Type {
        self.at += 1;
        self.push(op);
        found
    }

    pub(super) fn text(&mut self, text: String) -> u32 {
        let texts = &mut self.program.texts;
        let known = texts.iter().position(|known| *known == text).unwrap_or_else(|| {
            texts.push(text);
            texts.len() - 1
        });
        u32::try_from(known).unwrap_or(u32::MAX)
    }

    fn list(&mut self) -> Result<Type, ExprError> {
        self.at += 1;
        let mut item = Type::Nothing;
        let mut count = 0;
        while *self.peek() != Token::CloseList {
            let next = self.expr()?;
            item = item.join(&next.found, self.fields).ok_or_else(|| {
                let (first, next_name) = (item.name(), next.found.name());
                ExprError::new(next.column, format!("the list has {first} before, so it cannot have {next_name}"))
            })?;
            count += 1;
            if !self.eat(&Token::Comma) {
                break;
            }
        }
        self.expect(&Token::CloseList, "a closing bracket")?;
        self.push(Op::List(count));
        Ok(Type::List(Box::new(item)))
    }

    /// A name and the names that follow it with dots, up to one that is called: a field or a variable.
    pub(super) fn path(&mut self) -> Result<Type, ExprError> {
        let column = self.column();
        let path = self.names()?;
        if let Some((first, members)) = path.split_first()
            && let Some(found) = self.variable(first)
        {
            return members.iter().try_fold(found, |object, name| self.member(&object, name, column));
        }
        let field = self.field(&path, column)?;
        let found = Type::of_field(field, self.fields);
        let leaf = found.leaf(self.fields);
        self.push(Op::Field(field, leaf));
        Ok(found)
    }

    fn names(&mut self) -> Result<Vec<String>, ExprError> {
        let mut path = vec![self.name("expected a name")?];
        while *self.peek() == Token::Dot && *self.ahead(2) != Token::Open {
            self.at += 1;
            path.push(self.name("expected a field name after the dot")?);
        }
        Ok(path)
    }

    pub(super) fn name(&mut self, expected: &str) -> Result<String, ExprError> {
        match self.peek().clone() {
            Token::Name(name) | Token::Quoted(name) => {
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.error(expected)),
        }
    }

    /// Reads a variable of a loop around, the innermost first.
    fn variable(&mut self, name: &str) -> Option<Type> {
        let depth = self.scope.iter().rposition(|(known, _)| known == name)?;
        let found = self.scope.get(depth).map(|(_, found)| found.clone())?;
        self.push(Op::Item(u32::try_from(depth).ok()?));
        Some(found)
    }

    /// Notes a field of the record that the expression names.
    fn field(&mut self, path: &[String], column: usize) -> Result<FieldId, ExprError> {
        let field = self.fields.resolve(path).map_err(|message| {
            let list = (1..path.len()).find(|count| {
                let list = path.get(..*count).and_then(|path| self.fields.resolve(path).ok());
                list.is_some_and(|field| Type::of_field(field, self.fields).is_list())
            });
            let list = list.and_then(|count| path.split_at_checked(count));
            ExprError::new(
                column,
                match list {
                    Some((list, below)) => format!(
                        "{0} is a list: its items are reached by a macro, such as {0}.all(item, item.{1} ...)",
                        list.join("."),
                        below.join(".")
                    ),
                    None => message,
                },
            )
        })?;
        if !self.program.fields.contains(&field) {
            self.program.fields.push(field);
        }
        Ok(field)
    }

    /// The type of a list's items, which the expression looks at: those of the record are noted.
    pub(super) fn item(&mut self, list: &Type) -> Option<Type> {
        if let Type::Items(field) = list
            && let Some(item) = self.fields.item(*field)
        {
            self.note_below(item);
        }
        list.item(self.fields)
    }

    fn note_below(&mut self, field: FieldId) {
        if !self.program.below.contains(&field) {
            self.program.below.push(field);
        }
    }

    fn member(&mut self, object: &Type, name: &str, column: usize) -> Result<Type, ExprError> {
        let Type::Object(parent) = object else {
            let message = format!("{} has no member {name}", object.name());
            return Err(ExprError::new(column, message));
        };
        let field = self.fields.member(*parent, name).ok_or_else(|| {
            let message = format!("the contract has no field {name} in this object");
            ExprError::new(column, message)
        })?;
        self.note_below(field);
        let found = Type::of_field(field, self.fields);
        let leaf = found.leaf(self.fields);
        let name = self.text(name.to_owned());
        self.push(Op::Member(name, leaf));
        Ok(found)
    }

    /// `.member`, `.method(…)` and `[index]`, as often as they follow.
    pub(super) fn postfix(&mut self, operand: Operand) -> Result<Operand, ExprError> {
        let mut operand = operand;
        loop {
            let column = self.column();
            if self.eat(&Token::Dot) {
                let called = *self.ahead(1) == Token::Open;
                let name_column = self.column();
                let name = self.name("expected a field name after the dot")?;
                operand.found = if called {
                    self.method(&operand, &name, name_column)?
                } else {
                    self.member(&operand.found, &name, name_column)?
                };
            } else if self.eat(&Token::OpenList) {
                let item = self.item(&operand.found);
                let item = item.ok_or_else(|| {
                    ExprError::new(column, format!("{} has no items to take one of", operand.found.name()))
                })?;
                let index = self.expr()?;
                self.wants(&index, index.found.is(&Type::Int), "an integer")?;
                self.expect(&Token::CloseList, "a closing bracket")?;
                self.push(Op::Index);
                operand.found = item;
            } else {
                return Ok(operand);
            }
        }
    }

    /// `has(path)`: whether the value is there.
    pub(super) fn has(&mut self) -> Result<Type, ExprError> {
        let column = self.column();
        let no_path = || ExprError::new(column, "has() takes the path of a field");
        let (Token::Name(first) | Token::Quoted(first)) = self.peek().clone() else {
            return Err(no_path());
        };
        if self.scope.iter().any(|(known, _)| *known == first) {
            self.path()?;
            self.push(Op::Present);
        } else {
            let path = self.names()?;
            let field = self.field(&path, column)?;
            self.push(Op::Has(field));
        }
        if *self.peek() == Token::Close { Ok(Type::Bool) } else { Err(no_path()) }
    }
}
