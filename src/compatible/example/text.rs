//! Texts that a pattern finds, made by reading it from left to right.

/// Alternatives and counts come in this order for the attempts 0, 1, 2, …
pub(super) fn matching(pattern: &str, attempt: usize) -> Option<String> {
    let letters: Vec<char> = pattern.chars().collect();
    let mut maker = Maker { letters: &letters, at: 0, attempt, out: String::new() };
    maker.choice(0)?;
    (maker.at == letters.len()).then_some(maker.out)
}

/// Longest text that is made, and deepest nesting of groups.
const LONGEST: usize = 4096;
const DEEPEST: usize = 32;

struct Maker<'p> {
    letters: &'p [char],
    at: usize,
    attempt: usize,
    out: String,
}

impl Maker<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Alternatives up to the end of the group; one of them stays.
    fn choice(&mut self, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let start = self.out.len();
        let mut made = Vec::new();
        loop {
            while !matches!(self.peek(), None | Some('|' | ')')) {
                self.piece(depth)?;
            }
            made.push(self.out.split_off(start));
            if !self.eat('|') {
                break;
            }
        }
        let chosen = made.get(self.attempt % made.len().max(1))?;
        self.out.push_str(chosen);
        Some(())
    }

    fn piece(&mut self, depth: usize) -> Option<()> {
        let from = self.out.len();
        let letter = self.peek()?;
        self.at += 1;
        match letter {
            '^' | '$' => return Some(()),
            '(' => {
                if self.eat('?') && !self.eat(':') {
                    return None;
                }
                self.choice(depth + 1)?;
                if !self.eat(')') {
                    return None;
                }
            }
            '[' => {
                let letter = self.class()?;
                self.out.push(letter);
            }
            '\\' => {
                let letter = escaped(self.peek()?)?;
                self.at += 1;
                self.out.extend(letter);
            }
            '.' => self.out.push('a'),
            letter => self.out.push(letter),
        }
        let (least, most) = self.count()?;
        let unit = self.out.split_off(from);
        let times = match self.attempt {
            0 | 1 => least,
            2 => (least + 1).min(most),
            attempt if attempt % 2 == 0 => most.min(least + attempt),
            attempt => (least + attempt / 2).min(most),
        };
        if times.checked_mul(unit.len())? > LONGEST {
            return None;
        }
        self.out.push_str(&unit.repeat(times));
        Some(())
    }

    fn count(&mut self) -> Option<(usize, usize)> {
        let range = match self.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => {
                let rest = self.letters.get(self.at + 1..)?;
                let text: String = rest.iter().take_while(|letter| **letter != '}').collect();
                self.at += text.chars().count() + 1;
                let (least, most) = text.split_once(',').unwrap_or((&text, &text));
                (least.parse().ok()?, if most.is_empty() { usize::MAX } else { most.parse().ok()? })
            }
            _ => return Some((1, 1)),
        };
        self.at += 1;
        self.eat('?');
        Some(range)
    }

    /// One letter of a class.
    fn class(&mut self) -> Option<char> {
        let negated = self.eat('^');
        let mut members: Vec<(char, char)> = Vec::new();
        while !self.eat(']') {
            let mut first = self.peek()?;
            self.at += 1;
            if first == '\\' {
                let letter = self.peek()?;
                self.at += 1;
                if matches!(letter, 'd' | 'w' | 's') {
                    let ranges: &[(char, char)] = match letter {
                        'd' => &[('0', '9')],
                        'w' => &[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
                        _ => &[(' ', ' ')],
                    };
                    members.extend(ranges);
                    continue;
                }
                first = escaped(letter)??;
            }
            let range = self.peek() == Some('-') && self.letters.get(self.at + 1).is_some_and(|next| *next != ']');
            if range {
                self.at += 2;
                members.push((first, *self.letters.get(self.at - 1)?));
            } else {
                members.push((first, first));
            }
        }
        if negated {
            let free = |letter: &char| !members.iter().any(|(low, high)| (*low..=*high).contains(letter));
            return ['a', '0', 'A', '-', ' ', '~'].into_iter().find(free);
        }
        members.get(self.attempt % members.len().max(1)).map(|(low, _)| *low)
    }
}

/// The letter of an escape; none for what stands for no letter, such as a word's edge.
#[allow(clippy::option_option, reason = "the outer one says that the escape is not known here")]
fn escaped(letter: char) -> Option<Option<char>> {
    Some(Some(match letter {
        'd' => '0',
        'w' | 'D' | 'S' => 'a',
        's' => ' ',
        'W' => '-',
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => return Some(None),
        letter if letter.is_ascii_alphanumeric() => return None,
        letter => letter,
    }))
}

#[cfg(test)]
mod tests {
    use super::matching;

    #[test]
    fn makes_what_the_pattern_finds() {
        for (pattern, text) in [
            ("^ORD-\\d{4,12}$", "ORD-0000"),
            ("^[A-Z]{2}$", "AA"),
            ("^(?:ab|cd)+x?$", "ab"),
            ("[^a]b*", "0"),
            ("^\\d+(\\.\\d+)?$", "0"),
            ("a|b", "a"),
        ] {
            assert_eq!(matching(pattern, 0).as_deref(), Some(text), "{pattern}");
        }
        assert_eq!(matching("^ORD-\\d{4,12}$", 2).as_deref(), Some("ORD-00000"));
        assert_eq!(matching("(?=a)", 0), None);
    }
}
