// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.TermSum;
import io.snnsim.network.InputStage;

/** What the image drives, as the input stage computes it. Stateless. */
final class ImageCurrents {
  private ImageCurrents() {}

  /**
   * Adds the rounded and clamped currents of one projection of the image.
   *
   * @param weights the projection's
   * @param image [channel][image * plane + position], normalised
   * @param first image
   * @param count images
   * @param scratch of the size of {@code out}
   * @param out [channel][image * plane + position]
   */
  static void add(
      TermSum.Weights weights,
      InputStage.AnalogProjection a,
      float[][] image,
      int first,
      int count,
      float[][] scratch,
      float[][] out) {
    TermSum.inOrder(weights, image, first, count, scratch);
    int size = count * a.geometry().outHeight() * a.geometry().outWidth();
    for (int c = 0; c < out.length; c++) {
      for (int k = 0; k < size; k++) {
        out[c][k] += (float) Math.rint(Math.clamp(scratch[c][k], (float) a.low(), a.high()));
      }
    }
  }
}
