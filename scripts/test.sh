#!/usr/bin/env bash
# Every test on every target: scripts/test.sh [PHASE...], without a phase all of them. One that fails does not keep the
# next from running, so that one run shows all that is wrong.
source "$(dirname "$0")/env.sh"

lint() { scripts/lint.sh; }

native() { cargo test --release; }

# The same tests in Node and in Chromium: one build, of which only the runner differs.
wasm_tests() {
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$WASM_BINDGEN_BIN-test-runner WASM_BINDGEN_TEST_TIMEOUT=300
  with_wasm cargo test --release --target wasm32-unknown-unknown --no-default-features --features browser --test wasm \
    "${wasm_profile[@]}"
}
wasm_node() { wasm_tests; }
wasm_chromium() {
  export WASM_BINDGEN_USE_BROWSER=1
  wasm_tests
}

edge() {
  scripts/wasm.sh edge
  node --test tests/edge/*.test.mjs
}

page() {
  scripts/wasm.sh browser
  scripts/wasm.sh browser-tract
  node --test tests/browser/*.test.mjs
  # The same module as an npm package, installed as its users do, against the native verdicts.
  cargo build --release
  scripts/package.sh npm
}

# Real DVC, the release and deployment scripts, and the commands of the documentation.
lifecycle() {
  cargo build --release
  (cd tests/lifecycle && exec "$TAMIS_LIFECYCLE_PYTHON" -m unittest)
}

deploy() {
  local at
  at=$(mktemp -d)
  node_modules/.bin/wrangler deploy --dry-run --outdir "$at"
  rm -rf "$at"
}

rows=() failures=0
(($# > 0)) || set -- lint native wasm_node wasm_chromium edge page deploy lifecycle
for phase in "$@"; do
  [[ $(type -t "$phase") == function ]] || stop "test.sh knows no phase '$phase'"
  printf '\n== %s\n' "$phase"
  start=$SECONDS
  # Not in a condition: there `set -e` would not hold inside the phase.
  set +e
  (set -e; "$phase")
  code=$?
  set -e
  result=ok
  ((code == 0)) || { result=FAILED failures=$((failures + 1)); }
  rows+=("$(printf '%-14s %5d s  %s' "$phase" $((SECONDS - start)) "$result")")
done

printf '\n'
printf '%s\n' "${rows[@]}" "$(printf '%-14s %5d s' all "$SECONDS")"
((failures == 0)) || stop "$failures of ${#rows[@]} phases failed"
