// Nothing leaves the tab: no request, no raw value on the page or in a download, and a policy that would stop either.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { foreign } from "./foreign.mjs";
import { DOWNLOADS, ORDERS, choose, counts, download, file, native, open, outcome, pick, root } from "./page.mjs";

test("a whole run asks nothing of the network, and the page says so", async (t) => {
  const { page, context, requests, complaints } = await open(t);
  const seen = [];
  context.on("request", (request) => seen.push(request.url()));
  await pick(page, ORDERS);
  for (const name of DOWNLOADS) await download(page, name);
  await page.click("#sample");
  await outcome(page);
  await page.waitForTimeout(500);
  assert.deepEqual(requests, []);
  assert.deepEqual(
    seen.filter((url) => !url.startsWith("blob:")),
    [],
  );
  assert.equal(await page.textContent("#request-count"), "0");
  assert.deepEqual(complaints, []);
});

test("the counter counts: a request of the page is seen", async (t) => {
  const { page } = await open(t);
  await page.evaluate(() => fetch("icon.svg?again"));
  await page.waitForFunction(() => document.getElementById("request-count").textContent === "1");
});

test("it works with the cable out", async (t) => {
  const { page, context } = await open(t);
  await context.setOffline(true);
  await pick(page, ORDERS);
  assert.equal((await counts(page)).records, 5000);
});

test("no raw e-mail address is on the page or in a download", async (t) => {
  const { page } = await open(t);
  const raw = readFileSync(ORDERS, "utf8");
  const addresses = new Set(raw.match(/[\p{L}\d._%+-]+@[\p{L}\d.-]+\.\p{L}{2,}/gu));
  assert.ok(addresses.size > 1000);
  await pick(page, ORDERS);
  const texts = { page: await page.content(), review: await page.locator("#review .review").innerHTML() };
  for (const name of DOWNLOADS) texts[name] = await download(page, name);
  for (const [where, text] of Object.entries(texts)) {
    const leaked = [...addresses].filter((address) => text.includes(address));
    assert.equal(leaked.length, 0, `${leaked.length} addresses are in ${where}`);
  }
});

test("the policy holds: the page loads from its own site alone, the worker from nowhere", async (t) => {
  const { page } = await open(t);
  const other = await open(t);
  const tried = (address) =>
    fetch(address).then(
      () => "connected",
      () => "refused",
    );
  assert.equal(await page.evaluate(tried, other.url), "refused");
  const [worker] = page.workers();
  assert.equal(await worker.evaluate(tried, `${new URL(page.url()).origin}/icon.svg`), "refused");
  assert.equal(await worker.evaluate(tried, other.url), "refused");
  // A script that found its way into the page would not run.
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    return window.ran === true;
  });
  assert.equal(ran, false);
});

test("the policy in the page is the one in _headers", () => {
  const page = readFileSync(join(root, "www/index.html"), "utf8");
  const headers = readFileSync(join(root, "www/_headers"), "utf8");
  const said = page.match(/content="(default-src [^"]*)"/)[1];
  // A page cannot forbid others to frame it from within.
  assert.equal(headers.match(/Content-Security-Policy: (default-src .*)/)[1], `${said}; frame-ancestors 'none'`);
});

test("any static host serves it: below a path, without _headers", async (t) => {
  const { page, requests, complaints } = await open(t, { prefix: "/some/where/", headers: false });
  await page.click("#sample");
  await outcome(page);
  assert.ok((await counts(page)).records > 0);
  assert.deepEqual(requests, []);
  assert.deepEqual(complaints, []);
});

test("a hostile feed stays text, on the page and in the report", async (t) => {
  const { page, context, complaints } = await open(t);
  const [order] = readFileSync(join(root, "www/sample.ndjson"), "utf8")
    .split("\n")
    .slice(1, 2)
    .map((line) => JSON.parse(line));
  const city = '<img src=x onerror="window.ran=1"></td></table><script>window.ran=1</script>\u202e\u0000';
  const hostile = { ...order, quantity: "<b>many</b>", shipping: { ...order.shipping, city }, "<u>key</u>": 1 };
  await pick(page, file("<i>name</i>.ndjson", `${JSON.stringify(hostile)}\n`));
  assert.deepEqual(await counts(page), { records: 1, accepted: 0, repaired: 0, rejected: 1, anomalies: 0 });
  assert.equal(await page.locator("#results :is(img, script, b, u)").count(), 0);
  assert.match(await page.textContent("#results-heading"), /<i>name<\/i>/);
  assert.match(await page.textContent("#review .review"), /<img src=x onerror.*\\u\{202e\}/s);

  const report = await context.newPage();
  report.on("console", (message) => complaints.push(message.text()));
  await report.setContent(await download(page, "report.html"));
  assert.equal(await report.locator(":is(img, script, b, u)").count(), 0);
  assert.match(await report.textContent("main"), /<img src=x onerror.*\\u\{202e\}/s);
  for (const each of [page, report]) assert.equal(await each.evaluate(() => window.ran), undefined);
  assert.deepEqual(complaints, []);
});

test("the report opens offline and asks for nothing", async (t) => {
  const { page, context } = await open(t);
  await pick(page, ORDERS);
  const html = await download(page, "report.html");
  await context.setOffline(true);
  const report = await context.newPage();
  const seen = [];
  report.on("request", (request) => seen.push(request.url()));
  await report.setContent(html);
  assert.deepEqual(seen, []);
  const { accepted } = await counts(page);
  assert.ok((await report.textContent("dl")).includes(accepted.toLocaleString("en")));
  assert.ok((await report.locator("svg[role=img][aria-label]").count()) >= 8);
  assert.equal(await report.locator("h1").count(), 1);
});

test("a model that is no forest loads the larger engine from the same site, and nothing else", async (t) => {
  if (!existsSync(join(root, "www/pkg-tract"))) return t.skip("www/pkg-tract is not built: run `make wasm`");
  const { page, requests } = await open(t);
  const key = "0f".repeat(32);
  // The decision is the unit price less 50: cheap orders are odd.
  const model = file("foreign.onnx", foreign([0, 1, 0, 0, 0, 0, 0], -50));
  await choose(page, { model, key });
  await page.click("#sample");
  await outcome(page);
  assert.equal(await page.textContent("#error"), "");
  const { anomalies, accepted } = await counts(page);
  assert.ok(anomalies > 0 && anomalies < accepted);
  assert.deepEqual(requests.map(({ method, path, bytes }) => `${method} ${path} ${bytes}`).sort(), [
    "GET /pkg-tract/tamis.js 0",
    "GET /pkg-tract/tamis_bg.wasm 0",
  ]);
  assert.equal(await page.textContent("#request-count"), "2");
  for (const line of (await download(page, "verdicts.ndjson")).trimEnd().split("\n")) {
    const { record, anomaly } = JSON.parse(line);
    if (anomaly) assert.ok(Math.abs(anomaly.decision - (record.unit_price - 50)) < 0.01);
  }
});
