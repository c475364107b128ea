#!/usr/bin/env bash
# Side by side with the Python way, on orders made for it; everything goes into a temporary folder.
#   scripts/bench.sh [--rows N] [--rounds N] [--write]   records a second, one thread against one thread
#   scripts/bench.sh --validators [--rows N] [--rounds N] [--write]   validating beside simd-json, jsonschema and pydantic
#   scripts/bench.sh --scan [--rounds N] [--write]       personal data in free text beside Presidio and redact-core
#   scripts/bench.sh --drift [--windows N]              drift of the same windows by `tamis cycle` and by Evidently
#   scripts/bench.sh --masks                            what each mask costs a field, natively and in wasm
#   scripts/bench.sh --memory [--rows N] [--write]       peak memory of `tamis validate` on ten million orders from a pipe
# --write puts the result into docs/benchmarks.md; nothing else in the checkout is touched.
source "$(dirname "$0")/env.sh"

venv=$TAMIS_CACHE/venv-bench
list=benches/requirements.txt
# Presidio brings so many packages that they have an environment of their own.
[[ ${1:-} != --scan ]] || venv=$TAMIS_CACHE/venv-scan list=benches/scan/requirements.txt
[[ ${1:-} != --drift ]] || venv=$TAMIS_CACHE/venv-drift list=benches/drift/requirements.txt
binary=$CARGO_TARGET_DIR/release/tamis

if [[ ${1:-} == --masks ]]; then
  step bench-scan "compiling the bench (about three minutes the first time)" \
    env CARGO_TARGET_DIR="$CARGO_TARGET_DIR-bench" cargo build --release --manifest-path benches/scan/Cargo.toml
  "$CARGO_TARGET_DIR-bench/release/masks"
  [[ ! -e node_modules ]] || { scripts/wasm.sh browser && exec node benches/masks.mjs; }
  exit
fi

install_peers() {
  [[ -x $venv/bin/python ]] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --disable-pip-version-check --only-binary :all: -r "$list"
}

if ! cmp -s "$list" "$venv/.installed"; then
  have python3 || stop "Python 3.11 or newer is needed for the comparison, and there is no python3 here"
  step bench-python "installing what $list names, to measure against (about a minute, once)" install_peers
  cp "$list" "$venv/.installed"
fi
if [[ ${1:-} == --scan ]]; then
  shift
  step bench-scan "compiling the scanner and redact-core (about three minutes the first time)" \
    env CARGO_TARGET_DIR="$CARGO_TARGET_DIR-bench" cargo build --release --manifest-path benches/scan/Cargo.toml
  exec "$venv/bin/python" benches/scan/compare.py --bench "$CARGO_TARGET_DIR-bench/release/scan-bench" "$@"
fi
step bench-build "compiling the native binary (about five minutes the first time)" cargo build --release

if [[ ${1:-} == --drift ]]; then
  shift
  exec "$venv/bin/python" benches/drift/compare.py --binary "$binary" "$@"
fi

if [[ ${1:-} == --validators ]]; then
  shift
  # In a folder of its own: it shares no build with ours, and both would write the same library.
  step bench-peers "compiling the peers (about three minutes the first time)" env CARGO_TARGET_DIR="$CARGO_TARGET_DIR-bench" \
    cargo build --release --manifest-path benches/validate/Cargo.toml
  [[ ! -e node_modules ]] || scripts/wasm.sh browser
  set -- --validators "$CARGO_TARGET_DIR-bench/release/validate-bench" --wasm www/pkg/tamis.js "$@"
fi
exec "$venv/bin/python" benches/measure.py --binary "$binary" "$@"
