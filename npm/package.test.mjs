// The packed package, installed as a user has it, against the native binary's verdicts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const dist = new URL("../dist/", import.meta.url).pathname;
const sample = new URL("../data/orders.ndjson", import.meta.url).pathname;
const binary = join(process.env.CARGO_TARGET_DIR, "release/tamis");
const KEY = "0f".repeat(32);

let at;
before(() => {
  const [packed] = readdirSync(dist).filter((name) => /^tamis-.*\.tgz$/.test(name));
  at = mkdtempSync(join(tmpdir(), "tamis-npm-"));
  writeFileSync(join(at, "package.json"), '{"private": true, "type": "module"}');
  execFileSync("npm", ["install", "--silent", "--offline", "--no-audit", "--no-fund", join(dist, packed)], { cwd: at });
});
after(() => rmSync(at, { recursive: true }));

/** What a program that uses the package prints, as JSON. */
function program(source) {
  writeFileSync(join(at, "main.js"), source);
  return JSON.parse(execFileSync("node", ["main.js"], { cwd: at, encoding: "utf8", maxBuffer: 1 << 28 }));
}

test("it judges the sample as the native binary does", () => {
  const { verdicts, accepted, summary } = program(`
    import { readFileSync } from "node:fs";
    import { judge } from "tamis";
    console.log(JSON.stringify(await judge(readFileSync(${JSON.stringify(sample)}), { key: "${KEY}" })));`);
  const options = { env: { ...process.env, TAMIS_KEY: KEY }, encoding: "utf8", maxBuffer: 1 << 28 };
  const native = execFileSync(binary, ["score", sample], options).trimEnd().split("\n");
  assert.equal(verdicts.length, native.length);
  verdicts.forEach((verdict, index) =>
    assert.equal(JSON.stringify(verdict), JSON.stringify(JSON.parse(native[index]))),
  );
  assert.equal(summary.accepted, accepted.length);
  assert.ok(accepted.every(({ customer_email: email }) => email.startsWith("tok_")));
});

test("it takes records and a contract of one's own, and says why a contract does not load", () => {
  const { judged, name } = program(`
    import { judge } from "tamis";
    const contract = { type: "object", required: ["id"], properties: { id: { type: "integer", minimum: 1 } } };
    const judged = await judge([{ id: 1 }, { id: 0 }], { contract });
    const name = await judge("", { contract: { "x-masks": {} } }).then(() => "none", (error) => error.name);
    console.log(JSON.stringify({ judged, name }));`);
  assert.deepEqual(
    judged.verdicts.map(({ status }) => status),
    ["accepted", "rejected"],
  );
  assert.equal(judged.verdicts[1].violations[0].code, "minimum");
  assert.equal(name, "contract");
});

test("its parts are those that are named, and types are among them", () => {
  const packed = join(at, "node_modules/tamis");
  const names = readdirSync(packed).sort();
  const parts = ["LICENSE", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "index.d.ts", "index.js"];
  assert.deepEqual(names, [...parts, "package.json", "tamis.js", "tamis_bg.wasm"]);
  const { version } = JSON.parse(readFileSync(join(packed, "package.json"), "utf8"));
  assert.match(
    readFileSync(new URL("../Cargo.toml", import.meta.url), "utf8"),
    new RegExp(`^version = "${version}"$`, "m"),
  );
});
