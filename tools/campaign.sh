#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tries for hours to break what the program promises: all trials in turns, those that compare kernels at
# every vector width. Goes on where the last run with the same folder ended, keeps what broke something in
# STATE-DIR/broken, and writes the table of docs/design/reliability.md at the end, also after Ctrl-C.
#
#   tools/campaign.sh HOURS [STATE-DIR [TRIAL...]]  HOURS: 12 or 0.5; STATE-DIR: ../snnsim-campaign; TRIAL: all
#   tools/campaign.sh --minute                      all for some seconds from their first seeds; no table
#
# One core is enough. Exit codes: 0 nothing broke, 1 something did, 2 wrong arguments, else the build's.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
page=$home/docs/design/reliability.md
widths=(64 128 256 512)
longest=120 # seconds of a trial's turn at one width

usage() {
  sed -n '3,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
seconds=
[[ $# -ge 1 ]] || usage
if [[ $1 == --minute ]]; then
  (($# == 1)) || usage
else
  [[ $1 =~ ^([0-9]+\.?[0-9]*|\.[0-9]+)$ ]] || usage
  seconds=$(awk -v hours="$1" 'BEGIN { printf "%d", hours * 3600 }')
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
state=${2:-$home/../snnsim-campaign}
only=("${@:3}")

. "$home/tools/find-jdk.sh"
find_jdk || exit
cd "$home"
# Classes of its own: a build meanwhile must not change what runs for hours.
run_maven test-compile org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath \
  -Dmdep.outputFile="$work/classpath" -Dmdep.includeScope=test
cp -R target/classes target/test-classes "$work"
read_jvm_flags pom.xml
java=("$SNNSIM_JDK/bin/java" "${SNNSIM_JVM_FLAGS[@]}" -Xmx2g -XX:+UseSerialGC -Djava.awt.headless=true
  -cp "$work/classes:$work/test-classes:$(<"$work/classpath")")

# trial [-D...] ARGUMENTS...: the program, without the JVM's warning of incubator modules.
trial() {
  local options=()
  while [[ ${1:-} == -D* ]]; do
    options+=("$1")
    shift
  done
  "${java[@]}" "${options[@]}" io.snnsim.campaign.Campaign "$@" 2> >(grep -v 'incubator modules' >&2)
}

# names KIND: trials that were asked for, of those that compare kernels (--kernels) or others (--others).
names() {
  trial --list "$1" | sed 's/:.*//' | while read -r name; do
    if ((${#only[@]} == 0)) || [[ " ${only[*]} " == *" $name "* ]]; then echo "$name"; fi
  done
}

mapfile -t kernels < <(names --kernels)
mapfile -t others < <(names --others)
all=$((${#kernels[@]} + ${#others[@]}))
((all > 0 && (${#only[@]} == 0 || all == ${#only[@]}))) || {
  echo "campaign.sh: ${only[*]}: expected names of trials: $(trial --list | sed 's/:.*//' | tr '\n' ' ')" >&2
  exit 2
}
if [[ -z $seconds ]]; then
  trial --seconds "$((48 / all))" --state "$work/state"
  exit
fi

mkdir -p "$state"
broken=0
stopped=
SECONDS=0 # the build is not part of it
trap 'stopped=yes' INT TERM
# turn SECONDS [-D...] TRIAL...: remembers what broke and goes on. A case that hangs ends the program.
turn() {
  local code=0
  trial "${@:2}" --seconds "$1" --state "$state" || code=$?
  case $code in
    0) ;;
    1) broken=1 ;;
    *) [[ -n $stopped ]] || exit "$code" ;;
  esac
}
while [[ -z $stopped ]] && ((SECONDS < seconds)); do
  slice=$(((seconds - SECONDS) / (4 * all)))
  slice=$((slice > longest ? longest : slice < 1 ? 1 : slice))
  for name in "${kernels[@]}"; do
    for bits in "${widths[@]}"; do
      [[ -n $stopped ]] || turn "$slice" -Dsnnsim.vectorBits="$bits" "$name"
    done
  done
  for name in "${others[@]}"; do
    [[ -n $stopped ]] || turn "$((4 * slice))" "$name"
  done
done

trial --table --state "$state" >"$work/table"
awk -v table="$work/table" '
  /<!-- campaign: end -->/ { skip = 0 }
  !skip
  /<!-- campaign: begin -->/ { while ((getline line < table) > 0) print line; skip = 1 }
' "$page" >"$work/page"
cat "$work/page" >"$page"
cat "$work/table"
exit "$broken"
