// Tries a deployed edge function: node scripts/smoke.mjs URL [--wait SECONDS]
// It asks whether the function is ready, whether what it has in force is what stands in this checkout, and whether its
// verdicts on the orders of scripts/smoke.json are the expected ones. A bearer token is read from TAMIS_SMOKE_KEY.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sha256 = (path) =>
  createHash("sha256")
    .update(readFileSync(join(root, path)))
    .digest("hex");
const PAUSE_MS = 2000;
const TIMEOUT_MS = 20_000;

/** The model that is to be in force: the registry's champion where there is one, else the one for the sample. */
function expected(sample) {
  const champion = join(root, "models/champion");
  return existsSync(champion) ? `models/versions/${readFileSync(champion, "utf8").trim()}/model.onnx` : sample;
}

/** The faults of a deployment, one sentence each; none where all is well. No sentence holds a value of a record. */
export async function faults(url, key) {
  const { cases, contract, model: sample } = JSON.parse(readFileSync(join(root, "scripts/smoke.json"), "utf8"));
  const model = expected(sample);
  const found = [];
  const check = async (what, run) => {
    try {
      const fault = await run();
      if (fault) found.push(`${what}: ${fault}`);
    } catch (error) {
      found.push(`${what}: ${error.cause?.code ?? error.message}`);
    }
  };
  const ask = (path, options = {}) =>
    fetch(new URL(path, url), {
      ...options,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...options.headers },
    });
  for (const path of ["/healthz", "/readyz"]) {
    await check(path, async () => {
      const { status, ok } = await ask(path);
      return ok ? "" : `answered ${status}`;
    });
  }
  await check("/metrics", async () => {
    const answer = await ask("/metrics");
    if (!answer.ok) return `answered ${answer.status}`;
    const page = await answer.text();
    const labels = (name) => page.match(new RegExp(`^${name}\\{(.*)\\} 1$`, "m"))?.[1] ?? "";
    if (!labels("tamis_contract_info").includes(`sha256="${sha256(contract)}"`))
      return `the contract is not ${contract}`;
    if (!labels("tamis_model_info").includes(`sha256="${sha256(model)}"`)) return `the model is not ${model}`;
  });
  for (const { name, order, verdict } of cases) {
    await check(name, async () => {
      const answer = await ask("/v1/verdicts", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(order),
      });
      if (!answer.ok) return `answered ${answer.status}`;
      const [given, wanted] = [comparable(await answer.json()), comparable(verdict)];
      // What another model finds odd is its own affair.
      const fields = Object.keys({ ...given, ...wanted }).filter((field) => field !== "anomaly" || model === sample);
      const wrong = fields.filter((field) => JSON.stringify(given[field]) !== JSON.stringify(wanted[field]));
      return wrong.length > 0 ? `the verdict differs in ${wrong.join(", ")}` : "";
    });
  }
  return found;
}

/** A verdict with its tokens made equal, for every deployment masks with a key of its own, and without the model's name. */
function comparable({ model, ...verdict }) {
  return JSON.parse(JSON.stringify(verdict), (_, value) =>
    typeof value === "string" ? value.replace(/^tok_.*$/s, "tok_") : value,
  );
}

/** Tries until all is well or the time is over: a new version reaches all places some seconds after its deployment. */
async function main([url, option, seconds]) {
  if (!url || (option && option !== "--wait")) throw new Error("usage: node scripts/smoke.mjs URL [--wait SECONDS]");
  const end = Date.now() + Number(seconds ?? 0) * 1000;
  let found = await faults(url, process.env.TAMIS_SMOKE_KEY);
  while (found.length > 0 && Date.now() < end) {
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    found = await faults(url, process.env.TAMIS_SMOKE_KEY);
  }
  for (const fault of found) console.error(`tamis: ${fault}`);
  if (found.length > 0) process.exitCode = 1;
  else console.log(`${url} is ready and judges as this checkout does`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(`tamis: ${error.message}`);
    process.exitCode = 2;
  });
}
