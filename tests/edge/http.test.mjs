// What every answer carries, and what is refused before a record is looked at.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { start } from "../../scripts/workerd.mjs";
import { JSON_TYPE, LINES, OPEN, ndjson, order, orders } from "./orders.mjs";

const LIMIT = 10 << 20;

let edge;
before(async () => (edge = await start({ bindings: OPEN })));
after(() => edge.stop());

/** A refused request: its status and the last part of its problem's type. */
async function refused(path, options) {
  const answer = await edge.send(path, options);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  const problem = JSON.parse(answer.text);
  assert.equal(problem.status, answer.status);
  assert.equal(problem.request_id, answer.headers["x-request-id"]);
  assert.ok(problem.title && problem.detail);
  return [answer.status, problem.type.replace("urn:tamis:problem:", ""), answer.headers];
}

test("an unknown path is not found, whatever the method", async () => {
  for (const path of ["/v1", "/v1/", "/v1/verdict", "/v1/verdicts/", "/v2/health", "/nothing.html"]) {
    assert.deepEqual((await refused(path)).slice(0, 2), [404, "not-found"], path);
  }
  assert.deepEqual((await refused("/v1/nothing", { body: "{}", type: JSON_TYPE })).slice(0, 2), [404, "not-found"]);
});

test("a method that a path does not take is refused with those that it takes", async () => {
  for (const [path, method, allow] of [
    ["/v1/verdicts", "GET", "POST"],
    ["/v1/mask", "DELETE", "POST"],
    ["/v1/contract", "POST", "GET, HEAD"],
    ["/healthz", "PUT", "GET, HEAD"],
    ["/metrics", "POST", "GET, HEAD"],
  ]) {
    const [status, type, headers] = await refused(path, { method });
    assert.deepEqual([status, type, headers.allow], [405, "method", allow], `${method} ${path}`);
  }
});

test("the page takes no other method either, by the word of the platform that serves it", async () => {
  assert.equal((await edge.send("/", { method: "POST" })).status, 405);
});

test("a body that is neither JSON nor lines is refused", async () => {
  const body = JSON.stringify(order(1));
  for (const type of [undefined, "text/plain", "text/csv", "application/xml", "application/json; charset=latin1"]) {
    const [status, kind, headers] = await refused("/v1/verdicts", { body, type });
    assert.deepEqual([status, kind], [415, "media-type"], type);
    assert.equal(headers["accept-post"], "application/json, application/x-ndjson");
  }
  const zipped = await refused("/v1/verdicts", { body, type: JSON_TYPE, headers: { "content-encoding": "gzip" } });
  assert.deepEqual(zipped.slice(0, 2), [415, "content-encoding"]);
  for (const type of ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"']) {
    assert.equal((await edge.send("/v1/verdicts", { body, type })).status, 200, type);
  }
  for (const type of ["application/ndjson", "application/jsonl"]) {
    assert.equal((await edge.send("/v1/verdicts", { body, type })).headers["content-type"], LINES);
  }
});

test("a body beyond the limit is refused by its stated length, and by what arrives", async () => {
  const { sent, answer } = edge.open("/v1/verdicts", {
    headers: { "content-type": JSON_TYPE, "content-length": String(LIMIT + 1) },
  });
  sent.on("error", () => {});
  sent.write("{");
  // Refused without waiting for the rest.
  assert.equal((await answer).statusCode, 413);
  sent.destroy();
  const chunked = edge.open("/v1/verdicts", { headers: { "content-type": JSON_TYPE } });
  chunked.sent.on("error", () => {});
  for (let sent = 0; sent <= LIMIT; sent += 1 << 20) chunked.sent.write(Buffer.alloc(1 << 20, " "));
  chunked.sent.end();
  assert.equal((await chunked.answer).statusCode, 413);
  chunked.sent.destroy();
});

test("a body just below the limit is taken", async () => {
  const records = `[${ndjson(orders(20000)).trimEnd().split("\n").join(",")}`;
  const body = `${records}${" ".repeat(LIMIT - records.length - 1)}]`;
  assert.equal(body.length, LIMIT);
  const answer = await edge.send("/v1/validate", { body, type: JSON_TYPE });
  assert.equal(answer.status, 200);
  assert.equal(JSON.parse(answer.text).length, 20000);
});

