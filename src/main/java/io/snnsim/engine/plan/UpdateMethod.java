// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

/** Ways to update a population; none changes a bit of the result. */
public enum UpdateMethod {
  /** Lanes are channels; the weights of every spike are added. Cost grows with the firing rate. */
  EVENTS,
  /** Lanes are pixels; sums of weights are looked up. The cost is the same at every firing rate. */
  LOOKUP,
  /**
   * By lookup at first, then by whichever of the two the spikes of the last steps made cheaper:
   * {@link UpdateMethodChoice} has the rule.
   */
  ADAPTIVE;

  /** Which of the two it is that a population is updated by now. */
  public static UpdateMethod inUse(boolean byLookup) {
    return byLookup ? LOOKUP : EVENTS;
  }
}
