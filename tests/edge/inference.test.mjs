// Features in, scores out: the Open Inference Protocol and MLflow's, each with the very scores of the verdicts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root, start } from "../../scripts/workerd.mjs";
import { JSON_TYPE, KEY, ODD, OPEN, order, parsed } from "./orders.mjs";
import { parse, value } from "./prometheus.mjs";

const CSV = "text/csv";
const INFER = "/v2/models/orders/infer";
const NAMES = ["quantity", "unit_price", "total_amount", "has_coupon", "has_tags", "is_gift", "status"];

let edge;
before(async () => (edge = await start({ bindings: OPEN })));
after(() => edge.stop());

const contract = JSON.parse(readFileSync(join(root, "contracts/orders.json")));
const statuses = contract.properties.status.enum;

/** The features of an accepted record, by the contract's expressions. */
const features = ({ quantity, unit_price, coupon_code, tags, is_gift, status }) => [
  quantity,
  unit_price,
  quantity * unit_price,
  Number(coupon_code != null),
  Number(tags != null && tags.length > 0),
  Number(is_gift),
  statuses.indexOf(status),
];

const post = (path, body, type = JSON_TYPE, more = {}) =>
  edge.send(path, { type, body: typeof body === "string" ? body : JSON.stringify(body), ...more });

/** A request with one tensor. */
const tensor = (data, { rows = data.length, datatype = "FP64", ...more } = {}) => ({
  inputs: [{ name: "features", shape: [rows, 7], datatype, data }],
  ...more,
});

async function infer(body, path = INFER) {
  const answer = await post(path, body);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers["content-type"], JSON_TYPE);
  return JSON.parse(answer.text);
}

async function invoke(body, type) {
  const answer = await post("/invocations", body, type);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers["content-type"], JSON_TYPE);
  return JSON.parse(answer.text).predictions;
}

/** Orders, and for each the decision of its verdict and its features. */
async function scored() {
  const orders = Array.from({ length: 40 }, (_, index) => order(index + 1, index % 5 === 4 ? ODD : {}));
  const verdicts = JSON.parse((await post("/v1/score", orders)).text);
  assert.ok(verdicts.every(({ status }) => status === "accepted"));
  return verdicts.map(({ record, anomaly }) => ({ row: features(record), ...anomaly }));
}

const decisions = (verdicts) => verdicts.map(({ decision }) => decision);
const labels = (verdicts) => verdicts.map(({ flagged }) => (flagged ? -1 : 1));

test("the scores are those of the verdicts, to the bit, in every form", async () => {
  const verdicts = await scored();
  const rows = verdicts.map(({ row }) => row);
  assert.ok(labels(verdicts).includes(-1) && labels(verdicts).includes(1));
  for (const data of [rows, rows.flat()]) {
    const { outputs } = await infer(tensor(data, { rows: rows.length }));
    assert.deepEqual(outputs, [
      { name: "label", datatype: "INT64", shape: [40, 1], data: labels(verdicts) },
      { name: "scores", datatype: "FP64", shape: [40, 1], data: decisions(verdicts) },
    ]);
  }
  const records = rows.map((row) => Object.fromEntries(NAMES.map((name, index) => [name, row[index]])));
  const columns = Object.fromEntries(NAMES.map((name, index) => [name, rows.map((row) => row[index])]));
  const wanted = verdicts.map(({ decision, flagged }) => ({ label: flagged ? -1 : 1, scores: decision }));
  for (const body of [
    { dataframe_split: { columns: NAMES, data: rows } },
    { dataframe_split: { index: rows.map((_, index) => index), columns: NAMES, data: rows } },
    { dataframe_records: records },
    { instances: records },
    { instances: rows },
    { inputs: rows },
    { inputs: columns },
  ]) {
    assert.deepEqual(await invoke(body), wanted, Object.keys(body)[0]);
  }
  assert.deepEqual(await invoke([NAMES, ...rows].map((row) => row.join(",")).join("\n"), CSV), wanted);
});

test("a missing value is null, and scores as it does in a record", async () => {
  const row = features(order(1));
  const { outputs } = await infer(tensor([row.with(2, null), row], { outputs: [{ name: "scores" }] }));
  const [missing, whole] = outputs[0].data;
  assert.notEqual(missing, whole);
  assert.deepEqual(
    (await invoke(`${NAMES}\n${row.with(2, "")}\n`, `${CSV}; charset=utf-8`)).map(({ scores }) => scores),
    [missing],
  );
});

