// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.ann.Normalisation;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Precision;

/**
 * What a conversion is asked for. Immutable.
 *
 * @param v0 membrane potential before the first step as a share of theta, 0..1 (0.5 in the paper)
 * @param compensation kappa, {@value #LEAST_COMPENSATION}..{@value #MOST_COMPENSATION}, on synaptic
 *     weights and shortcut scales of spiking projections, never on biases or on what the image
 *     drives directly
 * @param precision grid
 * @param normalisation of the images
 * @param scheme what goes beyond the plain scheme
 */
public record ConvertOptions(
    double v0,
    double compensation,
    Precision precision,
    Normalisation normalisation,
    SchemeOptions scheme) {
  /** Smallest kappa: lost spikes are made up for, never taken away. */
  public static final double LEAST_COMPENSATION = 1;

  /** Largest kappa. */
  public static final double MOST_COMPENSATION = 4;

  /** The plain scheme. */
  public ConvertOptions(
      double v0, double compensation, Precision precision, Normalisation normalisation) {
    this(v0, compensation, precision, normalisation, SchemeOptions.PLAIN);
  }

  /** The same with another scheme. */
  public ConvertOptions with(SchemeOptions other) {
    return new ConvertOptions(v0, compensation, precision, normalisation, other);
  }

  /** The same with another grid. */
  public ConvertOptions with(Precision other) {
    return new ConvertOptions(v0, compensation, other, normalisation, scheme);
  }

  /** The same with another kappa. */
  public ConvertOptions withCompensation(double other) {
    return new ConvertOptions(v0, other, precision, normalisation, scheme);
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
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw SnnsimException.usage(message);
    }
  }
}
