// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.SnnsimException;
import java.util.Objects;

/**
 * How long an image may run and how it is decided. Immutable; make one and use it for every call.
 *
 * @param steps time steps after which the run ends in any case, at least 1
 * @param readout how outputs become scores
 * @param margin the run ends early at the first step at which the best score is ahead of the second
 *     by at least so many spikes; infinity: never
 * @param leastSteps steps before which it does not end for its margin, at least 1
 * @param budgetNanos nanoseconds after which the answer is wanted, counted from the call, at least
 *     1; {@link Long#MAX_VALUE}: no matter. No step is begun that is not expected to end in time,
 *     but one step is always run
 */
public record RunOptions(
    int steps, Readout readout, double margin, int leastSteps, long budgetNanos) {
  /**
   * Checks every value.
   *
   * @throws SnnsimException (usage) naming the one that is out of range
   */
  public RunOptions {
    Objects.requireNonNull(readout, "readout");
    if (steps < 1) {
      throw SnnsimException.usage("steps=" + steps + ", expected 1 or more");
    }
    if (!(margin > 0)) {
      throw SnnsimException.usage("margin=" + margin + ", expected more than 0 spikes");
    }
    if (leastSteps < 1) {
      throw SnnsimException.usage("leastSteps=" + leastSteps + ", expected 1 or more");
    }
    if (budgetNanos < 1) {
      throw SnnsimException.usage(
          "budgetNanos=" + budgetNanos + ", expected 1 or more; without a deadline give none");
    }
  }

  /**
   * All of {@code steps} time steps, decided by {@link Readout#AUTO}.
   *
   * @param steps at least 1
   * @return new options
   */
  public static RunOptions steps(int steps) {
    return new RunOptions(steps, Readout.AUTO, Double.POSITIVE_INFINITY, 1, Long.MAX_VALUE);
  }

  /**
   * These options with another readout.
   *
   * @param readout how outputs become scores
   * @return new options
   */
  public RunOptions decidedBy(Readout readout) {
    return new RunOptions(steps, readout, margin, leastSteps, budgetNanos);
  }

  /**
   * These options, ending early as {@code margin} and {@code leastSteps} say.
   *
   * @param margin spikes, more than 0
   * @param leastSteps at least 1
   * @return new options
   */
  public RunOptions endingAtMargin(double margin, int leastSteps) {
    return new RunOptions(steps, readout, margin, leastSteps, budgetNanos);
  }

  /**
   * These options with a deadline, in nanoseconds from the call.
   *
   * @param budgetNanos at least 1
   * @return new options
   */
  public RunOptions within(long budgetNanos) {
    return new RunOptions(steps, readout, margin, leastSteps, budgetNanos);
  }

  /** {@return how long and how decided, without what is not asked for} */
  @Override
  public String toString() {
    return Words.count(steps, "step")
        + ", readout "
        + readout
        + (margin < Double.POSITIVE_INFINITY
            ? ", until " + margin + " spikes ahead from step " + leastSteps
            : "")
        + (budgetNanos < Long.MAX_VALUE ? ", within " + budgetNanos + " ns" : "");
  }
}
