//! The macros over lists: `all`, `exists`, `exists_one`, `filter` and `map`.

use super::{Compiler, Operand};
use crate::contract::expr::ExprError;
use crate::contract::expr::lex::Token;
use crate::contract::expr::program::{Macro, Op};
use crate::contract::expr::types::Type;

pub(super) fn named(name: &str) -> Option<Macro> {
    Some(match name {
        "all" => Macro::All,
        "exists" => Macro::Exists,
        "exists_one" | "existsOne" => Macro::ExistsOne,
        "filter" => Macro::Filter,
        "map" => Macro::Map,
        _ => return None,
    })
}

impl Compiler<'_> {
    /// `list.macro(variable, body)`, and `list.map(variable, condition, body)`; the parenthesis is open.
    pub(super) fn looped(&mut self, kind: Macro, list: &Operand, name: &str) -> Result<Type, ExprError> {
        let item = self.item(&list.found);
        let item = item.ok_or_else(|| {
            ExprError::new(list.column, format!("{name}() goes over a list, but this is {}", list.found.name()))
        })?;
        let column = self.column();
        let expected = format!("expected the name of a variable, as in {name}(item, ...)");
        let variable = self.name(&expected)?;
        if matches!(variable.as_str(), "true" | "false" | "null") {
            return Err(ExprError::new(column, expected));
        }
        self.expect(&Token::Comma, "a comma behind the name of the variable")?;
        // `map` with a condition is `filter` before `map`; which of them it is shows behind the first body.
        let begin = self.push(Op::Null);
        let body = self.body(&variable, &item)?;
        let condition = kind == Macro::Map && self.eat(&Token::Comma);
        let first = if condition { Macro::Filter } else { kind };
        let mut found = self.finish(first, begin, &body, &list.found, item.clone())?;
        if condition {
            let begin = self.push(Op::Null);
            let body = self.body(&variable, &item)?;
            found = self.finish(Macro::Map, begin, &body, &list.found, item)?;
        }
        Ok(found)
    }

    fn body(&mut self, variable: &str, item: &Type) -> Result<Operand, ExprError> {
        self.scope.push((variable.to_owned(), item.clone()));
        let body = self.expr()?;
        self.scope.pop();
        Ok(body)
    }

    fn finish(
        &mut self,
        kind: Macro,
        begin: usize,
        body: &Operand,
        list: &Type,
        item: Type,
    ) -> Result<Type, ExprError> {
        let first = u32::try_from(begin + 1).unwrap_or(u32::MAX);
        self.push(Op::Next(kind, first));
        let end = self.here();
        self.patch(begin, Op::Loop(kind, end));
        if kind == Macro::Map {
            return Ok(Type::List(Box::new(body.found.clone())));
        }
        self.wants(body, body.found.is(&Type::Bool), "true or false")?;
        Ok(match kind {
            Macro::Filter if *list == Type::Nothing => Type::Nothing,
            Macro::Filter => Type::List(Box::new(item)),
            _ => Type::Bool,
        })
    }
}
