#!/usr/bin/env bash
# Every expression of the generated dashboards parses: panels, annotations and variables become
# recording rules, with values in place of Grafana's variables, and promtool judges them.
#
#   tests/promtool/dashboards.sh FOLDER   FOLDER is made anew for the rules
set -euo pipefail
shopt -s nullglob
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=$1

promtool=${PROMTOOL:-$(command -v promtool || true)}
if [ -z "$promtool" ]; then promtool=$root/build/tools/usr/bin/promtool; fi
if [ ! -x "$promtool" ]; then
  echo "promtool is not installed: neither on PATH nor in build/tools (scripts/fetch-tools gets it)" >&2
  exit 1
fi

# The expressions of a dashboard, one a line, as the JSON strings they are; those are YAML, too.
expressions() {
  sed -nE -e 's/^ *"expr": (".*"),?$/\1/p' \
    -e 's/^ *"query": "label_values\((.*), [a-z_]+\)",?$/"\1"/p' "$1"
}

# Longer names first. What is left of ${...} would not parse, and so be found.
fill_in() {
  sed -E -e 's/\$\{?__rate_interval\}?/5m/g' -e 's/\$\{?__interval\}?/30s/g' -e 's/\$\{?__range\}?/6h/g' \
    -e 's/\$\{?[a-z_]+\}?/x/g'
}

rm -rf "$folder"
mkdir -p "$folder"
dashboards=("$root"/dashboards/*.json "$root"/tests/golden/rulegen/*/want/dashboards/*.json)
count=0
for dashboard in "${dashboards[@]}"; do
  rules=$folder/$(basename "$dashboard" .json).yaml
  printf 'groups:\n- name: %s\n  rules:\n' "$(basename "$dashboard" .json)" >"$rules"
  while IFS= read -r expression; do
    count=$((count + 1))
    printf '  - record: dashboard:%d\n    expr: %s\n' "$count" "$expression" >>"$rules"
  done < <(expressions "$dashboard" | fill_in)
done
if [ "$count" -eq 0 ]; then
  echo "no expression in dashboards/" >&2
  exit 1
fi
echo "$count expressions in ${#dashboards[@]} dashboards"
exec "$promtool" check rules "$folder"/*.yaml
