// A strict reader of Prometheus' text format 0.0.4: it throws at whatever the format does not allow.
import assert from "node:assert/strict";

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

/** The families of a page: name -> { type, help, samples: [{ name, labels, value }] }. */
export function parse(text) {
  assert.ok(text.endsWith("\n"), "the last line has no end");
  const families = new Map();
  let current;
  const seen = new Set();
  for (const line of text.slice(0, -1).split("\n")) {
    const head = line.match(new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`));
    if (head) {
      const [, kind, name, rest] = head;
      if (kind === "HELP") {
        assert.ok(!families.has(name), `${name} is there twice`);
        assert.ok(!/\\(?![\\n])/.test(rest), `the help of ${name} is not escaped`);
        current = { name, help: rest, samples: [] };
        families.set(name, current);
      } else {
        assert.equal(current?.name, name, `the type of ${name} does not follow its help`);
        assert.match(rest, /^(counter|gauge|histogram)$/);
        current.type = rest;
      }
      continue;
    }
    const sample = line.match(new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`));
    assert.ok(sample, `no line of the format: ${line}`);
    const [, name, labels = "", number] = sample;
    assert.ok(current?.type, `${name} comes before its type`);
    const suffix = name.slice(current.name.length);
    const suffixes = current.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    assert.ok(name.startsWith(current.name) && suffixes.includes(suffix), `${name} is no sample of ${current.name}`);
    assert.ok(!seen.has(`${name}{${labels}}`), `${name}{${labels}} is there twice`);
    seen.add(`${name}{${labels}}`);
    assert.match(number, /^([+-]?Inf|NaN|[+-]?\d+(\.\d+)?(e[+-]?\d+)?)$/i);
    const value = number.endsWith("Inf") ? Infinity : Number(number);
    if (current.type === "counter") assert.ok(name.endsWith("_total") && value >= 0, `${name} is no counter`);
    current.samples.push({ name, labels: pairs(labels), value });
  }
  for (const family of families.values()) if (family.type === "histogram") check(family);
  return families;
}

function pairs(text) {
  const labels = {};
  let at = 0;
  while (at < text.length) {
    LABEL.lastIndex = at;
    const pair = LABEL.exec(text);
    assert.ok(pair, `no labels: ${text}`);
    assert.ok(!(pair[1] in labels), `the label ${pair[1]} is there twice`);
    labels[pair[1]] = pair[2].replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
    at = LABEL.lastIndex;
  }
  return labels;
}

/** The buckets of each series rise, end at +Inf, and the last of them is the count. */
function check({ name, samples }) {
  const series = new Map();
  for (const { name: sample, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(rest);
    const one = series.get(key) ?? { buckets: [] };
    series.set(key, one);
    if (sample.endsWith("_bucket")) one.buckets.push([le === "+Inf" ? Infinity : Number(le), value]);
    else one[sample.slice(name.length + 1)] = value;
  }
  for (const { buckets, sum, count } of series.values()) {
    assert.ok(Number.isFinite(sum) && Number.isInteger(count), `${name} lacks its sum or its count`);
    assert.deepEqual(buckets.at(-1), [Infinity, count], `${name} does not end with all`);
    buckets.reduce(([bound, value], next) => {
      assert.ok(next[0] > bound && next[1] >= value, `the buckets of ${name} do not rise`);
      return next;
    });
  }
}

/** The value of a sample, 0 where there is none. */
export function value(families, name, labels = {}) {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ""));
  const same = (sample) =>
    sample.name === name && Object.entries(labels).every(([label, text]) => sample.labels[label] === text);
  const samples = family?.samples.filter(same) ?? [];
  return samples.reduce((sum, sample) => sum + sample.value, 0);
}
