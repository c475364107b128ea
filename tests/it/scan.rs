//! Personal data in free text, measured on the synthetic texts of presidio-research.

use crate::common::testdata;
use std::ops::Range;
use tamis::mask::{Kind, find, scan_with};

/// The set's name of each kind, with the least recall and precision.
const KINDS: [(&str, Kind, f64, f64); 6] = [
    ("EMAIL_ADDRESS", Kind::Email, 0.98, 0.95),
    ("CREDIT_CARD", Kind::Card, 0.98, 0.95),
    ("IBAN_CODE", Kind::Iban, 0.98, 0.95),
    ("IP_ADDRESS", Kind::Ip, 0.98, 0.95),
    ("US_SSN", Kind::UsSsn, 0.98, 0.95),
    // Half of them have the form of no number that is issued anywhere: Presidio finds one in three.
    ("PHONE_NUMBER", Kind::Phone, 0.95, 0.95),
];

/// What counts in characters counts in bytes.
fn bytes(text: &str, span: &serde_json::Value) -> Range<usize> {
    let place = |name: &str| {
        let characters = span[name].as_u64().unwrap() as usize;
        text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
    };
    place("start_position")..place("end_position")
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

#[test]
fn finds_what_is_there_and_little_else() {
    let Some(file) = testdata("pii/generated_large.json") else { return };
    let samples: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(samples.len() > 2_000);
    for (name, kind, least_recall, least_precision) in KINDS {
        let (mut there, mut hits, mut found, mut good) = (0_u32, 0_u32, 0_u32, 0_u32);
        for sample in &samples {
            let text = sample["full_text"].as_str().unwrap();
            let spans = sample["spans"].as_array().unwrap().iter().filter(|span| span["entity_type"] == name);
            let spans: Vec<Range<usize>> = spans.map(|span| bytes(text, span)).collect();
            let mine: Vec<Range<usize>> =
                find(text).into_iter().filter(|found| found.kind == kind).map(|found| found.range).collect();
            there += spans.len() as u32;
            found += mine.len() as u32;
            hits += spans.iter().filter(|span| mine.iter().any(|own| overlap(own, span))).count() as u32;
            good += mine.iter().filter(|own| spans.iter().any(|span| overlap(own, span))).count() as u32;
        }
        let (recall, precision) = (f64::from(hits) / f64::from(there), f64::from(good) / f64::from(found));
        println!("{kind}: {there} spans, recall {recall:.3}, precision {precision:.3}");
        assert!(recall >= least_recall && precision >= least_precision, "{kind}: {recall:.3}, {precision:.3}");
    }
}

#[test]
fn masks_once_and_for_all() {
    let Some(file) = testdata("pii/generated_large.json") else { return };
    let samples: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    for sample in &samples {
        let text = sample["full_text"].as_str().unwrap();
        if let Some(masked) = scan_with(text, tamis::mask::Kinds::ALL) {
            assert_eq!(scan_with(&masked, tamis::mask::Kinds::ALL), None, "{masked}");
        }
    }
}
