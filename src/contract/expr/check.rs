//! Tree -> program: names are resolved and types checked, so that nothing can go wrong when it runs.

use super::ExprError;
use super::parse::{Binary, Expr, Kind, Unary};
use super::run::{Op, Program};
use crate::contract::FieldId;

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Number,
    Bool,
    Text,
    List,
    Object,
    Null,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Text => "text",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Null => "null",
        }
    }
}

/// What an expression may know of a contract's fields.
pub(crate) trait Fields {
    /// The field at a path, or why it cannot be used.
    fn resolve(&self, path: &[String]) -> Result<FieldId, String>;
    /// The field's type, or none where the contract allows several.
    fn type_of(&self, field: FieldId) -> Option<Type>;
    /// Whether the field is text out of a list of values.
    fn is_enum(&self, field: FieldId) -> bool;
}

pub(super) fn check(tree: &Expr, fields: &dyn Fields, wanted: &[Type]) -> Result<Program, ExprError> {
    let mut checker = Checker { fields, ops: Vec::new(), texts: Vec::new(), names: Vec::new() };
    let found = checker.expr(tree)?;
    // An enumeration serves as a number by its position, where a number is wanted and text is not.
    if let (Type::Text, Some(Op::Field(field))) = (found, checker.ops.last().copied())
        && checker.ops.len() == 1
        && wanted.contains(&Type::Number)
        && fields.is_enum(field)
    {
        checker.ops.push(Op::Position(field));
    } else if !wanted.contains(&found) {
        let names: Vec<&str> = wanted.iter().map(|wanted| wanted.name()).collect();
        return Err(ExprError {
            column: tree.column,
            message: format!("gives {}, but {} is wanted", found.name(), names.join(" or ")),
        });
    }
    Ok(Program { ops: checker.ops, texts: checker.texts, fields: checker.names })
}

struct Checker<'f> {
    fields: &'f dyn Fields,
    ops: Vec<Op>,
    texts: Vec<String>,
    names: Vec<FieldId>,
}

