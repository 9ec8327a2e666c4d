// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.error.SnnsimException;
import io.snnsim.network.Precision;

/**
 * What a conversion is asked for. Immutable; the arrays are not copied and must not be changed.
 *
 * @param v0 membrane potential before the first step as a share of theta, 0..1 (0.5 in the paper)
 * @param compensation kappa, {@value #LEAST_COMPENSATION}..{@value #MOST_COMPENSATION}, on synaptic
 *     weights and shortcut scales of spiking projections, never on biases or on what the image
 *     drives directly
 * @param precision grid
 * @param mean per image channel, finite
 * @param std per image channel, finite and &gt; 0
 * @param methods what goes beyond the plain scheme
 */
public record ConvertOptions(
    double v0,
    double compensation,
    Precision precision,
    float[] mean,
    float[] std,
    SchemeOptions methods) {
  /** Smallest kappa: lost spikes are made up for, never taken away. */
  public static final double LEAST_COMPENSATION = 1;

  /** Largest kappa. */
  public static final double MOST_COMPENSATION = 4;

  /** The plain scheme. */
  public ConvertOptions(
      double v0, double compensation, Precision precision, float[] mean, float[] std) {
    this(v0, compensation, precision, mean, std, SchemeOptions.PLAIN);
  }

  /** The same with other methods. */
  public ConvertOptions with(SchemeOptions other) {
    return new ConvertOptions(v0, compensation, precision, mean, std, other);
  }

  /** The same with another grid. */
  public ConvertOptions with(Precision other) {
    return new ConvertOptions(v0, compensation, other, mean, std, methods);
  }

  /** The same with another kappa. */
  public ConvertOptions withCompensation(double other) {
    return new ConvertOptions(v0, other, precision, mean, std, methods);
  }

  /**
   * Checks every value.
   *
   * @throws SnnsimException (usage) naming the first one that is out of its bounds
   */
  public ConvertOptions {
    require(v0 >= 0 && v0 <= 1, "v0 " + v0 + ": expected 0..1");
    require(
        compensation >= LEAST_COMPENSATION && compensation <= MOST_COMPENSATION,
        "compensation "
            + compensation
            + ": expected "
            + LEAST_COMPENSATION
            + ".."
            + MOST_COMPENSATION);
    require(precision != null, "precision: found none, expected i8, i16 or i32");
    require(
        mean.length == std.length,
        "found " + mean.length + " means and " + std.length + " stds, expected as many of each");
    for (int c = 0; c < mean.length; c++) {
      require(Float.isFinite(mean[c]), "mean " + mean[c] + ": expected a finite number");
      require(
          std[c] > 0 && Float.isFinite(std[c]), "std " + std[c] + ": expected a finite number > 0");
    }
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw SnnsimException.usage(message);
    }
  }
}
