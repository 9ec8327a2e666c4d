// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.scheme.Grid;

/**
 * How far membrane potentials of a fitted population go. Stateless; a call allocates its result.
 */
final class Reach {
  /** What images that were not looked at may add to an input. */
  private static final double MARGIN = 1.5;

  private Reach() {}

  /**
   * How far V of each channel may go from 0 within the target steps, in units of theta.
   *
   * @param lambda raised where a channel of lambda by error, one that never fires say, could not
   *     remember all of its input
   * @param largest input of the ANN, by channel
   * @param least likewise
   * @param output true of the last population
   */
  static double[] furthest(
      SchemeOptions scheme, double[] lambda, double[] largest, double[] least, boolean output) {
    double[] result = new double[lambda.length];
    if (scheme.fewSpike()) {
      return result;
    }
    double steps = MARGIN * scheme.targetSteps();
    for (int c = 0; c < lambda.length; c++) {
      if (scheme.errorLambda() && scheme.channelLambda() && !output) {
        lambda[c] = Math.max(lambda[c], -least[c] * steps / Grid.FURTHEST);
      }
      result[c] = 1 + steps * Math.max(-least[c], largest[c] - lambda[c]) / lambda[c];
    }
    return result;
  }
}
