#!/usr/bin/env bash
# Reproduces the pipeline of dvc.yaml; with `gate`, a model that passes becomes the champion: scripts/pipeline.sh [gate]
#   TAMIS_KEY    the masking key, for a machine that has no secrets/masking.key yet (else one is made)
#   DVC_REMOTE   where data are pulled from and what was made is pushed to, if .dvc/config names no remote
# In a workflow, what a pull request is to change is put into dist/proposal, and GITHUB_OUTPUT learns whether there is any.
source "$(dirname "$0")/env.sh"
export PATH=$TAMIS_CACHE/venv-lifecycle/bin:$CARGO_TARGET_DIR/release:$PATH DVC_NO_ANALYTICS=1
key=secrets/masking.key

masking_key() {
  [[ ! -e $key ]] || return 0
  if [[ -n ${TAMIS_KEY:-} ]]; then
    (umask 077 && printf '%s\n' "$TAMIS_KEY" >"$key")
  else
    tamis key new --out "$key"
  fi
}

# What a stage made of the same inputs on another machine comes from the remote instead of being made again.
remote() {
  [[ -z ${DVC_REMOTE:-} ]] || dvc remote add --quiet --local --default --force outside "$DVC_REMOTE"
  [[ -n $(dvc remote list) ]] || return 0
  dvc pull --quiet --run-cache --allow-missing
}

promoted() { [[ -z ${GITHUB_OUTPUT:-} ]] || echo "promoted=$1" >>"$GITHUB_OUTPUT"; }

# A parameter of params.yaml by its path.
param() {
  python -c 'import functools, sys, yaml; print(functools.reduce(dict.get, sys.argv[1:], yaml.safe_load(open("params.yaml"))))' "$@"
}

# The champion is measured on the same orders as the challenger, which neither has seen.
gate() {
  local champion=models/default.onnx id why contract label
  [[ ! -e models/champion ]] || champion=models
  contract=$(param contract) label=$(param evaluate label)
  tamis evaluate data/split/test.ndjson --contract "$contract" --key-file "$key" --model "$champion" \
    --label "$label" --labels data/raw/labels.ndjson --metrics-out dist/champion.json >/dev/null
  if ! why=$(python scripts/gate.py metrics/test.json dist/champion.json); then
    say "the champion stays: $why"
    promoted false
    return
  fi
  id=$(tamis model add models/candidate.onnx --registry models --card models/statements.json --json | python -c 'import json, sys; print(json.load(sys.stdin)["id"])')
  tamis model promote "$id" --registry models --why "$why"
  proposal "$id"
  promoted true
}

# All that git would take, and the version, though git ignores registries: never data, which DVC keeps from it, nor keys.
proposal() {
  rm -rf dist/proposal
  mkdir -p dist/proposal
  {
    git ls-files --modified --others --exclude-standard -z
    printf '%s\0' models/champion models/history.ndjson models/versions/"$1"/*
  } | tar --null -T - -cf - | tar -xf - -C dist/proposal
}

step native "compiling the native binary (about five minutes the first time)" cargo build --release
masking_key
remote
dvc repro
mkdir -p dist
case ${1:-} in
  '') dvc metrics show ;;
  gate) gate ;;
  *) stop "pipeline.sh knows gate, not '$1'" ;;
esac
[[ -z $(dvc remote list) ]] || dvc push --quiet --run-cache
