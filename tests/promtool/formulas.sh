#!/usr/bin/env bash
# Detection and reset times equal the formulas to the evaluation: six objectives, four tiers, 100, 10, 1 and
# 0.2 % of errors after full windows without any, through promtool, with rules that rulegen has just written.
#
#   tests/promtool/formulas.sh RULEGEN FOLDER [SLO]   FOLDER is made anew; SLO of formulas.policies.yaml alone
#
# All take two minutes on two processors, o-99-9 a sixth of that. Prints the times, as the last line of all how many
# are right.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rulegen=$1 folder=$2
slo=(${3:+--slo "$3"})
policy=(--policy "$here/formulas.policies.yaml")
errors=(--errors '100%,10%,1%,0.2%')
PATH=$PATH:$here/../../build/tools/usr/bin
rm -rf "$folder"
mkdir -p "$folder"
"$rulegen" build "${policy[@]}" --output-dir "$folder"
"$rulegen" test "${policy[@]}" "${slo[@]}" "${errors[@]}" --output-dir "$folder" --work-dir "$folder/proofs" \
  --full-history
"$rulegen" simulate "${policy[@]}" "${slo[@]}" "${errors[@]}" --format json | "$here/formula_times" "$folder/proofs"
