// Building the page's elements. Text goes in as text nodes alone, so nothing of a feed can become markup.

/** The element with an id. */
export const at = (id) => document.getElementById(id);

/** An element with attributes and children; `class` and `hidden` work as in HTML, a text child is a text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child != null));
  return made;
}

/** A bar of a share in [0, 1]. The number stands beside it, so a screen reader passes the picture over. */
export function bar(share, kind) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of [
    ["class", "bar"],
    ["viewBox", "0 0 100 10"],
    ["preserveAspectRatio", "none"],
    ["aria-hidden", "true"],
  ]) {
    svg.setAttribute(key, value);
  }
  for (const [kindOf, width] of [
    ["track", 100],
    [kind, 100 * Math.min(1, share)],
  ]) {
    const rect = document.createElementNS(space, "rect");
    rect.setAttribute("class", kindOf);
    rect.setAttribute("height", "10");
    rect.setAttribute("width", String(width));
    svg.append(rect);
  }
  return svg;
}

/** Rows that a table shows at once, and how many more there must be for folding to be worth it. */
const OPEN = 12;
const FEW = 4;

/**
 * A table with a caption for screen readers. `heads` are the columns' heads, with a class for those of another kind as in
 * ["Count", "number"]; each row is a list of cells, the first of which names it.
 */
export function table(caption, heads, rows) {
  if (rows.length <= OPEN + FEW) return whole(caption, heads, rows);
  const more = element("summary", {}, `${rows.length - OPEN} more`);
  const folded = element("details", {}, more, whole(`${caption}, continued`, heads, rows.slice(OPEN)));
  return element("div", {}, whole(caption, heads, rows.slice(0, OPEN)), folded);
}

function whole(caption, heads, rows) {
  const columns = heads.map((head) => (Array.isArray(head) ? head : [head]));
  const kind = (index) => ({ class: columns[index][1] });
  const body = rows.map(([name, ...cells]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", ...kind(0) }, name),
      cells.map((cell, index) => element("td", kind(index + 1), cell)),
    ),
  );
  const head = element(
    "tr",
    {},
    columns.map(([text, kind]) => element("th", { scope: "col", class: kind }, text)),
  );
  // A wide table scrolls in a region of its own, which the keyboard must be able to reach.
  return element(
    "div",
    { class: "wide", role: "group", tabindex: "0", "aria-label": caption },
    element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, body)),
  );
}

/** A name out of the contract or a value out of the feed; the record itself has an empty path. */
export function code(text) {
  const parts = visible(text === "" ? "(record)" : String(text)).split(/(?<=[/_])/);
  // A long path may break behind a separator, and nowhere else.
  const broken = parts.flatMap((part, index) => (index > 0 ? [element("wbr"), part] : [part]));
  return element("code", {}, element("bdi", {}, broken));
}

/** A text in which characters that cannot be seen, or that turn the reading direction, are spelled out. */
function visible(text) {
  const spelled = (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`;
  return text.replace(/(?!\n)[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu, spelled);
}

const counts = new Intl.NumberFormat("en");
const megabytes = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A count with its thousands apart. */
export const grouped = (count) => counts.format(count);

/** A share of a whole; what is nearly nothing or nearly all does not round to 0 or 100 per cent. */
export function percent(part, whole) {
  if (!whole) return "–";
  const share = part / whole;
  // A no-break space, so that no line ends before the sign.
  if (part > 0 && share < 0.0005) return "< 0.1\u00a0%";
  if (part < whole && share >= 0.9995) return "> 99.9\u00a0%";
  return `${(100 * share).toFixed(1)}\u00a0%`;
}

/** A size in bytes for people. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${megabytes.format(bytes / 1e3)} kB` : `${megabytes.format(bytes / 1e6)} MB`;
}
