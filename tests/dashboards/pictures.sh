#!/usr/bin/env bash
# Draws dashboards against the data of data.sh.
#
#   tests/dashboards/pictures.sh DATA OUT [--theme=light] FILE.json...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/dashboards/lib.sh
. "$here/lib.sh"
data=$(realpath "$1")
out=$(realpath -m "$2")
shift 2
arguments=() # where they are seen from here, as the work is done in another folder
for argument in "$@"; do
  case $argument in
    --*) arguments+=("$argument") ;;
    *) arguments+=("$(realpath -e "$argument")") ;;
  esac
done
cd "$here"
if [ ! -e dist/app.js ] || [ -n "$(find src build.mjs package-lock.json -newer dist/app.js)" ]; then node build.mjs; fi
start_prometheus "$data/tsdb"
node shot.mjs --prometheus="http://127.0.0.1:$port" --from="$(date -u -d "@$((end - 3630))" +%FT%TZ)" \
  --to="$(date -u -d "@$((end - 90))" +%FT%TZ)" --out="$out" "${arguments[@]}"
say 'pictures'
