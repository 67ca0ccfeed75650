# shellcheck shell=bash
# What the scripts share: where the tree is, where unpacked tools are, one line per step, and an apt
# that changes nothing on the machine. Sourced by scripts that have set -euo pipefail.

fleet_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools_dir=$fleet_root/build/tools
deps_dir=$fleet_root/build/deps
log_dir=$fleet_root/${FLEET_LOG_DIR:-build/logs}
program=${program:-$(basename "$0")}

# Last on the path: a tool that the machine has is used before an unpacked one.
PATH=$PATH:$tools_dir/usr/bin
export PATH

say() { printf '%s: %s\n' "$program" "$*"; }

die() {
  printf '%s: error: %s\n' "$program" "$*" >&2
  exit 2
}

# run_step LABEL COMMAND...: one line with the time it took. The command's output goes to a log, which
# is shown when it fails. On a terminal the line says that it is running.
run_step() {
  local label=$1 log status=0 started=$SECONDS
  shift
  mkdir -p "$log_dir"
  log=$log_dir/$program-${label//[^A-Za-z0-9]/-}.log
  if [ -t 1 ]; then printf '%s: %s ...' "$program" "$label"; fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ -t 1 ]; then printf '\r\033[K'; fi
  if [ "$status" -ne 0 ]; then
    tail -n 100 "$log" >&2
    printf '%s: %s failed (exit %d); all of its output: %s\n' "$program" "$label" "$status" "$log" >&2
    return "$status"
  fi
  say "$label ($((SECONDS - started)) s)"
}

# build_preset PRESET [TARGET...]: configure and build. On a terminal ninja's own progress is shown.
build_preset() {
  local preset=$1 started=$SECONDS
  shift
  cd "$fleet_root" || return 1
  run_step "configure $preset" cmake --preset "$preset"
  local build=(cmake --build --preset "$preset")
  if [ $# -gt 0 ]; then build+=(--target "$@"); fi
  if [ -t 1 ]; then
    "${build[@]}"
    say "build $preset ($((SECONDS - started)) s)"
  else
    run_step "build $preset" "${build[@]}"
  fi
}

# tidy_all FOLDER: clang-tidy for what is compiled of lib/, exporter/ and rulegen/ in the build FOLDER, which
# is configured without precompiled headers.
tidy_all() {
  jq -r --arg root "$fleet_root/" '.[].file | ltrimstr($root)
    | select(test("^(build/[^/]*/)?(lib|exporter|rulegen)/"))' "$1/compile_commands.json" |
    xargs -P "$(nproc)" -n 1 clang-tidy -quiet -p "$1"
}

# Prints those of the Debian packages PACKAGE... that are not installed, one on a line.
missing_packages() {
  dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '
      $2 == "installed" { have[$1] = 1 }
      END { n = split(wanted, names, " "); for (i = 1; i <= n; ++i) if (!have[names[i]]++) print names[i] }'
}

private_apt_dir=$deps_dir/apt

# apt with the machine's sources and keys, with source packages switched on, and with lists, caches
# and locks of its own: it needs no rights and leaves the machine as it is.
private_apt() {
  apt-get -c "$private_apt_dir/apt.conf" -qq "$@"
}

# Reads the package lists when there are none yet, or anew with --again. A repository that fails does
# not matter as long as the others have what is asked for.
update_private_apt() {
  command -v apt-get >/dev/null || {
    echo 'this is not a Debian system: there is no apt-get' >&2
    return 1
  }
  if [ "${1:-}" != --again ] && [ -e "$private_apt_dir/complete" ]; then return 0; fi
  rm -rf "$private_apt_dir"
  mkdir -p "$private_apt_dir/sources" "$private_apt_dir/lists/partial" \
    "$private_apt_dir/cache/archives/partial"
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] || continue
    sed 's/^Types:.*/Types: deb deb-src/' "$file" >"$private_apt_dir/sources/${file##*/}"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] || continue
    sed -n 's/^[[:space:]]*deb[[:space:]]\(.*\)/deb \1\ndeb-src \1/p' "$file" \
      >"$private_apt_dir/sources/${file##*/}"
  done
  # The hooks tell desktop services about an update of the machine's lists; these are not the machine's.
  cat >"$private_apt_dir/apt.conf" <<CONF
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$private_apt_dir/sources";
Dir::State::Lists "$private_apt_dir/lists";
Dir::Cache "$private_apt_dir/cache";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
  private_apt update || echo 'some package lists could not be read; trying with the others' >&2
  if [ -z "$(find "$private_apt_dir/lists" -maxdepth 1 -name '*_Packages*' -print -quit)" ]; then
    echo 'no package list could be read' >&2
    return 1
  fi
  touch "$private_apt_dir/complete"
}

# fetch_with_apt ARGUMENT...: a private apt download into the current folder; once more with new lists
# when the ones at hand name files that their mirror has replaced.
fetch_with_apt() {
  update_private_apt || return 1
  private_apt "$@" && return 0
  update_private_apt --again && private_apt "$@"
}

# Everything below build/deps and build/tools is made under this lock, in a folder of its own, and
# renamed into place: two builds at once are safe and nothing is ever half there.
lock_deps() {
  mkdir -p "$deps_dir"
  exec 9>"$deps_dir/.lock"
  flock 9
}
