#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests ./snnsim itself: where it may be called from, what it passes on, what it says when something is
# missing. Builds in a copy of the launcher's surroundings with a stand-in for Maven, so that it takes
# seconds; the program that it starts is the one under target/, which is built if need be.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
tests=0

# expect NAME STATUS [PATTERN...]: the last call's exit status, and what $out and $err together must
# hold; a pattern that starts with ! must not occur.
expect() {
  local name=$1 wanted=$2 all pattern
  shift 2
  tests=$((tests + 1))
  all=$(<"$out")$'\n'$(<"$err")
  local ok=yes
  [[ $status == "$wanted" ]] || ok="status $status, expected $wanted"
  for pattern in "$@"; do
    if [[ $pattern == !* ]]; then
      [[ $all != *"${pattern#!}"* ]] || ok="found '${pattern#!}'"
    else
      [[ $all == *"$pattern"* ]] || ok="no '$pattern'"
    fi
  done
  if [[ $ok == yes ]]; then
    echo "ok   $name"
  else
    failures=$((failures + 1))
    printf 'FAIL %s: %s\n%s\n' "$name" "$ok" "$all"
  fi
}

out=$work/out
err=$work/err
call() {
  status=0
  "$@" >"$out" 2>"$err" </dev/null || status=$?
}

lines() { grep -c '' "$1" || true; }

"$home/snnsim" --version >/dev/null 2>&1
version=$(sed -n 's/^  <version>\(.*\)<\/version>/\1/p' "$home/pom.xml" | head -1)
model="$work/a model.snn"
images=$home/weights/mnist_test_300.npz

# --- Places ---
cd /
call "$home/snnsim" --version
expect "from another folder" 0 "snnsim $version (build "
cd "$home"
call ./snnsim --version
expect "from its own folder" 0 "snnsim $version"
cd "$home/src"
call ../snnsim --version
expect "by a relative path" 0 "snnsim $version"

mkdir -p "$work/bin" "$work/with space/deep"
ln -s "$home/snnsim" "$work/bin/absolute"
ln -s absolute "$work/bin/twice"
ln -s "$(realpath --relative-to="$work/with space/deep" "$home/snnsim")" "$work/with space/deep/relative"
ln -s deep "$work/with space/folder"
cd "$work"
call "$work/bin/absolute" --version
expect "through an absolute link" 0 "snnsim $version"
call bin/twice --version
expect "through a link to a link" 0 "snnsim $version"
call "with space/folder/relative" --version
expect "through a relative link in a linked folder with a space" 0 "snnsim $version"
call env PATH="$work/bin:$PATH" absolute --version
expect "found on PATH" 0 "snnsim $version"

# --- Arguments and exit codes ---
call "$home/snnsim" convert "$home/weights/mnist_resnet8.npz" -o "$model" --calibration "$images" \
  --mean 0.1307 --std 0.3081 --precision i8 --limit-calibration 100
expect "a file name with a space" 0 "wrote $model"
call "$home/snnsim" verify "$model"
expect "which is read again" 0 "$model: sound"
cp "$home/weights/mnist_resnet8.npz" "$work/für Läufe.npz"
call env LC_ALL=C "$home/snnsim" describe "$work/für Läufe.npz"
expect "a file name beyond ASCII without a locale" 0 "für Läufe.npz: resnet-mnist"
call "$home/snnsim" verify "no such*model"
expect "arguments are not expanded, 66 is passed on" 66 "snnsim: no such*model: no such file"
call "$home/snnsim" run "$model" "$images" --steps 0
expect "2 is passed on" 2 "snnsim: --steps"
call "$home/snnsim" run "$model" "$model" --steps 1
expect "65 is passed on" 65 "snnsim: "
call "$home/snnsim" run "$model" "$images" --steps 1 --limit 1 --json "$work/none/x"
expect "74 is passed on" 74 "make it first"
call env SNNSIM_JAVA_OPTS="-Xmx64m -Dsnnsim.vectorBits=96" "$home/snnsim" doctor
expect "SNNSIM_JAVA_OPTS are passed on" 2 "vectorBits=96"
call "$home/snnsim" run "$model" "$images" --steps 2 --limit 2 --json -
expect "JSON on stdout" 0
tests=$((tests + 1))
if /usr/bin/env python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["samples"] == 2' "$out" 2>/dev/null ||
  { ! type -P python3 >/dev/null && [[ $(head -c 1 "$out") == "{" ]]; }; then
  echo "ok   and nothing but JSON"
else
  failures=$((failures + 1))
  echo "FAIL stdout is not the JSON alone"
fi

