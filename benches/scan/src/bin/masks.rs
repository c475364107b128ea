//! What a masked field costs over one that is kept: nanoseconds a field, one thread, the least of some rounds.
//! `scripts/bench.sh --masks` runs it, and its twin in wasm (`benches/masks.mjs`).

use std::time::Instant;
use tamis::contract::Contract;
use tamis::mask::Key;
use tamis::pipeline::{Desk, Sieve};
use tamis::record::Frame;

const FIELDS: usize = 20;
const ROWS: usize = 2000;
const MASKS: [&str; 6] = [
    r#""keep""#,
    r#""pseudonym""#,
    r#"{"op": "pseudonym", "scope": "batch"}"#,
    r#""reversible""#,
    r#"{"op": "partial", "last": 4}"#,
    r#""scan""#,
];

fn main() {
    let fields = |field: &dyn Fn(usize) -> String| (0..FIELDS).map(field).collect::<Vec<_>>().join(",");
    let line = |row: usize| format!("{{{}}}", fields(&|i| format!(r#""f{i}":"customer{}@example.com""#, row * 31 + i)));
    let lines: Vec<String> = (0..ROWS).map(line).collect();
    let mut kept = None;
    for mask in MASKS {
        let properties = fields(&|i| format!(r#""f{i}":{{"type":"string","x-mask":{mask}}}"#));
        let contract = format!(r#"{{"type":"object","properties":{{{properties}}}}}"#);
        let contract = Contract::load(contract.as_bytes()).expect("it names known masks");
        let sieve = Sieve::new(contract, &Key::new([7; 32]));
        let round = |_| {
            let mut desk = Desk::default();
            let start = Instant::now();
            for line in &lines {
                let examined = sieve.examine(Frame { line: 1, bytes: line.as_bytes(), fault: None }, &mut desk);
                desk.recycle(examined);
            }
            start.elapsed().as_secs_f64()
        };
        let least = (0..25).map(round).fold(f64::INFINITY, f64::min) * 1e9 / (FIELDS * ROWS) as f64;
        let kept = *kept.get_or_insert(least);
        println!("native {mask}: {:.0} ns over keep", least - kept);
    }
}
