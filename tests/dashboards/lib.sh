# shellcheck shell=bash disable=SC2034
# For the scripts of this folder: the programs of Prometheus, and a server on a free port.
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/tools/usr/bin
prometheus=$(command -v prometheus || echo "$tools/prometheus")
promtool=$(command -v promtool || echo "$tools/promtool")
# The data end here, so that two runs draw the same picture.
end=1795310400
port=
server=

say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

# start_prometheus DATA [RULES]
start_prometheus() {
  local config=$1.yaml
  port=$(node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
  printf 'global: {scrape_interval: 15s}\n' >"$config"
  if [ -n "${2:-}" ]; then printf 'rule_files: ["%s"]\n' "$2" >>"$config"; fi
  "$prometheus" --config.file="$config" --storage.tsdb.path="$1" --storage.tsdb.retention.time=10y \
    --web.listen-address="127.0.0.1:$port" --log.level=error &
  server=$!
  for _ in $(seq 150); do
    if curl -sf "http://127.0.0.1:$port/-/ready" >/dev/null; then return; fi
    sleep 0.1
  done
  echo 'prometheus did not start' >&2
  exit 1
}

stop_prometheus() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  server=
}
trap stop_prometheus EXIT
