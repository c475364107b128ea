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
