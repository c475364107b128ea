#!/usr/bin/env bash
# The forest side by side with its peers, natively, in Node and in Chromium, one thread each:
#   scripts/bench-forest.sh [--rows N] [--rounds N] [--write]
# The peers are kept in the cache, outside the checkout. --write puts the result into docs/benchmarks.md; nothing else in the
# checkout is touched.
source "$(dirname "$0")/env.sh"

venv=$TAMIS_CACHE/venv-forest
list=benches/forest/requirements.txt
web=$TAMIS_CACHE/npm-forest
web_version=1.30.0

install_peers() {
  [[ -x $venv/bin/python ]] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --disable-pip-version-check --only-binary :all: -r "$list"
}

# It comes as source alone and compiles for minutes; where that fails the table does without it.
install_isotree() {
  "$venv/bin/python" -m pip install --disable-pip-version-check isotree ||
    echo "it does not compile here"
}

install_web() {
  mkdir -p "$web"
  npm install --prefix "$web" --ignore-scripts --no-audit --no-fund "onnxruntime-web@$web_version"
}

if ! cmp -s "$list" "$venv/.installed"; then
  have python3 || stop "Python 3.11 or newer is needed for the comparison, and there is no python3 here"
  step bench-forest-python "installing coniferest, onnxruntime, scikit-learn and shap, to measure against (a minute, once)" install_peers
  step bench-forest-isotree "compiling isotree, to measure against (up to ten minutes, once)" install_isotree
  cp "$list" "$venv/.installed"
fi

step bench-forest-build "compiling the native forest (about a minute the first time)" \
  env CARGO_TARGET_DIR="$CARGO_TARGET_DIR-bench" cargo build --release --manifest-path benches/forest/Cargo.toml
set -- --binary "$CARGO_TARGET_DIR-bench/release/forest-bench" "$@"

wasm() {
  local toolchain=
  wasm_std "" || toolchain=wasm
  # The tool that writes the JavaScript side takes only its own version's modules.
  cargo update --quiet --manifest-path benches/forest-wasm/Cargo.toml -p wasm-bindgen \
    --precise "$("$WASM_BINDGEN_BIN" --version | cut -d' ' -f2)"
  env CARGO_TARGET_DIR="$CARGO_TARGET_DIR-bench-wasm" ${toolchain:+RUSTUP_TOOLCHAIN="$toolchain"} \
    cargo build --release --target wasm32-unknown-unknown --manifest-path benches/forest-wasm/Cargo.toml
  "$WASM_BINDGEN_BIN" --target web --no-typescript --out-dir "$TAMIS_CACHE/forest-wasm" --out-name scorer \
    "$CARGO_TARGET_DIR-bench-wasm/wasm32-unknown-unknown/release/forest_wasm.wasm"
}

if have npm && [[ -x $WASM_BINDGEN_BIN ]]; then
  [[ $(cat "$web/.installed" 2>/dev/null) == "$web_version" ]] || {
    step bench-forest-web "installing onnxruntime-web, to measure against" install_web
    printf '%s' "$web_version" >"$web/.installed"
  }
  step bench-forest-wasm "compiling the forest for wasm (about a minute the first time)" wasm
  set -- --wasm "$TAMIS_CACHE/forest-wasm/scorer.js" --ort "$web/node_modules/onnxruntime-web/dist" "$@"
  [[ -z $CHROMIUM ]] || set -- --chromium "$CHROMIUM" "$@"
else
  say "wasm is left out: run scripts/setup.sh npm wasm first"
fi
exec "$venv/bin/python" benches/forest/measure.py "$@"
