// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.error.SnnsimException;

/**
 * What is taken from the values of an image and what they are divided by before a network sees
 * them, channel by channel: (x - mean) / std. Immutable; the arrays are not copied and must not be
 * changed.
 *
 * @param mean per image channel, finite
 * @param std per image channel, finite and &gt; 0
 */
public record Normalisation(float[] mean, float[] std) {
  /**
   * Checks every value.
   *
   * @throws SnnsimException (usage) naming the first one that is out of its bounds
   */
  public Normalisation {
    require(
        mean.length == std.length,
        "found " + mean.length + " means and " + std.length + " stds, expected as many of each");
    for (int c = 0; c < mean.length; c++) {
      require(Float.isFinite(mean[c]), "mean " + mean[c] + ": expected a finite number");
      require(
          std[c] > 0 && Float.isFinite(std[c]), "std " + std[c] + ": expected a finite number > 0");
    }
  }

  /** Number of image channels that it is for. */
  public int channels() {
    return mean.length;
  }

  /** {@code x} of image channel {@code c} as the network sees it. */
  public float of(float x, int c) {
    return (x - mean[c]) / std[c];
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw SnnsimException.usage(message);
    }
  }
}
