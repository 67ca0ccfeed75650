# shellcheck shell=bash disable=SC2034
# For the scripts of this folder: the programs of Prometheus, and a server on a free port.
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/tools/usr/bin
prometheus=$(command -v prometheus || echo "$tools/prometheus")
promtool=$(command -v promtool || echo "$tools/promtool")
# The data end here, so that two runs draw the same picture.
end=1795310400
port=
server=
copy=

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# What a page says no more is gone at once where Prometheus has scraped it; samples from a file cannot say so,
# so nothing is looked for that is older than two scrapes and a half.
lookback=75s

# start_prometheus DATA [RULES]: a server on a copy of DATA, if there is such a folder. Tests run at the same time on
# the same data, and two servers in one folder overwrite each other's files, until one of them dies.
start_prometheus() {
  copy=$(mktemp -d)
  if [ -d "$1" ]; then cp -r "$1/." "$copy/tsdb"; fi
  port=$(node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
  printf 'global: {scrape_interval: 15s}\n' >"$copy/prometheus.yaml"
  if [ -n "${2:-}" ]; then printf 'rule_files: ["%s"]\n' "$2" >>"$copy/prometheus.yaml"; fi
  "$prometheus" --config.file="$copy/prometheus.yaml" --storage.tsdb.path="$copy/tsdb" --storage.tsdb.retention.time=10y \
    --query.lookback-delta="$lookback" \
    --web.listen-address="127.0.0.1:$port" --log.level=error >"$copy/log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    if curl -sf "http://127.0.0.1:$port/-/ready" >/dev/null; then return; fi
    sleep 0.1
  done
  cut -c "1-300" "$copy/log" >&2
  echo 'prometheus did not start' >&2
  exit 1
}

stop_prometheus() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  if [ -n "$copy" ]; then rm -rf "$copy"; fi
  server=
  copy=
}
trap stop_prometheus EXIT
