// Answers what benches/forest/measure.py asks, line by line, with CPU seconds: node.mjs FOLDER TAMIS.js ORT.mjs
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { Contest } from "./contest.mjs";

const [folder, module, runtime] = process.argv.slice(2);
const tamis = await import(pathToFileURL(module));
await tamis.default({ module_or_path: readFileSync(module.replace(/\.js$/, "_bg.wasm")) });
const ort = await import(pathToFileURL(runtime));
const now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const contest = new Contest(tamis, ort, now);
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(" ");
  let answer;
  if (command === "open") answer = await contest.open(Number(words[0]), (name) => readFileSync(`${folder}/${name}`));
  else if (command === "check") answer = await contest.check(Number(words[0]));
  else answer = await contest.ask(command, words[0], Number(words[1]));
  console.log(answer);
}
