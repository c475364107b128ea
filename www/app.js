// The page's own thread: it takes input, hands it to the worker, and paints what comes back. It reads no file itself.

import { at, grouped, size } from "./dom.js";
import { fetchModule } from "./engine.js";
import { listen } from "./input.js";
import { countRequests, countWorkerRequests } from "./requests.js";
import { paintResults, paintSoFar } from "./results.js";

/** Compiled modules by engine: a worker that has to be started again takes them from here. */
const modules = {};
let worker;
let busy = false;
let told = 0;

const on = {
  ready({ about }) {
    const { contract, model } = about;
    at("in-force").textContent = `built in: ${contract.name} ${contract.version}${model ? `, ${model.name}` : ""}`;
    loaded();
  },
  async need({ engine }) {
    progress("This model needs the larger engine, which is being fetched from this site.");
    await give(engine).catch((error) => on.error({ message: error.message }));
  },
  progress({ bytes, total }) {
    const percent = Math.floor((100 * bytes) / total);
    at("bar").value = percent;
    progress(`${size(bytes)} of ${size(total)}, ${percent}%`);
    // A screen reader hears the quarters alone.
    if (percent >= told + 25) {
      told = percent - (percent % 25);
      announce(`${told}% read`);
    }
  },
  chunk({ summary }) {
    paintSoFar(summary);
  },
  done(run) {
    settle();
    paintResults(run);
    const { records, accepted, rejected, anomalies } = run.summary;
    announce(
      `Done: ${grouped(records)} records, ${grouped(accepted)} accepted, ${grouped(rejected)} rejected, ${grouped(anomalies)} flagged.`,
    );
  },
  cancelled() {
    settle();
    at("results").hidden = true;
    announce("Cancelled; nothing was kept.");
    at("file").focus();
  },
  error({ message, fatal }) {
    settle();
    at("results").hidden = true;
    fail(message);
    if (fatal) restart();
  },
  requests({ count }) {
    countWorkerRequests(count);
  },
};

/** From here on the page has all that it needs, so the counting of requests begins. */
function loaded() {
  if (document.body.dataset.state === "ready") return;
  document.body.dataset.state = "ready";
  at("input-card").inert = false;
  countRequests((count) => {
    at("request-count").textContent = grouped(count);
    at("requests").classList.toggle("some", count > 0);
  });
}

function start() {
  worker = new Worker("worker.js", { type: "module" });
  worker.onmessage = ({ data }) => on[data.type](data);
  worker.onerror = (event) => on.error({ message: event.message ?? "the page's worker did not start" });
  worker.postMessage({ type: "init", engine: "lean", module: modules.lean });
}

function restart() {
  worker.terminate();
  start();
}

/** Fetches an engine if that has not been done yet, and hands it to the worker. */
async function give(engine) {
  modules[engine] ??= await fetchModule(engine);
  worker.postMessage({ type: "init", engine, module: modules[engine] });
}

/** Begins a run over a file, a paste or the sample. */
function run({ source, name }) {
  if (busy) return;
  busy = true;
  told = 0;
  at("error").hidden = true;
  at("results").hidden = true;
  at("progress").hidden = false;
  at("bar").value = 0;
  at("source").textContent = name;
  at("input-card").inert = true;
  progress("");
  announce(`Reading ${name}`);
  const [contract] = at("contract").files;
  const [model] = at("model").files;
  worker.postMessage({ type: "run", source, name, contract, model, key: at("key").value.trim() });
}

function settle() {
  busy = false;
  at("progress").hidden = true;
  at("input-card").inert = false;
}

const progress = (text) => (at("progress-text").textContent = text);
const announce = (text) => (at("announce").textContent = text);

function fail(message) {
  at("error").textContent = message;
  at("error").hidden = false;
}

try {
  let sample;
  [modules.lean, sample] = await Promise.all([
    fetchModule("lean"),
    fetch("sample.ndjson").then((response) => response.blob()),
  ]);
  listen({ run, sample });
  at("cancel").addEventListener("click", () => worker.postMessage({ type: "cancel" }));
  start();
} catch (error) {
  fail(`The page did not load completely: ${error.message}`);
}
