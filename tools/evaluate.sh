#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the published figures on real data with the launcher, and prints them beside their targets.
#
#   tools/evaluate.sh DATA [--limit N] [--out DIR] [--threads K] [--only NAME]...
#
#   DATA       folder with resnet20_cifar10.npz, resnet44_cifar10.npz, cifar10_calibration.npz,
#              cifar10_test.npz, mnist_train.npz and mnist_test.npz (see the table below for what
#              each part needs)
#   --limit N  at most N test images, 10 N (at least 80) calibration images and kappa chosen at
#              T = 32: shows that everything runs; so few images mean nothing and get no verdict
#   --out DIR  where models and JSON results stay (default: target/evaluate)
#   --threads K  worker threads (default 2)
#   --only NAME  one part, may be given several times (default: all)
#
#   part       network           test images         T    calibration
#   resnet20   ResNet-20 i8/16/32  CIFAR-10, 1,000   128  cifar10_calibration, 2,000
#   resnet44   ResNet-44           CIFAR-10, 1,000   350  the same; kappa 1 and kappa auto
#   mnist      ResNet-8            MNIST, 10,000     350  mnist_train, first 2,000
#   ann        ResNet-20, -44      CIFAR-10, 10,000  -    the ANN alone
#   latency    ResNet-20 i8        CIFAR-10, 1        32  wall time with start-up
#   fitted     ResNet-20, -44 i8   CIFAR-10, 1,000    4, 8, 16, 32  cifar10_calibration, 2,000;
#                                  and all 10,000     --preset low-latency for each T
#   few        ResNet-20, -44 i8   CIFAR-10, 10,000  3 to 6  cifar10_calibration, 2,000;
#                                                    (K)  --preset few-spike for each K
#   exact      ResNet-20 i8        CIFAR-10, 1,000    64  the same; --preset exact
#   ablation   ResNet-20 i8        CIFAR-10, 1,000     4  the same; the methods of low-latency one
#                                  and all 10,000      after another, spike penalty 0.05
#
# Test images are read by `snnsim run` alone: lambda, precision and kappa come from calibration
# images. Times and memory are those of this machine, now. Needs python3 (standard library only).
# Exit codes: 0 all targets met (or --limit), 1 a target missed, 2 wrong options, else the
# launcher's.
set -euo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
usage() {
  echo "tools/evaluate.sh: $1" >&2
  echo "usage: tools/evaluate.sh DATA [--limit N] [--out DIR] [--threads K] [--only NAME]..." >&2
  exit 2
}

data= limit= out=$home/target/evaluate threads=2
only=()
while (($#)); do
  case $1 in
    --limit | --out | --threads | --only)
      (($# > 1)) || usage "$1: expected a value"
      case $1 in
        --limit) limit=$2 ;;
        --out) out=$2 ;;
        --threads) threads=$2 ;;
        --only) only+=("$2") ;;
      esac
      shift 2
      ;;
    -*) usage "unknown option $1" ;;
    *)
      [[ -z $data ]] || usage "one DATA folder expected, found $data and $1"
      data=$1
      shift
      ;;
  esac
done
[[ -n $data ]] || usage "no DATA folder given"
[[ -d $data ]] || usage "$data: no such folder"
[[ -z $limit || $limit =~ ^[1-9][0-9]*$ ]] || usage "--limit $limit: expected 1 or more"
[[ $threads =~ ^[1-9][0-9]*$ ]] || usage "--threads $threads: expected 1 or more"
parts=(resnet20 resnet44 mnist ann latency fitted few exact ablation)
for name in "${only[@]}"; do
  [[ " ${parts[*]} " == *" $name "* ]] || usage "--only $name: expected one of ${parts[*]}"
