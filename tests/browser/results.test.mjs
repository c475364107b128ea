// What the page shows and saves is what the other faces say, and what is known to be true.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { ORDERS, choose, counts, download, file, native, open, outcome, pick, root, truth } from "./page.mjs";

const KEY = "0f".repeat(32);

test("the shipped sample: counts and reasons equal the truth about each line", async (t) => {
  const { page } = await open(t);
  await pick(page, ORDERS);
  const known = truth();
  const accepted = known.filter(({ status }) => status === "accepted").length;
  const { records, accepted: shown, rejected } = await counts(page);
  assert.deepEqual(
    { records, shown, rejected },
    { records: known.length, shown: accepted, rejected: known.length - accepted },
  );

  const verdicts = (await download(page, "verdicts.ndjson"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const kinds = ({ violations }) => violations.map(({ path, code }) => `${path} ${code}`).sort();
  const said = new Map(verdicts.map((verdict) => [verdict.line, verdict]));
  for (const expected of known) {
    const { status, violations } = said.get(expected.line);
    assert.deepEqual({ status, kinds: kinds({ violations }) }, { status: expected.status, kinds: kinds(expected) });
  }
});

test("the verdicts are the native binary's, byte for byte", async (t) => {
  const score = ["score", ORDERS, "--model", join(root, "models/default.onnx")];
  const expected = native(score, { env: { ...process.env, TAMIS_KEY: KEY } });
  if (expected === undefined) return t.skip("the native binary is not built: run `make build`");
  const { page } = await open(t);
  await choose(page, { key: KEY });
  await pick(page, ORDERS);
  const verdicts = await download(page, "verdicts.ndjson");
  // Not one assertion over both texts: its message would be megabytes.
  const [ours, theirs] = [verdicts, expected].map((text) => text.split("\n"));
  const differs = ours.findIndex((line, index) => line !== theirs[index]);
  assert.equal(differs, -1, `verdict ${differs + 1} differs`);
  assert.equal(ours.length, theirs.length);
});

test("the downloads agree with each other and with what is shown", async (t) => {
  const { page } = await open(t);
  await pick(page, ORDERS);
  const lines = async (name) =>
    (await download(page, name))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  const [verdicts, accepted, rejected] = [
    await lines("verdicts.ndjson"),
    await lines("accepted.ndjson"),
    await lines("rejected.ndjson"),
  ];
  const having = (wanted) => verdicts.filter(({ status }) => status === wanted);
  assert.deepEqual(
    accepted,
    having("accepted").map(({ record }) => record),
  );
  assert.deepEqual(rejected, having("rejected"));

  const summary = JSON.parse(await download(page, "summary.json"));
  const shown = await counts(page);
  for (const [id, count] of Object.entries(shown)) assert.equal(summary[id], count, id);
  assert.equal(summary.records, verdicts.length);
  assert.equal(summary.anomalies, verdicts.filter(({ anomaly }) => anomaly?.flagged).length);
  const bins = Array(20).fill(0);
  for (const { anomaly } of verdicts) if (anomaly) bins[Math.floor(anomaly.score * 20)] += 1;
  assert.deepEqual(summary.score_histogram, bins);
  for (const { anomaly } of verdicts) if (anomaly) assert.equal(anomaly.flagged, anomaly.score > summary.threshold);
  const times = Object.fromEntries(summary.violations.map(({ path, code, count }) => [`${path} ${code}`, count]));
  const counted = {};
  for (const { violations } of rejected) {
    for (const { path, code } of violations) {
      const kind = `${path.replace(/\/\d+(?=\/|$)/g, "/*")} ${code}`;
      counted[kind] = (counted[kind] ?? 0) + 1;
    }
  }
  assert.deepEqual(counted, times);

  // The flagged records are the ones with the lowest decisions, the oddest first.
  const flagged = having("accepted").filter(({ anomaly }) => anomaly.flagged);
  flagged.sort((a, b) => a.anomaly.decision - b.anomaly.decision || a.line - b.line);
  const rows = page
    .locator("#review table", { has: page.locator("caption", { hasText: "Flagged records" }) })
    .locator("tbody th");
  assert.deepEqual(
    await rows.allTextContents(),
    flagged.slice(0, 100).map(({ line }) => String(line)),
  );
});

test("the five answers in the page are those of the report that is saved", async (t) => {
  const { page } = await open(t);
  await pick(page, ORDERS);
  const report = await download(page, "report.html");
  const answers = (html) =>
    page.evaluate((html) => {
      const root = html
        ? new DOMParser().parseFromString(html, "text/html")
        : document.querySelector("#review").shadowRoot;
      return [...root.querySelectorAll("h2, th, td, figcaption")].map(({ textContent }) => textContent);
    }, html);
  const [shown, saved] = [await answers(), await answers(report)];
  assert.deepEqual(shown, saved);
  for (const question of ["may enter", "fields like", "missing or unusable", "extreme", "groups fare", "reject most"]) {
    assert.ok(
      shown.some((text) => text.includes(question)),
      question,
    );
  }
  const pictures = await page.locator("#review svg[role=img]").count();
  assert.ok(pictures >= 8, `${pictures} pictures`);
  const style = await page
    .locator("#review")
    .evaluate((host) => getComputedStyle(host.shadowRoot.querySelector("table")).borderCollapse);
  assert.equal(style, "collapse", "the report's style is not in force");
});

test("a dropped file, pasted records and a gzip file give the same as a picked one", async (t) => {
  const { page } = await open(t);
  const text = readFileSync(join(root, "www/sample.ndjson"), "utf8");
  await pick(page, file("orders.ndjson", text));
  const expected = await counts(page);
  assert.ok(expected.records > 0 && expected.rejected > 0 && expected.anomalies > 0);

  const again = async (way, begin) => {
    await page.evaluate(() => document.getElementById("results").replaceChildren());
    await begin();
    await outcome(page);
    assert.deepEqual(await counts(page), expected, way);
  };
  await again("gzip", () => page.setInputFiles("#file", file("orders.ndjson.gz", gzipSync(text))));
  await again("the sample", () => page.click("#sample"));
  await again("a paste", async () => {
    await page.click("#paste");
    await page.fill("#text", text);
    await page.click("#paste-box button");
  });
  await again("a drop", async () => {
    const data = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], "dropped.ndjson"));
      return data;
    }, text);
    await page.dispatchEvent("#drop", "dragover", { dataTransfer: data });
    await page.dispatchEvent("#drop", "drop", { dataTransfer: data });
  });
  const array = `[${text
    .trimEnd()
    .split("\n")
    .filter((line) => isJson(line))
    .join(",\n")}]`;
  const lost = text
    .trimEnd()
    .split("\n")
    .filter((line) => !isJson(line)).length;
  await page.evaluate(() => document.getElementById("results").replaceChildren());
  await pick(page, file("orders.json", array));
  const { records, accepted } = await counts(page);
  assert.deepEqual([records, accepted], [expected.records - lost, expected.accepted], "a JSON array");
});

