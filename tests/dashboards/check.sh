#!/usr/bin/env bash
# The dashboards under Grafana's own types and in a real browser.
#
#   tests/dashboards/check.sh npm                                  the packages, at the versions of the lock file
#   tests/dashboards/check.sh types RULEGEN FOLDER                 types, lint, and that both bite
#   tests/dashboards/check.sh data RULEGEN FOLDER EXPORTER         a simulated fleet as a TSDB: FOLDER/data
#   tests/dashboards/check.sh pictures FOLDER                      draws all of them against a real Prometheus
#   tests/dashboards/check.sh reactions FOLDER                     every panel reacts to the incidents
#
# Ends with 77 (skipped) where npm or Chromium is missing, unless CI=true: scripts/setup --dashboards
# installs them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tests/dashboards/lib.sh
. "$here/lib.sh"

skip() {
  echo "$1; scripts/setup --dashboards installs what is needed" >&2
  if [ "${CI:-false}" = true ]; then exit 1; fi
  exit 77
}
needs_packages() {
  command -v npm >/dev/null || skip 'npm is not installed'
  if [ ! -e "$here/node_modules/.package-lock.json" ]; then skip 'the npm packages are not installed'; fi
}

install_packages() {
  command -v npm >/dev/null || skip 'npm is not installed'
  cd "$here"
  local sum
  sum=$(sha256sum package-lock.json)
  if [ -e node_modules/.installed ] && [ "$sum" = "$(cat node_modules/.installed)" ]; then return; fi
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || skip 'npm cannot get the packages'
  echo "$sum" >node_modules/.installed
}

check_types() {
  needs_packages
  export PROMTOOL=$promtool
  local v2=$2/v2
  rm -rf "$v2"
  mkdir -p "$v2"
  ln -s "$root/docs" "$v2/docs"  # the policy's alerts need their runbooks there
  "$1" build --policy "$root/slo/policies.yaml" --output-dir "$v2" --dashboard-format v2 >/dev/null
  node "$here/tsc/check.mjs" "$root"/dashboards/*.json "$v2"/dashboards/*.json
  node "$here/lint.mjs" "$root"/dashboards/*.json
  node "$here/mutants.mjs" "$root/dashboards" "$v2/dashboards"
}

make_data() {
  needs_packages
  "$here/data.sh" "$3" "$1" "$2/data"
}

# All pages in the dark theme; in the light one some, which have every kind of panel between them.
draw_pictures() {
  needs_packages
  [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || skip 'Chromium is not installed'
  local out=${FLEET_PICTURES:-$1/pictures}
  "$here/pictures.sh" "$1/data" "$out" "$root"/dashboards/*.json
  "$here/pictures.sh" "$1/data" "$out/light" --theme=light "$root"/dashboards/fleet-{capacity,workers,queues}.json
  # And it bites: a column too narrow for what stands in it.
  sed 's/"value": 290/"value": 60/' "$root/dashboards/fleet-runs.json" >"$1/narrow.json"
  local said
  if said=$("$here/pictures.sh" "$1/data" "$1/narrow" "$1/narrow.json"); then echo 'a narrow column passes' && exit 1; fi
  grep -q "Runners: 'runner-.*is cut off" <<<"$said" || { echo "a narrow column passes: $said" && exit 1; }
}

check_reactions() {
  needs_packages
  start_prometheus "$1/data/tsdb"
  local react=(node "$here/reactions.mjs" --prometheus="http://127.0.0.1:$port" --end="$end")
  "${react[@]}" "$root"/dashboards/*.json
  # And it bites: a page that always shows the same.
  sed -E 's/("expr": )".*"/\1"vector(1)"/' "$root/dashboards/fleet-queues.json" >"$1/steady.json"
  local said
  if said=$("${react[@]}" "$1/steady.json"); then echo 'a steady page passes' && exit 1; fi
  grep -q '^fleet-queues: Depth: does not react' <<<"$said" || { echo "a steady page passes: $said" && exit 1; }
}

case $1 in
  npm) install_packages ;;
  types) check_types "$2" "$3" ;;
  data) make_data "$2" "$3" "$4" ;;
  pictures) draw_pictures "$2" ;;
  reactions) check_reactions "$2" ;;
  *) sed -n '2,10p' "$0" >&2 && exit 2 ;;
esac