done
((${#only[@]})) || only=("${parts[@]}")

mkdir -p "$out"
table=$out/figures.tsv
: >"$table"

# Smaller of a full size and what --limit allows.
test_images() { [[ -n $limit ]] && ((limit < $1)) && echo "$limit" || echo "$1"; }
calibration_images() {
  [[ -n $limit ]] || { echo "$1"; return; }
  local n=$((10 * limit < 80 ? 80 : 10 * limit))
  echo $((n < $1 ? n : $1))
}

# measured NAME COMMAND...: runs it, with wall seconds and peak memory (MB) into OUT/NAME.cost.
measured() {
  python3 - "$out/$1.cost" "${@:2}" <<'PYTHON'
import resource, subprocess, sys, time
begun = time.monotonic()
code = subprocess.call(sys.argv[2:], stdin=subprocess.DEVNULL)
seconds = time.monotonic() - begun
megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
with open(sys.argv[1], "w") as f:
    f.write(f"{seconds:.2f} {megabytes:.0f}\n")
sys.exit(code)
PYTHON
}

# convert NAME DUMP CALIBRATION COUNT OPTIONS...: OUT/NAME.snn and OUT/NAME.report.json.
convert() {
  echo "convert $1" >&2
  measured "$1.convert" "$home/snnsim" convert "$2" -o "$out/$1.snn" --force \
    --calibration "$3" --limit-calibration "$(calibration_images "$4")" \
    --report "$out/$1.report.json" --threads "$threads" "${@:5}" >"$out/$1.report.txt"
}

# run NAME MODEL IMAGES COUNT STEPS OPTIONS...: OUT/NAME.json.
run() {
  echo "run $1" >&2
  measured "$1.run" "$home/snnsim" run "$out/$2.snn" "$3" --limit "$(test_images "$4")" \
    --steps "$5" --threads "$threads" --json "$out/$1.json" --force --quiet "${@:6}"
}

# figure WHAT EXPRESSION LOW HIGH: one line of the table. The expression sees r = the JSON of
# OUT/NAME.json, other results as result("NAME"), reports as report("NAME"), and cost("NAME").
# An empty bound is none.
figure() { printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$@" >>"$table"; }

cifar=(--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225)
calibration=$data/cifar10_calibration.npz
images=$data/cifar10_test.npz

part_resnet20() {
  local p
  for p in i8 i16 i32; do
    name=resnet20-$p
    convert "$name" "$data/resnet20_cifar10.npz" "$calibration" 2000 "${cifar[@]}" --precision $p
    run "$name" "$name" "$images" 1000 128
    figure "accuracy T=128, %" '100 * r["accuracyAtStep"][127]' 91.1 92.1
    if [[ $p == i32 ]]; then
      figure "accuracy T=32, %" '100 * r["accuracyAtStep"][31]' 85.6 88.6
      figure "accuracy T=64, %" '100 * r["accuracyAtStep"][63]' 90.6 91.8
      figure "spikes per image and step" 'r["spikesPerImageStep"]' 20030 21270
      figure "i8 minus i32 at T=128, points" \
        '100 * (result("resnet20-i8")["accuracyAtStep"][127] - r["accuracyAtStep"][127])' -0.5 ''
      figure "i16 minus i32 at T=128, points" \
        '100 * (result("resnet20-i16")["accuracyAtStep"][127] - r["accuracyAtStep"][127])' -0.5 ''
    fi
    figure "convert, s" "cost(\"$name.convert\")[0]" '' 30
    figure "convert, MB" "cost(\"$name.convert\")[1]" '' 1024
    figure "batch, s" 'r["timing"]["totalSeconds"]' '' 60
    figure "ms per image and step" 'r["timing"]["msPerImageStep"]' '' ''
  done
}

part_resnet44() {
  local kappa
  for kappa in 1.0 auto; do
    name=resnet44-kappa-$kappa
    # Precision and kappa are chosen at the T that they are used at.
    convert "$name" "$data/resnet44_cifar10.npz" "$calibration" 2000 "${cifar[@]}" \
      --compensation $kappa --tune-steps "$([[ -n $limit ]] && echo 32 || echo 350)"
    run "$name" "$name" "$images" 1000 350
    figure "kappa" "report(\"$name\")[\"report\"][\"compensation\"]" 1 1.3
    figure "accuracy T=350, % (paper 92.37)" '100 * r["accuracyAtStep"][349]' '' ''
    figure "ANN on the same images, %" '100 * r["annAccuracy"]' '' ''
    figure "ms per image and step" 'r["timing"]["msPerImageStep"]' '' ''
  done
}

part_mnist() {
  name=mnist
  convert mnist "$home/weights/mnist_resnet8.npz" "$data/mnist_train.npz" 2000 \
    --mean 0.1307 --std 0.3081
  run mnist mnist "$data/mnist_test.npz" 10000 350
  figure "accuracy T=350, % (paper 99.59)" '100 * r["accuracyAtStep"][349]' '' ''
  figure "ANN, %" '100 * r["annAccuracy"]' 99.4 ''
  figure "SNN minus ANN, points" '100 * (r["accuracyAtStep"][349] - r["annAccuracy"])' -0.1 ''
}

part_ann() {
  local depth
  for depth in 20 44; do
    name=ann-resnet$depth
    convert "$name" "$data/resnet${depth}_cifar10.npz" "$calibration" 100 "${cifar[@]}" \
      --precision i8
    run "$name" "$name" "$images" 10000 1
    # Correct of 10,000, give or take 3 for rounding.
    case $depth in
      20) figure "ANN correct" 'r["annAccuracy"] * r["samples"]' 9170 9176 ;;
      44) figure "ANN correct" 'r["annAccuracy"] * r["samples"]' 9307 9313 ;;
    esac
  done
}

part_latency() {
  name=latency
  convert latency "$data/resnet20_cifar10.npz" "$calibration" 100 "${cifar[@]}" --precision i8
  run latency latency "$images" 1 32 --no-ann
  figure "one image, T=32, start-up included, s" 'cost("latency.run")[0]' '' 1
}

part_fitted() {
  local depth steps target
  # The targets, and ANN - 0.1 for ResNet-44 at T = 32; 8 bits may lose 0.2 of each.
  while read -r depth steps target; do
    name=fitted-resnet$depth-t$steps
    convert "$name" "$data/resnet${depth}_cifar10.npz" "$calibration" 2000 "${cifar[@]}" \
      --preset low-latency --target-steps "$steps" --precision i8
    figure "convert, s" "cost(\"$name.convert\")[0]" '' "$([[ $depth == 20 ]] && echo 60)"
    figure "convert, MB" "cost(\"$name.convert\")[1]" '' ''
    run "$name" "$name" "$images" 1000 "$steps"
    figure "accuracy T=$steps, %" '100 * r["accuracyAtStep"][-1]' "$target" ''
    figure "ANN on the same images, %" '100 * r["annAccuracy"]' '' ''
    figure "synaptic operations per image, millions" \
      'r["synapticOpsPerImageStep"] * r["steps"] / 1e6' '' ''
    run "$name-all" "$name" "$images" 10000 "$steps"
    figure "accuracy T=$steps, all 10,000, %" \
      "100 * result(\"$name-all\")[\"accuracyAtStep\"][-1]" '' ''
  done <<'TARGETS'
20 4 79.8
20 8 90.3
20 16 91.3
20 32 91.5
44 8 88.8
44 16 92.1
44 32 93.0
TARGETS
}

part_few() {
  local depth steps target seconds
  while read -r depth steps target seconds; do
    name=few-resnet$depth-k$steps
    convert "$name" "$data/resnet${depth}_cifar10.npz" "$calibration" 2000 "${cifar[@]}" \
      --preset few-spike --steps-per-layer "$steps" --precision i8
    figure "convert, s" "cost(\"$name.convert\")[0]" '' "$seconds"
    figure "convert, MB" "cost(\"$name.convert\")[1]" '' 1024
    run "$name" "$name" "$images" 10000 "$steps"
    figure "accuracy K=$steps, all 10,000, %" '100 * r["accuracyAtStep"][-1]' "$target" ''
    figure "ANN on the same images, %" '100 * r["annAccuracy"]' '' ''
    figure "synaptic operations per image, millions" \
      'r["synapticOpsPerImageStep"] * r["steps"] / 1e6' '' ''
  done <<'TARGETS'
20 3 89.5 8
20 4 91.4 8
20 5 91.7 8
20 6 91.7 8
44 3 90.5 30
44 4 92.6 30
44 5 93.0 30
44 6 93.1 30
TARGETS
}

part_exact() {
  local steps
  name=exact
  convert exact "$data/resnet20_cifar10.npz" "$calibration" 2000 "${cifar[@]}" \
    --preset exact --precision i8
  run exact exact "$images" 1000 64
  for steps in 4 8 16 32 64; do
    figure "accuracy T=$steps, %" "100 * r[\"accuracyAtStep\"][$((steps - 1))]" '' ''
  done
}

part_ablation() {
  local what options fit="--target-steps 4 --spike-penalty 0.05"
  while IFS='|' read -r what options; do
    name=ablation-$what
    # shellcheck disable=SC2086 # options are a list of words
    convert "$name" "$data/resnet20_cifar10.npz" "$calibration" 2000 "${cifar[@]}" \
      --precision i8 $options
    run "$name" "$name" "$images" 1000 4
    figure "accuracy T=4, %" '100 * r["accuracyAtStep"][-1]' '' ''
    run "$name-all" "$name" "$images" 10000 4
    figure "accuracy T=4, all 10,000, %" \
      "100 * result(\"$name-all\")[\"accuracyAtStep\"][-1]" '' ''
  done <<METHODS
s-resnet|--preset s-resnet
exact|--preset exact
lambda|--preset exact $fit --lambda-choice error
bias|--preset exact $fit --lambda-choice error --bias-calibration on
weights|--preset exact $fit --lambda-choice error --bias-calibration on --weight-calibration on
low-latency|--preset low-latency $fit
unfolded|--preset low-latency $fit --fold-averages off
unsigned|--preset low-latency $fit --neuron if
layer|--preset low-latency $fit --lambda layer
METHODS
}

"$home/snnsim" --version >/dev/null # builds, so that no measurement does
for part in "${only[@]}"; do
  "part_$part"
done

python3 - "$out" "$table" "$limit" <<'PYTHON'
import json, sys

out, table, limit = sys.argv[1:]
result = lambda n: json.load(open(f"{out}/{n}.json"))
report = lambda n: json.load(open(f"{out}/{n}.report.json"))
cost = lambda n: [float(x) for x in open(f"{out}/{n}.cost").read().split()]
missed = 0
print(f"{'network':<22} {'what':<40} {'found':>10}  target")
for line in open(table):
    name, what, expression, low, high = line.rstrip("\n").split("\t")
    r = result(name)
    found = eval(expression)
    target = f"{low or ''}..{high or ''}" if low or high else ""
    verdict = ""
    if target and not limit:
        ok = (not low or found >= float(low) - 1e-9) and (not high or found <= float(high) + 1e-9)
        missed += not ok
        verdict = "met" if ok else "MISSED"
    print(f"{name:<22} {what:<40} {found:>10.2f}  {target} {verdict}".rstrip())
if limit:
    print(f"--limit {limit}: no verdicts")
sys.exit(1 if missed else 0)
PYTHON
