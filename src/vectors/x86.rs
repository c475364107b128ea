//! The widest vectors that the processor at hand has, asked for when the program runs.
#![allow(
    unsafe_code,
    reason = "audited: each unsafe call is of a function that is safe but for the instructions that it is compiled to, and \
              stands behind the test that the processor has those. Measured to pay: blocks of rows are scored twice as fast"
)]

/// Work on fixed arrays that a compiler makes vector instructions of; `run` must be inlined to be compiled for each width.
pub(crate) trait Work {
    /// Does it. The result does not depend on the width of the vectors.
    fn run(self);
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,bmi1,bmi2")]
fn of_64_bytes(work: impl Work) {
    work.run();
}

#[target_feature(enable = "avx2,bmi1,bmi2")]
fn of_32_bytes(work: impl Work) {
    work.run();
}

/// Runs work, compiled for the widest vectors that there are.
pub(crate) fn vectorised(work: impl Work) {
    let bits = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2");
    let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
    if bits && wide && is_x86_feature_detected!("avx512vl") && is_x86_feature_detected!("avx512dq") {
        // SAFETY: the processor has every feature that the function is compiled for.
        unsafe { of_64_bytes(work) }
    } else if bits && is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has every feature that the function is compiled for.
        unsafe { of_32_bytes(work) }
    } else {
        work.run();
    }
}
