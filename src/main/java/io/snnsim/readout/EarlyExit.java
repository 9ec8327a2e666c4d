// SPDX-License-Identifier: Apache-2.0
package io.snnsim.readout;

import io.snnsim.engine.ExitRule;
import io.snnsim.engine.Simulation;

/**
 * Ends an image when the margin that its leading class can expect in the end is so many standard
 * errors above 0: (margin after step t) / t &gt; factor * marginError(t). Immutable; deciding
 * allocates nothing.
 *
 * @param margins of the model
 * @param factor how many errors are safe, &gt;= 0; the larger, the later images end
 */
public record EarlyExit(ExitMargins margins, double factor) implements ExitRule {
  /** The factor unless the user gives one. */
  public static final double USUAL_FACTOR = 2;

  @Override
  public boolean decided(Simulation session, int step) {
    // Product, not quotient: an error of 0 leaves a tie undecided.
    return margins.readout().margin(session) > factor * margins.marginError()[step] * (step + 1);
  }
}
