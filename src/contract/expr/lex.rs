//! Text -> tokens.

use super::{ExprError, MOST_NODES, literal};

/// The operators between two values, but for `&&` and `||`, which decide with one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// An integer without its sign.
    Int(u64),
    Double(f64),
    Text(String),
    Name(String),
    /// A name in back-quotes, which is never a word of the language.
    Quoted(String),
    Operator(Binary),
    Or,
    And,
    Not,
    Question,
    Colon,
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    Dot,
    End,
}

/// The tokens of an expression, each with its 1-based column; the last is [`Token::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, usize)>, ExprError> {
    let mut lexer = Lexer { letters: source.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.space();
        let column = lexer.at + 1;
        let Some(letter) = lexer.next() else {
            tokens.push((Token::End, column));
            return Ok(tokens);
        };
        if tokens.len() >= MOST_NODES {
            return Err(ExprError::new(column, format!("longer than {MOST_NODES} parts")));
        }
        tokens.push((lexer.token(letter, column)?, column));
    }
}

pub(super) struct Lexer {
    letters: Vec<char>,
    at: usize,
}

impl Lexer {
    pub(super) fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let letter = self.peek(0)?;
        self.at += 1;
        Some(letter)
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek(0) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// The column of the letter that was read last.
    pub(super) fn column(&self) -> usize {
        self.at
    }

    /// Passes over white space and comments, which run to the end of their line.
    fn space(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(' ' | '\t' | '\n' | '\r' | '\u{c}'), _) => self.at += 1,
                (Some('/'), Some('/')) => {
                    while self.peek(0).is_some_and(|letter| letter != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn token(&mut self, letter: char, column: usize) -> Result<Token, ExprError> {
        let operator = |operator| Ok(Token::Operator(operator));
        match letter {
            '(' => Ok(Token::Open),
            ')' => Ok(Token::Close),
            '[' => Ok(Token::OpenList),
            ']' => Ok(Token::CloseList),
            ',' => Ok(Token::Comma),
            '?' => Ok(Token::Question),
            ':' => Ok(Token::Colon),
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
            '=' => Err(ExprError::new(column, "a comparison is written ==")),
            '&' if self.eat('&') => Ok(Token::And),
            '&' => Err(ExprError::new(column, "and is written &&")),
            '|' if self.eat('|') => Ok(Token::Or),
            '|' => Err(ExprError::new(column, "or is written ||")),
            '"' | '\'' => literal::text(self, letter, false, column),
            'r' | 'R' if matches!(self.peek(0), Some('"' | '\'')) => {
                let quote = self.next().unwrap_or(letter);
                literal::text(self, quote, true, column)
            }
            'b' | 'B' if matches!(self.peek(0), Some('"' | '\'')) => {
                Err(ExprError::new(column, "there are no bytes, only text"))
            }
            '.' if !self.peek(0).is_some_and(|next| next.is_ascii_digit()) => Ok(Token::Dot),
            '.' | '0'..='9' => literal::number(self, letter, column),
            '`' => self.quoted(column),
            '{' | '}' => Err(ExprError::new(column, "there are no maps or messages")),
            _ if letter.is_alphabetic() || letter == '_' => Ok(self.name(letter)),
            _ => Err(ExprError::new(column, format!("unexpected character {letter:?}"))),
        }
    }

    fn name(&mut self, first: char) -> Token {
        let mut name = String::from(first);
        while let Some(next) = self.peek(0).filter(|next| next.is_alphanumeric() || *next == '_') {
            name.push(next);
            self.at += 1;
        }
        if name == "in" { Token::Operator(Binary::In) } else { Token::Name(name) }
    }

    fn quoted(&mut self, column: usize) -> Result<Token, ExprError> {
        let mut name = String::new();
        loop {
            match self.next() {
                Some('`') if !name.is_empty() => return Ok(Token::Quoted(name)),
                Some(letter) if letter != '`' && letter != '\n' => name.push(letter),
                _ => return Err(ExprError::new(column, "the name has no closing back-quote, or is empty")),
            }
        }
    }
}