function isJson(line) {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

test("a key makes tokens that come again; without one they never do", async (t) => {
  const { page } = await open(t);
  const accepted = async (key) => {
    await choose(page, { key: key ?? "" });
    await page.fill("#key", key ?? "");
    await page.evaluate(() => document.getElementById("results").replaceChildren());
    await page.click("#sample");
    await outcome(page);
    return download(page, "accepted.ndjson");
  };
  const base64 = Buffer.from(KEY, "hex").toString("base64");
  assert.equal(await accepted(KEY), await accepted(base64));
  assert.notEqual(await accepted(), await accepted());
  const stored = await page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    document.cookie,
    (await indexedDB.databases()).length,
  ]);
  assert.deepEqual(stored, [0, 0, "", 0]);
});

test("an own contract is checked, masks by its own rules and needs its own model", async (t) => {
  const { page } = await open(t);
  const contract = {
    type: "object",
    required: ["n"],
    properties: { n: { type: "integer", minimum: 2 }, name: { type: "string", "x-mask": "redact" } },
    "x-contract": { name: "numbers", version: "2.1.0" },
  };
  await choose(page, { contract: file("numbers.json", JSON.stringify(contract)) });
  await pick(page, file("n.ndjson", '{"n": 1}\n{"n": 2, "name": "Ada Lovelace"}\n'));
  assert.deepEqual(await counts(page), { records: 2, accepted: 1, repaired: 0, rejected: 1, anomalies: 0 });
  assert.match(await page.textContent("#results .quiet"), /contract numbers 2\.1\.0; not scored/);
  assert.ok(!(await download(page, "accepted.ndjson")).includes("Lovelace"));
});

test("the superseded system's sample: 21 of 50 are accepted", async (t) => {
  const path = join(process.env.TAMIS_TESTDATA ?? join(root, "../shared/data"), "orders_sample.ndjson");
  if (!existsSync(path)) return t.skip(`${path} is not here`);
  const { page } = await open(t);
  await pick(page, path);
  const { records, accepted, rejected } = await counts(page);
  assert.deepEqual([records, accepted, rejected], [50, 21, 29]);
});
