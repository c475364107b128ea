use super::super::types::FieldType;
use super::*;
use crate::contract::FieldId;

/// `n` and `i` are numbers, `t` text, `e` an enumeration, `l` a list of texts, `os` one of objects with `x`, `a` has
/// several types.
struct Some8;

const NAMES: [&str; 12] = ["", "n", "i", "t", "e", "l", "o", "o.x", "b", "a", "os", "os.x"];

impl Fields for Some8 {
    fn resolve(&self, path: &[String]) -> Result<FieldId, String> {
        let path = path.join(".");
        NAMES
            .iter()
            .take(11)
            .position(|name| *name == path)
            .map(FieldId)
            .ok_or(format!("the contract has no field {path}"))
    }

    fn item(&self, field: FieldId) -> Option<FieldId> {
        match field.0 {
            5 => Some(FieldId(3)),
            _ => Some(FieldId(6)),
        }
    }

    fn member(&self, _: FieldId, name: &str) -> Option<FieldId> {
        (name == "x").then_some(FieldId(11))
    }

    fn type_of(&self, field: FieldId) -> Option<FieldType> {
        Some(match field.0 {
            1 | 7 | 11 => FieldType::Double,
            2 => FieldType::Int,
            3 | 4 => FieldType::Text,
            5 | 10 => FieldType::List,
            8 => FieldType::Bool,
            9 => return None,
            _ => FieldType::Object,
        })
    }

    fn is_enum(&self, field: FieldId) -> bool {
        field.0 == 4
    }
}

