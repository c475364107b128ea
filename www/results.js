// What came of a run, as the page shows it. Everything here is masked already.

import { at, bar, code, element, grouped, percent, size, table } from "./dom.js";
import { drawHistogram } from "./histogram.js";

const DOWNLOADS = [
  ["accepted.ndjson", "Accepted", "NDJSON"],
  ["rejected.ndjson", "Rejected", "NDJSON"],
  ["verdicts.ndjson", "Verdicts", "NDJSON"],
  ["summary.json", "Summary", "JSON"],
  ["report.html", "Report", "HTML"],
];

/** Paints the counts of a run that is still going on. */
export function paintSoFar(summary) {
  const results = at("results");
  results.hidden = false;
  results.replaceChildren(element("div", { class: "card" }, figures(summary), ...stack(summary)));
}

/** Paints all that a finished run gave, and puts the focus on its heading. */
export function paintResults(run) {
  const { summary } = run;
  const results = at("results");
  results.hidden = false;
  const heading = element("h2", { id: "results-heading", tabindex: "-1" }, "Result for ", element("bdi", {}, run.name));
  results.replaceChildren(
    element(
      "div",
      { class: "card" },
      heading,
      about(run),
      figures(summary),
      ...stack(summary),
      ...downloads(run.files),
    ),
    ...notes(run),
    element("div", { class: "pair" }, violations(summary), repairs(summary)),
    ...scores(run),
    ...(summary.rejected > 0 ? [rejected(run)] : []),
  );
  // uPlot measures its place, so it draws when that is on the page.
  const figure = at("histogram");
  if (figure) drawHistogram(figure, summary.score_histogram, summary.threshold);
  heading.focus();
}

function about({ bytes, seconds, about }) {
  const { contract, model, ephemeral } = about;
  // Of a short run the speed would say nothing.
  const speed = seconds >= 0.5 ? `, ${size(bytes / seconds)}/s` : "";
  const scored = model ? `scored by ${model.name}` : "not scored, as there is no model";
  const key = ephemeral ? "a key that is forgotten by now" : "your key";
  const text = `${size(bytes)} in ${seconds.toFixed(2)} s${speed}; contract ${contract.name} ${contract.version}; ${scored}; masked with ${key}.`;
  return element("p", { class: "quiet" }, text);
}

function figures(summary) {
  const { records, accepted, repaired, rejected, scored, anomalies } = summary;
  const figure = (label, id, count, note) =>
    element(
      "div",
      {},
      element("dt", {}, label),
      element("dd", {}, element("strong", { id }, grouped(count)), element("span", {}, note)),
    );
  return element(
    "dl",
    { class: "figures" },
    figure("Records", "records", records, "read"),
    figure("Accepted", "accepted", accepted, percent(accepted, records)),
    figure("Of these repaired", "repaired", repaired, `${percent(repaired, accepted)} of accepted`),
    figure("Rejected", "rejected", rejected, percent(rejected, records)),
    scored > 0 ? figure("Flagged as odd", "anomalies", anomalies, `${percent(anomalies, scored)} of scored`) : null,
  );
}

/** One bar of the records by what became of them, with a legend that says the same in words. */
function stack({ records, accepted, repaired, rejected }) {
  if (records === 0) return [];
  const parts = [
    ["good", accepted - repaired, "accepted as they were"],
    ["fixed", repaired, "accepted after a repair"],
    ["bad", rejected, "rejected"],
  ];
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const set = (target, attributes) =>
    Object.entries(attributes).forEach(([key, value]) => target.setAttribute(key, value));
  set(svg, { class: "stack", viewBox: "0 0 1000 20", preserveAspectRatio: "none", "aria-hidden": "true" });
  let x = 0;
  for (const [kind, count] of parts) {
    const rect = document.createElementNS(space, "rect");
    const width = (1000 * count) / records;
    set(rect, { class: kind, x, width, height: 20 });
    svg.append(rect);
    x += width;
  }
  const legend = parts.map(([kind, count, label]) =>
    element("li", { class: kind }, `${grouped(count)} ${label} (${percent(count, records)})`),
  );
  return [svg, element("ul", { class: "legend" }, legend)];
}

