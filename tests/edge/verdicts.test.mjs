// What comes back for records, and for bodies that are none.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../../scripts/workerd.mjs";
import { JSON_TYPE, LINES, ODD, OPEN, ndjson, order, orders, parsed } from "./orders.mjs";

let edge;
before(async () => (edge = await start({ bindings: OPEN })));
after(() => edge.stop());

const post = (path, body, type = JSON_TYPE) =>
  edge.send(path, { type, body: typeof body === "string" ? body : JSON.stringify(body) });

test("an object is answered by its verdict", async () => {
  const answer = await post("/v1/verdicts", order(1, { quantity: "2", status: " Paid " }));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], "application/json");
  const verdict = JSON.parse(answer.text);
  assert.deepEqual(Object.keys(verdict), [
    "line",
    "id",
    "status",
    "record",
    "repairs",
    "violations",
    "anomaly",
    "model",
  ]);
  assert.equal(verdict.line, 1);
  assert.equal(verdict.id, "ORD-0001");
  assert.equal(verdict.status, "accepted");
  assert.equal(verdict.record.quantity, 2);
  assert.match(verdict.record.customer_email, /^tok_/);
  assert.equal(verdict.record.shipping.postal_code, "10");
  assert.equal("street" in verdict.record.shipping, false);
  assert.ok(verdict.anomaly.score > 0 && verdict.anomaly.score < 1);
  assert.match(verdict.model, /^orders@[0-9a-f]{8}$/);
});

test("a rejected record is an answer too, on the route of verdicts", async () => {
  const answer = await post("/v1/verdicts", order(1, { quantity: 0, unit_price: 0 }));
  assert.equal(answer.status, 200);
  const verdict = JSON.parse(answer.text);
  assert.equal(verdict.status, "rejected");
  assert.deepEqual(
    verdict.violations.map(({ path, code }) => [path, code]),
    [
      ["/quantity", "minimum"],
      ["", "zero_price"],
    ],
  );
  assert.equal(verdict.anomaly, null);
});

test("an object over several lines counts the lines before it, as the command line does", async () => {
  const verdict = JSON.parse((await post("/v1/verdicts", `\n\n${JSON.stringify(order(1), null, 2)}\n`)).text);
  assert.equal(verdict.line, 3);
});

