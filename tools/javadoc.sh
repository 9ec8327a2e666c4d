#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the pages of what embedders call, in target/javadoc; any warning is an error. The JDK's own tool, since
# Maven's plugin does not take a module that requires automatic ones. `mvn verify` runs it; alone it needs
# `mvn package` first.
#   tools/javadoc.sh [DATE]    DATE, as 2026-11-24T00:00:00Z: also packs them into target/snnsim-javadoc.jar, its
#                              files as old as that
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

. "$home/tools/find-jdk.sh"
find_jdk || exit

cd "$home"
sources=()
for package in $(sed -n 's/^  exports \(.*\);/\1/p' src/main/java/module-info.java); do
  sources+=("src/main/java/${package//.//}"/*.java)
done
rm -rf target/javadoc
"$SNNSIM_JDK/bin/javadoc" -quiet -Xdoclint:all -Werror -notimestamp -d target/javadoc \
  -windowtitle snnsim -cp "target/classes:target/lib/*" "${sources[@]}"
echo "$home/target/javadoc/index.html"
[[ -z ${1:-} ]] ||
  "$SNNSIM_JDK/bin/jar" --create --no-manifest --date="$1" --file=target/snnsim-javadoc.jar -C target/javadoc .
