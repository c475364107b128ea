// The wasm module with its glue, loaded once wherever this runs.
import start, { Session } from "./tamis.js";

let loading;

/** Loads the module, once; `source` is what a host without files or `fetch` has instead: bytes or a compiled module. */
export async function load(source) {
  loading ??= begin(source);
  try {
    await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
  return { Session };
}

async function begin(source) {
  await start({ module_or_path: source ?? (await own()) });
}

/** The module beside this file; Node's `fetch` reads no files. */
async function own() {
  const url = new URL("./tamis_bg.wasm", import.meta.url);
  if (url.protocol !== "file:") return url;
  const { readFile } = await import("node:fs/promises");
  return readFile(url);
}

const CHUNK = 1 << 16;
const decode = (bytes) => new TextDecoder().decode(bytes);
const lines = (ndjson) =>
  ndjson
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** Judges all of an input: NDJSON, a JSON array or CSV as text or bytes, or a list of records. */
export async function judge(input, { contract, model, key, format } = {}) {
  await load();
  const text = contract === undefined || typeof contract === "string" ? contract : JSON.stringify(contract);
  const session = new Session(text, model, key, Array.isArray(input) ? "json" : format);
  try {
    const bytes = typeof input === "string" ? new TextEncoder().encode(input) : (records(input) ?? input);
    let accepted = "";
    let verdicts = "";
    const take = () => {
      accepted += decode(session.takeAccepted());
      verdicts += decode(session.takeVerdicts());
      session.takeRejected();
    };
    for (let at = 0; at < bytes.length; at += CHUNK) {
      session.push(bytes.subarray(at, at + CHUNK));
      take();
    }
    session.finish();
    take();
    return { accepted: lines(accepted), verdicts: lines(verdicts), summary: JSON.parse(session.summary()) };
  } finally {
    session.free();
  }
}

const records = (input) => (Array.isArray(input) ? new TextEncoder().encode(JSON.stringify(input)) : undefined);
