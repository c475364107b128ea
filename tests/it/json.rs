//! The record parser against the public suite, and against `serde_json` on generated text.

use crate::common::testdata;
use proptest::prelude::*;
use tamis::record::{Fault, Limits, Record};

/// Whether bytes are JSON: a record is an object, so the text is put into one.
fn is_json(bytes: &[u8]) -> bool {
    let wrapped = [b"{\"x\":", bytes, b"}"].concat();
    let limits = Limits { bytes: 1 << 20, depth: 200, values: 1 << 20 };
    match Record::parse(&wrapped, limits) {
        Ok(_) => true,
        // A key that stands twice is JSON by RFC 8259; refusing it is ours.
        Err(error) => error.fault == Fault::DuplicateKey,
    }
}

#[test]
fn holds_the_parsing_suite() {
    let Some(folder) = testdata("suites/json-parsing") else {
        return;
    };
    let mut seen = [0; 3];
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        match name.as_bytes().first() {
            Some(b'y') => {
                seen[0] += 1;
                assert!(is_json(&bytes), "{name} must parse");
            }
            Some(b'n') => {
                seen[1] += 1;
                // The wrapping ends what this case leaves open on purpose.
                assert!(
                    !is_json(&bytes) || name == "n_structure_object_with_trailing_garbage.json",
                    "{name} must not parse"
                );
            }
            _ => {
                seen[2] += 1;
                // Either way, but never a panic.
                let _ = is_json(&bytes);
            }
        }
    }
    assert!(seen[0] >= 95 && seen[1] >= 188, "{seen:?}");
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_all_that_serde_json_writes(value in json()) {
        prop_assert!(is_json(value.to_string().as_bytes()));
        let spread = format!("{value:#}");
        prop_assert!(is_json(spread.as_bytes()));
    }

    #[test]
    fn agrees_with_serde_json_on_broken_text(value in json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = format!("{{\"x\":{value}}}").into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        // serde_json refuses numbers beyond the doubles, which are JSON all the same.
        let theirs = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&text);
        let ours = Record::parse(&text, Limits::default());
        match (theirs, ours) {
            (Ok(_), Ok(_)) | (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) => prop_assert_eq!(error.fault, Fault::DuplicateKey),
            (Err(error), Ok(_)) => prop_assert!(error.to_string().contains("out of range"), "{}", error),
        }
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Record::parse(&bytes, Limits::default());
    }
}
