//! Patterns without choices: a row of classes, each with a count, over the whole text.

/// One class of ASCII letters and how often it may stand.
#[derive(Clone, Debug)]
struct Atom {
    class: u128,
    least: usize,
    most: usize,
}

/// Matches a row of atoms from left to right without ever going back.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    atoms: Vec<Atom>,
}

const DIGITS: u128 = 0x03FF << 48;

impl Matcher {
    /// Reads `^atoms$`; none for any other pattern, and where taking as much as possible could take too much.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
        if !inner.is_ascii() || inner.ends_with('\\') {
            return None;
        }
        let mut reader = Reader { rest: inner.as_bytes() };
        let mut atoms: Vec<Atom> = Vec::new();
        while !reader.rest.is_empty() {
            let class = reader.class()?;
            let (least, most) = reader.count()?;
            atoms.push(Atom { class, least, most });
        }
        // Greedy is right where no letter that an atom may leave to its followers could be taken by it as well.
        for (index, atom) in atoms.iter().enumerate().filter(|(_, atom)| atom.least != atom.most) {
            for follower in atoms.iter().skip(index + 1) {
                if follower.class & atom.class != 0 {
                    return None;
                }
                if follower.least > 0 {
                    break;
                }
            }
        }
        Some(Self { atoms })
    }

    /// Whether the whole of an ASCII text matches.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        let mut rest = text;
        for atom in &self.atoms {
            let fits = rest.iter().take(atom.most).take_while(|byte| atom.class >> **byte & 1 == 1).count();
            if fits < atom.least {
                return false;
            }
            rest = rest.get(fits..).unwrap_or_default();
        }
        rest.is_empty()
    }
}

struct Reader<'p> {
    rest: &'p [u8],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn eat(&mut self, wanted: u8) -> bool {
        let found = self.rest.first() == Some(&wanted);
        if found {
            self.next();
        }
        found
    }

    fn class(&mut self) -> Option<u128> {
        match self.next()? {
            b'[' => self.set(),
            b'\\' => escaped(self.next()?),
            b'^' | b'$' | b'.' | b'*' | b'+' | b'?' | b'(' | b')' | b']' | b'{' | b'}' | b'|' => None,
            byte => Some(1 << byte),
        }
    }

    fn set(&mut self) -> Option<u128> {
        let negated = self.eat(b'^');
        let mut set = 0;
        loop {
            let first = match self.next()? {
                b']' => break,
                b'\\' => {
                    set |= escaped(self.next()?)?;
                    continue;
                }
                b'[' | b'&' | b'~' => return None,
                byte => byte,
            };
            if self.rest.first() == Some(&b'-') && self.rest.get(1).is_some_and(|byte| *byte != b']') {
                self.next();
                let last = self.next().filter(|last| *last >= first && *last != b'\\' && *last != b'[')?;
                set |= (first..=last).fold(0, |set, byte| set | 1 << byte);
            } else {
                set |= 1 << first;
            }
        }
        if set == 0 {
            return None;
        }
        Some(if negated { !set } else { set })
    }

    fn count(&mut self) -> Option<(usize, usize)> {
        let range = if self.eat(b'*') {
            (0, usize::MAX)
        } else if self.eat(b'+') {
            (1, usize::MAX)
        } else if self.eat(b'?') {
            (0, 1)
        } else if self.eat(b'{') {
            let least = self.number()?;
            let most = match (self.eat(b','), self.rest.first()) {
                (false, _) => least,
                (true, Some(b'}')) => usize::MAX,
                (true, _) => self.number()?,
            };
            if !self.eat(b'}') || most < least {
                return None;
            }
            (least, most)
        } else {
            (1, 1)
        };
        // A lazy or a possessive count, or a count of a count.
        if matches!(self.rest.first(), Some(b'?' | b'+' | b'*' | b'{')) { None } else { Some(range) }
    }

    fn number(&mut self) -> Option<usize> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        std::str::from_utf8(number).ok()?.parse().ok()
    }
}

/// The class of an escape that needs no engine.
fn escaped(letter: u8) -> Option<u128> {
    let letters = |set: std::ops::RangeInclusive<u8>| set.fold(0_u128, |set, byte| set | 1 << byte);
    match letter {
        b'd' => Some(DIGITS),
        b'w' => Some(DIGITS | letters(b'a'..=b'z') | letters(b'A'..=b'Z') | 1 << b'_'),
        b's' => Some(letters(b'\t'..=b'\r') | 1 << b' '),
        letter if letter.is_ascii_punctuation() => Some(1 << letter),
        _ => None,
    }
}
