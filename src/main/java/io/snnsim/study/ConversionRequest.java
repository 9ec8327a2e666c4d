// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.convert.SchemeOptions;
import io.snnsim.network.Precision;
import io.snnsim.tune.SchemeSearch;
import java.util.Set;

/**
 * How a network is to be converted: what is settled, and what is left to be chosen. Immutable;
 * arrays are not copied.
 */
public record ConversionRequest(Settings settings, Choices choices) {
  /**
   * What is settled.
   *
   * @param mean of the input by channel, or null for 0
   * @param std of the input by channel, or null for 1
   * @param percentile quantile of activations that becomes lambda, above 0, at most 100
   * @param v0 V(0) as a share of theta, 0..1
   */
  public record Settings(
      float[] mean, float[] std, double percentile, double v0, SchemeOptions scheme) {}

  /**
   * What may be left to be chosen on held-back calibration images.
   *
   * @param precision null to choose
   * @param compensation kappa; null to choose
   * @param largestWeight true to choose it, if weights have 8 bits
   * @param steps time steps at which accuracy counts where one of them is chosen
   * @param fit what a fit to spikes depends on
   * @param search of quantile, V(0), kappa, readout and its delay; null for none
   */
  public record Choices(
      Precision precision,
      Double compensation,
      boolean largestWeight,
      int steps,
      Fit fit,
      Search search) {
    /** Nothing is left to be chosen. */
    public static Choices none(Precision precision) {
      return new Choices(precision, 1.0, false, 1, new Fit(null, null, null), null);
    }
  }

  /**
   * What a fit to spikes depends on.
   *
   * @param ridge null to choose it for each population
   * @param spikePenalty null to choose
   * @param mostLoss points of accuracy that few-spike neurons may lose, to choose their steps per
   *     layer by; null if these are settled
   */
  public record Fit(Double ridge, Double spikePenalty, Double mostLoss) {}

  /**
   * A search over schemes.
   *
   * @param free what is searched for
   */
  public record Search(int steps, Set<SchemeSearch.Value> free) {}
}
