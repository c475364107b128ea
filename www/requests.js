// Counts what this page and its worker ask of the network once both are ready. The browser keeps the list; this reads it.

let since = Infinity;
let ours = 0;
let workers = 0;
let show = () => {};

const observer = new PerformanceObserver((list) => {
  ours += list.getEntries().filter((entry) => counts(entry, since)).length;
  show(ours + workers);
});

/** Whether an entry of the browser's list is a request: what it reads from memory by blob: or data: is none. */
export function counts(entry, since) {
  return entry.startTime >= since && /^(https?|wss?):/.test(entry.name);
}

/** Begins to count, and shows the sum now and whenever it changes. */
export function countRequests(paint) {
  show = paint;
  since = performance.now();
  observer.observe({ type: "resource" });
  show(0);
}

/** Takes the worker's own count, since its list is its own. */
export function countWorkerRequests(count) {
  workers = count;
  show(ours + workers);
}
