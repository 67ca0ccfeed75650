#!/usr/bin/env bash
# Detection and reset times equal the formulas to the evaluation: six objectives, four tiers, 100, 10, 1 and
# 0.2 % of errors after full windows without any, through promtool, with rules that rulegen has just written.
#
#   tests/promtool/formulas.sh RULEGEN FOLDER   FOLDER is made anew
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rulegen=$1 folder=$2
PATH=$PATH:$here/../../build/tools/usr/bin
rm -rf "$folder"
mkdir -p "$folder"
"$rulegen" build --policy "$here/formulas.policies.yaml" --output-dir "$folder"
exec "$rulegen" test --policy "$here/formulas.policies.yaml" --output-dir "$folder" --work-dir "$folder/proofs" \
  --full-history --errors 100%,10%,1%,0.2%
