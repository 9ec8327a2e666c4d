// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.SnnsimException;

/**
 * What a session keeps for those who look into it, and how many threads work on a step. Immutable.
 *
 * @param counts keep spike counts of every neuron, not only of the output
 * @param spikes keep the last step's spikes of every population for {@link PopulationView#spike},
 *     which costs populations updated by lookup a little time every step
 * @param threads 1 (the caller's only) to 64: the others are daemon threads of the session's own,
 *     which wait for every step actively and end when it is closed
 */
public record SessionOptions(boolean counts, boolean spikes, int threads) {
  /** Nothing beyond what answers need, on the caller's thread. */
  public static final SessionOptions DEFAULT = new SessionOptions(false, false, 1);

  /** Spikes and counts of every neuron, on the caller's thread. */
  public static final SessionOptions OBSERVED = new SessionOptions(true, true, 1);

  /**
   * Checks the number of threads.
   *
   * @throws SnnsimException (usage) if it is out of range
   */
  public SessionOptions {
    if (threads < 1 || threads > 64) {
      throw SnnsimException.usage("threads=" + threads + ", expected 1..64");
    }
  }
}
