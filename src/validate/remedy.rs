//! Which normaliser would have mended a value that failed: what a contract's author may want to know.

use super::scalar::{self, has_type};
use crate::contract::{Check, Contract, Field, FieldId, TextFormat, Types};
use crate::normalise::{Normaliser, is_missing};
use crate::record::document::{Document, Node, NodeId, Span, Value};

/// Tried in this order; each begins with trimming.
const REMEDIES: [Normaliser; 8] = [
    Normaliser::Trim,
    Normaliser::Lowercase,
    Normaliser::Uppercase,
    Normaliser::Number,
    Normaliser::Boolean,
    Normaliser::Datetime,
    Normaliser::Text,
    Normaliser::Missing,
];

/// Longest text that is tried, in bytes: what a word or a number that was only written wrongly may be.
const LONGEST: u32 = 200;

/// The name of the first normaliser that the field does not have and that would make its value pass every check.
///
/// It works on a copy, and only on values that failed, so clean records pay nothing for it.
pub(super) fn remedy(doc: &Document, id: NodeId, contract: &Contract, field: FieldId) -> Option<&'static str> {
    let field = contract.field(field);
    let text = match doc.value(id) {
        Value::Text(span) | Value::Number { text: span, .. } if span.len() <= LONGEST => doc.str(span),
        Value::Bool(_) => "",
        _ => return None,
    };
    let has = |step: &Normaliser| match step {
        // Every normaliser begins with trimming, and tells "no value" from a value.
        Normaliser::Trim | Normaliser::Missing => !field.normalise.is_empty(),
        _ => field.normalise.contains(step),
    };
    let mut copy = Document::default();
    let would_mend = |step: &&Normaliser| {
        copy.reset(text);
        let value = match doc.value(id) {
            Value::Text(_) => Value::Text(copy.since(0)),
            Value::Number { value, .. } => Value::Number { text: copy.since(0), value },
            other => other,
        };
        let node = copy.add(Node::new(Span::default(), value));
        if *step == &Normaliser::Missing {
            return !field.required && step.attempt(&mut copy, node, field) && is_missing(&copy, node, field);
        }
        step.attempt(&mut copy, node, field)
            && has_type(copy.value(node), &copy, field.types)
            && field.checks.iter().all(|check| scalar::holds(check, &contract.schemas, &copy, node))
    };
    let candidates = REMEDIES.iter().filter(|step| !has(step) && may_help(step, doc.value(id), text, field));
    candidates.into_iter().find(would_mend).map(Normaliser::name)
}

/// Whether a normaliser could change such a value into what such a field takes: most cannot, and need not be tried.
fn may_help(step: &Normaliser, value: Value, text: &str, field: &Field) -> bool {
    let is_text = matches!(value, Value::Text(_));
    let takes_text = field.types.has(Types::STRING);
    match step {
        Normaliser::Lowercase => is_text && takes_text && text.chars().any(char::is_uppercase),
        Normaliser::Uppercase => is_text && takes_text && text.chars().any(char::is_lowercase),
        Normaliser::Number => is_text && field.types.has(Types::INTEGER),
        Normaliser::Boolean => field.types.has(Types::BOOLEAN),
        Normaliser::Datetime => field.checks.iter().any(|check| matches!(check, Check::Format(TextFormat::DateTime))),
        Normaliser::Text => !is_text && takes_text,
        _ => is_text,
    }
}

#[cfg(test)]
mod tests {
    use crate::contract::Contract;
    use crate::mask::Key;
    use crate::pipeline::Sieve;
    use crate::record::Format;
    use crate::stream::Stream;
    use serde_json::Value as Json;

    fn summary(contract: &str, records: &str) -> Json {
        let contract = Contract::load(contract.as_bytes()).unwrap();
        let sieve = Sieve::new(contract, &Key::new([7; 32]));
        let mut stream = Stream::new(&sieve, Format::Ndjson);
        stream.push(records.as_bytes(), &mut |_| {});
        stream.finish(&mut |_| {});
        sieve.summary_json(stream.summary(), None)
    }

    #[test]
    fn each_fault_finds_its_remedy() {
        for (schema, value, remedy) in [
            (r#"{"enum": ["EUR", "USD"]}"#, r#"" EUR ""#, Some("trim")),
            (r#"{"enum": ["EUR", "USD"]}"#, r#""eur""#, Some("uppercase")),
            (r#"{"enum": ["paid"], "x-normalize": ["trim"]}"#, r#"" Paid""#, Some("lowercase")),
            (r#"{"enum": ["EUR"]}"#, r#""XXX""#, None),
            (r#"{"type": "number"}"#, r#""1.299,00 €""#, Some("number")),
            (r#"{"type": "integer", "minimum": 5}"#, r#""4""#, None),
            (r#"{"type": "number", "x-normalize": ["number"]}"#, r#""many""#, None),
            (r#"{"type": "boolean"}"#, r#""yes""#, Some("boolean")),
            (r#"{"type": "boolean"}"#, "1", Some("boolean")),
            (r#"{"type": "string", "format": "date-time"}"#, r#""2025-01-02 03:04""#, Some("datetime")),
            (r#"{"type": "string", "format": "date-time"}"#, "1735689600", Some("datetime")),
            (r#"{"type": "string", "pattern": "^[0-9]{5}$"}"#, "10115", Some("text")),
            (r#"{"type": "string"}"#, "{}", None),
            (r#"{"type": "number"}"#, r#"" n/a ""#, Some("missing")),
            (r#"{"type": "string", "maxLength": 2}"#, r#""  ab  ""#, Some("trim")),
        ] {
            let contract = format!(r#"{{"type": "object", "properties": {{"a": {schema}}}}}"#);
            let summary = summary(&contract, &format!("{{\"a\": {value}}}\n"));
            let gain = &summary["gains"][0];
            assert_eq!(gain["remedy"].as_str(), remedy, "{schema} {value}");
            assert_eq!(gain["records"].as_u64(), remedy.map(|_| 1), "{schema} {value}");
        }
    }

    #[test]
    fn a_gain_counts_records_that_nothing_else_is_wrong_with() {
        let contract = r#"{"type": "object", "properties": {
            "a": {"enum": ["x", "y"]}, "b": {"type": "number"}, "c": {"enum": ["x"], "x-severity": "warn"}}}"#;
        let records = [
            r#"{"a": " x", "b": 1}"#,
            r#"{"a": " x", "b": 1, "c": "z"}"#,
            r#"{"a": " x", "b": "1"}"#,
            r#"{"a": "X", "b": 1}"#,
            r#"{"a": "z", "b": 1}"#,
            r#"{"a": "z", "b": 1, "c": "z"}"#,
            "broken",
        ];
        let summary = summary(contract, &records.join("\n"));
        let list = |key: &str, wanted: [&str; 4]| -> Vec<String> {
            let entries = summary[key].as_array().unwrap().iter();
            entries.map(|entry| wanted.map(|key| entry[key].to_string().replace('"', "")).join(" ")).collect()
        };
        let gains = list("gains", ["path", "code", "remedy", "records"]);
        assert_eq!(gains, ["/a enum trim 2", "/a enum lowercase 1"]);
        let violations = list("violations", ["path", "code", "count", "alone"]);
        assert_eq!(violations, ["/a enum 6 5", "/c enum 2 0", " syntax 1 1", "/b type 1 0"]);
        let rules = list("rules", ["path", "code", "rejected", "severity"]);
        assert!(rules.contains(&"/c enum 0 warn".to_owned()), "{rules:?}");
    }
}
