// Who is let in, and what the function says of itself when it is not fully configured.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { start } from "../../scripts/workerd.mjs";
import { JSON_TYPE, KEY, order } from "./orders.mjs";

const BODY = { type: JSON_TYPE, body: JSON.stringify(order(1)) };
const GUARDED = [["/v1/verdicts", BODY], ["/v1/validate", BODY], ["/v1/contract"], ["/v1/model"], ["/metrics"]];
const FREE = ["/healthz", "/openapi.json"];
const digest = (key) => createHash("sha256").update(key).digest("hex");

/** Runs a function's tests under a configuration. */
async function under(bindings, run) {
  const edge = await start({ bindings });
  try {
    await run(edge);
  } finally {
    await edge.stop();
  }
}

const problem = (answer) => [answer.status, JSON.parse(answer.text).type.replace("urn:tamis:problem:", "")];

test("without configured keys nobody is let in but to health and the page", () =>
  under({ TAMIS_KEY: KEY }, async (edge) => {
    for (const [path, options] of GUARDED) {
      const answer = await edge.send(path, { ...options, headers: { authorization: "Bearer anything" } });
      assert.deepEqual(problem(answer), [401, "keys-not-configured"], path);
      assert.match(answer.headers["www-authenticate"], /^Bearer/);
    }
    for (const path of FREE) assert.equal((await edge.send(path)).status, 200, path);
    assert.deepEqual(problem(await edge.send("/readyz")), [503, "not-ready"]);
  }));

test("a key is accepted by its SHA-256", () =>
  under({ TAMIS_KEY: KEY, TAMIS_API_KEYS: `${digest("first")}, ${digest("second").toUpperCase()}` }, async (edge) => {
    const send = (path, options, authorization) =>
      edge.send(path, { ...options, headers: authorization === undefined ? {} : { authorization } });
    for (const [path, options] of GUARDED) {
      for (const key of ["Bearer first", "bearer second"]) {
        assert.equal((await send(path, options, key)).status, 200, `${path} with ${key}`);
      }
      const none = await send(path, options);
      assert.deepEqual(problem(none), [401, "key"], path);
      assert.equal(none.headers["www-authenticate"], 'Bearer realm="tamis"');
      for (const bad of ["Bearer third", "Bearer FIRST", `Bearer ${digest("first")}`]) {
        const answer = await send(path, options, bad);
        assert.deepEqual(problem(answer), [401, "key"], `${path} with ${bad}`);
        assert.equal(answer.headers["www-authenticate"], 'Bearer realm="tamis", error="invalid_token"');
      }
      for (const bad of ["Basic first", "first", "Bearer "]) {
        assert.deepEqual(problem(await send(path, options, bad)), [401, "key"], `${path} with ${bad}`);
      }
    }
    for (const path of [...FREE, "/readyz"]) assert.equal((await edge.send(path)).status, 200, path);
  }));

test("configured keys are asked for although the function is said to be open", () =>
  under({ TAMIS_KEY: KEY, TAMIS_OPEN: "1", TAMIS_API_KEYS: digest("first") }, async (edge) => {
    assert.deepEqual(problem(await edge.send("/v1/contract")), [401, "key"]);
  }));

test("a key in place of its digest lets nobody in", () =>
  under({ TAMIS_KEY: KEY, TAMIS_OPEN: "1", TAMIS_API_KEYS: "first" }, async (edge) => {
    const answer = await edge.send("/v1/contract", { headers: { authorization: "Bearer first" } });
    assert.deepEqual(problem(answer), [401, "key"]);
  }));

test("only the value 1 opens the function", () =>
  under({ TAMIS_KEY: KEY, TAMIS_OPEN: "true" }, async (edge) => {
    assert.deepEqual(problem(await edge.send("/v1/contract")), [401, "keys-not-configured"]);
  }));

test("without a masking key no record is taken, and what needs none is served", () =>
  under({ TAMIS_OPEN: "1" }, async (edge) => {
    for (const path of ["/v1/verdicts", "/v1/validate", "/v1/mask", "/v1/score"]) {
      assert.deepEqual(problem(await edge.send(path, BODY)), [503, "no-masking-key"], path);
    }
    assert.deepEqual(problem(await edge.send("/readyz")), [503, "not-ready"]);
    for (const path of ["/v1/contract", "/v1/model", "/metrics", "/healthz"]) {
      assert.equal((await edge.send(path)).status, 200, path);
    }
  }));

test("an unusable masking key is named and never shown", () =>
  under({ TAMIS_OPEN: "1", TAMIS_KEY: "5ec3e7".repeat(5) }, async (edge) => {
    const answer = await edge.send("/v1/verdicts", BODY);
    assert.deepEqual(problem(answer), [503, "no-masking-key"]);
    assert.match(JSON.parse(answer.text).detail, /15 bytes/);
    assert.equal(`${answer.text}${edge.log()}`.includes("5ec3e7".repeat(2)), false);
  }));

test("after a rotation the older key's tokens are still known, and new ones are the new key's", () => {
  const newer = "a1".repeat(32);
  const mask = (edge, record) => edge.send("/v1/mask", { type: JSON_TYPE, body: JSON.stringify(record) });
  return under({ TAMIS_KEY: KEY, TAMIS_OPEN: "1" }, async (before) => {
    const old = JSON.parse((await mask(before, order(1))).text);
    await under({ TAMIS_KEY: `${newer}\n${KEY}`, TAMIS_OPEN: "1" }, async (edge) => {
      const fresh = JSON.parse((await mask(edge, order(1))).text);
      assert.notEqual(fresh.customer_email.slice(4, 8), old.customer_email.slice(4, 8));
      assert.deepEqual(JSON.parse((await mask(edge, old)).text), old);
      assert.deepEqual(JSON.parse((await mask(edge, fresh)).text), fresh);
    });
    await under({ TAMIS_KEY: newer, TAMIS_OPEN: "1" }, async (edge) => {
      const answer = await mask(edge, old);
      assert.equal(answer.status, 422, "a token of an unknown key is no e-mail address");
      assert.ok(!answer.text.includes(old.customer_email));
    });
  });
});
