// Files that are broken, large or not what they seem: a clear sentence, and a page that stays alive.
import assert from "node:assert/strict";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { finished } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { choose, counts, file, open, outcome, pick, root } from "./page.mjs";

const SAMPLE = readFileSync(join(root, "www/sample.ndjson"), "utf8");

const BROKEN = [
  ["an empty file", file("empty.ndjson", ""), /^The file is empty\.$/],
  ["a picture", file("a.png", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")), /^The file is binary\./],
  [
    "random bytes",
    file("a.bin", Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256))),
    /^The file is binary\./,
  ],
  ["UTF-16", file("a.ndjson", Buffer.from(`\ufeff${SAMPLE}`, "utf16le")), /^The file is UTF-16 text\./],
  ["Zstandard", file("a.zst", Buffer.from("28b52ffd0000000000", "hex")), /^The file is packed with Zstandard/],
  ["a cut gzip file", file("a.gz", gzipSync(SAMPLE).subarray(0, 900)), /^The file could not be unpacked;/],
];

test("what cannot hold records is refused with the reason, and the next file works", async (t) => {
  const { page, complaints } = await open(t);
  for (const [what, broken, message] of BROKEN) {
    await pick(page, broken);
    assert.match(await page.textContent("#error"), message, what);
    assert.equal(await page.isVisible("#results"), false, what);
    await page.click("#sample");
    await page.waitForSelector("#results-heading");
    assert.equal(await page.isVisible("#error"), false, what);
  }
  assert.deepEqual(complaints, []);
});

test("text that holds no records is said to hold none", async (t) => {
  const { page } = await open(t);
  await pick(page, file("letter.txt", "Dear Sir or Madam,\nplease find attached\n"));
  assert.match(await page.textContent(".message:not(#error)"), /^Nothing here could be read as a record\./);
  await pick(page, file("blank.ndjson", "\n\n  \n"));
  await page.waitForFunction(() =>
    document.querySelector("#results .message")?.textContent.startsWith("There is no record"),
  );
});

test("a key, a contract and a model that are none are named", async (t) => {
  const { page } = await open(t);
  const refused = async (what, message) => {
    await choose(page, what);
    await page.click("#sample");
    await page.waitForFunction((text) => new RegExp(text).test(document.getElementById("error").textContent), message);
    await page.reload();
    await page.waitForSelector("body[data-state=ready]");
  };
  await refused({ key: "0f0f" }, "^the key has 2 bytes, but must have 32$");
  await refused(
    { contract: file("c.json", '{"type": "object", "x-masks": {}}') },
    "^the contract does not load: .*x-masks is not known",
  );
  await refused({ model: file("m.onnx", "no model") }, "^the bytes are no ONNX model");
});

/** A file of so many megabytes, of the sample over and over. */
async function large(t, megabytes) {
  const folder = mkdtempSync(join(tmpdir(), "tamis-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "large.ndjson");
  const out = createWriteStream(path);
  const times = Math.ceil((megabytes << 20) / SAMPLE.length);
  for (let i = 0; i < times; i++) out.write(SAMPLE);
  out.end();
  await finished(out);
  return { path, records: times * SAMPLE.trimEnd().split("\n").length };
}

test("20 MB stream through while the page stays responsive", async (t) => {
  const { page } = await open(t);
  const { path, records } = await large(t, 20);
  await page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    // A timer that comes late was held up by something on the page's own thread.
    setInterval(() => {
      const now = performance.now();
      window.longest = Math.max(window.longest, now - last);
      last = now;
    }, 10);
  });
  await page.setInputFiles("#file", path);
  await page.waitForFunction(() => /\d+%/.test(document.getElementById("progress-text").textContent));
  await outcome(page);
  assert.equal((await counts(page)).records, records);
  const longest = await page.evaluate(() => window.longest);
  assert.ok(longest < 500, `the page stood still for ${Math.round(longest)} ms`);
});

test("a run can be cancelled, keeps nothing, and another one follows", async (t) => {
  const { page } = await open(t);
  const { path } = await large(t, 60);
  await page.setInputFiles("#file", path);
  await page.waitForFunction(() => /\d+%/.test(document.getElementById("progress-text").textContent));
  await page.click("#cancel");
  await page.waitForSelector("#progress", { state: "hidden" });
  assert.equal(await page.isVisible("#results"), false);
  assert.equal(await page.textContent("#announce"), "Cancelled; nothing was kept.");
  await page.click("#sample");
  await outcome(page);
  assert.ok((await counts(page)).records > 0);
});