test("an empty batch has an empty answer", async () => {
  const { outputs } = await infer(tensor([]));
  assert.deepEqual(
    outputs.map(({ shape, data }) => [shape, data]),
    [
      [[0, 1], []],
      [[0, 1], []],
    ],
  );
  for (const body of [{ dataframe_split: { columns: NAMES, data: [] } }, { inputs: [] }]) {
    assert.deepEqual(await invoke(body), []);
  }
  assert.deepEqual(await invoke(`${NAMES}\n`, CSV), []);
});

test("the server and its model say what they are", async () => {
  const json = async (path) => JSON.parse((await edge.send(path)).text);
  const model = await json("/v1/model");
  const [name, version] = model.name.split("@");
  const release = (await json("/openapi.json")).info.version;
  for (const path of ["/v2", "/v2/"]) {
    assert.deepEqual(await json(path), { name: "tamis", version: release, extensions: [] });
  }
  assert.deepEqual(await json("/v2/health/live"), { live: true });
  assert.deepEqual(await json("/v2/health/ready"), { ready: true });
  assert.deepEqual(await json("/ping"), { status: "ready" });
  assert.equal((await edge.send("/version")).text, release);
  for (const path of [`/v2/models/${name}`, `/v2/models/${name}/versions/${version}`]) {
    assert.deepEqual(await json(path), {
      name,
      versions: [version],
      platform: "onnx_tamis",
      inputs: [{ name: "features", datatype: "FP32", shape: [-1, 7] }],
      outputs: [
        { name: "label", datatype: "INT64", shape: [-1, 1] },
        { name: "scores", datatype: "FP64", shape: [-1, 1] },
      ],
    });
    assert.deepEqual(await json(`${path}/ready`), { name, ready: true });
    const answer = await infer(tensor([features(order(1))], { id: "mine" }), `${path}/infer`);
    assert.deepEqual([answer.model_name, answer.model_version, answer.id], [name, version, "mine"]);
  }
});

/** A refused request: its problem, which clients of each protocol find their own members in. */
async function refused(path, options) {
  const answer = await edge.send(path, options);
  assert.equal(answer.headers["content-type"], "application/problem+json", path);
  const problem = JSON.parse(answer.text);
  assert.equal(problem.status, answer.status);
  if (path.startsWith("/v2")) assert.equal(problem.error, problem.detail);
  else assert.deepEqual([typeof problem.error_code, problem.message], ["string", problem.detail]);
  return { ...problem, kind: problem.type.replace("urn:tamis:problem:", ""), headers: answer.headers };
}

const frame = (form) => ["/invocations", JSON_TYPE, form];
const body = (data, more) => [INFER, JSON_TYPE, tensor(data, more)];
const row = features(order(1));

