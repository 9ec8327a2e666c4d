// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

/** The scale of an image, which the spiking codes share. Stateless; allocates nothing. */
final class Magnitude {
  private Magnitude() {}

  /** A = max |x| over the first {@code n} values; 0 for an image of zeros. */
  static float largest(float[] x, int n) {
    float largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, Math.abs(x[i]));
    }
    return largest;
  }
}
