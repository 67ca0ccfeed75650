#!/usr/bin/env bash
# Hours of a simulated fleet as a real TSDB, with everything that the rules record, in about a minute.
#
#   tests/dashboards/data.sh FLEET_EXPORTER RULEGEN FOLDER   writes FOLDER/tsdb anew
#
# Three hours up to a fixed time; in the last of them the five incidents. Rules are those of
# slo/policies.yaml, except that budgets need less history than days.
set -euo pipefail
shopt -s nullglob
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tests/dashboards/lib.sh
. "$here/lib.sh"
exporter=$1
rulegen=$2
folder=$3

rm -rf "$folder"
mkdir -p "$folder"/{policy,levels}
data=$(cd "$folder" && pwd)
ln -s "$root/docs" "$folder/policy/docs" # its alerts need their runbooks there
begin=$((end - 3 * 3600))

"$exporter" simulate --history "$folder/samples.om" --duration 3h --history-end "$end" \
  --workers 12 --rate 4 --seed 7 --run-id pictures --heartbeat-interval 15s \
  --incident error-burst --incident worker-death --incident queue-backup --incident sandbox-leak --incident network-loss \
  --incident-first 125m --incident-after 2m --incident-duration 8m
say "history $(du -m "$folder/samples.om" | cut -f1) MB"
"$promtool" tsdb create-blocks-from openmetrics "$folder/samples.om" "$folder/tsdb" >/dev/null
rm "$folder/samples.om"
say 'blocks'

# Days of history would be needed before a budget is shown; everything else stays as it is.
sed -E 's/^( *)(objective: .*)/\1min_coverage: 0.1%\n\1\2/' "$root/slo/policies.yaml" >"$folder/policy/policies.yaml"
"$rulegen" build --policy "$folder/policy/policies.yaml" --output-dir "$folder/policy" >/dev/null

start_prometheus "$data/none" "$data/policy/alerts/*.yaml"
curl -sf "http://127.0.0.1:$port/api/v1/rules" >"$folder/rules.json"
stop_prometheus
node "$here/levels.mjs" "$folder/rules.json" "$folder/levels"
for ((level = 0; ; level++)); do
  [ -e "$folder/levels/$level" ] || break
  start_prometheus "$folder/tsdb"
  (cd "$folder/levels/$level" &&
    "$promtool" tsdb create-blocks-from rules --start="$begin" --end="$end" --eval-interval=30s \
      --url="http://127.0.0.1:$port" --output-dir="$data/tsdb" rules.json >log 2>&1) ||
    { tail -5 "$folder/levels/$level/log" >&2 && exit 1; }
  stop_prometheus
  say "rules of level $level"
done
