#!/usr/bin/env bash
# Guards the layout: who may include whom, where third-party headers are allowed, how long a file may
# be, names of tests, words that do not belong in the tree. Prints every violation as "file:line: why"
# and exits 1.
#
#   tests/house_rules.sh              checks this tree
#   tests/house_rules.sh --self-test  breaks each rule in a small tree and expects to be told
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Files below FOLDER may include from our tree what begins with one of the rest.
arrows='
lib/base     lib/base/
lib/yaml     lib/base/ lib/yaml/
lib/promql   lib/base/ lib/promql/
lib/catalog  lib/base/ lib/catalog/
exporter     lib/ exporter/
rulegen      lib/ rulegen/
'

# A header that begins so may be included, in lib, exporter and rulegen, by files that begin so.
third_party='
yaml-cpp/     lib/yaml/
civetweb.h    exporter/web/
CivetServer.h -
openssl/      exporter/web/ exporter/sources/tls. rulegen/policy/hash.
crypt.h       exporter/web/passwords.
sqlite3.h     exporter/store/
libpq-fe.h    exporter/sources/
hiredis/      exporter/sources/
curl/         exporter/simulate/ exporter/sources/ rulegen/proof/fetch.
simdjson      exporter/ingest/ exporter/simulate/ingest_answer. exporter/sources/runner_list.
prometheus/   exporter/self_metrics.
zlib.h        exporter/exposition/gzip. exporter/ingest/gunzip.
libdeflate.h  exporter/exposition/gzip. exporter/ingest/gunzip.
re2/          lib/promql/regex. exporter/fleet/error_rules. exporter/sources/
CLI/          exporter/options. exporter/simulate/options. rulegen/options.
nlohmann/     rulegen/emit/ exporter/web/ lib/catalog/print.cc
'

longest_file=500
may_be_longer='lib/catalog/metrics.h'

# Extended regular expressions. Written so that they do not match themselves.
forbidden_words='(^|[^[:alnum:]_.-])/[w]ork/|/tmp/[w]t|\b(TO[D]O|FIXM[E])\b'

# The tracked files, or, where there is no git (a source archive), the files outside build/.
list_files() {
  git -C "$1" ls-files 2>/dev/null || (cd "$1" && find . -path ./build -prune -o -type f -print | sed 's|^\./||')
}

# ctest separates tests by semicolons: a name with one is split into two that match nothing.
check_test_names() {
  { grep -nHE '^TEST_CASE\("[^"]*;' "$@" || [ $? -eq 1 ]; } | sed 's/$/   <- no semicolon in the name of a test/'
}

