#!/usr/bin/env bash
# The main job on the shipped sample, first natively and then through the edge function, and whether the two agree.
source "$(dirname "$0")/env.sh"
binary=$CARGO_TARGET_DIR/release/tamis

scripts/setup.sh native vars
# Both sides mask with the same key, else their tokens could not be compared.
export TAMIS_KEY=${TAMIS_KEY:-$(sed -n 's/^TAMIS_KEY=//p' .dev.vars)}

step native "compiling the native binary (about five minutes the first time)" cargo build --release
"$binary" run data/orders.ndjson --out out

scripts/setup.sh npm wasm
scripts/wasm.sh edge

# The edge function scores with the built-in model, so the native verdicts beside its own come from that one too.
verdicts=$(mktemp)
trap 'rm -f "$verdicts"' EXIT
"$binary" score data/orders.ndjson >"$verdicts"
node scripts/compare-edge.mjs data/orders.ndjson "$verdicts"

say "open out/report.html for the report; 'make dev' keeps the edge function and the page running"
