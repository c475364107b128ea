// Lines are answered while they are still being sent.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { collect, start } from "../../scripts/workerd.mjs";
import { LINES, OPEN, ndjson, order, orders, parsed } from "./orders.mjs";

let edge;
before(async () => (edge = await start({ bindings: OPEN })));
after(() => edge.stop());

const open = () => edge.open("/v1/verdicts", { headers: { "content-type": LINES } });

test("the first verdicts come before the last records are sent", async () => {
  const { sent, answer } = open();
  sent.write(ndjson(orders(3)));
  const response = await answer;
  assert.equal(response.statusCode, 200);
  const [first] = await once(response, "data");
  assert.equal(parsed(first.toString()).length, 3);
  sent.end(ndjson([order(9)]));
  const rest = await collect(response);
  assert.deepEqual(
    parsed(rest.toString()).map(({ line, id }) => [line, id]),
    [[4, "ORD-0009"]],
  );
});

test("any cut of the bytes gives the same verdicts", async () => {
  const text = Buffer.from(ndjson(orders(40)) + '{"broken\n\n{"order_id": "Ünï"}\r\n' + JSON.stringify(order(99)));
  const whole = (await edge.send("/v1/verdicts", { type: LINES, body: text })).text;
  assert.equal(parsed(whole).length, 43);
  for (const size of [7, 61, 1021, 8192]) {
    const { sent, answer } = open();
    for (let at = 0; at < text.length; at += size) {
      sent.write(text.subarray(at, at + size));
      if (at % (size * 16) === 0) await pause(1);
    }
    sent.end();
    assert.equal((await collect(await answer)).toString(), whole, `chunks of ${size} bytes`);
  }
});

test("a line that is too long is one verdict, and the stream goes on", async () => {
  const { sent, answer } = open();
  sent.write(ndjson([order(1)]));
  sent.write(`{"order_id": "${"x".repeat(3 << 20)}"}\n`);
  sent.end(ndjson([order(2)]));
  const verdicts = parsed((await collect(await answer)).toString());
  assert.deepEqual(
    verdicts.map(({ line, status, violations }) => [line, status, violations[0]?.code]),
    [
      [1, "accepted", undefined],
      [2, "rejected", "too_long"],
      [3, "accepted", undefined],
    ],
  );
});

test("a body of any length passes, with bounded memory", async () => {
  // 64 MiB, half of all the memory that an instance has.
  const { sent, answer } = open();
  const block = ndjson(Array.from({ length: 500 }, (_, index) => order(index, { quantity: 0 })));
  const blocks = Math.ceil((64 << 20) / block.length);
  let verdicts = 0;
  const reading = answer.then(async (response) => {
    for await (const chunk of response) for (const byte of chunk) if (byte === 10) verdicts++;
  });
  for (let index = 0; index < blocks; index++) {
    if (!sent.write(block)) await once(sent, "drain");
  }
  sent.end();
  await reading;
  assert.equal(verdicts, 500 * blocks);
});

test("blank lines alone are a batch without records", async () => {
  const answer = await edge.send("/v1/verdicts", { type: LINES, body: "\n\n" });
  assert.deepEqual([answer.status, answer.text], [200, ""]);
});

test("a client that goes away leaves a service that works, and its records counted", async () => {
  const before = await judged();
  const { sent, answer } = open();
  sent.on("error", () => {});
  sent.write(ndjson(orders(3)));
  const response = await answer;
  response.on("error", () => {});
  await once(response, "data");
  sent.destroy();
  let now;
  for (let tries = 0; tries < 50; tries++) {
    await pause(100);
    now = await judged();
    if (now === before + 3) break;
  }
  assert.equal(now, before + 3);
});

async function judged() {
  const { text } = await edge.send("/metrics");
  const counts = [...text.matchAll(/^tamis_records_total\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
  return counts.reduce((sum, count) => sum + count, 0);
}