# FILE... -> "file:line:header" for each include.
includes() {
  { grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' "$@" || [ $? -eq 1 ]; } |
    sed -E 's/^([^:]*:[0-9]+:)[^"<]*["<]([^">]*).*/\1\2/'
}

check_includes() {
  awk -F: -v arrows="$arrows" -v third_party="$third_party" '
    function begins(text, prefix) { return index(text, prefix) == 1 }
    function read_table(text, rules,    n, lines, i, parts) {
      n = split(text, lines, "\n")
      for (i = 1; i <= n; ++i)
        if (split(lines[i], parts, " ") > 1) {
          rules[parts[1]] = substr(lines[i], length(parts[1]) + 1)
        }
    }
    function allowed(text, prefixes,    n, list, i) {
      n = split(prefixes, list, " ")
      for (i = 1; i <= n; ++i) if (begins(text, list[i])) return 1
      return 0
    }
    BEGIN { read_table(arrows, may); read_table(third_party, adapter) }
    {
      file = $1; line = $2; header = $3
      if (!file) next
      if (begins(header, "../")) print file ":" line ": include from the root of the tree: " header
      if (header ~ /^(lib|exporter|rulegen|tests|bench)\//)
        for (folder in may)
          if (begins(file, folder "/") && !allowed(header, may[folder]))
            print file ":" line ": " folder " must not include " header
      if (file ~ /^(lib|exporter|rulegen)\//)
        for (start in adapter)
          if (begins(header, start) && !allowed(file, adapter[start]))
            print file ":" line ": " header " belongs behind its adapter:" adapter[start]
    }'
}

check_length() {
  local file lines
  for file in "$@"; do
    case " $may_be_longer " in *" $file "*) continue ;; esac
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$longest_file" ]; then
      echo "$file:$lines: more than $longest_file lines"
    fi
  done
}

check_words() {
  # grep ends with 1 when it finds nothing.
  { grep -nHIE "$forbidden_words" "$@" || [ $? -eq 1 ]; } | sed 's/$/   <- speaks of work, not of the product/'
}

# Prints the violations of the tree FOLDER.
check_tree() (
  cd "$1"
  mapfile -t all < <(list_files . | while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
  [ "${#all[@]}" -gt 0 ] || { echo "no files in $1" && return; }
  mapfile -t code < <(printf '%s\n' "${all[@]}" | grep -E '\.(cc|h)$')
  if [ "${#code[@]}" -gt 0 ]; then
    includes "${code[@]}" | check_includes
    check_length "${code[@]}"
    check_test_names "${code[@]}"
  fi
  check_words "${all[@]}"
)

# expect WHAT FILE LINE: a tree with only this file must be refused (WHAT is bad) or accepted (good).
expect() {
  local what=$1 file=$2 text=$3 tree found
  tree=$scratch/tree
  rm -rf "$tree"
  mkdir -p "$tree/$(dirname "$file")"
  printf '%b\n' "$text" >"$tree/$file"
  found=$(GIT_DIR=/nonexistent check_tree "$tree")
  case $what in
    bad) [ -n "$found" ] && return ;;
    good) [ -z "$found" ] && return ;;
  esac
  printf 'self-test: %s should be %s: %.60s\n%s\n' "$file" "$what" "$text" "$found"
  failures=$((failures + 1))
}

self_test() {
  local folder header adapters
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  failures=0
  while read -r header adapters; do
    [ -n "$header" ] || continue
    expect bad rulegen/main.cc "#include <${header}>"
    expect bad exporter/fleet/fleet.h "#include \"${header}\""
    expect good tests/unit/x_test.cc "#include <${header}>"
    [ "$adapters" = - ] || expect good "${adapters%% *}x.cc" "#include <${header}>"
  done <<<"$third_party"
  for folder in yaml promql catalog; do
    expect bad lib/base/x.h "#include \"lib/$folder/x.h\""
    expect good "lib/$folder/x.h" "#include \"lib/base/x.h\""
    expect bad "lib/$folder/x.h" '#include "exporter/x.h"'
    expect bad "lib/$folder/x.h" '#include "rulegen/x.h"'
  done
  expect bad lib/base/x.h '#include "exporter/x.h"'
  expect bad lib/yaml/x.h '#include "lib/catalog/x.h"'
  expect bad exporter/x.cc '#include "rulegen/x.h"'
  expect bad rulegen/emit/x.cc '#  include "exporter/x.h"'
  expect bad exporter/web/x.cc '#include "../config.h"'
  expect good exporter/x.cc '#include "exporter/y.h"\n#include <fmt/format.h>\n#include <vector>'
  expect bad exporter/x.cc "$(printf 'x\\n%.0s' {1..500})x"
  expect good exporter/x.cc "$(printf 'x\\n%.0s' {1..499})x"
  expect good lib/catalog/metrics.h "$(printf 'x\\n%.0s' {1..500})x"
  expect bad docs/x.md "see /${empty:-}work/main"
  expect bad scripts/x "cd /tmp/w${empty:-}t/x"
  expect bad lib/base/x.h "// TO${empty:-}DO: later"
  expect bad lib/base/x.h "// FIX${empty:-}ME"
  expect bad tests/unit/x_test.cc 'TEST_CASE("one; two") {'
  expect good tests/unit/x_test.cc 'TEST_CASE("one, two") { ; }'
  expect good docs/x.md 'https://example.org/work/items, ./work/, TODOS'
  if [ "$failures" -gt 0 ]; then exit 1; fi
  echo 'every rule bites'
}

if [ "${1:-}" = --self-test ]; then
  self_test
else
  violations=$(check_tree "$root")
  if [ -n "$violations" ]; then
    printf '%s\n' "$violations"
    exit 1
  fi
fi
