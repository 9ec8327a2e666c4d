// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/** How a population is updated; never changes a bit of a result. */
public enum Update {
  /** The weights of every spike are added: the cost grows with the firing rate. */
  EVENTS,
  /** Sums of weights are looked up: the cost is the same at every firing rate. */
  LOOKUP,
  /** Either, whichever the spikes of the last steps made cheaper. */
  ADAPTIVE,

  /**
   * Sums of weights are looked up by the spike patterns of neighbouring source channels, lanes are
   * channels. The cost is the same at every firing rate.
   */
  PATTERNS
}
