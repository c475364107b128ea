//! The shapes of texts that are keys of something: runs of digits and of letters with marks in between.
//!
//! `ORD-0042` is a run of upper-case letters, a dash and a run of digits. Shapes are counted while the texts pass; of the
//! texts themselves only what was the same in all of one shape is kept.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Most shapes that are told apart; texts of further ones only count.
const MOST_SHAPES: usize = 24;
/// Longest text that has a shape, in bytes.
const LONGEST: usize = 64;
/// Most runs of a shape.
const MOST_RUNS: usize = 12;
/// Most shapes of one pattern.
const MOST_BRANCHES: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Digits,
    Upper,
    Lower,
    /// Letters and digits in any order, where telling them apart makes too many shapes.
    Mixed,
    Mark(char),
}

#[derive(Clone, Debug)]
struct Run {
    kind: Kind,
    /// How many texts have it in which length.
    lengths: BTreeMap<usize, u64>,
    /// The letters, while all texts of the shape have the same.
    constant: Option<String>,
    hexadecimal: bool,
    capitals: bool,
    small: bool,
}

#[derive(Clone, Debug)]
struct Shape {
    count: u64,
    runs: Vec<Run>,
}

/// The shapes of the texts of one field.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    fine: BTreeMap<Vec<Kind>, Shape>,
    /// The same, with letters and digits not told apart.
    coarse: BTreeMap<Vec<Kind>, Shape>,
    count: u64,
}

impl Shapes {
    pub(super) fn add(&mut self, text: &str) {
        self.count += 1;
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        {
            return;
        }
        note(&mut self.fine, runs(text, false));
        note(&mut self.coarse, runs(text, true));
    }

    /// A pattern that at least `permille` of the texts have, of as few shapes as it takes; none where there is none.
    /// `with_digits` asks for a run of digits in each shape.
    pub(super) fn pattern(&self, permille: u64, with_digits: bool) -> Option<String> {
        self.branches(&self.fine, permille, with_digits)
            .or_else(|| self.branches(&self.coarse, permille, false).filter(|_| !with_digits))
    }

    fn branches(&self, shapes: &BTreeMap<Vec<Kind>, Shape>, permille: u64, with_digits: bool) -> Option<String> {
        let mut shapes: Vec<&Shape> = shapes.values().filter(|shape| shape.count * 200 >= self.count).collect();
        // The sort is stable and the map sorted, so equal counts have one order.
        shapes.sort_by_key(|shape| std::cmp::Reverse(shape.count));
        shapes.truncate(MOST_BRANCHES);
        let covered: u64 = shapes.iter().map(|shape| shape.count).sum();
        let digits = |shape: &&Shape| shape.runs.iter().any(|run| run.kind == Kind::Digits);
        if covered * 1000 < self.count * permille || shapes.is_empty() || (with_digits && !shapes.iter().all(digits)) {
            return None;
        }
        let branches: Vec<String> = shapes.iter().map(|shape| shape.pattern()).collect();
        Some(match branches.as_slice() {
            [one] => format!("^{one}$"),
            several => format!("^(?:{})$", several.join("|")),
        })
    }
}

fn note(shapes: &mut BTreeMap<Vec<Kind>, Shape>, runs: Vec<Run>) {
    if runs.len() > MOST_RUNS {
        return;
    }
    let kinds: Vec<Kind> = runs.iter().map(|run| run.kind).collect();
    if let Some(shape) = shapes.get_mut(&kinds) {
        shape.count += 1;
        for (run, other) in shape.runs.iter_mut().zip(runs) {
            run.merge(other);
        }
    } else if shapes.len() < MOST_SHAPES {
        shapes.insert(kinds, Shape { count: 1, runs });
    }
}

fn runs(text: &str, coarse: bool) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for letter in text.chars() {
        let kind = match letter {
            _ if coarse && letter.is_ascii_alphanumeric() => Kind::Mixed,
            '0'..='9' => Kind::Digits,
            'A'..='Z' => Kind::Upper,
            'a'..='z' => Kind::Lower,
            mark => Kind::Mark(mark),
        };
        match runs.last_mut() {
            Some(run) if run.kind == kind && !matches!(kind, Kind::Mark(_)) => run.push(letter),
            _ => {
                let mut run = Run {
                    kind,
                    lengths: BTreeMap::new(),
                    constant: Some(String::new()),
                    hexadecimal: true,
                    capitals: false,
                    small: false,
                };
                run.push(letter);
                runs.push(run);
            }
        }
    }
    for run in &mut runs {
        let length = run.constant.as_ref().map_or(0, String::len);
        run.lengths.insert(length, 1);
    }
    runs
}

impl Run {
    fn push(&mut self, letter: char) {
        self.hexadecimal &= letter.is_ascii_hexdigit();
        self.capitals |= letter.is_ascii_uppercase();
        self.small |= letter.is_ascii_lowercase();
        if let Some(constant) = &mut self.constant {
            constant.push(letter);
        }
    }

