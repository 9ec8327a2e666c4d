# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts of this project. Starts no process unless the last resort, `java` on PATH,
# has no `release` file.
#
# find_jdk: puts the home of a JDK 25 into SNNSIM_JDK. Asked in this order: SNNSIM_JAVA_HOME (an error
# if it is set and unusable), JAVA_HOME, the usual folders (or those of SNNSIM_JDK_FOLDERS, separated
# by colons), `java` on PATH. None: one line on stderr,
# returns 69 (no usable kernel). Exactly 25, because the Vector API is an incubator module: a newer
# javac has no picture of it for --release 25.

# True if the JDK at $1 is a Java 25 that has the Vector API.
is_jdk_25() {
  local release
  [[ -x $1/bin/java ]] || return 1
  if [[ -r $1/release ]]; then
    release=$(<"$1/release")
    [[ $release != *MODULES=* || $release == *jdk.incubator.vector* ]] || return 1
  else
    release=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version "\(.*\)".*/JAVA_VERSION="\1"/p')
  fi
  [[ $release =~ JAVA_VERSION=\"25[^0-9] ]]
}

find_jdk() {
  local candidate candidates folder folders on_path
  SNNSIM_JDK=
  if [[ -n ${SNNSIM_JAVA_HOME:-} ]]; then
    if ! is_jdk_25 "$SNNSIM_JAVA_HOME"; then
      echo "snnsim: SNNSIM_JAVA_HOME=$SNNSIM_JAVA_HOME is not a JDK 25 with the module jdk.incubator.vector" >&2
      return 69
    fi
    SNNSIM_JDK=$SNNSIM_JAVA_HOME
    return 0
  fi
  folders=(/usr/lib/jvm /opt /opt/* "${HOME:-}"/.sdkman/candidates/java "${HOME:-}"/.jdks
    /Library/Java/JavaVirtualMachines)
  if [[ -n ${SNNSIM_JDK_FOLDERS:-} ]]; then
    IFS=: read -r -a folders <<<"$SNNSIM_JDK_FOLDERS"
  fi
  candidates=("${JAVA_HOME:-}")
  for folder in "${folders[@]}"; do
    candidates+=("$folder"/*25* "$folder"/*25*/Contents/Home)
  done
  if on_path=$(type -P java); then
    while [[ -L $on_path ]]; do # /usr/bin leads to /etc/alternatives leads to the JDK
      candidate=$(readlink "$on_path")
      [[ $candidate == /* ]] && on_path=$candidate || on_path=${on_path%/*}/$candidate
    done
    candidates+=("${on_path%/bin/java}")
  fi
  for folder in "${folders[@]}"; do
    candidates+=("$folder"/* "$folder"/*/Contents/Home)
  done
  for candidate in "${candidates[@]}"; do
    if [[ -n $candidate ]] && is_jdk_25 "$candidate"; then
      SNNSIM_JDK=$candidate
      return 0
    fi
  done
  echo "snnsim: needs Java 25: install a JDK 25 (for instance Eclipse Temurin 25, https://adoptium.net), or set SNNSIM_JAVA_HOME to one" >&2
  return 69
}

# run_maven ARGS...: Maven on SNNSIM_JDK, quiet, on stderr, without the colour resets it prints even then
# and without the warnings that Maven's own libraries draw on that JDK, nor the bill of materials, for which it would
# have to be online. Callers set pipefail.
run_maven() {
  JAVA_HOME=$SNNSIM_JDK \
    MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
    mvn -B -q -Dcyclonedx.skip=true "$@" 2>&1 | sed $'s/\e\\[0m//g' >&2
}

# read_jvm_flags POM: the JVM flags that the pom names once for all (property snnsim.jvm.flags),
# into the array SNNSIM_JVM_FLAGS.
read_jvm_flags() {
  [[ $(<"$1") =~ \<snnsim\.jvm\.flags\>([^\<]*)\</snnsim\.jvm\.flags\> ]] || {
    echo "snnsim: $1 has no property snnsim.jvm.flags" >&2
    return 1
  }
  read -r -a SNNSIM_JVM_FLAGS <<<"${BASH_REMATCH[1]//$'\n'/ }"
}

# build_with HOME NAME: builds the snnsim of the checkout HOME, and its bench or examples against it. Nothing
# is installed.
build_with() {
  local root=$1 name=$2
  [[ $(<"$root/pom.xml") =~ \<artifactId\>snnsim\</artifactId\>[[:space:]]*\<version\>([^\<]*)\</version\> ]] || {
    echo "snnsim: $root/pom.xml names no version" >&2
    return 1
  }
  run_maven -f "$root/tools/reactor.xml" -pl ":snnsim-$name" -am -Dmaven.test.skip=true \
    "-Dsnnsim.version=${BASH_REMATCH[1]}" package
}
