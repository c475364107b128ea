// The histogram of the scores, drawn by uPlot, with the threshold marked.

import { grouped } from "./dom.js";

let uPlot;
let drawn;

/** Loads the library, so that drawing later asks nothing of the network. */
export async function loadChart() {
  uPlot = (await import("./pkg/uplot.js")).default;
}

/** Draws the counts of `bins` of equal width over (0, 1) into a figure, and again when its size or the colours change. */
export function drawHistogram(figure, bins, threshold) {
  const describe = () => {
    const width = 1 / bins.length;
    const parts = bins.flatMap((count, index) =>
      count ? [`${grouped(count)} from ${(index * width).toFixed(2)} to ${((index + 1) * width).toFixed(2)}`] : [],
    );
    const above = threshold == null ? "" : ` Records above ${threshold.toFixed(3)} are flagged.`;
    return `Scored records by score: ${parts.join(", ")}.${above}`;
  };
  figure.setAttribute("role", "img");
  figure.setAttribute("aria-label", describe());
  drawn?.stop();
  drawn = begin(figure, bins, threshold);
}

function begin(figure, bins, threshold) {
  let plot;
  const paint = () => {
    plot?.destroy();
    plot = new uPlot(options(figure, bins, threshold), data(bins), figure);
  };
  paint();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", paint);
  const resized = new ResizeObserver(() => plot.setSize({ width: figure.clientWidth, height: plot.height }));
  resized.observe(figure);
  return {
    stop() {
      dark.removeEventListener("change", paint);
      resized.disconnect();
      plot.destroy();
    },
  };
}

const data = (bins) => [bins.map((_, index) => (index + 0.5) / bins.length), bins.map((count) => count || null)];

function options(figure, bins, threshold) {
  const colour = (name) => getComputedStyle(figure).getPropertyValue(name).trim();
  const font = "13px system-ui, sans-serif";
  const axis = {
    stroke: colour("--quiet"),
    font,
    ticks: { show: false },
    grid: { stroke: colour("--line"), width: 1 },
  };
  const whole = (self, splits) => splits.map((split) => (Number.isInteger(split) ? grouped(split) : ""));
  return {
    width: figure.clientWidth,
    height: 240,
    padding: [24, 12, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [0, 1] }, y: { range: (self, low, high) => [0, 1.05 * high] } },
    axes: [
      { ...axis, grid: { show: false }, label: "score", labelSize: 22, labelFont: font, size: 30 },
      { ...axis, values: whole, size: 64 },
    ],
    series: [
      {},
      {
        fill: colour("--good"),
        width: 0,
        points: { show: false },
        paths: uPlot.paths.bars({ size: [0.94, Infinity], align: 0 }),
      },
    ],
    hooks: { draw: [(plot) => mark(plot, threshold, colour("--bad"), font)] },
  };
}

/** A broken line at the threshold, with a word: its colour alone says nothing to some. */
function mark(plot, threshold, colour, font) {
  if (threshold == null || threshold < 0 || threshold > 1) return;
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const x = plot.valToPos(threshold, "x", true);
  const label = `flagged above ${threshold.toFixed(3)}`;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 2 * ratio;
  ctx.setLineDash([6 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = font.replace("13px", `${13 * ratio}px`);
  const half = ctx.measureText(label).width / 2;
  ctx.textAlign = "center";
  ctx.fillText(label, Math.min(Math.max(x, bbox.left + half), bbox.left + bbox.width - half), bbox.top - 8 * ratio);
  ctx.restore();
}
