// Owns the wasm module and reads the user's files. It may connect nowhere: the page hands it compiled modules.
//
// From the page: init {engine, module} | run {source, name, contract, model, key} | cancel
// To the page:   ready {about} | need {engine} | progress {bytes, total} | chunk {summary} | done {…} | cancelled
//                error {message, fatal} | requests {count}

import { countRequests } from "./requests.js";
import { Kept, bytesOf } from "./stream.js";

const GLUE = { lean: "./pkg/tamis.js", tract: "./pkg-tract/tamis.js" };
const PROGRESS_MS = 100;
const CHUNK_MS = 500;

/** The classes of the modules that were loaded, by engine. */
const sessions = {};
/** The run that waits for a larger engine. */
let waiting;
/** Ends the run that is going on. */
let abort;

self.onmessage = async ({ data }) => {
  try {
    if (data.type === "init") await init(data);
    else if (data.type === "run") await run(data);
    else if (data.type === "cancel") abort?.abort();
  } catch (error) {
    // A trap leaves the module's memory in no defined state: the page starts another worker.
    const fatal = error instanceof WebAssembly.RuntimeError;
    const message = fatal ? "the module failed on this input and was started again" : error.message;
    self.postMessage({ type: "error", message: fatal ? `${message} (${error.message})` : message, fatal });
  }
};

async function init({ engine, module }) {
  const { default: start, Session } = await import(GLUE[engine]);
  await start({ module_or_path: module });
  sessions[engine] = Session;
  if (engine === "lean") {
    const session = new Session();
    self.postMessage({ type: "ready", about: JSON.parse(session.about()) });
    session.free();
    countRequests((count) => self.postMessage({ type: "requests", count }));
  } else if (waiting) {
    await run(waiting);
  }
}

async function run(request) {
  waiting = undefined;
  const session = await begin(request);
  if (!session) return;
  abort = new AbortController();
  try {
    await judge(request, session, abort.signal);
  } catch (error) {
    if (!abort.signal.aborted || error instanceof WebAssembly.RuntimeError) throw error;
    self.postMessage({ type: "cancelled" });
  }
  session.free();
}

/** A session, or nothing where the model asks for an engine that has to be fetched first. */
async function begin(request) {
  const { source, contract, model, key, engine = "lean" } = request;
  const text = contract && (await contract.text());
  const onnx = model && new Uint8Array(await model.arrayBuffer());
  try {
    return new sessions[engine](text, onnx, key || undefined, formatOf(request.name));
  } catch (error) {
    if (error.name !== "needs_tract" || engine === "tract") throw error;
  }
  const again = { ...request, engine: "tract" };
  if (sessions.tract) return begin(again);
  waiting = { ...again, source };
  self.postMessage({ type: "need", engine: "tract" });
}

/** Takes the input through a session and hands everything over. */
async function judge({ source, name }, session, signal) {
  const started = performance.now();
  const kept = { accepted: new Kept(), rejected: new Kept(), verdicts: new Kept() };
  const drain = () => {
    kept.accepted.add(session.takeAccepted());
    kept.rejected.add(session.takeRejected());
    kept.verdicts.add(session.takeVerdicts());
  };
  let [told, painted] = [started, started];
  for await (const { chunk, bytes } of bytesOf(source, signal)) {
    session.push(chunk);
    drain();
    const now = performance.now();
    if (now - told < PROGRESS_MS) continue;
    told = now;
    self.postMessage({ type: "progress", bytes, total: source.size });
    if (now - painted >= CHUNK_MS) {
      painted = now;
      self.postMessage({ type: "chunk", summary: JSON.parse(session.summary()) });
    }
    // Chunks may come without a pause; the event loop must turn for a cancellation to get through.
    await new Promise((resume) => setTimeout(resume));
  }
  session.finish();
  drain();
  const summary = session.summary();
  const report = session.report();
  const ndjson = "application/x-ndjson";
  self.postMessage({
    type: "done",
    name,
    bytes: source.size,
    seconds: (performance.now() - started) / 1000,
    about: JSON.parse(session.about()),
    summary: JSON.parse(summary),
    report,
    files: {
      "accepted.ndjson": kept.accepted.blob(ndjson),
      "rejected.ndjson": kept.rejected.blob(ndjson),
      "verdicts.ndjson": kept.verdicts.blob(ndjson),
      "summary.json": new Blob([summary], { type: "application/json" }),
      "report.html": new Blob([report], { type: "text/html" }),
    },
  });
}

/** The format that a file's name tells, if it does; otherwise the content will. */
function formatOf(name) {
  const extension = /\.([a-z]+)(\.gz)?$/i.exec(name)?.[1].toLowerCase();
  return { ndjson: "ndjson", jsonl: "ndjson", json: "json", csv: "csv", tsv: "csv" }[extension];
}
