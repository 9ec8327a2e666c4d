// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import java.util.Arrays;

/**
 * A parameter of neurons: one value for all, one a channel, or one a neuron. Immutable; the values
 * are not copied and must not be changed.
 *
 * @param field what the file calls it
 * @param dims as the file has them; null if it does not say
 */
public record Parameter(String field, Dims dims, float[] values) {
  /** One value for all. */
  public static Parameter of(String field, float value) {
    return new Parameter(field, null, new float[] {value});
  }

  /**
   * Refuses a number of values that does not fit.
   *
   * @throws Misfit if it is neither of the three
   */
  void requireFits(Dims neurons) {
    int n = values.length;
    boolean laidOut = dims == null || dims.rank() < 2 || dims.alike(neurons);
    if (n != 1 && n != neurons.channels() && (n != neurons.size() || !laidOut)) {
      throw new Misfit(
          field,
          "found "
              + (dims == null ? n + " values" : "the shape " + dims)
              + " for "
              + neurons
              + " neurons, expected one value for all, one a channel, or that shape");
    }
  }

  /** A value for each neuron. */
  float[] each(Dims neurons) {
    float[] all = new float[neurons.size()];
    int n = values.length;
    if (n == all.length) {
      return values.clone();
    }
    if (n == 1) {
      Arrays.fill(all, values[0]);
      return all;
    }
    int plane = all.length / n;
    for (int c = 0; c < n; c++) {
      Arrays.fill(all, c * plane, (c + 1) * plane, values[c]);
    }
    return all;
  }
}
