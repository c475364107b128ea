#!/usr/bin/env bash
# Looks for secrets in what git has: tokens and private keys of the usual services, and masking and signing keys of ours.
source "$(dirname "$0")/env.sh"

# The detectors of high entropy and of words such as `password` find mostly hashes and test data here.
quiet=()
for detector in HexHighEntropyString Base64HighEntropyString KeywordDetector BasicAuthDetector IPPublicDetector; do
  quiet+=(--disable-plugin "$detector")
done
# A message that names the form of a key, and the example of RFC 8410.
quiet+=(--exclude-lines 'in PEM \(BEGIN PRIVATE KEY\)|MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp')
# The scanner for secrets in free text is tested on secrets; the sample, the models and lock files are generated.
git ls-files -z -- ':!src/mask/scan' ':!data/*.ndjson' ':!*.onnx' ':!*lock*' |
  xargs -0 "$TAMIS_CACHE/venv-linters/bin/detect-secrets-hook" "${quiet[@]}"

# A key file of `tamis key new`: 32 bytes in hexadecimal with its id behind.
! git grep -nIE '^[0-9a-f]{64} +# [a-z2-7]{4}$' || stop "a masking key stands in the lines above"
