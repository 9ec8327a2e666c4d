#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the jar twice, in two folders, time zones, languages and file modes, and compares what comes out: the jar and the
# bill of materials are the same to the byte, or the difference is named.
#   tools/check-reproducible.sh
# Of the files that git knows, as they are in this folder. No tests are run.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$home"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # FOLDER TIME-ZONE LANGUAGE UMASK
  mkdir -p "$1"
  (
    umask "$4"
    git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - | tar -C "$1" --no-same-permissions -xmf -
    cd "$1"
    TZ=$2 LC_ALL=$3 mvn -B -q -Dmaven.test.skip=true package
  )
}

build "$work/first" UTC C 022
build "$work/another/and longer" Asia/Tokyo C.UTF-8 077
same=yes
for file in snnsim.jar snnsim-sbom.json snnsim-sbom.xml; do
  one=$(sha256sum <"$work/first/target/$file")
  two=$(sha256sum <"$work/another/and longer/target/$file")
  if [[ $one == "$two" ]]; then
    echo "$file: sha256 ${one%% *}"
  else
    same=
    echo "$file: found two builds that differ, expected the same bytes" >&2
    case $file in
      *.jar) diff <(cd "$work" && unzip -lv "first/target/$file") <(cd "$work" && unzip -lv "another/and longer/target/$file") >&2 || true ;;
      *) diff "$work/first/target/$file" "$work/another/and longer/target/$file" >&2 || true ;;
    esac
  fi
done
[[ -n $same ]]
