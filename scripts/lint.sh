#!/usr/bin/env bash
# Formatting, lints and documentation, each fault an error. A linter that is no part of the set-up is used if it is here.
source "$(dirname "$0")/env.sh"

cargo fmt --check
cargo clippy --quiet --all-targets -- -D warnings
# The other faces are checked for the native target, which takes no wasm compiler.
for features in edge edge,tract browser browser,tract; do
  cargo clippy --quiet --lib --no-default-features --features "$features" -- -D warnings
done
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --all-features --lib

! have shellcheck || shellcheck --external-sources --source-path=SCRIPTDIR .ci/run scripts/*.sh
node_modules/.bin/prettier --check --log-level warn --no-error-on-unmatched-pattern \
  'www/**/*.{js,css,html}' '{scripts,tests}/**/*.mjs'
