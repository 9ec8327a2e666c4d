#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the pages of what embedders call, in target/javadoc; any warning is an error. The JDK's own tool, since
# Maven's plugin does not take a module that requires automatic ones. Needs `mvn package` first.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

. "$home/tools/find-jdk.sh"
find_jdk || exit

cd "$home"
"$SNNSIM_JDK/bin/javadoc" -quiet -Xdoclint:all -Werror -notimestamp -d target/javadoc \
  -windowtitle snnsim -cp "target/classes:target/lib/*" \
  src/main/java/io/snnsim/api/*.java src/main/java/io/snnsim/error/*.java src/main/java/io/snnsim/geometry/*.java
echo "$home/target/javadoc/index.html"
