#!/usr/bin/env bash
# Runs promtool over the generated rules.
#
#   tests/promtool/run.sh check            every file of alerts/ and of the golden folders parses and repeats nothing
#   tests/promtool/run.sh test NAME FOLDER the cases of NAME.test.yml; FOLDER is made anew for its files
#
# A test names its rules by file: those of alerts/, or slo-<name>.yaml for the groups of one SLO. SLOs do
# not read each other's records, so one of them alone behaves as all together, in a quarter of the time.
set -euo pipefail
shopt -s nullglob
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

promtool=${PROMTOOL:-$(command -v promtool || true)}
if [ -z "$promtool" ]; then promtool=$root/build/tools/usr/bin/promtool; fi
if [ ! -x "$promtool" ]; then
  echo "promtool is not installed: neither on PATH nor in build/tools (scripts/fetch-tools gets it)" >&2
  exit 1
fi

# alerts/slo.yaml into one file for each SLO, by the names of its groups: slo:service/name[:part]
split_slos() {
  awk -v folder="$2" '
    /^  - name: / {
      split($3, part, ":"); sub(/.*\//, "", part[2]); gsub(/"/, "", part[2])
      file = folder "/slo-" part[2] ".yaml"
      if (!(file in seen)) { seen[file]; print "groups:" > file }
    }
    file != "" { print > file }' "$1"
}

case ${1:-} in
  check)
    exec "$promtool" check rules "$root"/alerts/*.yaml "$root"/tests/golden/rulegen/*/want/alerts/*.yaml
    ;;
  test)
    name=$2 folder=$3
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$root"/alerts/*.yaml "$folder"
    split_slos "$root/alerts/slo.yaml" "$folder"
    for want in "$root"/tests/golden/rulegen/*/want/alerts/slo.yaml; do
      case_name=$(basename "$(dirname "$(dirname "$(dirname "$want")")")")
      cp "$want" "$folder/golden-$case_name.yaml"
    done
    cp "$here/$name.test.yml" "$folder"
    exec "$promtool" test rules "$folder/$name.test.yml"
    ;;
  *)
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
