// Starts the built edge function on the local Workers runtime, as wrangler.toml describes it, and talks to it.
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

process.env.WRANGLER_LOG ??= "none";
process.env.WRANGLER_SEND_METRICS ??= "false";
const { Miniflare } = await import("miniflare");
const { unstable_getMiniflareWorkerOptions: workerOptions } = await import("wrangler");

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Starts workerd. `bindings` are its variables and secrets, and nothing of .dev.vars is among them; `files` is another
 * folder for the page; `persist` is one in which durable objects outlive it, and those of `without` are not there.
 * Of the result, `log()` is all that workerd has written so far, and `stop()` ends it.
 */
export async function start({ bindings = {}, files, persist, without = [] } = {}) {
  const overrides = { assets: files ? { directory: files } : {} };
  const { workerOptions: options, main } = workerOptions(join(root, "wrangler.toml"), undefined, { overrides });
  if (!existsSync(main)) throw new Error("the edge function is not built: run scripts/wasm.sh edge");
  for (const binding of without) delete options.durableObjects[binding];
  const output = [];
  const runtime = new Miniflare({
    ...options,
    name: "tamis",
    bindings,
    modules: true,
    modulesRoot: dirname(main),
    scriptPath: main,
    modulesRules: [
      { type: "ESModule", include: ["**/*.js"], fallthrough: true },
      { type: "CompiledWasm", include: ["**/*.wasm"], fallthrough: true },
    ],
    cf: false,
    host: "127.0.0.1",
    port: 0,
    durableObjectsPersist: persist ?? false,
    handleRuntimeStdio: (stdout, stderr) => {
      for (const stream of [stdout, stderr]) stream.on("data", (chunk) => output.push(chunk));
    },
  });
  // For one request after another. All others get a connection of their own, for workerd closes the connection of a
  // request that it answered without reading it.
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  const url = await runtime.ready.catch(async (error) => {
    await runtime.dispose().catch(() => {});
    throw error;
  });
  return {
    url,
    log: () => Buffer.concat(output).toString(),
    /** Opens a request and leaves its body to the caller; `answer` resolves when the headers of the answer are here. */
    open(path, { method = "POST", headers = {}, keep = false } = {}) {
      const sent = request(new URL(path, url), { method, headers, agent: keep ? kept : false });
      const answer = new Promise((resolve, reject) => sent.once("response", resolve).once("error", reject));
      answer.catch(() => {});
      return { sent, answer };
    },
    /** Sends a whole request: a body makes it a POST. */
    async send(path, { method, headers = {}, body, type, keep } = {}) {
      const { sent, answer } = this.open(path, {
        keep,
        method: method ?? (body === undefined ? "GET" : "POST"),
        headers: { ...(type && { "content-type": type }), ...headers },
      });
      sent.end(body);
      const response = await answer;
      const bytes = await collect(response);
      return { status: response.statusCode, headers: response.headers, bytes, text: bytes.toString() };
    },
    async stop() {
      kept.destroy();
      await runtime.dispose();
    },
  };
}

/** All of a stream. */
export async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The value below which a share of the values lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** How long, in milliseconds, each of so many orders took that were sent one after another. */
export async function latencies(edge, orders, count) {
  const times = [];
  for (let index = 0; index < count; index++) {
    const begun = performance.now();
    const { status } = await edge.send("/v1/verdicts", {
      type: "application/json",
      body: orders[index % orders.length],
      keep: true,
    });
    times.push(performance.now() - begun);
    if (status !== 200) throw new Error(`an order was answered with ${status}`);
  }
  return times;
}
