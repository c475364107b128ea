// What the tests of the page share: a plain static server over www/, a real Chromium, and a record of all that goes over
// the network.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const www = join(root, "www");

if (!existsSync(join(www, "pkg/tamis_bg.wasm"))) {
  console.error("www/pkg is missing: run `make wasm` first");
  process.exit(1);
}

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".ndjson": "application/x-ndjson",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** The rules of www/_headers: a pattern and its headers each. */
function rules() {
  const rules = [];
  for (const line of readFileSync(join(www, "_headers"), "utf8").split("\n")) {
    if (/^\s*(#|$)/.test(line)) continue;
    if (!/^\s/.test(line)) rules.push({ pattern: line.trim(), headers: [] });
    else rules.at(-1).headers.push(line.trim().split(/:\s*(.*)/s, 2));
  }
  return rules;
}

/** The headers of a path; where two rules say the same header, their values are joined, as Cloudflare does. */
function headersOf(path) {
  const headers = {};
  for (const { pattern, headers: said } of rules()) {
    if (pattern !== path && pattern !== "/*") continue;
    for (const [name, value] of said) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/** Serves www/ under a prefix and records every request; without `headers` as a host that does not know _headers. */
async function serve(prefix, headers) {
  const requests = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (chunk) => (bytes += chunk.length));
    request.on("end", () => requests.push({ method: request.method, path: request.url, bytes }));
    const path = new URL(request.url, "http://host").pathname;
    const inside = path.startsWith(prefix) ? `/${path.slice(prefix.length)}` : undefined;
    const file = inside?.endsWith("/") ? `${inside}index.html` : inside;
    if (!file || file.includes("..") || !existsSync(join(www, file))) return response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, ...(headers ? headersOf(file) : {}) });
    response.end(readFileSync(join(www, file)));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${server.address().port}${prefix}`;
  return { url, requests, stop: () => server.close() };
}

let browser;
before(async () => {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: FLAGS });
});
after(() => browser?.close());

/**
 * Opens the page and waits until it is ready. What comes back closes all of it, and holds what went over the network
 * (`requests` since the page was ready) and what the browser complained of (`complaints`).
 */
export async function open(test, { prefix = "/", headers = true, path = "", ...options } = {}) {
  const server = await serve(prefix, headers);
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  test.after(async () => {
    await context.close();
    server.stop();
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(server.url + path);
  await page.waitForSelector("body[data-state=ready]");
  server.requests.length = 0;
  return { page, context, complaints, requests: server.requests, url: server.url };
}

/** Gives the page a file by its picker and waits for what comes of it. */
export async function pick(page, file) {
  await page.setInputFiles("#file", file);
  await outcome(page);
}

/** Waits for a result or an error of the run that has just begun. */
export async function outcome(page) {
  await page.waitForSelector("#results:not([hidden]) #results-heading, #error:not([hidden])", { timeout: 120_000 });
}

/** The headline numbers that the page shows. */
export async function counts(page) {
  const shown = {};
  for (const id of ["records", "accepted", "repaired", "rejected", "anomalies"]) {
    const text = await page
      .locator(`#${id}`)
      .textContent({ timeout: 1000 })
      .catch(() => "0");
    shown[id] = Number(text.replaceAll(",", ""));
  }
  return shown;
}

export const DOWNLOADS = ["accepted.ndjson", "rejected.ndjson", "verdicts.ndjson", "summary.json", "report.html"];

/** Presses a download button and reads the file that the browser saved. */
export async function download(page, name) {
  const [saved] = await Promise.all([page.waitForEvent("download"), page.click(`[data-file="${name}"]`)]);
  if (saved.suggestedFilename() !== name) throw new Error(`the browser saved ${saved.suggestedFilename()}`);
  return readFileSync(await saved.path(), "utf8");
}

/** Chooses the contract, the model or the key that the next run uses. */
export async function choose(page, { contract, model, key }) {
  await page.locator("#options").evaluate((options) => (options.open = true));
  if (contract) await page.setInputFiles("#contract", contract);
  if (model) await page.setInputFiles("#model", model);
  if (key) await page.fill("#key", key);
}

/** A file for the picker out of a text or bytes. */
export const file = (name, content) => ({ name, mimeType: "", buffer: Buffer.from(content) });

/** Runs the native binary, or gives nothing where it is not built. */
export function native(args, options = {}) {
  const home = process.env.CARGO_TARGET_DIR ?? join(process.env.HOME ?? "", ".cache/tamis/target");
  const binary = join(home, "release/tamis");
  if (!existsSync(binary)) return undefined;
  const run = spawnSync(binary, args, { encoding: "utf8", maxBuffer: 1 << 28, cwd: root, ...options });
  if (run.error || run.status > 1) throw new Error(`tamis ${args[0]} failed: ${run.error ?? run.stderr}`);
  return run.stdout;
}

/** The shipped sample and the truth about each of its lines. */
export const ORDERS = join(root, "data/orders.ndjson");
export const truth = () =>
  readFileSync(join(root, "data/orders.truth.ndjson"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
