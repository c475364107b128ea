#!/usr/bin/env bash
# Deploys the edge function, tries it, and takes it back if it is not well: scripts/deploy.sh WORKER URL [SECONDS]
# The way back is the version that had most of the traffic before. The first deployment of a Worker has none, and stays.
# SECONDS is how long a version may take to reach the place that is asked (60 by default).
source "$(dirname "$0")/env.sh"
worker=${1:?which Worker} url=${2:?at which address} patience=${3:-60}
wrangler=${WRANGLER:-node_modules/.bin/wrangler}

# The Worker's version with most of the traffic, or nothing.
in_force() {
  "$wrangler" deployments status --name "$worker" --json 2>/dev/null | node -e '
    const { versions } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    versions.sort((a, b) => b.percentage - a.percentage);
    console.log(versions[0].version_id);' 2>/dev/null || true
}

commit=$(git rev-parse --short=12 HEAD)
before=$(in_force)
say "deploying $commit to $worker; in force is ${before:-nothing yet}"
"$wrangler" deploy --name "$worker" --keep-vars --tag "$commit" --message "commit $commit"

if node scripts/smoke.mjs "$url" --wait "$patience"; then
  exit
fi
[[ -n $before ]] || stop "$worker is not well, and there is no version before it to go back to"
"$wrangler" rollback "$before" --name "$worker" --yes --message "the smoke test of $commit failed"
stop "$worker was not well and is back at version $before; the faults are above"
