//! A masked record in a cell.

use super::markup::Markup;
use serde_json::Value as Json;

/// Fields and characters of a value that are shown: enough to recognise a record, the whole of it is in the outputs.
const FIELDS: usize = 30;
const LETTERS: usize = 80;

/// The fields of a record, each with its value; those of an object within it by their path.
pub(super) fn fields(record: &Json) -> Markup {
    let mut list = Vec::new();
    gather("", record, &mut list);
    if list.is_empty() {
        return Markup::text("–");
    }
    let more = if list.len() > FIELDS { "…" } else { "" };
    let pairs = list.into_iter().take(FIELDS).map(|(path, value)| {
        let pair = Markup::element("i", path).then(Markup::text(" ")).then(Markup::element("bdi", value));
        Markup::element("span", pair).then(Markup::text(" "))
    });
    pairs.collect::<Markup>().then(Markup::text(more))
}

fn gather(path: &str, value: &Json, list: &mut Vec<(String, String)>) {
    match value {
        Json::Object(members) => {
            for (key, value) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}/{key}") };
                // One more than is shown tells that there are more.
                if list.len() <= FIELDS {
                    gather(&path, value, list);
                }
            }
        }
        Json::Null if path.is_empty() => {}
        Json::String(text) => list.push((path.to_owned(), short(text))),
        other => list.push((path.to_owned(), short(&other.to_string()))),
    }
}

pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A verdict's id as a text.
pub(super) fn id(verdict: &Json) -> String {
    match &verdict["id"] {
        Json::Null => "–".to_owned(),
        Json::String(id) => short(id),
        id => short(&id.to_string()),
    }
}
