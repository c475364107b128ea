// What a masked field costs over one that is kept, in the page's module under Node: see benches/scan/src/bin/masks.rs.
import { readFileSync } from "node:fs";
import init, { Session } from "../www/pkg/tamis.js";

const FIELDS = 20;
const ROWS = 2000;
const fields = (field) => Array.from({ length: FIELDS }, (_, place) => field(place)).join(",");
const line = (row) => `{${fields((place) => `"f${place}":"customer${row * 31 + place}@example.com"`)}}\n`;
const lines = new TextEncoder().encode(Array.from({ length: ROWS }, (_, row) => line(row)).join(""));

await init({ module_or_path: readFileSync(new URL("../www/pkg/tamis_bg.wasm", import.meta.url)) });
let kept;
for (const mask of ['"keep"', '"pseudonym"', '"reversible"', '{"op": "partial", "last": 4}', '"scan"']) {
  const contract = `{"type":"object","properties":{${fields((place) => `"f${place}":{"type":"string","x-mask":${mask}}`)}}}`;
  let least = Infinity;
  for (let round = 0; round < 15; round++) {
    const session = new Session(contract, undefined, "07".repeat(32), "ndjson");
    const start = performance.now();
    session.push(lines);
    session.finish();
    least = Math.min(least, performance.now() - start);
    session.free();
  }
  const cost = (least * 1e6) / (FIELDS * ROWS);
  kept ??= cost;
  console.log(`wasm ${mask}: ${(cost - kept).toFixed(0)} ns over keep`);
}
