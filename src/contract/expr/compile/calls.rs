//! Functions and methods: what they take, and what they give.

use super::{Compiler, Operand, macros};
use crate::contract::expr::lex::Token;
use crate::contract::expr::program::{Function, Op, Pattern};
use crate::contract::expr::time::{self, Part, Time};
use crate::contract::expr::types::Type;
use crate::contract::expr::{ExprError, LONGEST_PATTERN};
use regex_lite::RegexBuilder;

const FUNCTIONS: &str =
    "has, size, matches, int, double, string, bool, timestamp, duration, approx, sum, min, max and abs";
const METHODS: &str = "size, startsWith, endsWith, contains, matches, lowerAscii, upperAscii, trim, all, exists, \
                       exists_one, filter, map and the parts of a time such as getFullYear";

impl Compiler<'_> {
    /// `name(arguments)`.
    pub(super) fn function(&mut self, name: &str) -> Result<Type, ExprError> {
        let column = self.column();
        self.at += 2;
        if name == "has" {
            let found = self.has()?;
            self.expect(&Token::Close, "a closing parenthesis")?;
            return Ok(found);
        }
        let arguments = self.arguments()?;
        let count = |takes: &str| ExprError::new(column, format!("{name}() takes {takes}"));
        match (name, arguments.as_slice()) {
            ("dyn", [argument]) => Ok(argument.found.clone()),
            ("size", [argument]) => self.size(argument),
            ("int" | "double" | "string" | "bool" | "timestamp" | "duration", [argument]) => {
                self.conversion(name, argument)
            }
            ("matches", [text, pattern]) => self.matches(text, pattern),
            ("approx", [one, other, tolerance]) => {
                for argument in [one, other, tolerance] {
                    self.wants(argument, argument.found.is_number(), "a number")?;
                }
                Ok(self.call(Function::Approx, Type::Bool))
            }
            ("abs", [argument]) => {
                self.wants(argument, argument.found.is_number(), "a number")?;
                Ok(self.call(Function::Abs, argument.found.clone()))
            }
            ("sum", [list]) => self.sum_of(list),
            ("min" | "max", [_, ..]) => self.extreme(name == "max", &arguments),
            ("dyn" | "size" | "int" | "double" | "string" | "bool" | "timestamp" | "duration" | "abs", _) => {
                Err(count("one argument"))
            }
            ("matches", _) => Err(count("a text and a pattern")),
            ("approx", _) => Err(count("two numbers and the tolerance")),
            ("sum", _) => Err(count("a list of numbers")),
            ("min" | "max", _) => Err(count("a list, or two arguments or more")),
            _ => Err(ExprError::new(column, format!("there is no function {name}(); there are {FUNCTIONS}"))),
        }
    }

    /// `value.name(arguments)`; the value's steps are written.
    pub(super) fn method(&mut self, value: &Operand, name: &str, column: usize) -> Result<Type, ExprError> {
        self.at += 1;
        if let Some(kind) = macros::named(name) {
            let found = self.looped(kind, value, name)?;
            self.expect(&Token::Close, "a closing parenthesis")?;
            return Ok(found);
        }
        let function = match name {
            "startsWith" => Some((Function::StartsWith, Type::Bool, true)),
            "endsWith" => Some((Function::EndsWith, Type::Bool, true)),
            "contains" => Some((Function::Contains, Type::Bool, true)),
            "lowerAscii" => Some((Function::Lower, Type::Text, false)),
            "upperAscii" => Some((Function::Upper, Type::Text, false)),
            "trim" => Some((Function::Trim, Type::Text, false)),
            _ => None,
        };
        let part = Part::NAMES.iter().find(|(known, _)| *known == name).map(|(_, part)| *part);
        if function.is_none() && part.is_none() && !matches!(name, "size" | "matches") {
            return Err(ExprError::new(column, format!("there is no method {name}(); there are {METHODS}")));
        }
        let arguments = self.arguments()?;
        let count = |takes: &str| ExprError::new(column, format!("{name}() takes {takes}"));
        match (function, part, arguments.as_slice()) {
            (Some((function, found, true)), _, [argument]) => {
                self.wants(value, value.found.is(&Type::Text), "text")?;
                self.wants(argument, argument.found.is(&Type::Text), "text")?;
                Ok(self.call(function, found))
            }
            (Some((function, found, false)), _, []) => {
                self.wants(value, value.found.is(&Type::Text), "text")?;
                Ok(self.call(function, found))
            }
            (Some((_, _, true)), _, _) => Err(count("one text")),
            (Some(_), _, _) => Err(count("no argument")),
            (_, Some(part), arguments) => self.part(part, value, arguments),
            (_, _, []) if name == "size" => self.size(value),
            (_, _, [pattern]) if name == "matches" => self.matches(value, pattern),
            _ if name == "size" => Err(count("no argument")),
            _ => Err(count("one pattern")),
        }
    }

    fn call(&mut self, function: Function, found: Type) -> Type {
        self.push(Op::Call(function));
        found
    }

    /// What stands up to the closing parenthesis.
    fn arguments(&mut self) -> Result<Vec<Operand>, ExprError> {
        let mut arguments = Vec::new();
        if self.eat(&Token::Close) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expr()?);
            if !self.eat(&Token::Comma) {
                break;
            }
        }
        self.expect(&Token::Close, "a closing parenthesis")?;
        Ok(arguments)
    }

    fn size(&mut self, value: &Operand) -> Result<Type, ExprError> {
        self.wants(value, value.found == Type::Text || value.found.is_list(), "text or a list")?;
        Ok(self.call(Function::Size, Type::Int))
    }

    fn conversion(&mut self, name: &str, argument: &Operand) -> Result<Type, ExprError> {
        let found = &argument.found;
        let constant = self.constant(argument);
        let number = found.is_number();
        let text = *found == Type::Text;
        let any = *found == Type::Any;
        let (function, result, good, wanted) = match name {
            "int" => {
                let good = number || text || any || *found == Type::Time;
                (Function::Int, Type::Int, good, "a number, text or a timestamp")
            }
            "double" => (Function::Double, Type::Double, number || text || any, "a number or text"),
            "string" => {
                let good = number || text || any || matches!(found, Type::Bool | Type::Time | Type::Duration);
                (Function::Text, Type::Text, good, "a number, text, true or false, a timestamp or a duration")
            }
            "bool" => (Function::Bool, Type::Bool, text || found.is(&Type::Bool), "text, or true or false"),
            "timestamp" => {
                if let Some(text) = constant {
                    return self.fold(argument, Time::read(&text).map(Op::Time), Type::Time, "2024-05-01T12:00:00Z");
                }
                let good = text || found.is(&Type::Int) || *found == Type::Time;
                (Function::Time, Type::Time, good, "text or an integer")
            }
            _ => {
                if let Some(text) = constant {
                    let duration = time::read_duration(&text).map(Op::Duration);
                    return self.fold(argument, duration, Type::Duration, "1h30m, 90s or 250ms");
                }
                (Function::Duration, Type::Duration, text || *found == Type::Duration, "text")
            }
        };
        self.wants(argument, good || *found == Type::Nothing, wanted)?;
        Ok(self.call(function, result))
    }

    /// The text of an argument that is nothing but a literal.
    fn constant(&self, argument: &Operand) -> Option<String> {
        match self.program.ops.get(argument.start..)? {
            [Op::Text(text)] => self.program.texts.get(*text as usize).cloned(),
            _ => None,
        }
    }

    /// A time that is written as a literal is read at once, so that a typing error shows now.
    fn fold(&mut self, argument: &Operand, op: Option<Op>, found: Type, form: &str) -> Result<Type, ExprError> {
        let op = op.ok_or_else(|| {
            let what = if found == Type::Time { "timestamp from the year 1 to 9999" } else { "duration" };
            ExprError::new(argument.column, format!("not a {what}; it is written like {form}"))
        })?;
        self.patch(argument.start, op);
        Ok(found)
    }

    fn matches(&mut self, text: &Operand, pattern: &Operand) -> Result<Type, ExprError> {
        self.wants(text, text.found.is(&Type::Text), "text")?;
        let source = self.constant(pattern).ok_or_else(|| {
            ExprError::new(
                pattern.column,
                "the pattern of matches() must be a text literal: it is compiled when the contract loads",
            )
        })?;
        let compiled = compile(&source).map_err(|message| ExprError::new(pattern.column, message))?;
        self.program.patterns.push(compiled);
        let index = u32::try_from(self.program.patterns.len() - 1).unwrap_or(u32::MAX);
        self.patch(pattern.start, Op::Matches(index));
        Ok(Type::Bool)
    }

    fn sum_of(&mut self, list: &Operand) -> Result<Type, ExprError> {
        let item = self.item(&list.found).filter(Type::is_number);
        self.wants(list, item.is_some(), "a list of numbers")?;
        let item = item.unwrap_or(Type::Nothing);
        let found = if item == Type::Nothing { Type::Int } else { item.clone() };
        Ok(self.call(Function::Sum(item == Type::Double), found))
    }

    /// `min` and `max` of a list, or of their arguments.
    fn extreme(&mut self, greatest: bool, arguments: &[Operand]) -> Result<Type, ExprError> {
        let (count, found) = if let [list] = arguments {
            let item = self.item(&list.found).filter(Type::is_ordered);
            self.wants(list, item.is_some(), "a list of numbers, texts or times, or two arguments or more")?;
            (0, item.unwrap_or(Type::Nothing))
        } else {
            let mut found = Type::Nothing;
            for argument in arguments {
                self.wants(argument, argument.found.is_ordered(), "a number, text or a time")?;
                let joined = found.join(&argument.found, self.fields);
                self.wants(argument, joined.is_some(), found.name())?;
                found = joined.unwrap_or(Type::Nothing);
            }
            (u32::try_from(arguments.len()).unwrap_or(0), found)
        };
        Ok(self.call(if greatest { Function::Greatest(count) } else { Function::Least(count) }, found))
    }

    /// A part of a timestamp, in UTC or with a fixed offset, or of a duration.
    fn part(&mut self, part: Part, value: &Operand, arguments: &[Operand]) -> Result<Type, ExprError> {
        let duration = value.found == Type::Duration && part.of_duration();
        self.wants(value, duration || value.found.is(&Type::Time), "a timestamp, such as timestamp(created_at)")?;
        let function = match arguments {
            [] if duration => Function::Span(part),
            [] => Function::Part(part, 0),
            [zone] if !duration => {
                let text = self.constant(zone);
                let offset = text.as_deref().and_then(time::offset).ok_or_else(|| {
                    ExprError::new(
                        zone.column,
                        "a time zone is 'UTC' or a fixed offset such as '+02:00': there is no database of zones",
                    )
                })?;
                self.program.ops.truncate(zone.start);
                Function::Part(part, offset)
            }
            [argument, ..] => return Err(ExprError::new(argument.column, "takes no more arguments")),
        };
        Ok(self.call(function, Type::Int))
    }
}

/// Compiles a pattern and weighs it by the least size that holds it: what it may cost for each byte of a text.
fn compile(source: &str) -> Result<Pattern, String> {
    if source.len() > LONGEST_PATTERN {
        return Err(format!("the pattern is longer than {LONGEST_PATTERN} bytes"));
    }
    if source.contains("(?") && !source.is_ascii() {
        // Without Unicode's tables, (?i) would fold ASCII letters alone, which is not what CEL does.
        return Err("a pattern with flags has ASCII letters alone".into());
    }
    let mut fault = String::new();
    for size in (9..=18).map(|power| 1usize << power) {
        match RegexBuilder::new(source).size_limit(size).build() {
            Ok(regex) => return Ok(Pattern { regex, weight: u32::try_from(size >> 9).unwrap_or(u32::MAX) }),
            Err(error) => fault = error.to_string(),
        }
    }
    Err(format!("the pattern does not compile: {fault}"))
}
