// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.geometry.MapShape;

/**
 * What a layer-by-layer conversion keeps of a population while later ones read it. Immutable but
 * for the arrays, which must not be changed.
 *
 * @param activation of the ANN, [channel][image * plane + position]
 * @param sent its spikes; null for the image itself
 * @param unit activation that a count of one stands for, by channel; 1 for the image
 * @param settled what it sends in the long run; null where no fit looks at it
 */
record ConvertedPopulation(
    MapShape shape, float[][] activation, Sent sent, double[] unit, SettledRates settled) {
  int plane() {
    return shape.height() * shape.width();
  }

  /** Number of images whose settled rates are known. */
  int settledImages() {
    return settled.rates()[0].length / plane();
  }

  /** Gives back the arrays of a population that nothing reads any more. */
  void release(MapPool pool) {
    pool.give(activation);
    sent.release(pool);
    if (settled != null) {
      pool.give(settled.rates());
    }
  }

  /** What the spikes of one image stand for, as values of activations, from {@code at} on. */
  void values(int image, float[][] out, int at) {
    for (int c = 0; c < out.length; c++) {
      if (sent == null) {
        System.arraycopy(activation[c], image * plane(), out[c], at, plane());
      } else {
        sent.counts(c, image * plane(), plane(), (float) unit[c], out[c], at);
      }
    }
  }
}