impl Checker<'_> {
    fn expr(&mut self, expr: &Expr) -> Result<Type, ExprError> {
        let column = expr.column;
        match &expr.kind {
            Kind::Number(value) => self.push(Op::Number(*value), Type::Number),
            Kind::Bool(value) => self.push(Op::Bool(*value), Type::Bool),
            Kind::Null => self.push(Op::Null, Type::Null),
            Kind::Text(text) => {
                self.texts.push(text.clone());
                self.push(Op::Text(self.texts.len() - 1), Type::Text)
            }
            Kind::Path(path) => {
                let field = self.field(path, column)?;
                let found = self.fields.type_of(field).ok_or_else(|| ExprError {
                    column,
                    message: format!("{} may have several types", path.join(".")),
                })?;
                self.push(Op::Field(field), found)
            }
            Kind::Call(name, arguments) => self.call(name, arguments, column),
            Kind::Unary(unary, inner) => {
                let (wanted, op) = match unary {
                    Unary::Not => (Type::Bool, Op::Not),
                    Unary::Negate => (Type::Number, Op::Negate),
                };
                self.operand(inner, &[wanted])?;
                self.push(op, wanted)
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, column),
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "every arm of the caller gives a result")]
    fn push(&mut self, op: Op, found: Type) -> Result<Type, ExprError> {
        self.ops.push(op);
        Ok(found)
    }

    fn field(&mut self, path: &[String], column: usize) -> Result<FieldId, ExprError> {
        let field = self.fields.resolve(path).map_err(|message| ExprError { column, message })?;
        if !self.names.contains(&field) {
            self.names.push(field);
        }
        Ok(field)
    }

    fn operand(&mut self, expr: &Expr, wanted: &[Type]) -> Result<Type, ExprError> {
        let found = self.expr(expr)?;
        if wanted.contains(&found) {
            return Ok(found);
        }
        let names: Vec<&str> = wanted.iter().map(|wanted| wanted.name()).collect();
        Err(ExprError {
            column: expr.column,
            message: format!("needs {}, but has {}", names.join(" or "), found.name()),
        })
    }

    fn call(&mut self, name: &str, arguments: &[Expr], column: usize) -> Result<Type, ExprError> {
        let error = |message: String| ExprError { column, message };
        let [argument] = arguments else {
            return Err(error(match name {
                "has" | "size" => format!("{name}() takes one argument"),
                _ => format!("there is no function {name}(); there are has() and size()"),
            }));
        };
        match (name, &argument.kind) {
            ("has", Kind::Path(path)) => {
                let field = self.field(path, argument.column)?;
                self.push(Op::Has(field), Type::Bool)
            }
            ("has", _) => Err(error("has() takes the path of a field".into())),
            ("size", _) => {
                self.operand(argument, &[Type::Text, Type::List])?;
                self.push(Op::Size, Type::Number)
            }
            _ => Err(error(format!("there is no function {name}(); there are has() and size()"))),
        }
    }

    fn binary(&mut self, operator: Binary, left: &Expr, right: &Expr, column: usize) -> Result<Type, ExprError> {
        let result = match operator {
            Binary::Or | Binary::And => {
                self.operand(left, &[Type::Bool])?;
                self.operand(right, &[Type::Bool])?;
                Type::Bool
            }
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {
                self.operand(left, &[Type::Number])?;
                self.operand(right, &[Type::Number])?;
                Type::Number
            }
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                let found = self.operand(left, &[Type::Number, Type::Text])?;
                self.operand(right, &[found])?;
                Type::Bool
            }
            Binary::Equal | Binary::NotEqual => {
                let first = self.expr(left)?;
                let second = self.expr(right)?;
                let container = |found| matches!(found, Type::List | Type::Object);
                let null = first == Type::Null || second == Type::Null;
                if !null && (first != second || container(first)) {
                    return Err(ExprError {
                        column,
                        message: format!("cannot compare {} with {}", first.name(), second.name()),
                    });
                }
                Type::Bool
            }
        };
        self.push(Op::Binary(operator), result)
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use super::*;

    /// `n` is a number, `t` text, `e` an enumeration, `l` a list, `o.x` a number in an object.
    struct Some5;

    impl Fields for Some5 {
        fn resolve(&self, path: &[String]) -> Result<FieldId, String> {
            ["", "n", "t", "e", "l", "o.x", "b"]
                .iter()
                .position(|name| *name == path.join("."))
                .map(FieldId)
                .ok_or_else(|| format!("the contract has no field {}", path.join(".")))
        }

        fn type_of(&self, field: FieldId) -> Option<Type> {
            Some(match field.0 {
                2 | 3 => Type::Text,
                4 => Type::List,
                6 => Type::Bool,
                _ => Type::Number,
            })
        }

        fn is_enum(&self, field: FieldId) -> bool {
            field.0 == 3
        }
    }

    fn error(source: &str, wanted: Type) -> String {
        compile(source, &Some5, &[wanted]).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_the_column() {
        for (source, wanted, message) in [
            ("n > 0 && nn > 1", Type::Bool, "column 10: the contract has no field nn"),
            ("n > 't'", Type::Bool, "column 5: needs a number, but has text"),
            ("n + ", Type::Number, "column 5: expected a value, a field or a function"),
            ("n", Type::Bool, "column 1: gives a number, but true or false is wanted"),
            ("(n > 0", Type::Bool, "column 7: expected a closing parenthesis"),
            ("n = 0", Type::Bool, "column 3: a comparison is written =="),
            ("has(1)", Type::Bool, "column 1: has() takes the path of a field"),
            ("sum(l) > 0", Type::Bool, "column 1: there is no function sum(); there are has() and size()"),
            ("t == n", Type::Bool, "column 3: cannot compare text with a number"),
            ("'abc", Type::Text, "column 1: the text has no closing quote"),
            ("n > 1 n", Type::Bool, "column 7: expected an operator or the end"),
            ("1e999 > n", Type::Bool, "column 1: not a finite number"),
            ("n # 1", Type::Bool, "column 3: unexpected character '#'"),
            ("t", Type::Number, "column 1: gives text, but a number is wanted"),
        ] {
            assert_eq!(error(source, wanted), message, "{source}");
        }
        let deep = format!("{}n > 0{}", "(".repeat(100), ")".repeat(100));
        assert!(error(&deep, Type::Bool).ends_with("nested deeper than 64"));
        let long = vec!["n"; 5000].join(" + ");
        assert!(error(&long, Type::Number).ends_with("longer than 1000 parts"));
        let negations = format!("{}b", "!".repeat(900));
        assert!(error(&negations, Type::Bool).ends_with("nested deeper than 64"));
    }

    #[test]
    fn well_typed_expressions_compile() {
        for (source, wanted) in [
            ("n * o.x <= 100000", Type::Bool),
            ("has(l) && size(l) > 0 || !(t == 'x')", Type::Bool),
            ("-n + 2.5e-3 % .5", Type::Number),
            ("e", Type::Number),
            ("t != null", Type::Bool),
        ] {
            assert!(compile(source, &Some5, &[wanted]).is_ok(), "{source}");
        }
    }
}
