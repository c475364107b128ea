//! ECMA-262 -> the syntax of our engine, where the same text would mean something else.

/// White space as ECMA-262 §22.2.2.9 has it for `\s`.
const SPACE: &str = "\\t-\\r \\u{A0}\\u{1680}\\u{2000}-\\u{200A}\\u{2028}\\u{2029}\\u{202F}\\u{205F}\\u{3000}\\u{FEFF}";

/// The pattern for our engine; none where it has no equal.
pub(super) fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut letters = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => escape(letters.next()?, in_class, &mut letters, &mut out)?,
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // An empty class means "nothing", or with ^ "anything", and our engine has neither.
                if letters.peek() == Some(&']') {
                    return None;
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Our engine would read two of them as an operation on sets.
            '&' | '~' if in_class => out.extend(['\\', letter]),
            '.' if !in_class => out.push_str("[^\\n\\r\\u{2028}\\u{2029}]"),
            // Only the group that ECMA-262 and our engine both have; flags are read as Python's are.
            _ => out.push(letter),
        }
    }
    Some(out)
}

fn escape(
    letter: char,
    in_class: bool,
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
) -> Option<()> {
    match letter {
        's' if in_class => out.push_str(SPACE),
        's' => out.extend(["[", SPACE, "]"]),
        // A negated class within a class cannot be written.
        'S' if in_class => return None,
        'S' => out.extend(["[^", SPACE, "]"]),
        'd' | 'D' | 'w' | 'W' | 'n' | 'r' | 't' | 'f' | 'v' => out.extend(['\\', letter]),
        'b' | 'B' if !in_class => out.extend(['\\', letter]),
        'x' => out.push_str(&code(letters, 2)?),
        'u' => out.push_str(&code(letters, 4)?),
        '0' => out.push_str("\\u{0}"),
        '/' => out.push('/'),
        '-' => out.push_str("\\-"),
        '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
            out.extend(['\\', letter]);
        }
        // Text anchors, back-references, control letters and classes of Unicode.
        'A'..='Z' | 'a'..='z' | '1'..='9' => return None,
        // Python escapes more than it must.
        _ if letter.is_ascii_punctuation() || letter == ' ' => out.push(letter),
        _ => return None,
    }
    Some(())
}

/// A letter by its code; half of a pair of surrogates is none.
fn code(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, digits: usize) -> Option<String> {
    let text: String = letters.by_ref().take(digits).collect();
    let code = u32::from_str_radix(&text, 16).ok().filter(|_| text.len() == digits)?;
    char::from_u32(code).map(|letter| format!("\\u{{{:X}}}", u32::from(letter)))
}
