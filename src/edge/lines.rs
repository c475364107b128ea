//! Lines in, lines out: an answer that is written while the request is still being read.

use super::body;
use super::serving::Serving;
use super::tally::Tally;
use super::task::Task;
use crate::monitor::drift::Counter;
use crate::pipeline::Sieve;
use crate::record::Format;
use crate::stream::Stream;
use futures_util::stream::{self, TryStream};
use std::rc::Rc;
use std::sync::Arc;
use worker::{ByteStream, Error};

/// A request's lines on their way to verdicts. It holds one chunk and one record at most.
///
/// The records are counted when it is dropped, so that those of a client that went away are counted too.
pub(super) struct Lines {
    task: Task,
    first: Option<Vec<u8>>,
    chunks: ByteStream,
    stream: Stream<Rc<Sieve>>,
    counter: Option<Arc<Counter>>,
    tally: Rc<Tally>,
    ended: bool,
}

impl Lines {
    pub(super) fn new(task: Task, first: Vec<u8>, chunks: ByteStream, serving: &Serving, tally: Rc<Tally>) -> Self {
        let stream = task.stream(serving, Format::Ndjson);
        let counter = serving.counter(task.stage);
        Self { task, first: Some(first), chunks, stream, counter, tally, ended: false }
    }

    /// The answer. It is read at the pace of the client: no chunk of the request before the client took the last one.
    pub(super) fn into_stream(self) -> impl TryStream<Ok = Vec<u8>, Error = Error> {
        stream::unfold(self, |mut lines| async move {
            let next = lines.next().await?;
            Some((next, lines))
        })
    }

    /// What the next chunk completes; none at the end.
    async fn next(&mut self) -> Option<worker::Result<Vec<u8>>> {
        while !self.ended {
            let chunk = match self.first.take() {
                Some(first) => Some(Ok(first)),
                None => body::next(&mut self.chunks).await,
            };
            let (task, mut out) = (self.task, Vec::new());
            match chunk {
                Some(Ok(chunk)) => self.stream.push(&chunk, &mut |judged| task.write(&judged, &mut out)),
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                None => {
                    self.ended = true;
                    self.stream.finish(&mut |judged| task.write(&judged, &mut out));
                }
            }
            if !out.is_empty() {
                return Some(Ok(out));
            }
        }
        None
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.tally.records(self.stream.summary(), self.stream.sieve().contract());
        if let (Some(counter), Some(window)) = (&self.counter, self.stream.window()) {
            self.tally.window(counter, window);
        }
    }
}
