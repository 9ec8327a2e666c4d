// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

/**
 * Told how long a simulation's parts take; see {@link Simulation#profileWith}. Called on the
 * simulation's thread in the middle of a time step, so it should be quick and must not use the
 * simulation.
 */
public interface Probe {
  /** An image, or one step's frame of an encoded one, was turned into currents. */
  void input(long nanos);

  /**
   * A population ran {@code steps} time steps in its turn.
   *
   * @param population index in the network
   */
  void turn(int population, int steps, long nanos);
}
