//! Numbers and texts as they are written, by CEL's grammar.

use super::ExprError;
use super::lex::{Lexer, Token};

pub(super) fn number(lexer: &mut Lexer, first: char, column: usize) -> Result<Token, ExprError> {
    if first == '0' && matches!(lexer.peek(0), Some('x' | 'X')) {
        return hexadecimal(lexer, column);
    }
    let mut text = String::from(first);
    let mut double = first == '.';
    digits(lexer, &mut text);
    if !double && lexer.peek(0) == Some('.') && lexer.peek(1).is_some_and(|next| next.is_ascii_digit()) {
        double = true;
        text.extend(lexer.next());
        digits(lexer, &mut text);
    }
    if let Some('e' | 'E') = lexer.peek(0) {
        double = true;
        text.extend(lexer.next());
        if let Some('+' | '-') = lexer.peek(0) {
            text.extend(lexer.next());
        }
        digits(lexer, &mut text);
    }
    end(lexer, column)?;
    if double {
        return match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Token::Double(value)),
            _ => Err(ExprError::new(column, "not a finite number")),
        };
    }
    text.parse().map(Token::Int).map_err(|_| ExprError::new(column, "an integer has 64 bits; write 1.0 for a double"))
}

fn digits(lexer: &mut Lexer, text: &mut String) {
    while lexer.peek(0).is_some_and(|next| next.is_ascii_digit()) {
        text.extend(lexer.next());
    }
}

fn hexadecimal(lexer: &mut Lexer, column: usize) -> Result<Token, ExprError> {
    lexer.next();
    let mut text = String::new();
    while lexer.peek(0).is_some_and(|next| next.is_ascii_hexdigit()) {
        text.extend(lexer.next());
    }
    end(lexer, column)?;
    u64::from_str_radix(&text, 16).map(Token::Int).map_err(|_| ExprError::new(column, "not a 64-bit integer"))
}

/// A number ends before the next sign, never before a letter.
fn end(lexer: &Lexer, column: usize) -> Result<(), ExprError> {
    match lexer.peek(0) {
        Some('u' | 'U') => Err(ExprError::new(column, "there are no unsigned integers")),
        Some(next) if next.is_alphanumeric() || next == '_' => Err(ExprError::new(column, "not a number")),
        _ => Ok(()),
    }
}

pub(super) fn text(lexer: &mut Lexer, quote: char, raw: bool, column: usize) -> Result<Token, ExprError> {
    let long = lexer.peek(0) == Some(quote) && lexer.peek(1) == Some(quote);
    if long {
        lexer.next();
        lexer.next();
    }
    let mut text = String::new();
    loop {
        let Some(letter) = lexer.next() else {
            return Err(ExprError::new(column, "the text has no closing quote"));
        };
        if letter == quote && (!long || (lexer.peek(0) == Some(quote) && lexer.peek(1) == Some(quote))) {
            if long {
                lexer.next();
                lexer.next();
            }
            return Ok(Token::Text(text));
        }
        match letter {
            '\n' | '\r' if !long => return Err(ExprError::new(column, "the text has no closing quote in its line")),
            '\\' if !raw => text.push(escape(lexer)?),
            _ => text.push(letter),
        }
    }
}

fn escape(lexer: &mut Lexer) -> Result<char, ExprError> {
    let column = lexer.column();
    let letter = match lexer.next() {
        Some('a') => Some('\u{7}'),
        Some('b') => Some('\u{8}'),
        Some('f') => Some('\u{c}'),
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        Some('v') => Some('\u{b}'),
        Some(itself @ ('\\' | '?' | '"' | '\'' | '`')) => Some(itself),
        Some('x' | 'X') => code(lexer, "", 2, 16),
        Some('u') => code(lexer, "", 4, 16),
        Some('U') => code(lexer, "", 8, 16),
        Some(first @ '0'..='3') => code(lexer, first.encode_utf8(&mut [0; 4]), 2, 8),
        _ => None,
    };
    letter.ok_or_else(|| {
        ExprError::new(column, r#"an escape is one of \a \b \f \n \r \t \v \\ \? \' \" \` \xHH \uHHHH \UHHHHHHHH \OOO"#)
    })
}

fn code(lexer: &mut Lexer, first: &str, more: usize, radix: u32) -> Option<char> {
    let mut digits = String::from(first);
    for _ in 0..more {
        digits.extend(lexer.next().filter(|digit| digit.is_digit(radix)));
    }
    if digits.len() != first.len() + more {
        return None;
    }
    char::from_u32(u32::from_str_radix(&digits, radix).ok()?)
}
