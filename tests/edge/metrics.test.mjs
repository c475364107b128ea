// The counts: right, in Prometheus' format, and kept beyond the life of an instance.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { start } from "../../scripts/workerd.mjs";
import { JSON_TYPE, LINES, ODD, OPEN, ndjson, order, orders, parsed } from "./orders.mjs";
import { parse, value } from "./prometheus.mjs";

/** The metrics, once so many records are counted: they are handed on after the answer. */
async function metrics(edge, records) {
  let families;
  for (let tries = 0; tries < 100; tries++) {
    const answer = await edge.send("/metrics");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    families = parse(answer.text);
    if (value(families, "tamis_records_total") >= records) break;
    await pause(50);
  }
  assert.equal(value(families, "tamis_records_total"), records);
  return families;
}

async function running(options, run) {
  const edge = await start({ bindings: OPEN, ...options });
  try {
    await run(edge);
  } finally {
    await edge.stop();
  }
}

test("the counts are those of the verdicts", () =>
  running({}, async (edge) => {
    const fresh = await metrics(edge, 0);
    for (const name of ["tamis_records_total", "tamis_anomalies_total", "tamis_anomaly_score_count"]) {
      assert.equal(value(fresh, name), 0);
    }
    const odd = order(50, ODD);
    const records = [...orders(8), order(9, { quantity: "2", status: "n/a" }), { "a@b.example": 1 }, odd];
    const batch = await edge.send("/v1/verdicts", { type: LINES, body: ndjson(records) });
    const verdicts = parsed(batch.text);
    await edge.send("/v1/verdicts", { type: JSON_TYPE, body: JSON.stringify(order(1)) });
    await edge.send("/v1/mask", { type: JSON_TYPE, body: JSON.stringify([order(1, { unit_price: 0 }), "x"]) });
    await edge.send("/v1/mask", { type: JSON_TYPE, body: JSON.stringify(order(1, { unit_price: 0 })) });
    await edge.send("/v1/verdicts", { type: JSON_TYPE, body: "nonsense" });
    const counts = await metrics(edge, records.length + 4);
    const count = (name, labels) => value(counts, name, labels);
    const accepted = verdicts.filter(({ status }) => status === "accepted");
    assert.equal(count("tamis_records_total", { status: "accepted" }), accepted.length + 1);
    assert.equal(count("tamis_records_total", { status: "rejected" }), records.length - accepted.length + 3);
    assert.equal(count("tamis_violations_total", { path: "/quantity", code: "minimum" }), 2);
    assert.equal(count("tamis_violations_total", { path: "/status", code: "missing" }), 1);
    assert.equal(count("tamis_violations_total", { path: "", code: "zero_price" }), 2);
    assert.equal(count("tamis_violations_total", { path: "", code: "type" }), 1);
    const violations = verdicts.reduce((sum, verdict) => sum + verdict.violations.length, 0);
    assert.equal(count("tamis_violations_total"), violations + 3);
    assert.equal(count("tamis_repairs_total", { code: "number_from_text" }), 1);
    const scores = accepted.map(({ anomaly }) => anomaly.score);
    assert.equal(count("tamis_anomaly_score_count"), scores.length + 1);
    const sum = count("tamis_anomaly_score_sum") - scores.reduce((sum, score) => sum + score, 0);
    assert.ok(sum > 0 && sum < 1, "the sum lacks one score alone");
    assert.equal(count("tamis_anomalies_total"), accepted.filter(({ anomaly }) => anomaly.flagged).length);
    assert.ok(count("tamis_anomalies_total") >= 1);
    const requests = (route, status) => count("tamis_http_requests_total", { route, status });
    assert.equal(requests("/v1/verdicts", "200"), 2);
    assert.equal(requests("/v1/verdicts", "400"), 1);
    assert.equal(requests("/v1/mask", "200"), 1);
    assert.equal(requests("/v1/mask", "422"), 1);
    assert.equal(count("tamis_http_request_duration_seconds_count", { route: "/v1/verdicts" }), 3);
  }));

test("what is in force is a label", () =>
  running({}, async (edge) => {
    const counts = await metrics(edge, 0);
    const model = JSON.parse((await edge.send("/v1/model")).text);
    const { name, sha256 } = model;
    assert.equal(value(counts, "tamis_model_info", { name, sha256 }), 1);
    assert.equal(value(counts, "tamis_contract_info", { name: "orders", version: model.contract.version }), 1);
    assert.equal(value(counts, "tamis_build_info", { version: model.version }), 1);
  }));