function downloads(files) {
  const button = ([name, label, format]) => {
    const note = element("small", {}, `${format}, ${size(files[name].size)}`);
    const made = element("button", { type: "button", "data-file": name }, label, note);
    made.addEventListener("click", () => save(name, files[name]));
    return made;
  };
  return [
    element("h3", { id: "download", class: "quiet" }, "Download, all of it masked"),
    element("div", { class: "downloads", role: "group", "aria-labelledby": "download" }, DOWNLOADS.map(button)),
  ];
}

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  // The browser reads the blob after the click returns.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Sentences on what is likely to be misread. */
function notes({ summary, about }) {
  const malformed = summary.violations.filter(({ path, code }) => path === "" && MALFORMED.has(code));
  const lost = malformed.reduce((sum, { count }) => sum + count, 0);
  const texts = [...about.warnings];
  if (summary.records === 0) texts.push("There is no record in this input.");
  else if (lost === summary.records) {
    texts.push("Nothing here could be read as a record. Is it NDJSON, a JSON array, or CSV with a header?");
  }
  return texts.map((text) => element("p", { class: "message" }, text));
}

/** The codes of what is no record at all. */
const MALFORMED = new Set(["syntax", "utf8", "too_long", "too_deep", "too_many_values", "duplicate_key", "type"]);

function card(title, ...content) {
  return element("section", { class: "card" }, element("h3", {}, title), ...content);
}

/** A share in per cent with a bar; the bar of `longest` fills its cell. */
const share = (part, whole, longest, kind) =>
  element("span", { class: "share" }, bar(part / longest, kind), element("span", {}, percent(part, whole)));

function violations({ violations, records }) {
  const longest = Math.max(...violations.map(({ count }) => count));
  const rows = violations.map(({ path, code: kind, count }) => [
    code(path),
    code(kind),
    grouped(count),
    share(count, records, longest, "bad"),
  ]);
  const heads = ["Field", "Code", ["Count", "number"], "Per 100 records"];
  return card(
    "Violations",
    rows.length
      ? table("Violations by field and code", heads, rows)
      : element("p", { class: "quiet" }, "Nothing was wrong."),
  );
}

function repairs({ repairs, records }) {
  const list = Object.entries(repairs);
  const longest = Math.max(...list.map(([, count]) => count));
  const rows = list.map(([kind, count]) => [code(kind), grouped(count), share(count, records, longest, "fixed")]);
  return card(
    "Repairs",
    rows.length
      ? table("Repairs by code", ["Code", ["Count", "number"], "Per 100 records"], rows)
      : element("p", { class: "quiet" }, "Nothing had to be repaired."),
  );
}

function scores({ summary, flagged }) {
  if (summary.scored === 0) return [];
  const chart = summary.score_histogram.some((count) => count > 0)
    ? element("figure", { id: "histogram", class: "histogram" })
    : element("p", { class: "quiet" }, "This model gives decisions, but no scores between 0 and 1.");
  return [card("Scores", chart), ...(flagged.length ? [flags(summary, flagged)] : [])];
}

function flags({ anomalies }, flagged) {
  const rows = flagged.map(({ line, id, record, anomaly }) => [
    String(line),
    code(id ?? "–"),
    anomaly.score == null ? "–" : anomaly.score.toFixed(3),
    // A share that would read as nothing is no reason.
    element("ul", {}, anomaly.reasons.filter(({ share }) => share >= 0.005).map(reason)),
    shown(record),
  ]);
  const count =
    flagged.length < anomalies ? `The ${flagged.length} oddest of ${grouped(anomalies)}.` : "The oddest first.";
  return card(
    "Flagged records",
    element("p", { class: "quiet" }, `${count} Each reason is a feature's share in what sets the record apart.`),
    table("Flagged records", [["Line", "number"], "Id", ["Score", "number"], "Why", "Record, masked"], rows),
  );
}

const reason = ({ feature, share }) => element("li", {}, code(feature), ` ${Math.round(100 * share)}\u00a0%`);

function rejected({ summary, rejected }) {
  const fault = ({ code: kind, message }) => element("li", {}, code(kind), " ", element("bdi", {}, message));
  const rows = rejected.map(({ line, id, record, violations }) => [
    String(line),
    code(id ?? "–"),
    element("ul", {}, violations.map(fault)),
    shown(record),
  ]);
  const count =
    rejected.length < summary.rejected ? `${rejected.length} of ${grouped(summary.rejected)}, a few of each kind.` : "";
  return card(
    "Rejected records",
    element("p", { class: "quiet" }, `${count} A value that failed is shown nowhere, only its type and length.`.trim()),
    table("Rejected records", [["Line", "number"], "Id", "What is wrong", "Record, masked"], rows),
  );
}

/** A masked record behind a button, as most readers want the reasons first. */
function shown(record) {
  if (record == null) return "–";
  return element(
    "details",
    {},
    element("summary", {}, "Show"),
    element("pre", {}, code(JSON.stringify(record, null, 2))),
  );
}
