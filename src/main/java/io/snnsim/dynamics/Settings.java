// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

/**
 * How a graph is taken in steps. Immutable.
 *
 * @param dt seconds a step
 * @param exact decay within a step as the exponential that it is, not as forward Euler has it
 * @param subtract spikes take the threshold from V, whatever the file says of a reset
 */
public record Settings(double dt, boolean exact, boolean subtract) {
  /** A step where neither the file nor anyone else says one. */
  public static final double USUAL_DT = 1e-4;

  /** The share of the way to its goal that a value goes in a step. */
  float share(float tau) {
    double steps = dt / tau;
    return (float) (exact ? -Math.expm1(-steps) : steps);
  }
}
