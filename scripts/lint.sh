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
  'www/**/*.{js,css,html}' '{scripts,tests}/**/*.mjs' 'npm/*.{js,mjs,ts,json}'

# The workflows: their form, and what an attacker could do with them.
linters=$TAMIS_CACHE/venv-linters/bin
"$linters/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml >/dev/null
"$linters/check-jsonschema" --builtin-schema vendor.dependabot .github/dependabot.yml >/dev/null
"$linters/zizmor" --offline --no-progress --quiet --persona pedantic .github
scripts/secrets.sh
# What Prometheus itself says of the alert rules; their tests are in tests/lifecycle.
! have promtool || promtool check rules monitoring/alerts.yml >/dev/null
