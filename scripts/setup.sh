#!/usr/bin/env bash
# Installs what is missing and nothing else: scripts/setup.sh native|wasm|npm|browser|python|lifecycle|linters|vars|all ...
source "$(dirname "$0")/env.sh"

# Whether version $1 is at least version $2.
at_least() { printf '%s\n%s\n' "$2" "$1" | sort -CV; }

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# apt LOG SENTENCE PACKAGE...: Debian's packages, with the package lists read anew once for each run of this script.
apt() {
  local log=$1 sentence=$2
  shift 2
  have apt-get || stop "$sentence: there is no apt-get here, so install the counterpart of '$*' by hand"
  ((EUID == 0)) || have sudo || stop "$sentence: installing '$*' needs root or sudo"
  [[ -n ${lists_read:-} ]] || step apt-update "reading Debian's package lists" as_root apt-get update -q
  lists_read=1
  step "$log" "$sentence" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qy --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
}

native() {
  local wanted version
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  version=$(cargo --version 2>/dev/null | cut -d' ' -f2) || version=
  [[ -n $version ]] || stop "cargo is needed and there is none that works: install Rust $wanted or newer"
  at_least "$version" "$wanted" || stop "Rust $wanted or newer is needed and $version is here: update it (rustup update)"
}

wasm() {
  native
  if ! wasm_std "" && ! { have rustup && wasm_std wasm; }; then
    wasm_target || debian_wasm_std
  fi
  install_tool wasm-bindgen wasm-bindgen-cli "$(locked wasm-bindgen)" "which writes the wasm module's JavaScript side"
  install_tool worker-build worker-build "$(locked worker)" "which makes a Worker of the crate"
}

# rustup's own way. Where its server is out of reach it hangs, so it gets little time when there is another way.
wasm_target() {
  local limit=900
  ! have apt-get || limit=20
  have rustup || return
  say "adding the wasm32 target with rustup ..."
  timeout "$limit" rustup target add wasm32-unknown-unknown >/dev/null 2>&1 && wasm_std ""
}

# Debian's security suite carries a current compiler together with its sources, from which the library can be built.
debian_wasm_std() {
  local lld
  have apt-get || stop "the wasm32 target is needed and rustup could not add it: run 'rustup target add wasm32-unknown-unknown'"
  apt rust-web "rustup could not, so installing Debian's Rust, which can build the wasm32 library (about a minute)" \
    rustc-web cargo-web rust-web-src rust-web-llvm
  # Its rust-lld is a link to the linker of the LLVM that it was built with, in a package of its own.
  lld=$(apt-cache depends rust-web-llvm | sed -n 's/.* llvm-\([0-9]*\)$/lld-\1/p')
  apt lld "installing the wasm linker" "${lld:?rust-web-llvm names no version of LLVM}"
  step wasm-std "building the wasm32 standard library (about a minute)" build_std
  ! have rustup || rustup toolchain link wasm /usr 2>/dev/null
  wasm_std wasm || stop "the wasm32 library was built but does not fit Debian's compiler; see $TAMIS_CACHE/log/wasm-std.log"
}

build_std() {
  local at libs
  at=$(mktemp -d)
  libs=$(/usr/bin/rustc --print target-libdir --target wasm32-unknown-unknown)
  mkdir "$at/src"
  touch "$at/src/lib.rs"
  printf '[package]\nname = "throwaway"\nversion = "0.0.0"\n[workspace]\n' >"$at/Cargo.toml"
  # The crate `test` is among them because wasm-bindgen-test needs it; the bootstrap switch lets a stable compiler do this.
  env -u RUSTFLAGS PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$at/target" cargo build --release \
    --manifest-path "$at/Cargo.toml" --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort,panic_unwind,test
  rm "$at"/target/wasm32-unknown-unknown/release/deps/libthrowaway*
  as_root rm -rf "$libs"
  as_root mkdir -p "$libs"
  as_root cp "$at"/target/wasm32-unknown-unknown/release/deps/lib*.rlib "$libs"
  rm -rf "$at"
}

# The version of a crate in Cargo.lock: the tools must be of the same version as the crates that they serve.
locked() { sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"/\1/p}" Cargo.lock; }

# install_tool PROGRAM CRATE VERSION WHY
install_tool() {
  [[ $("$TAMIS_CACHE/bin/$1" --version 2>/dev/null) != *"$3" ]] || return 0
  step "$2" "compiling $2 $3, $4 (a few minutes, once)" cargo_install "$2" "$3"
}

# Barely optimised: it is compiled in a fraction of the time and then used for seconds. The tool's own lock file comes
# first; without it where a version in there is not to be had any more.
cargo_install() {
  unset CARGO_TARGET_DIR
  export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_OPT_LEVEL=1
  local install=(cargo install --debug --force --root "$TAMIS_CACHE" "$1" --version "$2")
  "${install[@]}" --locked || "${install[@]}"
}

npm_packages() {
  local wanted stamp=node_modules/.installed-lock
  wanted=$(sed -n 's/.*"node": ">=\(.*\)".*/\1/p' package.json)
  have npm || stop "Node.js $wanted or newer and npm are needed for the edge and the page, and there is no npm here"
  at_least "$(node --version | tr -d v)" "$wanted" || stop "Node.js $wanted or newer is needed and $(node --version) is here"
  ! cmp -s package-lock.json "$stamp" || return 0
  # No package of these needs its install script: the programs come inside the packages.
  step npm "installing the Workers runtime and the wasm tools with npm" npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json "$stamp"
}

browser() {
  [[ -n $CHROMIUM ]] || apt chromium "installing Chromium, in which the page is tested" chromium
  [[ -n $CHROMEDRIVER ]] || apt chromedriver "installing Chromium's driver, through which the wasm tests run in it" chromium-driver
}

# python LIST VENV: each list of requirements is read again only when it has changed.
python() {
  local list=$1 venv=$TAMIS_CACHE/$2 stamp
  stamp=$venv/.installed-${list//\//-}
  ! cmp -s "$list" "$stamp" || return 0
  have python3 || stop "Python 3.11 or newer is needed for what $list names, and there is no python3 here"
  [[ -x $venv/bin/pip ]] || python3 -m venv "$venv" >/dev/null ||
    stop "python3 cannot make a virtual environment: install its venv module (python3-venv on Debian)"
  step "python${list//\//-}" "installing the Python packages of $list" \
    "$venv/bin/python" -m pip install --disable-pip-version-check --only-binary :all: -r "$list"
  cp "$list" "$stamp"
}

# The local development's variables: an own key, so that a token of one developer's data means nothing on another machine.
vars() {
  umask 077
  grep -qs '^TAMIS_OPEN=' .dev.vars || echo 'TAMIS_OPEN=1' >>.dev.vars
  grep -qs '^TAMIS_KEY=' .dev.vars || echo "TAMIS_KEY=$(od -An -vtx1 -N32 /dev/urandom | tr -d ' \n')" >>.dev.vars
}

for what in "$@"; do
  case $what in
    native | wasm | browser | vars) "$what" ;;
    npm) npm_packages ;;
    python) python tests/requirements.txt venv ;;
    lifecycle) python tests/requirements-lifecycle.txt venv-lifecycle ;;
    linters) python tests/requirements-linters.txt venv-linters ;;
    all) scripts/setup.sh native npm wasm browser python lifecycle linters vars ;;
    *) stop "setup.sh knows native, wasm, npm, browser, python, lifecycle, linters, vars and all, not '$what'" ;;
  esac
done
