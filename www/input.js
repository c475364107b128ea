// The ways in: a file that is chosen or dropped, records that are pasted, the sample.

import { at } from "./dom.js";

/** Listens to all of them; `run` takes {source, name} from each. */
export function listen({ run, sample }) {
  const file = at("file");
  file.addEventListener("change", () => {
    const [source] = file.files;
    if (source) run({ source, name: source.name });
    // Choosing the same file again is a change too.
    file.value = "";
  });
  at("sample").addEventListener("click", () => run({ source: sample, name: "the sample" }));
  listenToPaste(run);
  listenToDrops(run);
}

function listenToPaste(run) {
  const [button, box, text] = [at("paste"), at("paste-box"), at("text")];
  button.addEventListener("click", () => {
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
    if (!box.hidden) text.focus();
  });
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    run({ source: new Blob([text.value]), name: "the pasted records" });
  });
}

/** A file may be dropped anywhere: beside the box the browser would leave the page to show it, raw. */
function listenToDrops(run) {
  const box = at("drop");
  const mark = (over) => box.classList.toggle("over", over);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const [source] = event.dataTransfer.files;
    if (source) run({ source, name: source.name });
  });
}
