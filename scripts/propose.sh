#!/usr/bin/env bash
# Makes a pull request of what scripts/pipeline.sh gate found: scripts/propose.sh FOLDER
# EVENT and REASON say what called for it; REASON comes from outside and is shown as text alone.
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
  reason=$(printf '%s' "${REASON:-}" | tr -cd 'A-Za-z0-9 .,:;%=_-' | cut -c -200)
  printf '%s.\n\n' "${reason:+: \`$reason\`}"
  cat "models/versions/$id/card.md"
} >"$body"
gh auth setup-git
git push --quiet origin "$branch"
gh pr create --head "$branch" --title "Promote model ${id:0:12}" --body-file "$body"
