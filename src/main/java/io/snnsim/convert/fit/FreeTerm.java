// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.op.Weighted;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.Window;

/**
 * One term whose weights may change. Immutable.
 *
 * @param index among the population's terms
 * @param geometry from the map that the weights are for
 * @param average null, or the windows that this map is averages over
 */
record FreeTerm(int index, Weighted op, ConvGeometry geometry, Window average) {
  /** Weights of an output channel. */
  int features() {
    return geometry.inPerGroup() * geometry.taps();
  }
}
