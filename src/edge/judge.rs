//! The routes that take records.

use super::answer;
use super::body::{self, Media};
use super::lines::Lines;
use super::problem::Problem;
use super::route::Stage;
use super::serving::Serving;
use super::tally::Tally;
use super::task::Task;
use crate::monitor::drift::Window;
use crate::pipeline::Desk;
use crate::quality::Summary;
use crate::record::{Format, Frame};
use crate::stream::Judged;
use crate::verdict::Status;
use serde_json::Value as Json;
use std::rc::Rc;
use worker::{Request, Response, ResponseBuilder};

/// Judges the records of a request's body.
pub(super) async fn judge(
    stage: Stage,
    mut request: Request,
    serving: &Serving,
    tally: &Rc<Tally>,
) -> Result<Response, Problem> {
    let task = Task::of(stage, &request)?;
    match Media::of(request.headers())? {
        Media::Ndjson => lines(task, request, serving, tally).await,
        Media::Json => {
            let body = body::whole(&mut request, &body::RECORDS).await?;
            let start = start(&body);
            let Judgement { answer, summary, window } = match body.get(start) {
                Some(b'[') => array(task, &body, serving)?,
                _ => single(task, &body, start, serving)?,
            };
            tally.records(&summary, serving.sieve(stage).contract());
            if let (Some(counter), Some(window)) = (serving.counter(stage), window) {
                tally.window(&counter, &window);
            }
            answer::bytes(Media::Json.name(), answer?)
        }
    }
}

/// Lines are answered while they are still being sent, a chunk at a time.
async fn lines(task: Task, mut request: Request, serving: &Serving, tally: &Rc<Tally>) -> Result<Response, Problem> {
    let mut chunks = body::chunks(&mut request, &body::RECORDS)?;
    let first = body::next(&mut chunks).await.ok_or(Problem::Empty(&body::RECORDS))??;
    let lines = Lines::new(task, first, chunks, serving, Rc::clone(tally));
    let response = ResponseBuilder::new().with_header("content-type", Media::Ndjson.name())?;
    Ok(response.from_stream(lines.into_stream())?)
}

/// The answer to a whole body, and what was counted.
struct Judgement {
    answer: Result<Vec<u8>, Problem>,
    summary: Summary,
    window: Option<Window>,
}

/// An array is answered by an array; no element fails it, but an array without an end is no array.
fn array(task: Task, body: &[u8], serving: &Serving) -> Result<Judgement, Problem> {
    let mut stream = task.stream(serving, Format::Json);
    let mut out = vec![b'['];
    let mut each = |judged: Judged<'_>| {
        task.write(&judged, &mut out);
        if let Some(end @ b'\n') = out.last_mut() {
            *end = b',';
        }
    };
    stream.push(body, &mut each);
    // The end of its last line completes all that an array with an end holds; what is then left has none.
    stream.push(b"\n", &mut each);
    let mut whole = true;
    stream.finish(&mut |_| whole = false);
    if !whole {
        return Err(Problem::not_json(body, body.len(), "one array, with its closing bracket at the end"));
    }
    match out.last_mut() {
        Some(comma @ b',') => *comma = b']',
        _ => out.push(b']'),
    }
    Ok(Judgement { answer: Ok(out), summary: stream.summary().clone(), window: stream.window().cloned() })
}

/// A single record is answered by its verdict, or by the masked record alone.
fn single(task: Task, body: &[u8], start: usize, serving: &Serving) -> Result<Judgement, Problem> {
    let sieve = serving.sieve(task.stage);
    let frame = Frame {
        line: line_of(body, start) as u64,
        bytes: body.get(start..).unwrap_or_default().trim_ascii_end(),
        fault: None,
    };
    // Alone in its batch, so that nothing about it can be there twice.
    let examined = sieve.examine(frame, &mut Desk::default());
    let (mut summary, mut line) = (Summary::default(), Vec::new());
    let (status, score) = sieve.conclude(&examined, None, task.explain, &mut summary, &mut line);
    let window = serving.counter(task.stage).map(|counter| {
        let mut window = counter.window();
        counter.count(&mut window, &examined, score);
        window
    });
    if status == Status::Rejected {
        let violations = violations(&line);
        if let Some((byte, expected)) = not_json(&violations) {
            return Err(Problem::not_json(body, start + byte, expected));
        }
        if task.stage.promises() {
            return Ok(Judgement { answer: Err(Problem::Rejected(violations)), summary, window });
        }
    }
    if task.stage == Stage::Mask {
        line.clear();
        examined.write_record(&mut line);
    }
    line.pop();
    Ok(Judgement { answer: Ok(line), summary, window })
}

/// Where a body's JSON starts, behind a byte order mark and white space.
fn start(body: &[u8]) -> usize {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    body.len() - text.trim_ascii_start().len()
}

/// The violations of a verdict that has been written.
fn violations(verdict: &[u8]) -> Json {
    let verdict = serde_json::from_slice(verdict).unwrap_or(Json::Null);
    verdict.get("violations").cloned().unwrap_or_default()
}

/// Where a record that is not even JSON breaks, and what should stand there.
fn not_json(violations: &Json) -> Option<(usize, &str)> {
    let violation = violations.get(0)?;
    let byte = usize::try_from(violation.get("byte")?.as_u64()?).ok()?;
    let expected = violation.get("expected")?.as_str()?;
    matches!(violation.get("code")?.as_str()?, "syntax" | "utf8").then_some((byte, expected))
}

/// The 1-based line of a byte.
fn line_of(body: &[u8], byte: usize) -> usize {
    1 + body.iter().take(byte).filter(|byte| **byte == b'\n').count()
}

impl Problem {
    fn not_json(body: &[u8], byte: usize, expected: &str) -> Self {
        Self::NotJson { line: line_of(body, byte), byte, expected: expected.to_owned() }
    }
}
