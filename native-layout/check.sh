#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles the C programs, lets them read and run a freshly converted demo model, compares the spikes
# with those of snnsim, and shows that damage is refused.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
steps=16
for program in snn_info snn_run; do
  gcc -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror -O2 -ffp-contract=off \
    -o "$work/$program" "$home/native-layout/$program.c" -lm
done
"$home/snnsim" convert "$home/weights/mnist_resnet8.npz" -o "$work/m.snn" \
  --calibration "$home/weights/mnist_test_300.npz" --mean 0.1307 --std 0.3081 --precision i8 --quiet >/dev/null
"$work/snn_info" "$work/m.snn"

"$home/snnsim" run "$work/m.snn" "$home/weights/mnist_test_300.npz" --steps "$steps" --limit 1 \
  --quiet --no-ann --record "$work/run.npz" >/dev/null
/usr/bin/python3 - "$work" "$home" <<'PYTHON'
import sys
import numpy

work, home = sys.argv[1:]
image = numpy.load(f"{home}/weights/mnist_test_300.npz")["images"][0]
(image.astype("<f4") / numpy.float32(255)).tofile(f"{work}/image")
with numpy.load(f"{work}/run.npz") as run, open(f"{work}/expected", "w") as out:
    for name in run.files:
        if name.startswith("counts/"):
            counts = run[name].astype(numpy.int64).ravel()
            print(counts.sum(), (counts * numpy.arange(1, counts.size + 1)).sum(), file=out)
PYTHON
"$work/snn_run" "$work/m.snn" "$work/image" "$steps" | cut -d' ' -f2,3 | diff - "$work/expected" || {
  echo "snn_run and snnsim differ" >&2
  exit 1
}
echo "snn_run: $(wc -l <"$work/expected") populations fire as in snnsim"

printf 'x' | dd of="$work/m.snn" bs=1 seek=9000 conv=notrunc status=none
if "$work/snn_info" "$work/m.snn" >/dev/null 2>&1; then
  echo "snn_info took a damaged file for a sound one" >&2
  exit 1
fi
