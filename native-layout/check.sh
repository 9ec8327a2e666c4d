#!/usr/bin/env bash
# Compiles the C reader, lets it read a freshly converted demo model, and shows that it refuses damage.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -std=c11 -Wall -Wextra -Werror -O2 -o "$work/snn_info" "$home/native-layout/snn_info.c"
"$home/snnsim" convert "$home/weights/mnist_resnet8.npz" -o "$work/m.snn" \
  --calibration "$home/weights/mnist_test_300.npz" --mean 0.1307 --std 0.3081 --precision i8 >/dev/null
"$work/snn_info" "$work/m.snn"
printf 'x' | dd of="$work/m.snn" bs=1 seek=9000 conv=notrunc status=none
if "$work/snn_info" "$work/m.snn" >/dev/null 2>&1; then
  echo "snn_info took a damaged file for a sound one" >&2
  exit 1
fi
