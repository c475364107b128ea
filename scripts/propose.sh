#!/usr/bin/env bash
# Makes a pull request of what scripts/pipeline.sh gate found: scripts/propose.sh FOLDER
# EVENT says what called for it, and why stands in REASON or in FINDINGS, as `tamis cycle --github` sends them; both come from
# outside, so nothing of them but letters, digits and a few signs is shown.
source "$(dirname "$0")/env.sh"
proposal=${1:?the folder of the proposal}
id=$(<"$proposal/models/champion")
branch=retrain/${id:0:12}

if git ls-remote --exit-code origin "refs/heads/$branch" >/dev/null; then
  say "$branch is there already: the same data gave the same model before"
  exit
fi
cp -R "$proposal/." .
git switch --quiet --create "$branch"
git add --all
# Git ignores registries until one is in it.
git add --force models/champion models/history.ndjson models/versions
git -c user.name='tamis' -c user.email='tamis@users.noreply.github.com' commit --quiet \
  --message "Promote model ${id:0:12}" --message "The pipeline made it, and the gate found it no worse than the champion."

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
  printf "Called for by \`%s\`" "$(printf '%s' "${EVENT:-hand}" | tr -cd 'a-z_')"
  words='import json, sys; print("; ".join(str(finding["words"]) for finding in json.loads(sys.argv[1]) or []))'
  reason=${REASON:-$(python3 -c "$words" "${FINDINGS:-null}" 2>/dev/null || true)}
  reason=$(printf '%s' "$reason" | tr -cd 'A-Za-z0-9 .,:;%=_-' | cut -c -200)
  printf '%s.\n\n' "${reason:+: \`$reason\`}"
  cat "models/versions/$id/card.md"
} >"$body"
gh auth setup-git
git push --quiet origin "$branch"
gh pr create --head "$branch" --title "Promote model ${id:0:12}" --body-file "$body"
