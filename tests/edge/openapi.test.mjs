// The description is true: every answer that it names is given, and looks as it says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../../scripts/workerd.mjs";
import { JSON_TYPE, KEY, LINES, ODD, OPEN, ndjson, order, orders, parsed } from "./orders.mjs";

let open, locked, keyless, document, named;
before(async () => {
  // One after another: each takes a whole processor while it starts.
  open = await start({ bindings: OPEN });
  locked = await start({ bindings: { TAMIS_KEY: KEY } });
  keyless = await start({ bindings: { TAMIS_OPEN: "1" } });
  document = JSON.parse((await open.send("/openapi.json")).text);
  named = JSON.parse((await open.send("/v1/model")).text).name.split("@");
});
after(() => Promise.all([open, locked, keyless].map((edge) => edge?.stop())));

const resolve = (node) => {
  while (node?.$ref) {
    assert.ok(node.$ref.startsWith("#/"), node.$ref);
    const steps = node.$ref.slice(2).split("/");
    const target = steps.reduce((place, step) => place?.[step.replace(/~1/g, "/").replace(/~0/g, "~")], document);
    assert.ok(target, `${node.$ref} leads nowhere`);
    node = target;
  }
  return node;
};

/** Checks a value against the keywords of JSON Schema that the description uses; an unknown keyword is a fault. */
function check(schema, value, at = "") {
  if (schema.$ref) return check(resolve(schema), value, at);
  for (const [keyword, argument] of Object.entries(schema)) {
    const fault = `${at || "the body"}: ${keyword}`;
    switch (keyword) {
      case "type": {
        const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
        const kinds = Number.isInteger(value) ? ["integer", "number"] : [kind];
        assert.ok(
          [argument].flat().some((type) => kinds.includes(type)),
          `${fault} ${argument}, is ${kind}`,
        );
        break;
      }
      case "required":
        for (const name of argument) assert.ok(name in value, `${fault} ${name}`);
        break;
      case "properties":
        for (const [name, inner] of Object.entries(argument))
          if (name in value) check(inner, value[name], `${at}/${name}`);
        break;
      case "items":
        value.forEach((item, index) => check(argument, item, `${at}/${index}`));
        break;
      case "enum":
        assert.ok(argument.includes(value), fault);
        break;
      case "const":
        assert.equal(value, argument, fault);
        break;
      case "pattern":
        assert.match(value, new RegExp(argument), fault);
        break;
      case "minimum":
        assert.ok(value >= argument, fault);
        break;
      case "maximum":
        assert.ok(value <= argument, fault);
        break;
      case "oneOf":
        assert.equal(argument.filter((inner) => fits(inner, value)).length, 1, fault);
        break;
      case "description":
      case "examples":
      case "format":
        break;
      default:
        assert.fail(`${fault}: this check does not know the keyword`);
    }
  }
}

function fits(schema, value) {
  try {
    check(schema, value);
    return true;
  } catch {
    return false;
  }
}

const json = (body, more) => ({
  type: JSON_TYPE,
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...more,
});
const ROW = [3, 19.9, 59.7, 0, 1, 0, 1];
const tensor = (data, more) => ({ inputs: [{ name: "features", shape: [1, 7], datatype: "FP64", data, ...more }] });
const large = { ...json("{"), headers: { "content-length": String(11 << 20) } };
const contractTag = async () => (await open.send("/v1/contract")).headers.etag;
const modelTag = async () => (await open.send("/v1/model")).headers.etag;

