#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Changes the code in small ways, one at a time, and asks its tests to fail (PIT). Says which share they noticed; a change
# that nobody noticed is a test that is missing, or code that does nothing.
#
#   tools/mutation-test.sh [PART...]    of format, store, scalar; all if none is named. One core, up to an hour in all
#
# What survived is in target/mutations/PART/mutations.csv, and by line in mutations.xml. Exit codes: 0 every part has its share, 1 one has
# less, 2 wrong arguments.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$home"
. tools/find-jdk.sh
find_jdk || exit

# Tests that are quick: a mutation is tried by all of them that reach its line.
declare -A classes=([format]='io.snnsim.format.*' [store]='io.snnsim.store.*' [scalar]='io.snnsim.kernel.scalar.*')
declare -A tests=(
  [format]='io.snnsim.format.*,io.snnsim.store.FewSpikeFileTest,io.snnsim.store.SignedFileTest,io.snnsim.store.PaddingAfterTest,io.snnsim.store.DamagedFileTest'
  [store]='io.snnsim.store.*'
  [scalar]='io.snnsim.kernel.scalar.*,io.snnsim.kernel.EventKernelsTest'
)
# Percent.
declare -A least=([format]=85 [store]=60 [scalar]=85)

parts=("$@")
((${#parts[@]})) || parts=(format store scalar)
for part in "${parts[@]}"; do
  [[ -n ${classes[$part]:-} ]] || {
    echo "mutation-test.sh: $part: expected format, store or scalar" >&2
    exit 2
  }
done

status=0
for part in "${parts[@]}"; do
  out=target/mutations/$part
  run_maven -Ppit test-compile org.pitest:pitest-maven:mutationCoverage -DtargetClasses="${classes[$part]}" \
    -DtargetTests="${tests[$part]}" -DreportsDirectory="$home/$out"
  # File, class, mutator, method, line, what became of it, the test that noticed.
  awk -F, -v part="$part" -v least="${least[$part]}" '
    $6 == "NON_VIABLE" { next }
    { all++ }
    $6 == "SURVIVED" || $6 == "NO_COVERAGE" { lived++ }
    END {
      share = all ? 100 * (all - lived) / all : 0
      printf "%s: %d of %d changes noticed, %.1f %% (at least %d)\n", part, all - lived, all, share, least
      exit share < least
    }' "$out/mutations.csv" || status=1
done
exit "$status"
