// Times the page's module over a file, as a worker of the page would feed it: wasm.mjs MODULE.js FILE CONTRACT|- ROUNDS
// Prints the median MB/s as one JSON object.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, file, contract, rounds] = process.argv.slice(2);
const tamis = await import(pathToFileURL(module));
await tamis.default({ module_or_path: readFileSync(module.replace(/\.js$/, "_bg.wasm")) });
const bytes = readFileSync(file);
const text = contract === "-" ? undefined : readFileSync(contract, "utf8");
const rates = [];
let accepted = 0;
for (let round = 0; round <= Number(rounds); round += 1) {
  const session = new tamis.Session(text, undefined, "07".repeat(32), "ndjson");
  const start = performance.now();
  for (let at = 0; at < bytes.length; at += 1 << 18) {
    session.push(bytes.subarray(at, at + (1 << 18)));
    session.takeVerdicts();
  }
  session.finish();
  const seconds = (performance.now() - start) / 1000;
  accepted = JSON.parse(session.summary()).accepted;
  session.free();
  if (round > 0) rates.push(bytes.length / 1e6 / seconds);
}
rates.sort((left, right) => left - right);
console.log(JSON.stringify({ mb_s: rates[rates.length >> 1], least: rates[0], good: accepted }));
