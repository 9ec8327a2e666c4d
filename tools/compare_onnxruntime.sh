#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets spiking networks beside the network that they were converted from in ONNX Runtime, float32 and int8:
# answers on test images, time an image and time a step, in one process, on one core, turn by turn.
#
#   tools/compare_onnxruntime.sh WEIGHTS CALIBRATION.npz TEST.npz [--mean M,..] [--std S,..] [options]
#   tools/compare_onnxruntime.sh MODEL.snn... CALIBRATION.npz TEST.npz [options]
#
# WEIGHTS is what `snnsim convert` reads; models of it are converted with all cores first, in 8 bits. Models
# that are given must be of one network and carry its ANN. The network goes to ONNX with batch norm folded; its
# 8-bit form is statically quantised on the calibration images (docs/guide/onnxruntime.md).
#
#   --mean, --std, --arch   as for `snnsim convert`
#   --steps K,..            few-spike models to convert; default 4,5; none: only those of --low-latency
#   --low-latency T,..      rate codes to convert, each fitted to T time steps; default none
#   --rate-steps T          time steps to run given models with a rate code; default those that each was fitted to
#   --images N              test images at most; default all
#   --rounds N              turns of 200 timed images that each network gets, 1..500; default 50
#   --core N                core to run on (Linux); default the last one that this shell may use
#   --json FILE             write the result as JSON too; replaces FILE
#
# Figures from a machine that does other work are marked as noisy. ONNX Runtime (MIT licence) comes from Maven
# Central at the first use, about 55 MB; snnsim does not depend on it. Exit codes are those of snnsim.
# SNNSIM_JAVA_OPTS: more JVM options, as for the launcher.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(dirname "$tools")

fail() {
  echo "compare_onnxruntime.sh: $2" >&2
  exit "$1"
}

usage() {
  sed -n '3,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

# need_number OPTION VALUE LEAST MOST
need_number() {
  [[ $2 =~ ^(0|[1-9][0-9]{0,8})$ ]] && (($2 >= $3 && $2 <= $4)) ||
    fail 2 "$1: found '$2', expected a whole number from $3 to $4"
}

files=()
convert=()
steps=4,5
low_latency=
rate_steps=0
images=2147483647
rounds=50
core=
json=
while (($#)); do
  option=$1
  shift
  case $option in
    -h | --help)
      usage
      exit
      ;;
    --*=*)
      set -- "${option%%=*}" "${option#*=}" "$@"
      continue
      ;;
    --mean | --std | --arch | --steps | --low-latency | --rate-steps | --images | --rounds | --core | --json)
      (($#)) || fail 2 "$option: found no value, expected one; see --help"
      value=$1
      shift
      ;;
    -*) fail 2 "$option: unknown option; see --help" ;;
    *)
      files+=("$option")
      continue
      ;;
  esac
  case $option in
    --mean | --std | --arch) convert+=("$option" "$value") ;;
    --steps) steps=$value ;;
    --low-latency) low_latency=$value ;;
    --rate-steps) need_number "$option" "$value" 1 100000 && rate_steps=$value ;;
    --images) need_number "$option" "$value" 1 999999999 && images=$value ;;
    --rounds) need_number "$option" "$value" 1 500 && rounds=$value ;;
    --core) need_number "$option" "$value" 0 100000 && core=$value ;;
    --json) json=$value ;;
  esac
done
((${#files[@]} >= 3)) ||
  fail 2 "found ${#files[@]} files, expected weights or models, then calibration and test images; see --help"
calibration=${files[-2]}
test=${files[-1]}
sources=("${files[@]::${#files[@]}-2}")
for file in "${files[@]}"; do
  [[ -f $file && -r $file ]] || fail 66 "$file: found no file that can be read, expected one"
done
for file in "${files[@]}"; do
  [[ -z $json || ! $json -ef $file ]] || fail 2 "--json $json: is also another file of this command; name a new one"
done
[[ $steps != none ]] || steps=
[[ -n $steps$low_latency ]] || fail 2 "--steps: found none and no --low-latency, expected a model to compare"
IFS=, read -r -a few_spike <<<"$steps"
IFS=, read -r -a fitted <<<"$low_latency"
for k in "${few_spike[@]}"; do need_number --steps "$k" 1 10; done
for t in "${fitted[@]}"; do need_number --low-latency "$t" 1 1024; done

. "$tools/find-jdk.sh"
find_jdk || exit
read_jvm_flags "$home/pom.xml"
type -P mvn >/dev/null || fail 69 "found no mvn on PATH, expected Apache Maven 3.8 or newer; install it"

bound=()
if type -P taskset >/dev/null; then
  if [[ -z $core ]]; then
    core=$(taskset -pc $$)
    core=${core##*[ ,-]}
  fi
  taskset -c "$core" true 2>/dev/null || fail 2 "--core: found $core, expected a core that this process may use"
  bound=(taskset -c "$core")
elif [[ -n $core ]]; then
  fail 2 "--core: found no taskset on this machine, expected Linux; leave the option out"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
models=()
if [[ ${sources[0]} == *.snn ]]; then
  ((!${#convert[@]})) || fail 2 "${convert[0]}: found models, expected weights; models know theirs, leave it out"
  for model in "${sources[@]}"; do models+=("$rate_steps:$model"); done
else
  ((${#sources[@]} == 1)) ||
    fail 2 "found ${#sources[@]} files of weights, expected one, or models whose names end in .snn"
  ((!rate_steps)) || fail 2 "--rate-steps: found weights, expected models; name the steps by --low-latency"
  # to_model NAME RATE_STEPS OPTIONS...
  to_model() {
    echo "compare_onnxruntime.sh: converting ${*:3}" >&2
    "$home/snnsim" convert "${sources[0]}" -o "$work/$1.snn" --calibration "$calibration" "${convert[@]}" \
      --precision i8 "${@:3}" -q >"$work/log" 2>&1 || {
      local code=$?
      grep -Ev '^WARNING: Using incubator|^snnsim: (building|preparing|waiting)' "$work/log" >&2
      exit "$code"
    }
    models+=("$2:$work/$1.snn")
  }
  for k in "${few_spike[@]}"; do to_model "few-spike-$k" 0 --preset few-spike --steps-per-layer "$k"; done
  for t in "${fitted[@]}"; do to_model "low-latency-$t" "$t" --preset low-latency --target-steps "$t"; done
fi

build_with "$home" compare-onnxruntime

# Not exec: the models are removed at the end. Little is allocated, so that no collection falls into a turn.
# shellcheck disable=SC2206 # SNNSIM_JAVA_OPTS is a list of words
options=("${SNNSIM_JVM_FLAGS[@]}" "-Dsnnsim.home=$home" -XX:+UseSerialGC -Xms512m -Xmn256m -Xmx2g ${SNNSIM_JAVA_OPTS:-})
built=$tools/compare-onnxruntime/target
"${bound[@]}" "$SNNSIM_JDK/bin/java" "${options[@]}" \
  -cp "$built/compare-onnxruntime.jar:$built/lib/*:$home/target/snnsim.jar:$home/target/lib/*" \
  io.snnsim.compare.CompareOnnxRuntime "$calibration" "$test" "$images" "$rounds" "$core" "$json" "${models[@]}"
