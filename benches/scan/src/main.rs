//! Personal data in texts that lie in memory, one thread: ours and redact-core's in turn.
//!
//! `scan-bench FILE [ROUNDS]` reads `{"texts": […], "clean": […]}` and prints one JSON object: for each contender what it found
//! in the texts (`[start, end, kind]`, in characters) and its best seconds for the texts and for the clean ones.

use redact_core::AnalyzerEngine;
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::Instant;

type Span = (usize, usize, String);

fn ours(text: &str) -> Vec<Span> {
    let found = tamis::mask::find(text);
    found.into_iter().map(|found| (found.range.start, found.range.end, found.kind.name().to_owned())).collect()
}

fn theirs(engine: &AnalyzerEngine, text: &str) -> Vec<Span> {
    let found = engine.analyze(text, None).expect("an analysis").detected_entities;
    found.into_iter().map(|found| (found.start, found.end, found.entity_type.as_str().to_owned())).collect()
}

fn texts_of(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list");
    list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// The best seconds of some rounds.
fn timed(rounds: usize, mut run: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..rounds).map(round).fold(f64::INFINITY, f64::min)
}

fn contender(texts: &[String], clean: &[String], rounds: usize, find: impl Fn(&str) -> Vec<Span>) -> Value {
    let in_characters = |text: &str, at: usize| text.get(..at).map_or(0, |before| before.chars().count());
    let spans: Vec<Vec<Span>> = texts
        .iter()
        .map(|text| {
            let found = find(text);
            found
                .into_iter()
                .map(|(start, end, kind)| (in_characters(text, start), in_characters(text, end), kind))
                .collect()
        })
        .collect();
    let all = |texts: &[String]| texts.iter().for_each(|text| drop(black_box(find(text))));
    json!({
        "spans": spans,
        "seconds": timed(rounds, || all(texts)),
        "seconds_clean": timed(rounds, || all(clean)),
    })
}

fn main() {
    let mut args = std::env::args().skip(1);
    let file = args.next().expect("a file");
    let rounds: usize = args.next().map_or(5, |rounds| rounds.parse().expect("a count"));
    let input: Value = serde_json::from_slice(&std::fs::read(file).expect("a readable file")).expect("JSON");
    let (texts, clean) = (texts_of(&input["texts"]), texts_of(&input["clean"]));
    let engine = AnalyzerEngine::new();
    let found = json!({
        "tamis": contender(&texts, &clean, rounds, ours),
        "redact_core": contender(&texts, &clean, rounds.min(2), |text| theirs(&engine, text)),
    });
    println!("{found}");
}
