//! Text -> tree: a lexer and a precedence parser.

use super::{ExprError, MOST_DEPTH, MOST_NODES};

/// One node of an expression, with the column where it starts.
#[derive(Debug, PartialEq)]
pub(super) struct Expr {
    pub(super) column: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Text(String),
    Bool(bool),
    Null,
    Path(Vec<String>),
    Call(String, Vec<Expr>),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Not,
    Negate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Binary {
    /// Binding strength, CEL's: the higher binds tighter. All are left-associative.
    fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual | Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Remainder => 5,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Operator(Binary),
    Not,
    Open,
    Close,
    Comma,
    Dot,
    End,
}

pub(super) fn parse(source: &str) -> Result<Expr, ExprError> {
    let tokens = Lexer::new(source).tokens()?;
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let expr = parser.binary(0)?;
    match parser.peek() {
        (Token::End, _) => Ok(expr),
        (_, column) => Err(error(*column, "expected an operator or the end")),
    }
}

fn error(column: usize, message: impl Into<String>) -> ExprError {
    ExprError { column, message: message.into() }
}

struct Lexer<'s> {
    chars: std::iter::Peekable<std::iter::Enumerate<std::str::Chars<'s>>>,
}

impl<'s> Lexer<'s> {
    fn new(source: &'s str) -> Self {
        Self { chars: source.chars().enumerate().peekable() }
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.chars.next_if(|(_, letter)| *letter == wanted).is_some()
    }

    fn tokens(mut self) -> Result<Vec<(Token, usize)>, ExprError> {
        let mut tokens = Vec::new();
        let mut last = 0;
        while let Some((index, letter)) = self.chars.next() {
            let column = index + 1;
            last = column;
            if letter.is_ascii_whitespace() {
                continue;
            }
            if tokens.len() >= MOST_NODES {
                return Err(error(column, format!("longer than {MOST_NODES} parts")));
            }
            let token = self.token(letter, column)?;
            tokens.push((token, column));
        }
        tokens.push((Token::End, last + 1));
        Ok(tokens)
    }

    fn token(&mut self, letter: char, column: usize) -> Result<Token, ExprError> {
        let operator = |operator| Ok(Token::Operator(operator));
        match letter {
            '(' => Ok(Token::Open),
            ')' => Ok(Token::Close),
            ',' => Ok(Token::Comma),
            '+' => operator(Binary::Add),
            '-' => operator(Binary::Subtract),
            '*' => operator(Binary::Multiply),
            '/' => operator(Binary::Divide),
            '%' => operator(Binary::Remainder),
            '<' if self.eat('=') => operator(Binary::LessEqual),
            '<' => operator(Binary::Less),
            '>' if self.eat('=') => operator(Binary::GreaterEqual),
            '>' => operator(Binary::Greater),
            '!' if self.eat('=') => operator(Binary::NotEqual),
            '!' => Ok(Token::Not),
            '=' if self.eat('=') => operator(Binary::Equal),
            '=' => Err(error(column, "a comparison is written ==")),
            '&' if self.eat('&') => operator(Binary::And),
            '|' if self.eat('|') => operator(Binary::Or),
            '"' | '\'' => self.text(letter, column),
            '.' if !self.chars.peek().is_some_and(|(_, next)| next.is_ascii_digit()) => Ok(Token::Dot),
            '.' | '0'..='9' => self.number(letter, column),
            _ if letter.is_alphabetic() || letter == '_' => {
                let mut name = String::from(letter);
                while let Some((_, next)) = self.chars.next_if(|(_, next)| next.is_alphanumeric() || *next == '_') {
                    name.push(next);
                }
                Ok(Token::Name(name))
            }
            _ => Err(error(column, format!("unexpected character {letter:?}"))),
        }
    }

    fn text(&mut self, quote: char, column: usize) -> Result<Token, ExprError> {
        let mut text = String::new();
        while let Some((index, letter)) = self.chars.next() {
            if letter == quote {
                return Ok(Token::Text(text));
            }
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            match self.chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, 'r')) => text.push('\r'),
                Some((_, escaped @ ('\\' | '\'' | '"'))) => text.push(escaped),
                _ => return Err(error(index + 1, "an escape is one of \\n \\t \\r \\\\ \\' \\\"")),
            }
        }
        Err(error(column, "the text has no closing quote"))
    }

    fn number(&mut self, first: char, column: usize) -> Result<Token, ExprError> {
        let mut text = String::from(first);
        while let Some(&(_, letter)) = self.chars.peek() {
            let sign = matches!(letter, '+' | '-') && text.ends_with(['e', 'E']);
            if !(letter.is_ascii_digit() || matches!(letter, '.' | 'e' | 'E') || sign) {
                break;
            }
            text.push(letter);
            self.chars.next();
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Token::Number(value)),
            _ => Err(error(column, "not a finite number")),
        }
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
}

impl Parser {
    const END: &'static (Token, usize) = &(Token::End, 0);

    fn peek(&self) -> &(Token, usize) {
        self.tokens.get(self.at).unwrap_or(Self::END)
    }

    fn next(&mut self) -> (Token, usize) {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn expect(&mut self, wanted: &Token, name: &str) -> Result<(), ExprError> {
        let (token, column) = self.next();
        if token == *wanted { Ok(()) } else { Err(error(column, format!("expected {name}"))) }
    }

    fn binary(&mut self, least: u8) -> Result<Expr, ExprError> {
        let mut left = self.unary()?;
        while let &(Token::Operator(operator), column) = self.peek() {
            if operator.strength() <= least {
                break;
            }
            self.at += 1;
            let right = self.binary(operator.strength())?;
            left = Expr { column, kind: Kind::Binary(operator, Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, ExprError> {
        self.depth += 1;
        let (token, column) = self.next();
        if self.depth > MOST_DEPTH {
            return Err(error(column, format!("nested deeper than {MOST_DEPTH}")));
        }
        let kind = match token {
            Token::Number(value) => Kind::Number(value),
            Token::Text(text) => Kind::Text(text),
            Token::Name(name) => self.name(name)?,
            Token::Not => Kind::Unary(Unary::Not, Box::new(self.unary()?)),
            Token::Operator(Binary::Subtract) => Kind::Unary(Unary::Negate, Box::new(self.unary()?)),
            Token::Open => {
                let inner = self.binary(0)?;
                self.expect(&Token::Close, "a closing parenthesis")?;
                inner.kind
            }
            _ => return Err(error(column, "expected a value, a field or a function")),
        };
        self.depth -= 1;
        Ok(Expr { column, kind })
    }

    fn name(&mut self, name: String) -> Result<Kind, ExprError> {
        match name.as_str() {
            "true" => return Ok(Kind::Bool(true)),
            "false" => return Ok(Kind::Bool(false)),
            "null" => return Ok(Kind::Null),
            _ => {}
        }
        if self.peek().0 == Token::Open {
            self.at += 1;
            let mut arguments = Vec::new();
            if self.peek().0 != Token::Close {
                arguments.push(self.binary(0)?);
                while self.peek().0 == Token::Comma {
                    self.at += 1;
                    arguments.push(self.binary(0)?);
                }
            }
            self.expect(&Token::Close, "a closing parenthesis")?;
            return Ok(Kind::Call(name, arguments));
        }
        let mut path = vec![name];
        while self.peek().0 == Token::Dot {
            self.at += 1;
            match self.next() {
                (Token::Name(name), _) => path.push(name),
                (_, column) => return Err(error(column, "expected a field name after the dot")),
            }
        }
        Ok(Kind::Path(path))
    }
}
