// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

/**
 * What the 256 values of a byte stand for: (byte - zeroPoint) * scale. Immutable.
 *
 * @param scale more than 0
 * @param zeroPoint the byte that stands for 0, so that padding is exact
 */
record Range(float scale, int zeroPoint) {
  static final int LARGEST = 255;

  /** Of values from {@code low} to {@code high}, widened to hold 0. */
  static Range of(double low, double high) {
    double from = Math.min(low, 0);
    double to = Math.max(high, 0);
    double scale = (to - from) / LARGEST;
    if (!(scale > Float.MIN_NORMAL)) {
      return new Range(1, 0); // Nothing but zeros.
    }
    return new Range((float) scale, (int) Math.rint(-from / scale));
  }

  /** True if the bytes hold nothing below 0, and above {@code most} not half a step. */
  boolean within(float most) {
    return zeroPoint == 0 && LARGEST * (double) scale < most + scale / 2;
  }

  /** A value after it went through a byte. */
  double rounded(double x) {
    double at = Math.rint(x / scale) + zeroPoint;
    return (Math.clamp(at, 0, LARGEST) - zeroPoint) * scale;
  }
}