# --- Signals ---
# signal NAME: starts a run that would last minutes, sends the signal when it is under way.
signal() {
  rm -f "$work/spike.npz"
  env --default-signal=INT,TERM "$home/snnsim" run "$model" "$images" --steps 200000 --no-ann --threads 2 \
    --json "$work/$1.json" >"$out" 2>"$err" </dev/null &
  local pid=$! i
  for ((i = 0; i < 600; i++)); do
    # The launcher has become the JVM, and that has opened the model.
    if grep -q io.snnsim.cli.Main "/proc/$pid/cmdline" 2>/dev/null && [[ $(ls "/proc/$pid/task" | wc -l) -gt 10 ]] &&
      grep -qs snnsim-worker "/proc/$pid/task/"*/comm; then
      break
    fi
    sleep 0.1
  done
  kill "-$1" "$pid"
  status=0
  wait "$pid" || status=$?
}
if [[ -d /proc/self/task ]]; then
  signal INT
  expect "SIGINT reaches the program" 130 "interrupted: 0 of 300 images"
  signal TERM
  expect "SIGTERM reaches the program" 143 "interrupted: 0 of 300 images"
  tests=$((tests + 1))
  if grep -q '"samplesPlanned" : 300' "$work/INT.json" && [[ -z $(find "$work" -name '.*.tmp') ]]; then
    echo "ok   and leaves whole files only"
  else
    failures=$((failures + 1))
    echo "FAIL INT.json is not whole, or temporary files stay"
  fi
fi

# --- No JDK 25 ---
mkdir -p "$work/jdks/jdk-17/bin" "$work/empty"
printf '#!/bin/sh\necho wrong java >&2; exit 9\n' >"$work/jdks/jdk-17/bin/java"
chmod +x "$work/jdks/jdk-17/bin/java"
echo 'JAVA_VERSION="17.0.1"' >"$work/jdks/jdk-17/release"
call env -u SNNSIM_JAVA_HOME JAVA_HOME="$work/jdks/jdk-17" SNNSIM_JDK_FOLDERS="$work/jdks:$work/empty" \
  PATH="$work/jdks/jdk-17/bin:/usr/bin:/bin" HOME="$work" "$home/snnsim" demo
expect "no JDK 25" 69 "install a JDK 25" "!wrong java"
tests=$((tests + 1))
[[ $(lines "$out") == 0 && $(lines "$err") == 1 ]] && echo "ok   in one line" || {
  failures=$((failures + 1))
  echo "FAIL more than one line"
}
call env SNNSIM_JAVA_HOME="$work/jdks/jdk-17" "$home/snnsim" demo
expect "SNNSIM_JAVA_HOME is not one" 69 "SNNSIM_JAVA_HOME=$work/jdks/jdk-17 is not a JDK 25"

# --- The first use, with a stand-in for Maven ---
first=$work/first
mkdir -p "$first/tools" "$first/src/main" "$work/mvn"
cp "$home/snnsim" "$home/pom.xml" "$first"
cp "$home/tools/find-jdk.sh" "$first/tools"
cp -r "$home/weights" "$first"
touch -d '2 hours ago' "$first/pom.xml" "$first/src/main"
cat >"$work/mvn/mvn" <<MVN
#!/usr/bin/env bash
echo run >>"$work/mvn/runs"
[[ ! -e "$work/mvn/fail" ]] || { echo "stand-in: no" >&2; exit 1; }
mkdir -p "$first/target"
# As rudely as a build may: what was there goes first.
rm -rf "$first/target/snnsim.jar" "$first/target/lib"
cp "$home/target/snnsim.jar" "$first/target"
cp -r "$home/target/lib" "$first/target"
MVN
chmod +x "$work/mvn/mvn"
built() { lines "$work/mvn/runs"; }
: >"$work/mvn/runs"
snn() { call env PATH="$work/mvn:$PATH" "$first/snnsim" "$@"; }
# What the launcher starts.
place() { echo "$first/target/run/$(<"$first/target/run/current")"; }

snn --version
expect "the first use builds and says so" 0 "snnsim: building (first use" "takes about a minute" "snnsim: preparing a faster start" "snnsim $version"
tests=$((tests + 1))
[[ -z $(grep -v -e '^snnsim ' -e '^[a-z]* *' "$out") ]] && echo "ok   on stderr only" || {
  failures=$((failures + 1))
  echo "FAIL stdout has talk: $(<"$out")"
}
snn doctor
expect "the second does not, and uses the cache" 0 "!building" "!preparing" "snnsim.aot in use"
touch -d '1 hour' "$first/src/main/Newer.java"
touch "$work/mvn/fail"
snn --version
expect "newer sources are built; a failed build says so" 1 "building" "snnsim: the build failed"
rm "$work/mvn/fail" "$first/src/main/Newer.java"
touch "$first/src/main/New.java"
sleep 0.1
snn --version
expect "newer sources are built" 0 "building" "preparing"
tests=$((tests + 1))
[[ $(built) == 3 ]] && echo "ok   each once" || {
  failures=$((failures + 1))
  echo "FAIL $(built) builds"
}

