// What came of a run, as the page shows it. Everything here is masked already.

import { at, element, grouped, percent, size } from "./dom.js";

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
    ...(summary.records > 0 ? [review(run.report)] : []),
  );
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
  const bars = parts.map(([kind, count]) => {
    const bar = element("span", { class: kind });
    bar.style.flexGrow = count / records;
    return bar;
  });
  const legend = parts.map(([kind, count, label]) =>
    element("li", { class: kind }, `${grouped(count)} ${label} (${percent(count, records)})`),
  );
  return [element("div", { class: "stack", "aria-hidden": "true" }, bars), element("ul", { class: "legend" }, legend)];
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

/**
 * The report itself, as it would be downloaded, in a shadow root that keeps its styles and the page's apart. The policy of
 * the page holds in it, and it is escaped where it is made.
 */
function review(html) {
  // The policy of the page forbids style elements, even in a document that is never shown.
  const [whole, style] = /<style>(.*?)<\/style>/s.exec(html);
  const parsed = new DOMParser().parseFromString(html.replace(whole, ""), "text/html");
  const host = element("div", { class: "card", id: "review" });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style.replaceAll(":root", ":host").replaceAll(/^(\s*)body\b/gm, "$1.review") + EMBEDDED);
  root.adoptedStyleSheets = [sheet];
  // The page has shown the title and the counts above.
  for (const part of parsed.querySelectorAll("header, .figures")) part.remove();
  root.append(element("div", { class: "review" }, ...parsed.querySelector("main").childNodes));
  return host;
}

/** What is other in the page: the card has a margin of its own. */
const EMBEDDED = ".review { padding: 0; background: none; } .review > section:first-child { margin-top: 0; }";
