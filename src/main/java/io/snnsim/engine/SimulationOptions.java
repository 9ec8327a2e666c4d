// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

/**
 * What a simulation keeps and who works on it. Immutable.
 *
 * @param countEverywhere keep spike counts of every neuron, not only where the network needs them
 * @param spikesEverywhere keep the spikes of every population in a form that {@link
 *     Simulation#spike} reads, which costs populations updated by lookup a conversion every step
 * @param threads 1 to 64 that work on a step together: the caller's and daemon threads of the
 *     simulation's own, which end when it is closed. For the shortest time to an answer; many
 *     images run faster in a simulation for each thread. Results do not depend on it
 * @param handedOn the simulation may pass from thread to thread, one at a time and safely
 *     published; else only the thread that opened it may use it
 */
public record SimulationOptions(
    boolean countEverywhere, boolean spikesEverywhere, int threads, boolean handedOn) {
  /** Checks the number of threads. */
  public SimulationOptions {
    if (threads < 1 || threads > 64) {
      throw new IllegalArgumentException("threads=" + threads + ", expected 1..64");
    }
  }
}