rm -rf "$first/target"
: >"$work/mvn/runs"
PATH="$work/mvn:$PATH" "$first/snnsim" --version >"$work/out2" 2>/dev/null </dev/null &
snn --version
wait "$!" || status=$?
expect "two first uses at once both work" 0 "snnsim $version"
tests=$((tests + 1))
[[ $(built) == 1 && $(<"$work/out2") == "$(<"$out")" ]] && echo "ok   and build once" || {
  failures=$((failures + 1))
  echo "FAIL $(built) builds, $(<"$work/out2")"
}

# --- A build under a running program ---
env PATH="$work/mvn:$PATH" "$first/snnsim" run "$model" "$images" --steps 200000 --no-ann --json "$work/under.json" \
  >"$work/out2" 2>"$work/err2" </dev/null &
running=$!
runs_from=$(place)
for ((i = 0; i < 600; i++)); do
  ! grep -q io.snnsim.cli.Main "/proc/$running/cmdline" 2>/dev/null || break
  sleep 0.1
done
for build in 1 2 3; do
  touch "$first/src/main/New.java"
  sleep 0.1
  snn --version
  expect "build $build under a running program" 0 "building" "snnsim $version"
done
tests=$((tests + 1))
[[ $(place) != "$runs_from" && -f $runs_from/snnsim.jar && $(ls "$first/target/run" | wc -l) == 4 ]] &&
  echo "ok   its files stay, and of the others the last two" || {
  failures=$((failures + 1))
  echo "FAIL $runs_from, $(place): $(ls "$first/target/run")"
}
kill -TERM "$running"
status=0
wait "$running" || status=$?
cp "$work/out2" "$out"
cp "$work/err2" "$err"
expect "it ends as it would have" 143 "interrupted: " "!NoClassDefFound"
touch "$first/src/main/New.java"
sleep 0.1
snn --version
expect "one build more" 0 "building"
tests=$((tests + 1))
[[ ! -e $runs_from && $(ls "$first/target/run" | wc -l) == 3 ]] && echo "ok   removes what nobody runs from" || {
  failures=$((failures + 1))
  echo "FAIL $runs_from: $(ls "$first/target/run")"
}

# --- Waiting for another ---
if type -P flock >/dev/null; then
  touch "$first/src/main/New.java"
  sleep 0.1
  exec 8<"$first/pom.xml"
  flock 8
  echo "$$" >"$first/target/.builder"
  : >"$out" && : >"$err"
  env PATH="$work/mvn:$PATH" "$first/snnsim" --version >"$out" 2>"$err" </dev/null 8<&- &
  waiting=$!
  for ((i = 0; i < 100; i++)); do
    [[ ! -s $err ]] || break
    sleep 0.1
  done
  status=0
  kill -0 "$waiting" || status=$?
  expect "who waits says for whom" 0 "snnsim: waiting for another snnsim (process $$) that is building in $first" \
    "!building (first"
  exec 8<&-
  wait "$waiting" || status=$?
  expect "and goes on when it is done" 0 "building (first" "snnsim $version"
fi

# --- The start-up cache never harms ---
cp "$(place)/snnsim.aot" "$work/good-all.aot"
for damage in "truncated cache" "cache of another JDK" "foreign file"; do
  case $damage in
    truncated*) head -c 100000 "$work/good-all.aot" >"$(place)/snnsim.aot" ;;
    *JDK) LC_ALL=C sed 's/(25\.[0-9.]*/&9/; s/25\.0\./25.9./g' "$work/good-all.aot" >"$(place)/snnsim.aot" ;;
    foreign*) echo "a letter" >"$(place)/snnsim.aot" ;;
  esac
  snn doctor
  expect "a $damage is passed over in silence" 0 "start-up  $(place)/snnsim.aot refused by this JVM" "!error" "!warning]"
done
cp "$work/good-all.aot" "$(place)/snnsim.aot"
snn doctor
expect "the good one is used again" 0 "snnsim.aot in use"
# --- Runs of a moment get a JVM of their own kind ---
# answer: what the last call printed, without times and kernels.
answer() { grep -v -e kernel -e ' ms per image' -e '^start: ' "$out"; }
snn run "$model" "$images" --steps 16 --limit 1 --kernel vector
expect "a usual run" 0 "kernel vector" "!incubator modules"
usual=$(answer)
for damage in none truncated foreign; do
  case $damage in
    none) cp "$(place)/snnsim-quick.aot" "$work/good.aot" ;;
    truncated) head -c 100000 "$work/good.aot" >"$(place)/snnsim-quick.aot" ;;
    foreign) echo "a letter" >"$(place)/snnsim-quick.aot" ;;
  esac
  snn run --limit=1 "$model" "$images" --steps 16
  expect "a short run, cache $damage" 0 "kernel array (a short run" "!incubator" "!error" "!arning"
  tests=$((tests + 1))
  [[ $(answer) == "$usual" ]] && echo "ok   with the same answer" || {
    failures=$((failures + 1))
    echo "FAIL another answer: $(answer)"
  }
