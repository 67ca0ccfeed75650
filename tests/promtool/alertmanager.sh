#!/usr/bin/env bash
# Alertmanager takes the generated configuration, and every alert we emit reaches whom the policy names.
#
#   tests/promtool/alertmanager.sh FOLDER   FOLDER is for what it writes
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$1
amtool=${AMTOOL:-$(command -v amtool || true)}
if [ -z "$amtool" ]; then amtool=$root/build/tools/usr/bin/amtool; fi
if [ ! -x "$amtool" ]; then
  echo "amtool is not installed: neither on PATH nor in build/tools (scripts/fetch-tools gets it)" >&2
  exit 1
fi
mkdir -p "$folder"
config=$root/alerts/alertmanager/alertmanager.yaml

for file in "$config" "$root"/tests/golden/rulegen/*/want/alerts/alertmanager/alertmanager.yaml; do
  "$amtool" check-config "$file" >"$folder/check" || {
    cat "$folder/check"
    echo "amtool refuses $file"
    exit 1
  }
done

# "name label=value ..." of every alert; labels of rules only, as they decide the route.
alerts_of() {
  awk '
    function flush() { if (name != "") print name labels }
    /^      - (alert|record):/ { flush(); name = ""; labels = ""; in_labels = 0 }
    /^      - alert: / { name = $3 }
    /^        labels:/ { in_labels = 1; next }
    /^        [a-z]/ { in_labels = 0 }
    in_labels && /^          / { value = $2; gsub(/"/, "", value); sub(/:$/, "", $1); labels = labels " " $1 "=" value }
    END { flush() }' "$@"
}

# The requirement itself, not what the policy happens to say.
receiver_for() {
  case $1 in
    *' severity=observe'* | *' severity=info'*) echo nobody ;;
    *' severity=critical'*) echo email+slack+pagerduty ;;
    *' severity=warning'*) echo slack ;;
    *) echo "no severity" ;;
  esac
}

count=0 wrong=0
while read -r name labels; do
  # Each label is a word of its own.
  # shellcheck disable=SC2086
  got=$("$amtool" config routes test --config.file="$config" alertname="$name" $labels 2>"$folder/err")
  want=$(receiver_for " $labels")
  count=$((count + 1))
  if [ "$got" != "$want" ]; then
    echo "$name ($labels) goes to $got, not to $want"
    wrong=$((wrong + 1))
  fi
done < <(alerts_of "$root"/alerts/*.yaml | sort -u)
echo "$count alerts, $wrong to the wrong receiver"
if [ "$count" -lt 40 ] || [ "$wrong" -ne 0 ]; then exit 1; fi
