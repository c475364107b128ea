//! The way over a stream of bytes, on one thread: what the edge and the page run.

use crate::monitor::drift::{Counter, Window};
use crate::pipeline::{Batch, Desk, Examined, Sieve};
use crate::quality::Summary;
use crate::record::{Format, Framer};
use crate::verdict::{Explain, Status};
use std::ops::Deref;
use std::sync::Arc;

/// A verdict as it comes off the stream.
pub struct Judged<'j> {
    /// Whether the record may enter.
    pub status: Status,
    /// The record on which the verdict was given.
    pub examined: &'j Examined,
    /// The verdict as one line of NDJSON.
    pub line: &'j [u8],
    /// scikit-learn's decision where the record was scored; negative is odd.
    pub decision: Option<f64>,
}

/// Judges a stream of records, one batch, chunk by chunk. Any split into chunks gives the same verdicts.
///
/// # Example
/// ```
/// use tamis::{contract::Contract, mask::Key, pipeline::Sieve, record::Format, stream::Stream};
/// let contract = Contract::load(br#"{"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}"#);
/// let sieve = Sieve::new(contract.unwrap(), &Key::new([7; 32]));
/// let mut stream = Stream::new(&sieve, Format::Ndjson);
/// stream.push(b"{\"n\": 1}\n{\"n\": \"x\"}\n", &mut |_| {});
/// stream.finish(&mut |_| {});
/// assert_eq!(stream.summary().acceptance_rate(), Some(0.5));
/// ```
pub struct Stream<S: Deref<Target = Sieve>> {
    framer: Framer,
    judge: Judge<S>,
}

struct Judge<S> {
    sieve: S,
    batch: Batch,
    summary: Summary,
    desk: Desk,
    line: Vec<u8>,
    explain: Explain,
    counter: Option<Arc<Counter>>,
    window: Option<Window>,
    /// The batch has a name, or a record that it began with.
    entered: bool,
}

impl<S: Deref<Target = Sieve>> Stream<S> {
    /// A stream for one batch.
    pub fn new(sieve: S, format: Format) -> Self {
        Self {
            framer: Framer::new(format, sieve.limits()),
            judge: Judge {
                sieve,
                batch: Batch::default(),
                summary: Summary::default(),
                desk: Desk::default(),
                line: Vec::new(),
                explain: Explain::default(),
                counter: None,
                window: None,
                entered: false,
            },
        }
    }

    /// Sets how many reasons the verdicts give.
    #[must_use]
    pub fn with_explain(mut self, explain: Explain) -> Self {
        self.judge.explain = explain;
        self
    }

    /// Counts the records in the bins of a reference too.
    #[must_use]
    pub fn with_counter(mut self, counter: Option<Arc<Counter>>) -> Self {
        self.judge.window = counter.as_ref().map(|counter| counter.window());
        self.judge.counter = counter;
        self
    }

    /// Names the batch, for the pseudonyms that are equal only within one; without a name its first record tells it.
    #[must_use]
    pub fn with_batch(mut self, name: Option<&str>) -> Self {
        if let Some(name) = name {
            let judge = &mut self.judge;
            judge.desk.enter(judge.sieve.batch_named(name));
            judge.entered = true;
        }
        self
    }

    /// Takes the next bytes and gives every verdict that they complete.
    pub fn push(&mut self, chunk: &[u8], each: &mut dyn FnMut(Judged<'_>)) {
        let judge = &mut self.judge;
        self.framer.push(chunk, &mut |frame| judge.frame(frame, each));
    }

    /// Ends the input.
    pub fn finish(&mut self, each: &mut dyn FnMut(Judged<'_>)) {
        let judge = &mut self.judge;
        self.framer.finish(&mut |frame| judge.frame(frame, each));
    }

    /// What happened so far.
    pub fn summary(&self) -> &Summary {
        &self.judge.summary
    }

    /// What was counted so far in the bins of a reference; none without a counter.
    pub fn window(&self) -> Option<&Window> {
        self.judge.window.as_ref()
    }

    /// The sieve that judges.
    pub fn sieve(&self) -> &Sieve {
        &self.judge.sieve
    }
}

impl<S: Deref<Target = Sieve>> Judge<S> {
    fn frame(&mut self, frame: crate::record::Frame<'_>, each: &mut dyn FnMut(Judged<'_>)) {
        if !self.entered && frame.fault.is_none() {
            self.desk.enter(self.sieve.batch_beginning(frame.bytes));
            self.entered = true;
        }
        let mut examined = self.sieve.examine(frame, &mut self.desk);
        // A batch in memory alone never fails.
        let _ = self.batch.admit(&mut examined);
        self.line.clear();
        let (status, score) = self.sieve.conclude(&examined, None, self.explain, &mut self.summary, &mut self.line);
        if let (Some(counter), Some(window)) = (&self.counter, &mut self.window) {
            counter.count(window, &examined, score);
        }
        each(Judged { status, examined: &examined, line: &self.line, decision: score.map(|score| score.decision) });
        self.desk.recycle(examined);
    }
}