test("every answer has an id: the client's own where it is sane", async () => {
  const id = async (stated) => {
    const headers = stated === undefined ? {} : { "x-request-id": stated };
    return (await edge.send("/healthz", { headers })).headers["x-request-id"];
  };
  assert.equal(await id("Order-17_a.b:c"), "Order-17_a.b:c");
  for (const bad of [undefined, "", "a b", "me@example.org", "x".repeat(129), "<script>"]) {
    assert.match(await id(bad), /^[0-9a-f]{32}$/, bad);
  }
  assert.notEqual(await id(), await id());
  assert.equal((await refused("/v1/nothing", { headers: { "x-request-id": "mine" } }))[2]["x-request-id"], "mine");
});

test("a trace is carried on", async () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const next = async (parent) =>
    (await edge.send("/healthz", { headers: { traceparent: parent } })).headers.traceparent;
  const [version, id, span, flags] = (await next(`00-${trace}-00f067aa0ba902b7-01`)).split("-");
  assert.deepEqual([version, id, flags], ["00", trace, "01"]);
  assert.match(span, /^[0-9a-f]{16}$/);
  assert.notEqual(span, "00f067aa0ba902b7");
  assert.equal((await next(`cc-${trace}-00f067aa0ba902b7-00-more`)).split("-")[1], trace);
  for (const bad of [
    "",
    "nonsense",
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${trace}-00f067aa0ba902b7-01-more`,
    `ff-${trace}-00f067aa0ba902b7-01`,
  ]) {
    const answer = await next(bad);
    assert.match(answer, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    assert.notEqual(answer.split("-")[1], trace, bad);
  }
});

test("answers are kept by nobody and are nothing but what they say", async () => {
  for (const [path, options] of [
    ["/healthz"],
    ["/metrics"],
    ["/v1/nothing"],
    ["/v1/verdicts", { type: JSON_TYPE, body: JSON.stringify(order(1)) }],
    ["/v1/verdicts", { type: LINES, body: ndjson(orders(2)) }],
  ]) {
    const { headers } = await edge.send(path, options);
    assert.equal(headers["x-content-type-options"], "nosniff", path);
    assert.equal(headers["cache-control"], "no-store", path);
  }
});

test("what is in force has a strong tag, and is not sent to who has it", async () => {
  for (const [path, type] of [
    ["/v1/contract", "application/schema+json"],
    ["/v1/model", JSON_TYPE],
  ]) {
    const full = await edge.send(path);
    assert.equal(full.status, 200);
    assert.equal(full.headers["content-type"], type);
    assert.equal(full.headers.etag, `"${createHash("sha256").update(full.bytes).digest("hex")}"`);
    for (const tag of [full.headers.etag, `"other", W/${full.headers.etag}`, "*"]) {
      const same = await edge.send(path, { headers: { "if-none-match": tag } });
      assert.deepEqual([same.status, same.bytes.length, same.headers.etag], [304, 0, full.headers.etag], tag);
    }
    assert.equal((await edge.send(path, { headers: { "if-none-match": '"other"' } })).status, 200);
  }
  const contract = JSON.parse((await edge.send("/v1/contract")).text);
  assert.equal(contract["x-contract"].name, "orders");
});

test("HEAD gives what GET gives, without its body", async () => {
  for (const path of ["/healthz", "/v1/contract", "/metrics", "/v1/nothing"]) {
    const [get, head] = [await edge.send(path), await edge.send(path, { method: "HEAD" })];
    assert.deepEqual([head.status, head.bytes.length], [get.status, 0], path);
    assert.equal(head.headers["content-type"], get.headers["content-type"], path);
  }
});

test("the page comes from files, and no file passes for a route", async () => {
  const files = await mkdtemp(join(tmpdir(), "tamis-page-"));
  await mkdir(join(files, "v1"));
  for (const name of ["index.html", "healthz", "v1/verdicts", "v1/more"]) {
    await writeFile(join(files, name), "<h1>a file</h1>");
  }
  const edge = await start({ bindings: {}, files });
  try {
    const page = await edge.send("/");
    assert.deepEqual([page.status, page.text], [200, "<h1>a file</h1>"]);
    assert.equal((await edge.send("/healthz")).text, '{"status":"ok"}');
    assert.equal((await edge.send("/v1/verdicts")).status, 405);
    assert.equal((await edge.send("/v1/more")).status, 404);
    const missing = await edge.send("/nothing");
    assert.deepEqual([missing.status, missing.headers["content-type"]], [404, "application/problem+json"]);
  } finally {
    await edge.stop();
    await rm(files, { recursive: true });
  }
});
