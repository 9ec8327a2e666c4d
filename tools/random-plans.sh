#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The long run of random networks: every way to run a network against the dense reference, at every
# vector width, every neuron compared after every block of steps.
#
#   tools/random-plans.sh              # 1,000 networks a width: more than 10,000 cases, about an hour
#   tools/random-plans.sh 50           # fewer networks
#   tools/random-plans.sh 1000 512     # one width only (64, 128, 256, 512 bits)
#
# A case is one random network run in one way (scalar, events, lookup, mixed; time-major and in blocks),
# two images of it. CI runs the first 50 networks of the same sequence, 25 at each width. A failure prints its seed and the
# command that repeats it, and ends the run with exit code 1.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
seeds=${1:-1000}
widths=(${2:-64 128 256 512})
[[ $seeds =~ ^[1-9][0-9]*$ ]] || {
  echo "random-plans.sh: $seeds: expected a number of networks" >&2
  exit 2
}

. "$home/tools/find-jdk.sh"
find_jdk || exit
cd "$home"
total=0
for bits in "${widths[@]}"; do
  begun=$SECONDS
  run_maven test -Dtest=EngineEqualsReferenceTest -Dsnnsim.seeds="$seeds" -Dsnnsim.vectorBits="$bits" \
    -Dsurefire.reportNameSuffix="$bits"
  report=$(find target/surefire-reports -name "TEST-*EngineEqualsReferenceTest*$bits.xml" | head -n 1)
  ways=$(grep -c 'testcase name="everyNeuron' "$report")
  cases=$((seeds * ways))
  total=$((total + cases))
  echo "vectorBits=$bits: $seeds networks in $ways ways, $cases cases equal ($((SECONDS - begun)) s)"
done
echo "$total random cases equal"