/** Bad requests: path, media type and body; status, kind and detail. */
const BAD = [
  [[INFER, JSON_TYPE, "{"], 400, "not-json", "line 1, byte 1 of the body: expected JSON"],
  [
    [INFER, JSON_TYPE, '{"id": NaN}'],
    400,
    "not-json",
    /byte 7 of the body: expected JSON, in which a missing number is null/,
  ],
  [[INFER, JSON_TYPE, " "], 400, "empty-body", "send an inference request with one tensor, features"],
  [[INFER, JSON_TYPE, "[]"], 400, "features", "the body: expected an object"],
  [[INFER, "application/octet-stream", "{}"], 415, "media-type", "send application/json, in UTF-8"],
  [[INFER, CSV, "{}"], 415, "media-type", "send application/json, in UTF-8"],
  [
    ["/v2/models/zoe/infer", JSON_TYPE, "{}"],
    404,
    "no-such-model",
    /^the one model is orders, its version [0-9a-f]{8}$/,
  ],
  [["/v2/models/orders/versions/1/infer", JSON_TYPE, "{}"], 404, "no-such-model", /^the one model is orders/],
  [body([row], { rows: 2 }), 400, "features", "/inputs/0/data: expected 14 values, found 7"],
  [body([row.slice(1)]), 400, "features", "/inputs/0/data/0: expected 7 values, found 6"],
  [body([row.with(3, "zoe")]), 400, "features", "/inputs/0/data/0/3: expected a number or null"],
  [body([row], { datatype: "BYTES" }), 400, "features", /^\/inputs\/0\/datatype: expected one of FP32, /],
  [body([row], { datatype: "INT64" }), 400, "features", "/inputs/0/data/0/1: expected a whole number of 64 bits"],
  [body([row], { rows: 1e6 }), 413, "features", "/inputs/0/shape: expected at most 262144 rows"],
  [body([row], { outputs: [{ name: "zoe" }] }), 400, "features", "/outputs/0/name: expected one of label, scores"],
  [[INFER, JSON_TYPE, { inputs: [{ name: "zoe" }] }], 400, "features", /^\/inputs\/0\/name: .* features$/],
  [frame("{"), 400, "not-json", "line 1, byte 1 of the body: expected JSON"],
  [frame(""), 400, "empty-body", "send a data frame with a column for each of the model's features"],
  [frame({}), 400, "features", /with exactly one of dataframe_split, dataframe_records, instances, inputs$/],
  [
    frame({ dataframe_records: [order(1, { status: undefined })] }),
    400,
    "features",
    /^\/dataframe_records\/0: total_amount, .*; expected quantity, /,
  ],
  [
    frame({ dataframe_records: [{ status: "zoe" }] }),
    400,
    "features",
    /^\/dataframe_records\/0\/status: expected a number/,
  ],
  [
    frame({ inputs: { quantity: [1], unit_price: [] } }),
    400,
    "features",
    "/inputs/unit_price: expected 1 values, found 0",
  ],
  [
    ["/invocations", CSV, `${NAMES}\n1,2,zoe,4,5,6,7\n`],
    400,
    "features",
    /^line 2, column total_amount: expected a number/,
  ],
  [["/invocations", CSV, "zoe\n1\n"], 400, "features", /^line 1: quantity, .* missing; expected quantity, /],
  [["/invocations", "application/x-ndjson", "{}"], 415, "media-type", "send application/json or text/csv, in UTF-8"],
  [["/invocations", `${CSV}; charset=latin1`, "{}"], 415, "media-type", "send application/json or text/csv, in UTF-8"],
  [["/invocations", undefined, "{}"], 415, "media-type", "send application/json or text/csv, in UTF-8"],
];

test("what is no request is refused where it is none, and without a value", async () => {
  for (const [[path, type, body], status, kind, detail] of BAD) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const problem = await refused(path, { method: "POST", type, body: text });
    assert.deepEqual([problem.status, problem.kind], [status, kind], problem.detail);
    if (detail instanceof RegExp) assert.match(problem.detail, detail);
    else assert.equal(problem.detail, detail);
    assert.doesNotMatch(JSON.stringify(problem), /zoe/);
  }
});

test("a method that a path does not take is refused, and a path that is none", async () => {
  for (const [path, method, allow] of [
    [INFER, "GET", "POST"],
    ["/invocations", "GET", "POST"],
    ["/v2", "POST", "GET, HEAD"],
    ["/v2/health/live", "PUT", "GET, HEAD"],
    ["/v2/models/orders", "POST", "GET, HEAD"],
    ["/v2/models/orders/ready", "DELETE", "GET, HEAD"],
    ["/ping", "POST", "GET, HEAD"],
  ]) {
    const { status, kind, headers } = await refused(path, { method });
    assert.deepEqual([status, kind, headers.allow], [405, "method", allow], `${method} ${path}`);
  }
  for (const path of [
    "/v2/models",
    "/v2/models/",
    "/v2/models//infer",
    `${INFER}/more`,
    "/v2/models/orders/versions",
  ]) {
    assert.deepEqual([(await refused(path)).kind, path], ["not-found", path]);
  }
});

test("a body may leave its media type out, as clients of the Open Inference Protocol do", async () => {
  assert.equal((await post(INFER, tensor([row]), null)).status, 200);
});

test("a body beyond the limit is refused", async () => {
  for (const path of [INFER, "/invocations"]) {
    const { sent, answer } = edge.open(path, {
      headers: { "content-type": JSON_TYPE, "content-length": String((10 << 20) + 1) },
    });
    sent.on("error", () => {});
    sent.write("{");
    assert.equal((await answer).statusCode, 413);
    sent.destroy();
  }
});

