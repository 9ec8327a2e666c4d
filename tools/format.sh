#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formats every Java source; with --check only names the files that are not formatted, and fails.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=1.37.0
jar=$home/target/tools/google-java-format-$version-all-deps.jar

. "$home/tools/find-jdk.sh"
find_jdk || exit

if [[ ! -f $jar ]]; then
  run_maven org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
    -Dartifact="com.google.googlejavaformat:google-java-format:$version:jar:all-deps" \
    -DoutputDirectory="$home/target/tools"
fi

case ${1:-} in
  --check) mode=(--dry-run --set-exit-if-changed) ;;
  '') mode=(--replace) ;;
  *) echo "usage: tools/format.sh [--check]" >&2; exit 2 ;;
esac

exports=()
for package in api code file parser tree util; do
  exports+=("--add-exports=jdk.compiler/com.sun.tools.javac.$package=ALL-UNNAMED")
done
cd "$home"
find src bench examples tools/compare-onnxruntime -name '*.java' -not -path '*/target/*' -print0 |
  xargs -0 -r "$SNNSIM_JDK/bin/java" "${exports[@]}" --sun-misc-unsafe-memory-access=allow \
    -jar "$jar" "${mode[@]}" || exit 1
