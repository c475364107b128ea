#!/usr/bin/env bash
# Builds one face of the crate for wasm unless it is up to date: scripts/wasm.sh edge|browser|browser-tract
#   edge           build/         the Worker; EDGE_FEATURES=edge leaves tract out
#   browser        www/pkg/       the page's module, lean
#   browser-tract  www/pkg-tract/ the same with tract, which the page loads for a model that is no forest
# The champion of the registry under models/ is compiled in where there is one and TAMIS_BUILTIN_MODEL=champion asks for it.
source "$(dirname "$0")/env.sh"

# Exactly what worker-build enables, and the forest's vectors (which Cargo.toml asks worker-build for): naming one feature
# disables those not named, and `-all` makes a module that V8 rejects.
optimise=(-O3 --enable-simd --enable-mutable-globals --enable-sign-ext --enable-nontrapping-float-to-int
  --enable-bulk-memory --enable-multivalue --enable-reference-types --enable-exception-handling)

if [[ ${TAMIS_BUILTIN_MODEL:-} == champion ]]; then
  TAMIS_BUILTIN_MODEL=
  [[ ! -e models/champion ]] || TAMIS_BUILTIN_MODEL=models/versions/$(<models/champion)/model.onnx
  export TAMIS_BUILTIN_MODEL
fi

# Newer than all its sources, and made with the model that is asked for now.
fresh() {
  [[ -e $1 && -z $(find Cargo.toml Cargo.lock build.rs src contracts models scripts/wasm.sh -newer "$1" -print -quit) ]] &&
    [[ $(cat "$(model_of "$1")" 2>/dev/null) == "${TAMIS_BUILTIN_MODEL:-}" ]]
}
# Not beside the module: all of www/ is published.
model_of() { printf 'dist/.model-%s' "$(basename "$(dirname "$1")" .tmp)"; }
mkdir -p dist

# All faces and all checkouts write the same tamis.wasm, so only one build at a time may have it.
built=$CARGO_TARGET_DIR-wasm/wasm32-unknown-unknown/release
alone() {
  mkdir -p "$built"
  exec 9>"$built/.tamis-lock"
  ! have flock || flock 9
}

# Without the wasm tools worker-build would try to download its own, which may not be possible.
tools() {
  local tool
  for tool in "$@"; do [[ -x $tool ]] || stop "$tool is missing: run scripts/setup.sh npm wasm"; done
}

edge() {
  local features=${EDGE_FEATURES:-edge,tract}
  local stamp=build/.built-$features
  ! fresh "$stamp" || return 0
  tools "$WASM_BINDGEN_BIN" "$WASM_OPT_BIN" "$ESBUILD_BIN" "$TAMIS_CACHE/bin/worker-build"
  rm -f build/.built-*
  alone
  step wasm-edge "building the edge function (ten minutes the first time, a few after a change)" with_wasm \
    env RUST_BACKTRACE=0 "$TAMIS_CACHE/bin/worker-build" --release --no-default-features --features "$features" "${wasm_profile[@]}"
  printf '%s' "${TAMIS_BUILTIN_MODEL:-}" >"$(model_of "$stamp")"
  touch -r "$started" "$stamp"
}

# page FEATURES FOLDER
page() {
  local out=$2 wasm=$2/tamis_bg.wasm
  ! fresh "$wasm" || return 0
  tools "$WASM_BINDGEN_BIN" "$WASM_OPT_BIN"
  alone
  step "wasm-$1" "building the page's module with '$1' (minutes the first time)" page_module "$1" "$out.tmp"
  printf '%s' "${TAMIS_BUILTIN_MODEL:-}" >"$(model_of "$out.tmp/tamis_bg.wasm")"
  touch -r "$started" "$out.tmp/tamis_bg.wasm"
  rm -rf "$out"
  mv "$out.tmp" "$out"
}

page_module() {
  rm -rf "$2"
  with_wasm cargo build --release --lib --target wasm32-unknown-unknown --no-default-features --features "$1" \
    "${wasm_profile[@]}"
  "$WASM_BINDGEN_BIN" --target web --no-typescript --out-dir "$2" --out-name tamis "$built/tamis.wasm"
  "$WASM_OPT_BIN" "${optimise[@]}" "$2/tamis_bg.wasm" -o "$2/tamis_bg.wasm"
}

# A build is as new as its beginning: a source that changes during the build makes it out of date.
started=$(mktemp)
trap 'rm -f "$started"' EXIT

case ${1:-} in
  edge) edge ;;
  browser) page browser www/pkg ;;
  browser-tract) page browser,tract www/pkg-tract ;;
  *) stop "wasm.sh knows edge, browser and browser-tract, not '${1:-}'" ;;
esac