/// Expressions that do not load, and why.
const FAULTS: &[(&str, &str)] = &[
    ("n > 0 && nn > 1", "column 10: the contract has no field nn"),
    ("n > 't'", "column 5: needs a number, but has text"),
    ("n + ", "column 5: expected a value, a field or a function"),
    ("n", "column 1: gives a number, but true or false is wanted"),
    ("(n > 0", "column 7: expected a closing parenthesis"),
    ("n = 0", "column 3: a comparison is written =="),
    ("has(1)", "column 5: has() takes the path of a field"),
    ("has(n + 1)", "column 5: has() takes the path of a field"),
    ("t == n", "column 3: cannot compare text with a number"),
    ("'abc", "column 1: the text has no closing quote"),
    ("n > 1 n", "column 7: expected an operator or the end"),
    ("1e999 > n", "column 1: not a finite number"),
    ("n # 1", "column 3: unexpected character '#'"),
    ("n > 1u", "column 5: there are no unsigned integers"),
    ("n % 2 == 0", "column 1: needs an integer, but has a number"),
    ("i % 2.0 == 0", "column 5: needs an integer, but has a number"),
    ("9223372036854775808 > i", "column 1: not a 64-bit integer"),
    ("i > 1 ? true : 1", "column 7: gives true or false or an integer, but both sides must have one type"),
    ("i ? true : false", "column 1: needs true or false, but has an integer"),
    ("[1, 't'] == []", "column 5: the list has an integer before, so it cannot have text"),
    ("os.x > 1.0", "column 1: os is a list: its items are reached by a macro, such as os.all(item, item.x ...)"),
    ("os.all(p, p.y > 1)", "column 11: the contract has no field y in this object"),
    ("os.all(p.x, true)", "column 9: expected a comma behind the name of the variable"),
    ("os.all(p, p.x)", "column 11: needs true or false, but has a number"),
    ("n.all(p, true)", "column 1: all() goes over a list, but this is a number"),
    ("os.all(p, true) && p.x > 1.0", "column 20: the contract has no field p.x"),
    ("os == os", "column 4: cannot compare a list with a list"),
    ("t.matches('(')", "column 11: the pattern does not compile: found open group without closing ')'"),
    (
        "t.matches(t)",
        "column 11: the pattern of matches() must be a text literal: it is compiled when the contract loads",
    ),
    (
        "timestamp('2024-13-01T00:00:00Z') < timestamp(t)",
        "column 11: not a timestamp from the year 1 to 9999; it is written like 2024-05-01T12:00:00Z",
    ),
    ("duration('1 day') > duration(t)", "column 10: not a duration; it is written like 1h30m, 90s or 250ms"),
    (
        "timestamp(t).getHours('Europe/Berlin') > 1",
        "column 23: a time zone is 'UTC' or a fixed offset such as '+02:00': there is no database of zones",
    ),
    ("t.getHours() > 1", "column 1: needs a timestamp, such as timestamp(created_at), but has text"),
    ("a > 1", "column 1: needs a number, text or a time, but has a value of several types"),
    ("o == o", "column 3: cannot compare an object with an object"),
    ("approx(n, 1)", "column 1: approx() takes two numbers and the tolerance"),
    ("sum(l) > 0", "column 5: needs a list of numbers, but has a list"),
    ("t + 1 == t", "column 5: needs text, but has an integer"),
    ("i in [1, 2] + ['t']", "column 15: needs a list of the same kind, but has a list"),
    ("b\"x\" == t", "column 1: there are no bytes, only text"),
    ("{'a': 1}.a == 1", "column 1: there are no maps or messages"),
    ("t == '\\q'", r#"column 7: an escape is one of \a \b \f \n \r \t \v \\ \? \' \" \` \xHH \uHHHH \UHHHHHHHH \OOO"#),
    ("ÄÖ > 1", "column 1: the contract has no field ÄÖ"),
    ("'ÄÖ' == t && x", "column 14: the contract has no field x"),
];

#[test]
fn errors_name_the_column() {
    for (source, message) in FAULTS {
        assert_eq!(compile(source, &Some8, Wanted::Bool).unwrap_err().to_string(), *message, "{source}");
    }
    let unknown = compile("avg(l) > 0", &Some8, Wanted::Bool).unwrap_err().to_string();
    assert!(unknown.starts_with("column 1: there is no function avg(); there are has, size"), "{unknown}");
    let unknown = compile("t.substr(1) == ''", &Some8, Wanted::Bool).unwrap_err().to_string();
    assert!(unknown.starts_with("column 3: there is no method substr(); there are size"), "{unknown}");
    let text = compile("t", &Some8, Wanted::Number).unwrap_err().to_string();
    assert_eq!(text, "column 1: gives text, but a number or true or false is wanted");
    let deep = format!("{}n > 0.0{}", "(".repeat(100), ")".repeat(100));
    let deep = compile(&deep, &Some8, Wanted::Bool).unwrap_err().to_string();
    assert_eq!(deep, "column 65: nested deeper than 64");
    let long = compile(&vec!["n"; 5000].join(" + "), &Some8, Wanted::Number).unwrap_err().to_string();
    assert!(long.ends_with("longer than 1000 parts"));
    let pattern = format!("t.matches('{}')", "a".repeat(5000));
    let pattern = compile(&pattern, &Some8, Wanted::Bool).unwrap_err().to_string();
    assert_eq!(pattern, "column 11: the pattern is longer than 4096 bytes");
}

#[test]
fn well_typed_expressions_compile() {
    for (source, wanted) in [
        ("n * o.x <= 100000", Wanted::Bool),
        ("i * n <= 100000", Wanted::Bool),
        ("has(l) && size(l) > 0 || !(t == 'x')", Wanted::Bool),
        ("-n + 2.5e-3 * .5", Wanted::Number),
        ("e", Wanted::Number),
        ("b", Wanted::Number),
        ("i > 1 ? i : n", Wanted::Number),
        ("t != null && a == null && o != null", Wanted::Bool),
        ("os.all(p, has(p.x) && p.x >= 0)", Wanted::Bool),
        ("sum(os.map(p, p.x * i))", Wanted::Number),
        ("t in ['a', 'b',] // a comment", Wanted::Bool),
        ("int(a) == 1", Wanted::Bool),
        ("l.map(n, size(n)) == [1]", Wanted::Bool),
        ("-9223372036854775808 < i", Wanted::Bool),
        ("size(t.trim()) > 1", Wanted::Bool),
    ] {
        let found = compile(source, &Some8, wanted).map(|_| ());
        assert_eq!(found, Ok(()), "{source}");
    }
}

#[test]
fn fields_in_items_are_told_from_those_with_a_slot() {
    let program = compile("os.all(p, p.x > n)", &Some8, Wanted::Bool).unwrap();
    assert_eq!(program.fields(), [FieldId(10), FieldId(1)]);
    assert_eq!(program.fields_below(), [FieldId(6), FieldId(11)]);
}
