// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

/** How the neurons of a population turn their input into spikes. */
public enum NeuronModel {
  /** Integrate and fire, reset by subtraction (soft reset), at most one spike a step. */
  IF,
  /**
   * Max-pool gate: its own cumulative count follows the largest one in its window by at most one a
   * step: s = 1 where that is larger, s = -1 where it is smaller (which only a signed source makes
   * possible, see {@link Network#signed}). No membrane potential, theta or bias.
   */
  MAX_GATE,
  /**
   * Signed integrate and fire: as {@link #IF}, and it takes a spike back (s = -1, V += theta) where
   * V &lt; 0 and its own output count N, the sum of its s since the image began, is above 0. So N
   * is never negative, and theta * N + V - V(0) is the input integrated so far.
   */
  SIGNED_IF;

  /** True if neurons of this model have a membrane potential. */
  public boolean integrates() {
    return this != MAX_GATE;
  }
}
