//! What a request asks to be done with its records, and what of them comes back.

use super::problem::Problem;
use super::route::Stage;
use super::serving::Serving;
use crate::pipeline::Sieve;
use crate::record::Format;
use crate::stream::{Judged, Stream};
use crate::verdict::{Explain, Status};
use std::rc::Rc;
use worker::Request;

/// What is done with the records of one request.
#[derive(Clone, Copy)]
pub(super) struct Task {
    pub(super) stage: Stage,
    pub(super) explain: Explain,
}

impl Task {
    /// What a request for a stage asks for.
    pub(super) fn of(stage: Stage, request: &Request) -> Result<Self, Problem> {
        let explain = if stage.scores() { explain(request)? } else { Explain::default() };
        Ok(Self { stage, explain })
    }

    /// A stream of one batch.
    pub(super) fn stream(self, serving: &Serving, format: Format) -> Stream<Rc<Sieve>> {
        let sieve = Rc::clone(serving.sieve(self.stage));
        Stream::new(sieve, format).with_explain(self.explain).with_counter(serving.counter(self.stage))
    }

    /// Writes what the stage gives for a record, as one line, or nothing.
    pub(super) fn write(self, judged: &Judged<'_>, out: &mut Vec<u8>) {
        match (self.stage, judged.status) {
            (Stage::Mask, Status::Accepted) => judged.examined.write_record(out),
            (Stage::Mask, Status::Rejected) => {}
            _ => out.extend_from_slice(judged.line),
        }
    }
}

/// The parameter `explain`: how many reasons each verdict gives.
fn explain(request: &Request) -> Result<Explain, Problem> {
    let url = request.url()?;
    let stated = url.query_pairs().find(|(name, _)| name == "explain");
    let Some((_, count)) = stated else {
        return Ok(Explain::default());
    };
    let digits = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    match count.parse() {
        Ok(count) if digits => Ok(Explain::Every(count)),
        _ => Err(Problem::Parameter { name: "explain", expected: "a count of reasons" }),
    }
}
