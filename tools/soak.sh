#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Does a service that classifies for an hour stay as it was? Runs an open-loop load at 70 % of what is done back
# to back and fails if the process grows by more than a megabyte after its first minute of load, if the collector
# runs under load, or if an answer differs from the image's first one (snnsim latency checks that itself).
#
#   tools/soak.sh MODEL DATA [STEPS [MINUTES [CPU]]]       STEPS: 8, MINUTES: 60 (and as long again for an empty task), CPU: a core
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[[ $# -ge 2 && $# -le 5 ]] || { sed -n '2,6p' "${BASH_SOURCE[0]}" >&2; exit 2; }
model=$1 data=$2 steps=${3:-8} minutes=${4:-60} cpu=${5:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
settle=75 # seconds: start, warm-up, what is done back to back, and a minute of load

"$home/snnsim" --version >/dev/null 2>&1 # builds it if need be
pin=()
[[ -z $cpu ]] || pin=(taskset -c "$cpu")
SNNSIM_JAVA_OPTS="-Xlog:gc:file=$work/gc.log" "${pin[@]}" "$home/snnsim" latency "$model" "$data" --steps "$steps" \
  --rate 70% --duration "${minutes}m" --json "$work/latency.json" --quiet &
pid=$!
rss() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status" 2>/dev/null || true; }

sleep "$settle"
collections=$(grep -c Pause "$work/gc.log" || true)
first=$(rss)
[[ -n $first ]] || { echo "soak.sh: snnsim latency ended before the load, see above" >&2; exit 1; }
least=$first most=$first
# The load ends so many minutes after it began, thus later than as many after the start; what comes then (an empty
# task, deadlines) has memory of its own.
end=$((SECONDS + minutes * 60 - settle))
while ((SECONDS + 5 <= end)); do
  sleep 5
  now=$(rss)
  [[ -n $now ]] || break
  ((now < least)) && least=$now
  ((now > most)) && most=$now
done
under_load=$(($(grep -c Pause "$work/gc.log" || true) - collections))
wait "$pid"
python3 - "$work/latency.json" <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))
l = r["latencyMicros"]
print(f"{r['samples']} answers, {r['arrivalsPerSecond']:.0f} arrivals a second, p50 {l['p50']:.0f} us, "
      f"p99.9 {l['p99_9']:.0f}, max {l['max']:.0f}, {r['allocatedBytesPerCall']} bytes allocated a call")
PYTHON
echo "RSS $first kB after the first minute, then $least to $most; $under_load collections under load"
if ((most - first > 1024 || under_load > 0)); then
  echo "soak.sh: it grew or the collector ran, expected +-1024 kB and no collection" >&2
  exit 1
fi
