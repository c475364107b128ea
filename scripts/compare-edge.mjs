// Sends a file through the edge function and compares its verdicts with the native ones, byte for byte:
//   node scripts/compare-edge.mjs INPUT.ndjson VERDICTS.ndjson
// VERDICTS.ndjson is what `tamis score INPUT.ndjson` gave with the key that is in TAMIS_KEY, or in .dev.vars.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { collect, latencies, quantile, root, start } from "./workerd.mjs";

const REQUESTS = 1000;

/** The masking key that the native run had. */
function maskingKey() {
  const variables = join(root, ".dev.vars");
  const stored = existsSync(variables) ? readFileSync(variables, "utf8").match(/^TAMIS_KEY=(.*)$/m)?.[1] : undefined;
  const key = process.env.TAMIS_KEY || stored;
  if (!key) throw new Error("there is no TAMIS_KEY in the environment nor in .dev.vars");
  return key;
}

const lines = (bytes) => bytes.toString().split("\n").slice(0, -1);

/** The names of the fields in which two lines differ; never a value. */
function differing(left, right) {
  try {
    const [a, b] = [JSON.parse(left), JSON.parse(right)];
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    const fields = names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
    return fields.length > 0 ? `in ${fields.join(", ")}` : "in the order or the spelling of their fields";
  } catch {
    return "and one of them is no JSON";
  }
}

/** Says where the first difference is; nothing where there is none. */
function difference(edge, native) {
  const index = native.findIndex((line, index) => line !== edge[index]);
  if (index >= 0 && index < edge.length) {
    return `verdict ${index + 1} differs ${differing(edge[index], native[index])}`;
  }
  if (edge.length !== native.length) {
    return `the edge function gave ${edge.length} verdicts, the native binary ${native.length}`;
  }
}

/** Says how the two compare; a difference is an error. */
async function compare(edge, records, native) {
  const { sent, answer } = edge.open("/v1/verdicts", { headers: { "content-type": "application/x-ndjson" } });
  sent.end(records);
  const response = await answer;
  const ours = await collect(response);
  if (response.statusCode !== 200) throw new Error(`the edge function answered ${response.statusCode}`);
  const found = difference(lines(ours), lines(native));
  if (found) throw new Error(found);
  if (!ours.equals(native)) throw new Error("the verdicts are equal, but the ends of their lines are not");
  return `${lines(native).length} verdicts from the edge function equal the native ones byte for byte`;
}

/** Says how long single orders take; nothing where the input has none. */
async function speed(edge, records) {
  const orders = lines(records).filter(isJson);
  if (orders.length === 0) return "";
  const times = await latencies(edge, orders, REQUESTS);
  const [half, most] = [0.5, 0.99].map((share) => `${quantile(times, share).toFixed(1)} ms`);
  return `; single orders took ${half} (p50) and ${most} (p99) over ${REQUESTS} requests`;
}

function isJson(line) {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

const [input, verdicts] = process.argv.slice(2);
if (!input || !verdicts) {
  console.error("usage: node scripts/compare-edge.mjs INPUT.ndjson VERDICTS.ndjson");
  process.exit(2);
}
let edge;
try {
  const [records, native] = [readFileSync(input), readFileSync(verdicts)];
  edge = await start({ bindings: { TAMIS_KEY: maskingKey(), TAMIS_OPEN: "1" } });
  console.log(`${await compare(edge, records, native)}${await speed(edge, records)}`);
} catch (error) {
  console.error(`tamis: ${error.message}`);
  process.exitCode = 1;
} finally {
  await edge?.stop();
}
