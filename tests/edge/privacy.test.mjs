// No answer and no log holds a value that is to be masked, whatever is wrong with the record around it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "../../scripts/workerd.mjs";
import { JSON_TYPE, LINES, OPEN, ndjson, order } from "./orders.mjs";

const SECRETS = {
  mail: "zoe.quux.4711@secret.example",
  street: "Geheimgasse 4711",
  phone: "+49 30 4711 0815",
  card: "4111 1111 1111 1111",
};

/** Records with the secrets in every place where they could be. */
const RECORDS = [
  order(1, { customer_email: SECRETS.mail, shipping: { ...order(1).shipping, street: SECRETS.street } }),
  order(2, { customer_email: SECRETS.phone }),
  order(3, { customer_email: SECRETS.mail, quantity: SECRETS.phone, status: SECRETS.mail, created_at: SECRETS.street }),
  order(4, { order_id: SECRETS.mail }),
  order(5, { tags: [`paid with ${SECRETS.card}`, SECRETS.mail], coupon_code: SECRETS.mail }),
  order(6, { referrer_url: `https://zoe.quux:geheim4711@shop.example/?mail=${SECRETS.mail}#${SECRETS.mail}` }),
  order(7, { [SECRETS.mail]: SECRETS.phone, note: SECRETS.street }),
  { customer_email: [SECRETS.mail], shipping: SECRETS.street },
  [SECRETS.mail],
  SECRETS.mail,
];

const BROKEN = [
  `{"customer_email": "${SECRETS.mail}"`,
  `{"customer_email": "${SECRETS.mail}", "customer_email": "${SECRETS.mail}"}`,
  `{"customer_email": ${SECRETS.mail}}`,
  `{"${SECRETS.mail}": }`,
  SECRETS.mail,
];

test("personal data comes back from nowhere", async () => {
  const edge = await start({ bindings: OPEN });
  const answers = [];
  const send = async (path, options) => answers.push(await edge.send(path, options));
  try {
    for (const path of ["/v1/verdicts", "/v1/validate", "/v1/mask", "/v1/score"]) {
      await send(path, { type: JSON_TYPE, body: JSON.stringify(RECORDS) });
      await send(path, { type: LINES, body: ndjson(RECORDS) + BROKEN.join("\n") });
      for (const record of RECORDS) await send(path, { type: JSON_TYPE, body: JSON.stringify(record) });
      for (const body of BROKEN) await send(path, { type: JSON_TYPE, body });
    }
    // Features are numbers, but a client may send anything for them, and under any name.
    for (const record of RECORDS) {
      for (const body of [
        { inputs: [record] },
        { dataframe_records: [record] },
        { dataframe_split: { columns: [SECRETS.mail], data: [record] } },
        { inputs: [{ name: SECRETS.mail, shape: [1, 7], datatype: SECRETS.mail, data: [record] }] },
        { inputs: [{ name: "features", shape: [1, 7], datatype: "FP64", data: [record] }] },
      ]) {
        await send("/invocations", { type: JSON_TYPE, body: JSON.stringify(body) });
        await send("/v2/models/orders/infer", { type: JSON_TYPE, body: JSON.stringify(body) });
      }
    }
    await send("/invocations", { type: "text/csv", body: `${SECRETS.mail}\n${SECRETS.street}\n` });
    for (const body of BROKEN) {
      await send("/invocations", { type: JSON_TYPE, body });
      await send("/v2/models/orders/infer", { type: JSON_TYPE, body });
    }
    // The address has no place in a query or a path, but a client may put it there.
    const mail = encodeURIComponent(SECRETS.mail);
    await send(`/v1/verdicts?explain=${mail}`, { type: JSON_TYPE, body: JSON.stringify(RECORDS[0]) });
    await send(`/v1/${mail}`);
    await send(`/v2/models/${mail}/infer`, { type: JSON_TYPE, body: "{}" });
    await send(`/${mail}`);
    await send("/v1/contract", { headers: { "x-request-id": SECRETS.mail, traceparent: SECRETS.mail } });
    await send("/v1/verdicts", { type: SECRETS.mail, body: "{}" });
    await send("/metrics");
    await send("/readyz");
  } finally {
    await edge.stop();
  }
  assert.ok(answers.length > 70);
  const traces = [edge.log(), ...answers.map(({ headers, text }) => `${JSON.stringify(headers)}\n${text}`)];
  const needles = [...Object.values(SECRETS), "zoe", "quux", "secret.example", "Geheimgasse", "secret%2Eexample"];
  for (const trace of traces) {
    for (const needle of needles) {
      assert.equal(trace.toLowerCase().includes(needle.toLowerCase()), false, `${needle} in ${trace.slice(0, 400)}`);
    }
    // Four digits are in one of a dozen answers by chance: in the random hexadecimal names of requests and traces.
    assert.doesNotMatch(trace, /4711 ?0815|(?<![0-9a-f.])0815(?![0-9a-f])/, "a piece of the telephone number");
  }
});
