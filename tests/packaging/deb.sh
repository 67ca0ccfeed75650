#!/usr/bin/env bash
# Builds the Debian package of BUILD, installs it into a root of its own and looks at what is there.
#   tests/packaging/deb.sh BUILD
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "deb.sh: $*" >&2
  exit 1
}

"$root/packaging/deb/build" --build="$build" --output="$scratch" >"$scratch/log" 2>&1 || {
  cat "$scratch/log"
  fail 'the package could not be built'
}
package=$(echo "$scratch"/fleet-exporter_*.deb)
target=$scratch/root
mkdir -p "$target/var/lib/dpkg/updates" "$target/var/lib/dpkg/info" "$target/etc"
touch "$target/var/lib/dpkg/status"
# The root is empty, so no dependency is there; that they are named is checked below.
dpkg --root="$target" --force-depends --force-not-root --force-script-chrootless --log=/dev/null \
  -i "$package" >"$scratch/log" 2>&1 || {
  cat "$scratch/log"
  fail 'the package could not be installed'
}

[ "$(dpkg-query --admindir="$target/var/lib/dpkg" -W -f='${db:Status-Status}' fleet-exporter)" = installed ] ||
  fail 'not installed'
depends=$(dpkg-deb -f "$package" Depends)
for library in libc6 libssl3 libcrypt1 libyaml-cpp0.7; do
  grep -q "$library" <<<"$depends" || fail "does not depend on $library"
done
# The container's image installs the same libraries, but for those every image of Debian has.
while read -r library; do
  grep -qw -- "$library" "$root/packaging/container/Containerfile" || fail "the Containerfile lacks $library"
done < <(tr ',' '\n' <<<"$depends" | sed 's/^ *//; s/[ |].*//' | grep '^lib' | grep -vxE 'libc6|libgcc-s1|libstdc\+\+6')
"$target/usr/bin/fleet_exporter" --config.file="$target/etc/fleet-exporter/exporter.yaml" --config.check >/dev/null ||
  fail 'its configuration is wrong'
"$target/usr/bin/rulegen" --version >/dev/null || fail 'rulegen does not run'
dpkg-deb -I "$package" conffiles | grep -qx /etc/fleet-exporter/exporter.yaml || fail 'no conffile'
[ -z "$(find "$target/usr" "$target/lib" "$target/etc/fleet-exporter" -perm /022 ! -type l)" ] ||
  fail 'files that others may write'

unit=$target/lib/systemd/system/fleet-exporter.service
[ -f "$unit" ] || fail 'no unit'
if command -v systemd-sysusers >/dev/null; then
  grep -q '^fleet-exporter:' "$target/etc/passwd" || fail 'no user of its own'
fi
if command -v systemd-analyze >/dev/null; then
  # Tenths: 2.0 is the border of "OK".
  systemd-analyze security --offline=true --threshold=20 "$unit" >"$scratch/log" 2>&1 || {
    tail -n 1 "$scratch/log"
    fail 'the unit is exposed'
  }
  # On this machine the program is not at its place; nothing else may be said about the unit.
  sed "s|/usr/bin/fleet_exporter|$target/usr/bin/fleet_exporter|" "$unit" >"$scratch/fleet-exporter.service"
  systemd-analyze verify "$scratch/fleet-exporter.service" >"$scratch/log" 2>&1 || true
  if grep -q 'fleet-exporter.service' "$scratch/log"; then
    cat "$scratch/log"
    fail 'the unit is wrong'
  fi
fi
echo 'the package installs, and its programs run'
