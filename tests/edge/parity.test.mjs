// The edge function and the native binary give the same bytes, and the edge function gives them fast.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { latencies, quantile, root, start } from "../../scripts/workerd.mjs";
import { JSON_TYPE, KEY, LINES, OPEN, order, orders, ndjson } from "./orders.mjs";

const target =
  process.env.CARGO_TARGET_DIR ?? join(process.env.TAMIS_CACHE ?? join(homedir(), ".cache/tamis"), "target");
const binary = process.env.TAMIS_BIN ?? join(target, "release/tamis");
const sample = join(root, "data/orders.ndjson");
const missing = [binary, sample].find((file) => !existsSync(file));
const skip = missing && process.env.CI !== "true" && `there is no ${missing}`;

let edge;
before(async () => (edge = await start({ bindings: OPEN })));
after(() => edge.stop());

/** What the native binary prints for an input. */
const native = (input, ...more) => {
  const options = {
    input,
    env: { ...process.env, TAMIS_KEY: KEY },
    maxBuffer: 1 << 30,
    stdio: ["pipe", "pipe", "ignore"],
  };
  return execFileSync(binary, ["score", "-", ...more], options).toString();
};

/** The first line in which two texts differ. */
function same(ours, theirs) {
  const [left, right] = [ours.split("\n"), theirs.split("\n")];
  const index = right.findIndex((line, index) => line !== left[index]);
  assert.equal(left[index], right[index], `line ${index + 1}`);
  assert.equal(left.length, right.length);
}

test("the shipped sample", { skip }, async () => {
  const body = readFileSync(sample);
  const answer = await edge.send("/v1/verdicts", { type: LINES, body });
  same(answer.text, native(body));
});

test("a sample with everything that can be wrong with lines", { skip }, async () => {
  const odd = [
    "",
    "  ",
    "nonsense",
    '{"a":1,"a":2}',
    "\ud800",
    '{"order_id":"ORD-0001"}',
    "[]",
    '{"\\ud83d":1}',
    "1e999",
  ];
  const body = `${ndjson(orders(5))}${odd.join("\r\n")}\n${ndjson(orders(9))}${JSON.stringify(order(1))}`;
  same((await edge.send("/v1/verdicts?explain=7", { type: LINES, body })).text, native(body, "--explain", "7"));
});

test("an array", { skip }, async () => {
  const body = JSON.stringify([...orders(5), 17, null, []], null, 1);
  const answer = await edge.send("/v1/verdicts", { type: JSON_TYPE, body });
  same(`${answer.text.slice(1, -1).replaceAll('},{"line":', '}\n{"line":')}\n`, native(body));
});

test("a single order is answered within milliseconds", async () => {
  const bodies = Array.from({ length: 50 }, (_, index) => JSON.stringify(order(index)));
  await latencies(edge, bodies, 50);
  const times = await latencies(edge, bodies, 300);
  const [half, most] = [quantile(times, 0.5), quantile(times, 0.99)];
  console.log(`single orders: p50 ${half.toFixed(1)} ms, p99 ${most.toFixed(1)} ms over 300 requests`);
  assert.ok(most < 100, `p99 is ${most.toFixed(1)} ms`);
});
