#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds snnsim and its benchmarks and runs them under JDK 25 with the flags of the launcher.
# Arguments go to JMH:   bench/run.sh Checksum -f 1 -wi 3 -i 5
#                        bench/run.sh limits        what this machine can do at most (limits.c)
#                        bench/run.sh scatter       ways to add the weights of sparse spikes (scatter.c)
# Prints the host first; results without their host say nothing (see RESULTS.md).
# Ends with 0 only if every benchmark gave a result (-foe false goes on after a failure), 2 if a parameter lacks
# its fellow.
# SNNSIM_JAVA_OPTS: more JVM options, as for the launcher.
set -euo pipefail
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(dirname "$bench")

. "$home/tools/find-jdk.sh"
find_jdk || exit
read_jvm_flags "$home/pom.xml"

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1 || true)
. "$SNNSIM_JDK/release"
echo "host: cpu=${cpu:-$(uname -m)} cores=$(getconf _NPROCESSORS_ONLN) os=$(uname -sr)" \
  "jdk=$JAVA_RUNTIME_VERSION commit=$(git -C "$home" rev-parse --short HEAD 2>/dev/null || echo none)" \
  "date=$(date -u +%F)"
if [[ ${1:-} == limits || ${1:-} == scatter ]]; then
  mkdir -p "$bench/target"
  "${CC:-gcc}" -O3 -march=native -Wall -Wextra -Werror -o "$bench/target/$1" "$bench/$1.c"
  exec "$bench/target/$1" "${@:2}"
fi

build_with "$home" bench

# shellcheck disable=SC2206 # SNNSIM_JAVA_OPTS is a list of words
exec "$SNNSIM_JDK/bin/java" "${SNNSIM_JVM_FLAGS[@]}" "-Dsnnsim.home=$home" -XX:+UseSerialGC ${SNNSIM_JAVA_OPTS:-} \
  -cp "$bench/target/benchmarks.jar:$home/target/snnsim.jar:$home/target/lib/*" io.snnsim.bench.Benchmarks "$@"
