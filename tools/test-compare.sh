#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests tools/compare_onnxruntime.sh: that it builds, that rows name what ran, that times of steps and ratios follow
# from the medians, that a network of the operators that ResNets lack is the same in ONNX Runtime, and what is said of
# a model whose steps nobody knows. No figures to keep.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# model NAME WEIGHTS IMAGES OPTIONS...
model() {
  "$home/snnsim" convert "$2" -o "$work/$1.snn" --calibration "$3" --precision i8 "${@:4}" -q >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
}

digits=$home/weights/mnist_test_300.npz
normalised=(--mean 0.1307 --std 0.3081)
model few "$home/weights/mnist_resnet8.npz" "$digits" "${normalised[@]}" --preset few-spike --steps-per-layer 3
model fitted "$home/weights/mnist_resnet8.npz" "$digits" "${normalised[@]}" --preset low-latency --target-steps 4

/usr/bin/python3 - "$work" <<'PYTHON'
import json, sys
import numpy as np

out = sys.argv[1]
random = np.random.default_rng(7)

def conv(outputs, inputs):
    return random.normal(0, (2 / (9 * inputs)) ** 0.5, (outputs, inputs, 3, 3)).astype(np.float32)

np.savez(out + "/net.npz", **{
    "c1.weight": conv(8, 3), "c1.bias": random.normal(0, 0.1, 8).astype(np.float32),
    "c2.weight": conv(8, 8), "c3.weight": conv(16, 16),
    "fc.weight": random.normal(0, 0.3, (5, 16)).astype(np.float32), "fc.bias": np.zeros(5, np.float32)})
nodes = [
    {"name": "c1", "op": "conv2d", "stride": 2, "padding": [0, 1, 0, 1]},
    {"name": "r1", "op": "relu", "most": 0.7},
    {"name": "c2", "op": "conv2d", "padding": 1, "bias": None},
    {"name": "r2", "op": "relu"},
    {"name": "both", "op": "concat", "inputs": ["r1", "r2"]},
    {"name": "up", "op": "upsample", "factor": [2, 3]},
    {"name": "c3", "op": "conv2d", "padding": 1, "stride": 2, "bias": None},
    {"name": "r3", "op": "relu6"},
    {"name": "pool", "op": "globalavgpool"},
    {"name": "flat", "op": "flatten"},
    {"name": "fc", "op": "linear"}]
with open(out + "/graph.json", "w") as file:
    json.dump({"schemaVersion": 1, "name": "operators", "input": [3, 16, 16], "nodes": nodes}, file)
images = random.integers(0, 256, (60, 16, 16, 3), np.uint8)
np.savez(out + "/images.npz", images=images, labels=random.integers(0, 5, 60))
PYTHON
operators=(--mean 0.5,0.5,0.5 --std 0.3,0.3,0.3 --arch "$work/graph.json")
model some "$work/net.npz" "$work/images.npz" "${operators[@]}" --preset few-spike --steps-per-layer 5
model plain "$work/net.npz" "$work/images.npz" "${operators[@]}" --preset s-resnet

compare=("$home/tools/compare_onnxruntime.sh")
"${compare[@]}" "$work/few.snn" "$work/fitted.snn" "$digits" "$digits" --images 50 --rounds 1 --json "$work/own.json"
"${compare[@]}" "$work/some.snn" "$work/plain.snn" "$work/images.npz" "$work/images.npz" --rate-steps 16 --rounds 1 \
  --json "$work/given.json"

/usr/bin/python3 - "$work/own.json" 3 4 "$work/given.json" 5 16 <<'PYTHON'
import json, math, sys

def expect(what, found, expected):
    if found != expected:
        sys.exit(f"FAIL {what}: found {found}, expected {expected}")

for at in (1, 4):
    with open(sys.argv[at]) as file:
        result = json.load(file)
    rows = result["rows"]
    few, rate = map(int, sys.argv[at + 1:at + 3])
    expect("names", [row["name"] for row in rows],
           ["ONNX Runtime float32", "ONNX Runtime int8",
            f"snnsim few-spike, K = {few}, i8", f"snnsim rate code, T = {rate}, i8"])
    expect("steps", [row["steps"] for row in rows], [1, 1, few, rate])
    int8 = rows[1]["medianMillis"]
    for row in rows:
        step = row["medianMillis"] / row["steps"]
        expect(row["name"] + ": medianStepMillis", math.isclose(row["medianStepMillis"], step, rel_tol=1e-9), True)
        expect(row["name"] + ": int8OverStep", math.isclose(row["int8OverStep"], int8 / step, rel_tol=1e-9), True)
    expect("float32's answers", result["float32"]["sameAnswers"], result["float32"]["checkedImages"])
    # Bytes cost answers of images between two classes at most.
    expect("int8 near float32", abs(rows[1]["correct"] - rows[0]["correct"]) <= 3, True)
PYTHON

status=0
"${compare[@]}" "$work/plain.snn" "$work/images.npz" "$work/images.npz" >"$work/out" 2>"$work/err" || status=$?
asked="plain.snn: found a rate code that was fitted to no number of steps, expected the steps to run; give --rate-steps"
[[ $status == 2 && $(<"$work/err") == *"$asked"* ]] || {
  echo "FAIL no steps: status $status, expected 2 and a line that asks for --rate-steps" >&2
  cat "$work/err" >&2
  exit 1
}
echo "tools/compare_onnxruntime.sh: networks, rows, steps and ratios as documented"
