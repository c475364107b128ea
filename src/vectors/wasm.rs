//! WebAssembly's vectors of 16 bytes, which every browser and Workers have: a module with them loads whole or not at all.

/// Work on fixed arrays that a compiler makes vector instructions of; `run` must be inlined to be compiled for them.
pub(crate) trait Work {
    /// Does it. The result does not depend on the width of the vectors.
    fn run(self);
}

/// Runs work, compiled for vectors.
#[target_feature(enable = "simd128")]
pub(crate) fn vectorised(work: impl Work) {
    work.run();
}
