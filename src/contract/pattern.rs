//! The keyword `pattern`: regular expressions of JSON Schema (ECMA-262), run in linear time.

mod matcher;
mod translate;

use matcher::Matcher;
use regex_lite::{Regex, RegexBuilder};

/// Longest pattern, in bytes: compiling is bounded too.
const LONGEST: usize = 4096;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    source: String,
    regex: Regex,
    /// Most patterns are a row of classes and counts between `^` and `$`: those are matched without an engine.
    matcher: Option<Matcher>,
}

impl Pattern {
    /// Compiles a pattern; none for what a linear engine cannot run (look-around, back-references, very large
    /// repetitions) or what ECMA-262 would read in another way than we do.
    pub(crate) fn new(source: &str) -> Option<Self> {
        if source.len() > LONGEST {
            return None;
        }
        let translated = translate::translate(source)?;
        let regex = RegexBuilder::new(&translated).size_limit(1 << 20).build().ok()?;
        Some(Self { source: source.to_owned(), regex, matcher: Matcher::new(source) })
    }

    /// Whether the pattern is found anywhere in the text (JSON Schema Validation §6.3.3).
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match &self.matcher {
            Some(matcher) if text.is_ascii() => matcher.is_match(text.as_bytes()),
            _ => self.regex.is_match(text),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.source
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use proptest::prelude::*;

    #[test]
    fn reads_what_ecma_script_means() {
        for (pattern, text, found) in [
            ("^ORD-\\d{4,12}$", "ORD-1234", true),
            ("^ORD-\\d{4,12}$", "ORD-123", false),
            ("^ORD-\\d{4,12}$", "ORD-1234567890123", false),
            ("^ORD-\\d{4,12}$", "ORD-1234\n", false),
            ("^ORD-\\d{4,12}$", "ORD-١٢٣٤", false),
            ("^\\S+$", "a\u{a0}b", false),
            ("\\s", "\u{feff}", true),
            (".", "\u{2028}", false),
            ("^[\\s\\d]*$", "1\u{3000}2", true),
            ("^a\\/b$", "a/b", true),
            ("\\u00e9", "é", true),
            ("^🐲*$", "🐲🐲", true),
            ("a|b", "xbx", true),
            ("^[A-Z]{2}[0-9]{2,4}-?x$", "AB123x", true),
            ("^[A-Z]+[0-9]$", "ABC1", true),
            ("^[a-z]*z$", "abz", true),
            ("", "anything", true),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().is_match(text), found, "{pattern} {text}");
        }
        for pattern in
            ["(?=a)", "(a)\\1", "(a{1000}){1000}", "\\Aa", "a\\Z", "\\z", "a\\", "[", "\\cA", "\\a", "\\p{Letter}"]
        {
            assert!(Pattern::new(pattern).is_none(), "{pattern}");
        }
    }

    /// Patterns that the matcher takes.
    fn simple() -> impl Strategy<Value = String> {
        let class = prop_oneof![
            Just("a"),
            Just("b"),
            Just("-"),
            Just("[ab]"),
            Just("[0-9a]"),
            Just("\\d"),
            Just("\\w"),
            Just("[^a]"),
            Just("\\."),
            Just(".")
        ];
        let count = prop_oneof![Just(""), Just("*"), Just("+"), Just("?"), Just("{2}"), Just("{1,2}"), Just("{1,}")];
        prop::collection::vec((class, count), 0..5).prop_map(|atoms| {
            format!("^{}$", atoms.iter().flat_map(|(class, count)| [*class, *count]).collect::<String>())
        })
    }

    proptest! {
        #[test]
        fn matcher_agrees_with_the_engine(pattern in simple(), text in "[ab01.\\-\n]{0,6}") {
            let pattern = Pattern::new(&pattern).unwrap();
            prop_assert_eq!(pattern.is_match(&text), pattern.regex.is_match(&text));
        }
    }
}
