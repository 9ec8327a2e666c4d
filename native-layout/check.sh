#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles the C programs, lets them read and run freshly converted demo models of both kinds, one of rates
# and one of few-spike neurons, compares the spikes with those of snnsim and of NumPy, and shows that damage
# is refused.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in snn_info snn_run; do
  gcc -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror -O2 -ffp-contract=off \
    -o "$work/$program" "$home/native-layout/$program.c" -lm
done

fail() {
  echo "$1" >&2
  exit 1
}

# compare NAME STEPS [OPTION...]: converts a model with these options, runs it with all three.
compare() {
  local name=$1 steps=$2
  shift 2
  "$home/snnsim" convert "$home/weights/mnist_resnet8.npz" -o "$work/$name.snn" \
    --calibration "$home/weights/mnist_test_300.npz" --mean 0.1307 --std 0.3081 --precision i8 --quiet "$@" >/dev/null
  "$work/snn_info" "$work/$name.snn"
  "$home/snnsim" run "$work/$name.snn" "$home/weights/mnist_test_300.npz" --steps "$steps" --limit 1 \
    --quiet --no-ann --record "$work/$name.npz" >/dev/null
  /usr/bin/python3 - "$work" "$home" "$name" <<'PYTHON'
import sys
import numpy

work, home, name = sys.argv[1:]
image = numpy.load(f"{home}/weights/mnist_test_300.npz")["images"][0]
(image.astype("<f4") / numpy.float32(255)).tofile(f"{work}/image")
with numpy.load(f"{work}/{name}.npz") as run, open(f"{work}/expected", "w") as out:
    for array in run.files:
        if array.startswith("counts/"):
            counts = run[array].astype(numpy.int64).ravel()
            print((counts * numpy.arange(1, counts.size + 1)).sum(), file=out)
PYTHON
  "$work/snn_run" "$work/$name.snn" "$work/image" "$steps" >"$work/found"
  cut -d' ' -f3 "$work/found" | diff - "$work/expected" || fail "snn_run and snnsim differ: $name"
  echo "snn_run: $(wc -l <"$work/expected") populations fire as in snnsim: $name"
}

compare rates 16
compare few-spike 4 --preset few-spike --steps-per-layer 4
/usr/bin/python3 "$home/tools/snn_file.py" "$work/few-spike.snn" "$work/image" 4 | diff - "$work/found" ||
  fail "NumPy and snn_run differ"
if "$work/snn_run" "$work/few-spike.snn" "$work/image" 5 >/dev/null 2>&1; then
  fail "snn_run ran a code of 4 steps for 5"
fi

printf 'x' | dd of="$work/rates.snn" bs=1 seek=9000 conv=notrunc status=none
if "$work/snn_info" "$work/rates.snn" >/dev/null 2>&1; then
  fail "snn_info took a damaged file for a sound one"
fi