/** How each answer is brought about: method, path and status to one or more requests. */
const RECIPES = {
  ...Object.fromEntries(
    ["verdicts", "validate", "mask", "score"].flatMap((stage) => {
      const path = `/v1/${stage}`;
      const recipes = {
        200: [json(order(1)), json(order(1, ODD)), json(orders(8)), { type: LINES, body: ndjson(orders(8)) }],
        400: [json("nonsense"), json(""), json('{"a": }'), json("[{}")],
        401: [{ edge: () => locked, ...json(order(1)) }],
        413: [large],
        415: [json(order(1), { type: "text/plain" }), json(order(1), { headers: { "content-encoding": "gzip" } })],
        503: [{ edge: () => keyless, ...json(order(1)) }],
      };
      if (["mask", "score"].includes(stage))
        recipes[422] = [json(order(1, { quantity: 0, status: "n/a" })), json("17")];
      return Object.entries(recipes).map(([status, requests]) => [`post ${path} ${status}`, requests]);
    }),
  ),
  ...Object.fromEntries(
    ["/v2/models/{model}", "/v2/models/{model}/versions/{version}"].flatMap((path) => [
      ...["", "/ready"].flatMap((what) => [
        [`get ${path}${what} 200`, [{}]],
        [`get ${path}${what} 401`, [{ edge: () => locked }]],
        [`get ${path}${what} 404`, [{ model: "other" }]],
      ]),
      [`get ${path}/ready 503`, [{ edge: () => keyless }]],
      [`post ${path}/infer 200`, [json({ id: "1", ...tensor(ROW) }), json(tensor([ROW]), { type: undefined })]],
      [`post ${path}/infer 400`, [json("nonsense"), json(""), json({}), json(tensor([1])), json(tensor([["x"]]))]],
      [`post ${path}/infer 401`, [{ edge: () => locked, ...json(tensor(ROW)) }]],
      [`post ${path}/infer 404`, [{ model: "other", ...json(tensor(ROW)) }]],
      [`post ${path}/infer 413`, [large, json(tensor([], { shape: [1e6, 7] }))]],
      [`post ${path}/infer 415`, [json(tensor(ROW), { type: "application/octet-stream" })]],
      [`post ${path}/infer 503`, [{ edge: () => keyless, ...json(tensor(ROW)) }]],
    ]),
  ),
  "get /v2 200": [{}],
  "get /v2/health/live 200": [{}],
  "get /v2/health/ready 200": [{}],
  "get /v2/health/ready 503": [{ edge: () => locked }],
  "post /invocations 200": [
    json({ inputs: [ROW] }),
    { type: "text/csv", body: "quantity,unit_price,total_amount,has_coupon,has_tags,is_gift,status\n1,2,3,4,5,6,\n" },
  ],
  "post /invocations 400": [json("nonsense"), json(""), json({ inputs: [[1]] }), { type: "text/csv", body: "a\n1\n" }],
  "post /invocations 401": [{ edge: () => locked, ...json({ inputs: [ROW] }) }],
  "post /invocations 413": [large],
  "post /invocations 415": [json({ inputs: [ROW] }, { type: "text/plain" })],
  "post /invocations 503": [{ edge: () => keyless, ...json({ inputs: [ROW] }) }],
  "get /ping 200": [{}],
  "get /ping 503": [{ edge: () => locked }, { edge: () => keyless }],
  "get /version 200": [{}],
  "get /v1/contract 200": [{}],
  "get /v1/contract 304": [{ headers: async () => ({ "if-none-match": await contractTag() }) }],
  "get /v1/contract 401": [{ edge: () => locked }],
  "get /v1/model 200": [{}],
  "get /v1/model 304": [{ headers: async () => ({ "if-none-match": await modelTag() }) }],
  "get /v1/model 401": [{ edge: () => locked }],
  "get /metrics 200": [{}],
  "get /metrics 401": [{ edge: () => locked }],
  "get /healthz 200": [{}],
  "get /readyz 200": [{}],
  "get /readyz 503": [{ edge: () => locked }, { edge: () => keyless }],
  "get /openapi.json 200": [{}],
};

function* answers() {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      for (const [status, response] of Object.entries(operation.responses)) {
        yield {
          name: `${method} ${path} ${status}`,
          method,
          path,
          status: Number(status),
          response: resolve(response),
        };
      }
    }
  }
}

/** Only the head of the answer is waited for where the body is announced and never sent. */
async function ask({ method, path }, { edge = () => open, headers = {}, body, type, model = named[0] }) {
  path = path.replace("{model}", model).replace("{version}", named[1]);
  headers = typeof headers === "function" ? await headers() : headers;
  if (!headers["content-length"]) return edge().send(path, { method: method.toUpperCase(), headers, body, type });
  const { sent, answer } = edge().open(path, { headers: { "content-type": type, ...headers } });
  sent.on("error", () => {});
  sent.write(body);
  const response = await answer;
  const chunk = await new Promise((resolve) => response.once("data", resolve));
  sent.destroy();
  return { status: response.statusCode, headers: response.headers, text: chunk.toString() };
}

test("it is OpenAPI 3.1 of this version, and all its references lead somewhere", () => {
  assert.match(document.openapi, /^3\.1\.\d+$/);
  assert.match(document.info.version, /^\d+\.\d+\.\d+/);
  const ids = new Set();
  for (const methods of Object.values(document.paths)) {
    for (const operation of Object.values(methods)) {
      assert.ok(operation.operationId && !ids.has(operation.operationId));
      ids.add(operation.operationId);
      operation.parameters?.forEach(resolve);
    }
  }
  const { Contract, ...schemas } = document.components.schemas;
  assert.equal(Contract.$id, "/v1/contract");
  JSON.stringify({ ...document, components: { ...document.components, schemas } }, (_, value) => {
    if (value?.$ref) resolve(value);
    return value;
  });
});

test("the contract in it is the one in force", async () => {
  const { $id, ...contract } = document.components.schemas.Contract;
  assert.deepEqual(contract, JSON.parse((await open.send("/v1/contract")).text));
});

test("every answer is as described, and every answer that is described is given", async () => {
  const described = [...answers()];
  assert.deepEqual(described.map(({ name }) => name).sort(), Object.keys(RECIPES).sort());
  for (const answer of described) {
    for (const request of RECIPES[answer.name]) {
      const given = await ask(answer, request);
      assert.equal(given.status, answer.status, answer.name);
      look(answer, given);
    }
  }
});

function look({ name, response }, { headers, text }) {
  for (const [header, described] of Object.entries(response.headers)) {
    const { required, schema } = resolve(described);
    assert.ok(!required || header in headers, `${name} lacks ${header}`);
    check(schema, headers[header], `${name} ${header}`);
  }
  const [type] = (headers["content-type"] ?? "").split(";");
  if (!response.content) return assert.equal(text, "", name);
  const content = response.content[type];
  assert.ok(content, `${name} is ${type}`);
  if (type === LINES) parsed(text).forEach((line) => check(resolve(response.content[JSON_TYPE].schema.oneOf[0]), line));
  else if (type === "text/plain") check(content.schema, text);
  else if (type !== "application/schema+json") check(content.schema, JSON.parse(text), name);
}
