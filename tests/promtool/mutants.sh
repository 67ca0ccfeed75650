#!/usr/bin/env bash
# Does `rulegen test` notice wrong rules? Each mutant is one change of one emitted rule; the proofs must fail.
#
#   tests/promtool/mutants.sh RULEGEN FOLDER [SHARE]   every SHARE-th mutant (default: 1, all); FOLDER is made anew
#
# MUTANTS names another list than mutants.txt. All take a quarter of an hour.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rulegen=$1 folder=$2 share=${3:-1}
policy=$here/mutants.policies.yaml
PATH=$PATH:$here/../../build/tools/usr/bin
rm -rf "$folder"
mkdir -p "$folder/good" "$folder/bad/alerts"
"$rulegen" build --policy "$policy" --output-dir "$folder/good" >/dev/null

# mutate GROUP RULE SED: the file of rules with that rule of the groups that begin so changed.
mutate() {
  local first last
  read -r first last < <(awk -v group="\"$1" -v rule="$2" '
    /^  - name: / { here = index($3, group) == 1 }
    first && (/^      - (record|alert): / || /^  - name: /) { print first, NR - 1; done = 1; exit }
    here && /^      - (record|alert): / && $3 == rule { first = NR }
    END { if (first && !done) print first, NR }' "$rules")
  [ -n "${first:-}" ] || return 1
  sed -E "$first,$last$3" "$rules"
}

# The proofs must hold for the rules as they are, or nothing is shown.
"$rulegen" test --policy "$policy" --output-dir "$folder/good"

count=0 caught=0 number=0
while read -r slo rule change; do
  case $slo in '' | '#') continue ;; esac
  number=$((number + 1))
  [ $((number % share)) -eq 0 ] || continue
  case $slo in
    -) file=g.yaml group=m:g only=(--alert "$rule") ;;
    *) file=slo.yaml group=slo:m/$slo only=(--slo "$slo") ;;
  esac
  rules=$folder/good/alerts/$file
  rm -f "$folder"/bad/alerts/*
  mutate "$group" "$rule" "$change" >"$folder/bad/alerts/$file" || {
    echo "no rule $rule of $slo"
    exit 1
  }
  if cmp -s "$rules" "$folder/bad/alerts/$file"; then
    echo "changes nothing: $slo $rule $change"
    exit 1
  fi
  count=$((count + 1))
  status=0
  "$rulegen" test --policy "$policy" --rules "$folder/bad/alerts" "${only[@]}" >"$folder/out" 2>&1 || status=$?
  case $status in
    1) caught=$((caught + 1)) ;;
    # promtool does not even load some: caught, too, but only if it says so.
    2)
      if grep -q 'promtool fails' "$folder/out"; then
        caught=$((caught + 1))
      else
        echo "not tried: $slo $rule $change: $(tail -n 1 "$folder/out")"
      fi
      ;;
    *) echo "survives: $slo $rule $change" ;;
  esac
done <"${MUTANTS:-$here/mutants.txt}"
echo "$caught of $count mutants are caught"
[ $((caught * 100)) -ge $((count * 95)) ]