test("drift is told by feature, of the records that the model saw", () =>
  running({}, async (edge) => {
    const fresh = await metrics(edge, 0);
    assert.equal(value(fresh, "tamis_drift_window_records", { window: "today" }), 0);
    assert.ok(value(fresh, "tamis_reference_records") > 4000);
    assert.deepEqual(fresh.get("tamis_feature_psi").samples, []);
    const records = orders(300);
    await edge.send("/v1/verdicts", { type: LINES, body: ndjson(records.slice(0, 200)) });
    await edge.send("/v1/verdicts", { type: JSON_TYPE, body: JSON.stringify(records.slice(200, 299)) });
    await edge.send("/v1/score", { type: JSON_TYPE, body: JSON.stringify(records[299]) });
    const broken = Array.from({ length: 100 }, (_, index) => order(1000 + index, { quantity: 0 }));
    await edge.send("/v1/verdicts", { type: LINES, body: ndjson(broken) });
    // What the model does not see is not held against what it was trained on.
    await edge.send("/v1/validate", { type: JSON_TYPE, body: JSON.stringify(records.slice(0, 7)) });
    const counts = await metrics(edge, 407);
    const of = (name, feature) => value(counts, name, { feature, window: "today" });
    assert.equal(value(counts, "tamis_drift_window_records", { window: "today" }), 400);
    assert.equal(value(counts, "tamis_drift_window_records", { window: "last_day" }), 0);
    // All of these are paid and go to Berlin, other than the orders that the model knows.
    for (const feature of ["status", "unit_price", "/shipping/country_code", "/shipping/city"]) {
      assert.ok(of("tamis_feature_psi", feature) > of("tamis_feature_psi_critical", feature), feature);
      assert.equal(of("tamis_feature_drift", feature), 1, feature);
    }
    const features = counts.get("tamis_feature_drift").samples;
    assert.ok(features.every(({ labels, value }) => labels.window === "today" && (value === 0 || value === 1)));
    const names = features.map(({ labels }) => labels.feature);
    assert.ok(!names.includes("/customer_email") && !names.includes("/order_id") && names.includes("quantity"));
    const psi = counts.get("tamis_feature_psi").samples.map(({ labels }) => labels.feature);
    assert.deepEqual(psi, names);
    // 225 of 400 are accepted, and four fifths were.
    assert.equal(value(counts, "tamis_acceptance_drift", { window: "today" }), 1);
    assert.ok(value(counts, "tamis_score_psi", { window: "today" }) > 0);
  }));

test("few records are not called drift", () =>
  running({}, async (edge) => {
    await edge.send("/v1/verdicts", { type: LINES, body: ndjson(orders(40)) });
    const counts = await metrics(edge, 40);
    assert.equal(value(counts, "tamis_drift_window_records", { window: "today" }), 40);
    assert.deepEqual(counts.get("tamis_feature_drift").samples, []);
    assert.ok(counts.get("tamis_feature_psi").samples.length > 5);
  }));

test("no name that a client chose becomes a label", () =>
  running({}, async (edge) => {
    await edge.send("/v1/verdicts", { type: LINES, body: ndjson([{ "eve@example.org": "eve@example.org" }]) });
    await edge.send("/eve@example.org");
    await edge.send("/v1/eve@example.org", { method: "PATCH" });
    await metrics(edge, 1);
    assert.equal((await edge.send("/metrics")).text.includes("eve"), false);
  }));

test("many requests at once are all counted", () =>
  running({}, async (edge) => {
    const send = (_, index) => edge.send("/v1/verdicts", { type: JSON_TYPE, body: JSON.stringify(order(index)) });
    await Promise.all(Array.from({ length: 200 }, send));
    const counts = await metrics(edge, 200);
    assert.equal(value(counts, "tamis_http_requests_total", { route: "/v1/verdicts", status: "200" }), 200);
  }));

test("the counts outlive the instance", async () => {
  const persist = await mkdtemp(join(tmpdir(), "tamis-monitor-"));
  try {
    for (const [run, sum] of [3, 6].entries()) {
      await running({ persist }, async (edge) => {
        await metrics(edge, 3 * run);
        await edge.send("/v1/verdicts", { type: LINES, body: ndjson(orders(3)) });
        const counts = await metrics(edge, sum);
        assert.equal(value(counts, "tamis_drift_window_records"), sum);
      });
    }
  } finally {
    await rm(persist, { recursive: true });
  }
});

test("without the object that keeps them the counts are the instance's own", () =>
  running({ without: ["MONITOR"] }, async (edge) => {
    await edge.send("/v1/verdicts", { type: LINES, body: ndjson(orders(3)) });
    await edge.send("/v1/verdicts", { type: LINES, body: ndjson(orders(2)) });
    await metrics(edge, 5);
  }));