done
cp "$work/good.aot" "$(place)/snnsim-quick.aot"
for more in "--steps 65 --limit 1" "--steps 16" "--steps 16 --limit 1 --profile" "--steps 16 --limit 1 --mode mapped" \
  "--limit 1 --steps 1 --steps"; do
  # shellcheck disable=SC2086 # a list of words
  snn run "$model" "$images" $more
  expect "usual: $more" "$([[ $more == *steps ]] && echo 2 || echo 0)" "!incubator modules"
done
call env PATH="$work/mvn:$PATH" SNNSIM_JAVA_OPTS="-XX:+UseZGC" "$first/snnsim" doctor
expect "another collector works with or without it" 0 "start-up" "!error" "!warning]"
call env PATH="$work/mvn:$PATH" SNNSIM_NO_CACHE=1 "$first/snnsim" doctor
expect "SNNSIM_NO_CACHE goes without" 0 "start-up  no cache" "incubator modules"

# --- What the launcher says itself is what the program says ---
for asked in "--help" "-h" "run --help" "convert -h" "--version" "-V"; do
  # shellcheck disable=SC2086 # a list of words
  call env SNNSIM_NO_CACHE=1 "$first/snnsim" $asked
  program=$(<"$out")
  for turn in first second; do
    # shellcheck disable=SC2086
    snn $asked
    tests=$((tests + 1))
    [[ $status == 0 && $(<"$out") == "$program" && ! -s $err ]] && echo "ok   $asked, $turn time" || {
      failures=$((failures + 1))
      echo "FAIL $asked: $(diff "$out" <(printf '%s\n' "$program")) $(<"$err")"
    }
  done
done
# terminal COMMAND...: what a terminal would be shown, where there is a `script` that makes one.
terminal() { script -qec "$*" /dev/null; }
if type -P script >/dev/null && [[ -z ${NO_COLOR+set} ]]; then
  tests=$((tests + 1))
  [[ $(terminal "$first/snnsim" run --help) == "$(terminal SNNSIM_NO_CACHE=1 "$first/snnsim" run --help | grep -v incubator)" &&
    $(terminal "$first/snnsim" run --help) == *$'\e['* &&
    $(terminal NO_COLOR=1 "$first/snnsim" run --help) != *$'\e['* ]] && echo "ok   with colours on a terminal" || {
    failures=$((failures + 1))
    echo "FAIL colours: $(terminal "$first/snnsim" run --help | head -3)"
  }
fi
printf 'another machine\n\nanother answer\n' >"$(place)/version"
snn --version
expect "the version of another machine is asked anew" 0 "snnsim $version" "!another"
snn nonsense --help
expect "help for what is no command" 0 "Usage: snnsim"
if [[ -c /dev/full ]]; then
  status=0
  env PATH="$work/mvn:$PATH" "$first/snnsim" --help >/dev/full 2>"$err" </dev/null || status=$?
  : >"$out"
  expect "help that cannot be written" 74 "snnsim: stdout: cannot be written"
fi
echo "another JDK" >"$(place)/snnsim.aot.for"
snn doctor
expect "another JDK makes another cache" 0 "preparing" "snnsim.aot in use"
rm "$(place)/snnsim.aot" "$(place)/snnsim-quick.aot" "$(place)/snnsim.aot.for"
call bash -c 'ulimit -f 1000; exec "$0" doctor' "$first/snnsim"
expect "a full disk goes without" 0 "start-up  no cache"
tests=$((tests + 1))
[[ -z $(find "$first/target" -name '.*') ]] && echo "ok   and leaves nothing" || {
  failures=$((failures + 1))
  echo "FAIL $(find "$first/target" -name '.*')"
}
call "$first/snnsim" doctor
expect "and that is not tried again and again" 0 "!preparing" "start-up  no cache"
if ((EUID != 0)); then
  rm "$(place)/snnsim.aot.for"
  chmod a-w "$first/target" "$(place)"
  call "$first/snnsim" doctor
  expect "a read-only folder goes without" 0 "!preparing" "start-up  no cache"
  chmod u+w "$first/target" "$(place)"
fi

echo "launcher: $tests tests, $failures failures"
((failures == 0))