test("an array, lines and single objects give the same bytes", async () => {
  const records = orders(8);
  const lines = (await post("/v1/verdicts", ndjson(records), LINES)).text;
  const array = (await post("/v1/verdicts", records)).text;
  assert.equal(array, `[${lines.trimEnd().split("\n").join(",")}]`);
  const each = await Promise.all(records.map((record) => post("/v1/verdicts", record)));
  const alone = each.map(({ text }, index) => text.replace(/^\{"line":1,/, `{"line":${index + 1},`));
  assert.equal(`${alone.join("\n")}\n`, lines);
});

test("an empty array is answered by an empty array", async () => {
  assert.equal((await post("/v1/verdicts", "[ ]")).text, "[]");
});

test("explain says how many reasons there are", async () => {
  const reasons = async (query) => JSON.parse((await post(`/v1/verdicts${query}`, order(1, ODD))).text).anomaly.reasons;
  assert.equal((await reasons("?explain=0")).length, 0);
  assert.equal((await reasons("?explain=1")).length, 1);
  const all = await reasons("?explain=100");
  const whole = all.reduce((sum, { share }) => sum + share, 0);
  assert.ok(all.length > 1 && Math.abs(whole - 1) < 1e-9, `${all.length} reasons, together ${whole}`);
  for (const bad of ["", "-1", "two", "1.5", "99999999999999999999999"]) {
    const answer = await post(`/v1/verdicts?explain=${bad}`, order(1));
    assert.equal(answer.status, 400, bad);
    assert.equal(JSON.parse(answer.text).type, "urn:tamis:problem:parameter");
  }
});

test("a batch is never failed by one bad record", async () => {
  const good = JSON.stringify(order(1));
  const bad = ['{"order_id":}', "nonsense", '{"a":1,"a":2}', "17", "[1]", '"text"'];
  const array = await post("/v1/verdicts", `[${[good, ...bad, JSON.stringify(order(2))].join(",")}]`);
  assert.equal(array.status, 200);
  const statuses = JSON.parse(array.text).map(({ status }) => status);
  assert.deepEqual(statuses, ["accepted", ...bad.map(() => "rejected"), "accepted"]);
  const lines = await post("/v1/verdicts", `${[good, ...bad, JSON.stringify(order(2))].join("\n")}\n`, LINES);
  assert.deepEqual(
    parsed(lines.text).map(({ status }) => status),
    statuses,
  );
});

test("the second of two equal ids is a duplicate within a request and not beyond it", async () => {
  const twice = JSON.parse((await post("/v1/verdicts", [order(1), order(1)])).text);
  assert.deepEqual(
    twice.map(({ violations }) => violations.map(({ code }) => code)),
    [[], ["duplicate"]],
  );
  assert.equal(JSON.parse((await post("/v1/verdicts", order(1))).text).status, "accepted");
});

test("the validation alone takes no model", async () => {
  const verdicts = JSON.parse((await post("/v1/validate", orders(4))).text);
  assert.deepEqual(
    verdicts.map(({ status, anomaly, model }) => [status, anomaly, model]),
    ["accepted", "accepted", "accepted", "rejected"].map((status) => [status, null, null]),
  );
});

test("the masks alone give the accepted records", async () => {
  const records = orders(4);
  const single = JSON.parse((await post("/v1/mask", records[0])).text);
  assert.equal(single.order_id, "ORD-0001");
  assert.match(single.customer_email, /^tok_/);
  const array = JSON.parse((await post("/v1/mask", records)).text);
  const lines = parsed((await post("/v1/mask", ndjson(records), LINES)).text);
  assert.deepEqual(array, lines);
  assert.deepEqual(
    array.map(({ order_id }) => order_id),
    ["ORD-0001", "ORD-0002", "ORD-0003"],
  );
  assert.deepEqual(array[0], single);
});

test("a route that promises a record refuses one that is rejected", async () => {
  for (const path of ["/v1/mask", "/v1/score"]) {
    const answer = await post(path, order(1, { quantity: "many", customer_email: "nobody" }));
    assert.equal(answer.status, 422);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    const problem = JSON.parse(answer.text);
    assert.equal(problem.type, "urn:tamis:problem:contract-violation");
    assert.deepEqual(problem.errors.map(({ path, code }) => [path, code]).sort(), [
      ["/customer_email", "format"],
      ["/quantity", "number"],
    ]);
    assert.equal((await post(path, order(1))).status, 200);
    assert.equal((await post(path, [order(1), order(2, { quantity: 0 })])).status, 200);
  }
});

test("a body that is not JSON is refused, with the place where it breaks", async () => {
  for (const [body, line, byte] of [
    ['{"order_id": }', 1, 13],
    ["nonsense", 1, 0],
    ['\n\n  {"a": 1,\n "b" 2}', 4, 18],
    ['{"a": 1} {"a": 2}', 1, 9],
    ['{"a": "b', 1, 8],
    ['[{"a": 1}, {"a": 2}\n', 2, 20],
    ["[nonsense", 1, 9],
  ]) {
    const answer = await post("/v1/verdicts", body);
    assert.equal(answer.status, 400, body);
    const problem = JSON.parse(answer.text);
    assert.deepEqual([problem.type, problem.line, problem.byte], ["urn:tamis:problem:not-json", line, byte], body);
    assert.equal(problem.request_id, answer.headers["x-request-id"]);
  }
});

test("bytes that are not UTF-8 are not JSON either", async () => {
  const body = Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]);
  const answer = await edge.send("/v1/verdicts", { type: JSON_TYPE, body });
  assert.equal(answer.status, 400);
  assert.equal(JSON.parse(answer.text).byte, 6);
});

test("an empty body is refused", async () => {
  for (const [body, type] of [
    ["", JSON_TYPE],
    [" \n ", JSON_TYPE],
    ["", LINES],
  ]) {
    const answer = await post("/v1/verdicts", body, type);
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(answer.text).type, "urn:tamis:problem:empty-body");
  }
});

test("a byte order mark is no part of a record", async () => {
  assert.equal(JSON.parse((await post("/v1/verdicts", `\uFEFF${JSON.stringify(order(1))}`)).text).status, "accepted");
  assert.equal(
    JSON.parse((await post("/v1/verdicts", `\uFEFF${JSON.stringify([order(1)])}`)).text)[0].status,
    "accepted",
  );
  assert.equal(JSON.parse((await post("/v1/verdicts", '\uFEFF {"a" 1}')).text).byte, 9);
  assert.equal(parsed((await post("/v1/verdicts", `\uFEFF${ndjson(orders(1))}`, LINES)).text)[0].status, "accepted");
});
