// The smoke test of a deployment, against the function that was built here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { faults } from "../../scripts/smoke.mjs";
import { start } from "../../scripts/workerd.mjs";
import { KEY, OPEN } from "./orders.mjs";

test("the smoke test is content with a function that is ready", async () => {
  const edge = await start({ bindings: OPEN });
  try {
    assert.deepEqual(await faults(edge.url), []);
  } finally {
    await edge.stop();
  }
});

test("it is not with one that has no keys for its callers", async () => {
  const edge = await start({ bindings: { TAMIS_KEY: KEY } });
  try {
    const found = await faults(edge.url);
    assert.ok(found.includes("/readyz: answered 503"), found.join("\n"));
    assert.ok(found.length >= 3, found.join("\n"));
  } finally {
    await edge.stop();
  }
});
