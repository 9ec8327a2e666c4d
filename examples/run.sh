#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the examples against the snnsim of this checkout, runs each for a moment and checks what it prints.
#   examples/run.sh              uses the bundled digits
set -euo pipefail
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(dirname "$examples")

. "$home/tools/find-jdk.sh"
find_jdk || exit
build_with "$home" examples

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
images=$home/weights/mnist_test_300.npz
hot_swap_steps=16 # as HotSwap.STEPS

quietly() {
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
}

for precision in i8 i16; do
  model=$work/$precision.snn
  quietly "$home/snnsim" convert "$home/weights/mnist_resnet8.npz" -o "$model" --calibration "$images" \
    --limit-calibration 50 --mean 0.1307 --std 0.3081 --precision "$precision"
  quietly "$home/snnsim" run "$model" "$images" --limit 100 --steps "$hot_swap_steps" --record "$model.npz"
done
quietly "$home/snnsim" describe "$home/weights/mnist_resnet8.npz" --graph "$work/graph.json"
/usr/bin/python3 - "$images" "$work" <<'PYTHON'
import json, sys, numpy

images, work = sys.argv[1:]
with numpy.load(images) as data:
    data["images"][0].tofile(f"{work}/image")
    data["images"][:100].tofile(f"{work}/images")
    open(f"{work}/label", "w").write(str(data["labels"][0]))
answers = []
for precision in "i8", "i16":
    with numpy.load(f"{work}/{precision}.snn.npz") as run:
        answers.append(run["predictions"])
        numpy.savetxt(f"{work}/{precision}.snn.answers", answers[-1], "%d")
if numpy.array_equal(*answers):
    sys.exit("both models answer alike: a swap could not be told from none")
with numpy.load(images) as data:
    numpy.savez(f"{work}/cropped.npz", images=data["images"][:, 4:24, 4:24], labels=data["labels"])
with open(f"{work}/graph.json") as file:
    graph = json.load(file)
graph["input"] = [1, 20, 20]
with open(f"{work}/cropped.json", "w") as file:
    json.dump(graph, file)
PYTHON
# The same weights serve images of another size; whoever asks for the one must not be given the other.
quietly "$home/snnsim" convert "$home/weights/mnist_resnet8.npz" --arch "$work/cropped.json" -o "$work/cropped.snn" \
  --calibration "$work/cropped.npz" --limit-calibration 50 --mean 0.1307 --std 0.3081 --precision i8
label=$(<"$work/label")

# The vector kernels need the one flag; a resident model none of the others.
run() {
  "$SNNSIM_JDK/bin/java" --add-modules=jdk.incubator.vector -XX:+UseSerialGC \
    -cp "$examples/target/examples.jar:$examples/target/lib/*${more_jars:-}" "io.snnsim.examples.$1" "${@:2}" 2>"$work/err" || { cat "$work/err" >&2; return 1; }
}

# expect TEXT OUTPUT: prints what a program printed, and fails unless TEXT is in it.
expect() {
  printf '%s\n' "$2"
  [[ $2 == *"$1"* ]] || {
    echo "examples/run.sh: expected: $1" >&2
    cat "$work/err" >&2
    exit 1
  }
}

expect "class $label, " "$(run Embed "$work/i8.snn" "$work/image")"
streamed=$(run EventStream "$work/i8.snn" "$work/image")
expect "frames: class $label, " "${streamed%%$'\n'*}"
expect "events: class $label, " "${streamed#*$'\n'}"
expect ", lost or wrong 0" "$(run HotSwap "$work/i8.snn" "$work/i16.snn" "$work/cropped.snn" "$work/images" "$work")"
expect "snn: images of 1x20x20 and 10 classes, expected images of 1x28x28 and 10 classes as before" "$(<"$work/err")"
rough=$(run RoughLoad "$work/i8.snn" "$work/images")
expect ", lost or wrong 0" "$rough"
expect "stopped: images that had begun answered, new ones refused" "${rough##*$'\n'}"
# Converting needs jars that running does not: here all that the program has.
expect "class $label, " "$(more_jars=":$home/target/lib/*" run ConvertNetwork "$home/weights/mnist_resnet8.npz" "$images" "$work/image")"
