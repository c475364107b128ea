//! The vectors that every processor of the target has.

/// Work on fixed arrays that a compiler makes vector instructions of.
pub(crate) trait Work {
    /// Does it. The result does not depend on the width of the vectors.
    fn run(self);
}

/// Runs work.
pub(crate) fn vectorised(work: impl Work) {
    work.run();
}
