#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes the kernels that are made from src/main/templates; with --check only compares them with
# those that are there, and fails if any differs, is missing or is made from nothing any more.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$home/tools/find-jdk.sh"
find_jdk || exit
cd "$home"

case ${1:-} in
  '') exec "$SNNSIM_JDK/bin/java" tools/GenerateKernels.java src/main/java ;;
  --check) ;;
  *) echo "usage: tools/generate-kernels.sh [--check]" >&2; exit 2 ;;
esac

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$SNNSIM_JDK/bin/java" tools/GenerateKernels.java "$made"
mark='DO NOT EDIT: made from src/main/templates'
there() { (cd "$1" && grep -rl --include='*.java' "$mark" io | sort); }
if diff <(there "$made") <(there src/main/java) && there "$made" |
  while read -r file; do diff -u "src/main/java/$file" "$made/$file" || exit 1; done; then
  exit 0
fi
echo "the kernels above are not what their templates make: tools/generate-kernels.sh" >&2
exit 1
