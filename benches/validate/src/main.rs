//! Throughput over records that lie in memory, one thread, the contenders in turn.
//!
//! `validate-bench FILE CONTRACT [ROUNDS]` prints one JSON object: for each contender the median MB/s of the rounds.

use std::hint::black_box;
use std::time::Instant;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::{Desk, Sieve};
use tamis::record::Frame;
use tamis::verdict::Status;

/// The contract without masks and features: what is timed is to validate and normalise.
fn without_masks(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(list) => list.iter_mut().for_each(without_masks),
        serde_json::Value::Object(map) => {
            for keyword in ["x-mask", "x-features", "x-unique"] {
                map.remove(keyword);
            }
            map.values_mut().for_each(without_masks);
        }
        _ => {}
    }
}

fn examine(sieve: &Sieve, lines: &[&[u8]]) -> usize {
    let mut desk = Desk::default();
    let mut accepted = 0;
    for line in lines {
        let examined = sieve.examine(Frame { line: 1, bytes: line, fault: None }, &mut desk);
        accepted += usize::from(examined.status() == Status::Accepted);
        desk.recycle(examined);
    }
    accepted
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (file, contract) = (args.next().expect("a file"), args.next().expect("a contract"));
    let rounds: usize = args.next().map_or(5, |rounds| rounds.parse().expect("a count"));
    let bytes = std::fs::read(file).expect("a readable file");
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let source = std::fs::read(contract).expect("a readable contract");
    let mut plain: serde_json::Value = serde_json::from_slice(&source).expect("JSON");
    let peer = jsonschema::options().should_validate_formats(true).build(&plain).expect("a schema");
    without_masks(&mut plain);
    let sieve = |source: &[u8]| Sieve::new(Contract::load(source).expect("a contract"), &Key::new([7; 32]));
    let (validating, whole) = (sieve(plain.to_string().as_bytes()), sieve(&source));

    let mut copy: Vec<Vec<u8>> = Vec::new();
    let mut buffers = simd_json::Buffers::default();
    let mut timed: Vec<(&str, Vec<f64>, usize)> = Vec::new();
    if let Ok(only) = std::env::var("ONLY") {
        for _ in 0..rounds {
            black_box(examine(if only == "tamis" { &validating } else { &whole }, &lines));
        }
        return;
    }
    for round in 0..=rounds {
        let contenders: [(&str, &mut dyn FnMut() -> (f64, usize)); 4] = [
            ("tamis", &mut || {
                let start = Instant::now();
                let count = black_box(examine(&validating, &lines));
                (start.elapsed().as_secs_f64(), count)
            }),
            ("tamis_masked", &mut || {
                let start = Instant::now();
                let count = black_box(examine(&whole, &lines));
                (start.elapsed().as_secs_f64(), count)
            }),
            ("simd_json", &mut || {
                // It writes into its input: the copies are made outside the time.
                copy.clear();
                copy.extend(lines.iter().map(|line| line.to_vec()));
                let start = Instant::now();
                let mut count = 0;
                for line in &mut copy {
                    count += usize::from(black_box(simd_json::to_borrowed_value_with_buffers(line, &mut buffers)).is_ok());
                }
                (start.elapsed().as_secs_f64(), count)
            }),
            ("serde_json_jsonschema", &mut || {
                let start = Instant::now();
                let mut count = 0;
                for line in &lines {
                    let value: Result<serde_json::Value, _> = serde_json::from_slice(line);
                    count += usize::from(value.is_ok_and(|value| black_box(peer.is_valid(&value))));
                }
                (start.elapsed().as_secs_f64(), count)
            }),
        ];
        for (index, (name, run)) in contenders.into_iter().enumerate() {
            let (seconds, count) = run();
            if round == 0 {
                timed.push((name, Vec::new(), count));
            } else {
                timed[index].1.push(bytes.len() as f64 / 1e6 / seconds);
            }
        }
    }
    let mut result = serde_json::Map::new();
    result.insert("megabytes".into(), (bytes.len() as f64 / 1e6).into());
    result.insert("records".into(), lines.len().into());
    for (name, mut rates, count) in timed {
        rates.sort_by(f64::total_cmp);
        result.insert(name.into(), serde_json::json!({ "mb_s": rates[rates.len() / 2], "least": rates[0], "good": count }));
    }
    println!("{}", serde_json::Value::Object(result));
}