    fn merge(&mut self, other: Self) {
        for (length, count) in other.lengths {
            *self.lengths.entry(length).or_default() += count;
        }
        self.hexadecimal &= other.hexadecimal;
        self.capitals |= other.capitals;
        self.small |= other.small;
        if self.constant != other.constant {
            self.constant = None;
        }
    }
}

/// Texts of one shape from which letters that never change count as fixed.
const ENOUGH_FOR_CONSTANT: u64 = 20;

impl Shape {
    fn pattern(&self) -> String {
        let mut pattern = String::new();
        let alone =
            self.runs.iter().filter(|run| !matches!(run.kind, Kind::Mark(_) | Kind::Upper | Kind::Lower)).count() == 1;
        for run in &self.runs {
            let letters = matches!(run.kind, Kind::Upper | Kind::Lower);
            if let Kind::Mark(mark) = run.kind {
                escape(mark, &mut pattern);
                continue;
            }
            if let Some(constant) = run.constant.as_ref().filter(|_| letters && self.count >= ENOUGH_FOR_CONSTANT) {
                pattern.push_str(constant);
                continue;
            }
            pattern.push_str(run.class());
            let (shortest, longest) = run.span(self.count);
            // A number that counts up grows longer, and words differ in length; a fixed length among others is a form.
            let counts = run.kind == Kind::Digits && (alone || longest == 1);
            let fixed = shortest == longest && !counts;
            let most = if fixed { longest } else { longest * 2 };
            // Writing to a String cannot fail.
            let _ = match (shortest, most) {
                (1, 1) => Ok(()),
                (least, most) if least == most => write!(pattern, "{{{least}}}"),
                _ if letters => pattern.write_str("+"),
                (least, most) => write!(pattern, "{{{least},{most}}}"),
            };
        }
        pattern
    }
}

impl Run {
    /// The shortest and the longest, but for what among many is so rare that it is dirt.
    fn span(&self, count: u64) -> (usize, usize) {
        let usual = |seen: &u64| count < 200 || *seen * 200 >= count;
        let mut lengths = self.lengths.iter().filter(|(_, seen)| usual(seen)).map(|(length, _)| *length);
        let shortest = lengths.next().unwrap_or(1);
        (shortest, lengths.next_back().unwrap_or(shortest))
    }

    fn class(&self) -> &'static str {
        match self.kind {
            Kind::Digits => r"\d",
            Kind::Upper => "[A-Z]",
            Kind::Lower => "[a-z]",
            Kind::Mixed | Kind::Mark(_) => {
                match (self.hexadecimal && self.lengths.keys().all(|length| *length >= 4), self.capitals, self.small) {
                    (true, false, true) => "[0-9a-f]",
                    (true, true, false) => "[0-9A-F]",
                    (false, false, true) => "[0-9a-z]",
                    (false, true, false) => "[0-9A-Z]",
                    (_, false, false) => r"\d",
                    _ => "[0-9A-Za-z]",
                }
            }
        }
    }
}

fn escape(mark: char, pattern: &mut String) {
    if r"\.+*?()|[]{}^$/".contains(mark) && mark != '/' {
        pattern.push('\\');
    }
    pattern.push(mark);
}

#[cfg(test)]
mod tests {
    use super::Shapes;

    fn pattern(texts: impl IntoIterator<Item = String>) -> String {
        let mut shapes = Shapes::default();
        for text in texts {
            shapes.add(&text);
        }
        shapes.pattern(950, false).unwrap_or_default()
    }

    #[test]
    fn finds_patterns() {
        let ids = |from: u32, to: u32, make: &dyn Fn(u32) -> String| pattern((from..to).map(make));
        assert_eq!(ids(1000, 1100, &|n| format!("ORD-{n}")), r"^ORD-\d{4,8}$");
        assert_eq!(ids(990, 1100, &|n| format!("ORD-{n}")), r"^ORD-\d{3,8}$");
        assert_eq!(ids(0, 100, &|n| format!("{n:08x}-{:04x}", n * 7)), r"^[0-9a-f]{8}-[0-9a-f]{4}$");
        assert_eq!(ids(0, 100, &|n| format!("2025-01-{:02}", n % 28)), r"^\d{4}-\d{2}-\d{2}$");
        assert_eq!(
            ids(0, 400, &|n| if n % 10 == 0 { format!("C{}", 100_000 + n) } else { (100_000 + n).to_string() }),
            r"^(?:\d{6,12}|C\d{6,12})$"
        );
        assert_eq!(ids(0, 10, &|n| format!("a.b({n})")), r"^[a-z]\.[a-z]\(\d{1,2}\)$");
        assert_eq!(ids(1, 60, &|n| "x".repeat(n as usize)), "^[a-z]+$");
        assert_eq!(ids(0, 100, &|n| format!("ÄÖ{n}")), "");
    }

    #[test]
    fn a_few_texts_make_no_literal() {
        assert_eq!(pattern((0..5).map(|n| format!("SMITH-{n}"))), r"^[A-Z]{5}-\d{1,2}$");
    }
}
