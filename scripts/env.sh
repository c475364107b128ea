# shellcheck shell=bash
# Sourced by every script: where things are kept, which tools are used, and how a long step shows itself.
# A variable that is already set wins, so that any tool can be swapped from outside.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Outside the checkout, so that a second clean clone builds in minutes and not in half an hour.
export TAMIS_CACHE=${TAMIS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tamis}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$TAMIS_CACHE/target}
export TAMIS_PYTHON=${TAMIS_PYTHON:-$TAMIS_CACHE/venv/bin/python}
export TAMIS_LIFECYCLE_PYTHON=${TAMIS_LIFECYCLE_PYTHON:-$TAMIS_CACHE/venv-lifecycle/bin/python}

# worker-build downloads each of these by itself unless it is told where one is.
export WASM_BINDGEN_BIN=${WASM_BINDGEN_BIN:-$TAMIS_CACHE/bin/wasm-bindgen}
export WASM_OPT_BIN=${WASM_OPT_BIN:-$PWD/node_modules/.bin/wasm-opt}
export ESBUILD_BIN=${ESBUILD_BIN:-$PWD/node_modules/.bin/esbuild}
export WRANGLER_SEND_METRICS=${WRANGLER_SEND_METRICS:-false}

# The first of these programs that is installed, or nothing.
first_of() {
  local name
  for name in "$@"; do command -v "$name" && return; done || true
}
export CHROMIUM=${CHROMIUM:-$(first_of chromium chromium-browser google-chrome)}
export CHROMEDRIVER=${CHROMEDRIVER:-$(first_of chromedriver)}

say() { printf 'tamis: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null; }

# step LOG SENTENCE COMMAND...: runs a command that may be long. After its first second it says what is being waited for
# and for how long; the command's own output is kept for the case that it fails.
step() {
  local log=$TAMIS_CACHE/log/$1.log sentence=$2 start=$SECONDS code ticker
  shift 2
  mkdir -p "${log%/*}"
  ticker "$sentence" "$start" &
  ticker=$!
  # Not in a condition: there `set -e` would not hold inside COMMAND when that is a function.
  set +e
  (set -e; "$@") </dev/null >"$log" 2>&1
  code=$?
  set -e
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
  ((code == 0)) || { tail -n 20 "$log" >&2; stop "$sentence: that failed; the whole of its output is in $log"; }
}

# It asks for its parent each second because an interrupt ends the parent but not a background job.
ticker() {
  sleep 1
  say "$1 ..."
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    if [[ -t 2 ]]; then
      printf '\r  %d s ' $((SECONDS - $2)) >&2
    elif (((SECONDS - $2) % 60 == 0)); then
      say "... still at it after $((SECONDS - $2)) s"
    fi
  done
}

# Whether the toolchain $1 (empty: the default one) has a wasm32 standard library that fits its compiler.
wasm_std() {
  mkdir -p "$TAMIS_CACHE/probe"
  printf 'pub fn probe() -> String { String::new() }' |
    env ${1:+RUSTUP_TOOLCHAIN="$1"} rustc - --target wasm32-unknown-unknown --crate-type lib --emit metadata \
      --crate-name probe --out-dir "$TAMIS_CACHE/probe" 2>/dev/null
}

# own_build FOLDER KEY: forgets this crate's builds in a target folder, and none of its dependencies', when the last one there
# was of another KEY. Cargo would take that one for ours: it tells checkouts apart only by the times of their files, and a
# library that is also a cdylib has one file name for all features.
own_build() {
  [[ $(cat "$1/.tamis-last" 2>/dev/null) != "$2" ]] || return 0
  rm -rf "$1"/*/.fingerprint/tamis-* "$1"/*/*/.fingerprint/tamis-*
  mkdir -p "$1"
  printf '%s' "$2" >"$1/.tamis-last"
}
own_build "$CARGO_TARGET_DIR" "$PWD"

# Runs a command with a compiler that can build wasm. Its target folder is its own, because that compiler may be another
# version than the native one and the two would evict each other's host builds.
with_wasm() {
  local toolchain=
  own_build "$CARGO_TARGET_DIR-wasm" "$PWD $*"
  wasm_std "" || toolchain=wasm
  env CARGO_TARGET_DIR="$CARGO_TARGET_DIR-wasm" ${toolchain:+RUSTUP_TOOLCHAIN="$toolchain"} "$@"
}

# On top of the release profile, for wasm: tract is made small and not fast, because it answers only for models that are no
# forest, yet every start loads it.
wasm_profile=()
for crate in core data extra hir linalg nnef onnx onnx-opl transformers; do
  wasm_profile+=(--config "profile.release.package.tract-$crate.opt-level='s'")
done
