//! Any bytes to the reader of models: an error or a forest that scores, no panic, no more memory than the bytes warrant.
//!
//! ```text
//! cargo +nightly fuzz run onnx fuzz/corpus/onnx tests/data -- -malloc_limit_mb=256 -max_len=65536
//! ```
//! The build has no tract, so that what is found is ours.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tamis::score::Model;

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = Model::from_onnx(bytes) else { return };
    for value in [0.5, f32::NAN, f32::NEG_INFINITY] {
        let row = vec![value; model.columns()];
        if let Ok(score) = model.score(&row) {
            assert!(score.score.is_some_and(|score| (0.0..=1.0).contains(&score)));
            model.explain(&row, 3);
        }
    }
});