test("health is free, and models are for those who have a key", async () => {
  const keys = createHash("sha256").update("first").digest("hex");
  const guarded = await start({ bindings: { TAMIS_KEY: KEY, TAMIS_API_KEYS: keys } });
  try {
    for (const path of ["/v2", "/v2/health/live", "/v2/health/ready", "/ping", "/version"]) {
      assert.equal((await guarded.send(path)).status, 200, path);
    }
    const requests = [
      ["/v2/models/orders"],
      ["/v2/models/orders/ready"],
      ["/v2/models/zoe"],
      [INFER, { type: JSON_TYPE, body: JSON.stringify(tensor([row])) }],
      ["/invocations", { type: JSON_TYPE, body: JSON.stringify({ inputs: [row] }) }],
    ];
    for (const [path, options] of requests) {
      assert.equal((await guarded.send(path, options)).status, 401, path);
      const headers = { authorization: "Bearer first" };
      const status = path.includes("zoe") ? 404 : 200;
      assert.equal((await guarded.send(path, { ...options, headers })).status, status, path);
    }
  } finally {
    await guarded.stop();
  }
});

test("without a masking key the function is alive and not ready", async () => {
  const keyless = await start({ bindings: { TAMIS_OPEN: "1" } });
  try {
    assert.equal((await keyless.send("/v2/health/live")).status, 200);
    assert.equal((await keyless.send("/v2/models/orders")).status, 200);
    for (const path of ["/v2/health/ready", "/v2/models/orders/ready", "/ping"]) {
      assert.equal((await keyless.send(path)).status, 503, path);
    }
    assert.equal((await keyless.send(INFER, { type: JSON_TYPE, body: "{}" })).status, 503);
  } finally {
    await keyless.stop();
  }
});

test("requests are counted by their route, and rows are no records", async () => {
  const counting = await start({ bindings: OPEN });
  try {
    const send = (path, body) => counting.send(path, { type: JSON_TYPE, body: JSON.stringify(body) });
    await send(INFER, tensor([row, row]));
    await send(INFER, tensor([row, [1]]));
    await send("/invocations", { inputs: [row] });
    await counting.send("/v2/models/zoe");
    await counting.send("/v2/health/live");
    // The counts of a request are handed on when its answer is out.
    let counts;
    const requests = (route, status) => value(counts, "tamis_http_requests_total", { route, status });
    for (let attempt = 0; attempt < 50; attempt++) {
      counts = parse((await counting.send("/metrics")).text);
      if (requests("/v2/health/live", "200") === 1) break;
    }
    assert.equal(requests("/v2/models/{model}/infer", "200"), 1);
    assert.equal(requests("/v2/models/{model}/infer", "400"), 1);
    assert.equal(requests("/v2/models/{model}", "404"), 1);
    assert.equal(requests("/invocations", "200"), 1);
    for (const name of ["tamis_records_total", "tamis_anomaly_score_count", "tamis_drift_window_records"]) {
      assert.equal(value(counts, name), 0, name);
    }
  } finally {
    await counting.stop();
  }
});

test("a hundred thousand numbers are answered at once", async () => {
  const rows = Array.from({ length: 14_286 }, (_, index) => row.with(0, index % 50));
  await infer(tensor(rows));
  const begun = performance.now();
  const { outputs } = await infer(tensor(rows));
  console.log(`100002 numbers: ${(performance.now() - begun).toFixed(0)} ms`);
  assert.equal(outputs[1].data.length, rows.length);
});

const target =
  process.env.CARGO_TARGET_DIR ?? join(process.env.TAMIS_CACHE ?? join(homedir(), ".cache/tamis"), "target");
const binary = process.env.TAMIS_BIN ?? join(target, "release/tamis");
const skip = !existsSync(binary) && process.env.CI !== "true" && `there is no ${binary}`;

test("the native binary scores the same rows the same", { skip }, async () => {
  const rows = Array.from({ length: 200 }, (_, index) =>
    row
      .with(0, index * index)
      .with(1, index / 7)
      .with(6, index % 5),
  );
  const folder = mkdtempSync(join(tmpdir(), "tamis-rows-"));
  const file = join(folder, "rows.csv");
  writeFileSync(file, rows.map((row) => `${row}\n`).join(""));
  const native = execFileSync(binary, ["score", file, "--model", join(root, "models/default.onnx")]);
  rmSync(folder, { recursive: true });
  const { outputs } = await infer(tensor(rows, { outputs: [{ name: "scores" }] }));
  assert.deepEqual(outputs[0].data, decisions(parsed(native.toString())));
});
