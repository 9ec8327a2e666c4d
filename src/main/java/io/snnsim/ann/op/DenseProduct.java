// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.ConvGeometry;
import java.util.Arrays;

/**
 * What a convolution or a fully connected layer computes: one matrix product over tiles of output
 * positions (of all images of the batch). Keeps scratch memory, which grows to what the largest
 * needs; confined to one thread.
 *
 * <p>The sum of one output value runs over (ic, ky, kx) in that order whatever the batch or the
 * tile, so an image's result does not depend on its neighbours.
 */
public final class DenseProduct {
  private static final int TILE = 512;

  private final float[] sums = new float[TILE];
  private final float[] sums2 = new float[TILE];
  private float[][] rows = new float[0][];

  /** Applies {@code op} to the first {@code images} images. */
  void of(Weighted op, OpRun run, int images) {
    ConvGeometry geometry = run.geometry();
    int groups = geometry.groups();
    int ocg = geometry.outPerGroup();
    int k = geometry.inPerGroup() * geometry.taps();
    int positions = images * run.to().plane();
    float[] weights = op.weight().data();
    float[] bias = op.bias() == null ? null : op.bias().data();
    if (rows.length < k) {
      rows = new float[k][TILE];
    }
    for (int g = 0; g < groups; g++) {
      for (int p = 0; p < positions; p += TILE) {
        int count = Math.min(TILE, positions - p);
        WindowRows.gather(run.x(), geometry, g, p, count, rows);
        for (int oc = g * ocg; oc < (g + 1) * ocg; oc += 2) {
          boolean pair = oc + 1 < (g + 1) * ocg;
          Arrays.fill(sums, 0, count, bias == null ? 0 : bias[oc]);
          Arrays.fill(sums2, 0, count, bias == null || !pair ? 0 : bias[oc + 1]);
          RowProduct.add(sums, sums2, rows, k, weights, oc * k, pair ? (oc + 1) * k : -1, count);
          System.arraycopy(sums, 0, run.out()[oc], p, count);
          if (pair) {
            System.arraycopy(sums2, 0, run.out()[oc + 1], p, count);
          }
        }
      }
    }
  }
}
