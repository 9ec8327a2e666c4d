// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import java.util.Locale;

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
  ADAPTIVE,
  /**
   * Lanes are channels; sums of the weights of some neighbouring source channels are looked up by
   * their spikes' pattern, a row at a time. The cost is the same at every firing rate.
   */
  PATTERNS;

  /** True if its lanes are pixels in some steps. */
  public boolean mayLookUp() {
    return this == LOOKUP || this == ADAPTIVE;
  }

  /** True if its lanes are channels in some steps. */
  public boolean mayUseChannels() {
    return this != LOOKUP;
  }

  /** Its name in plans and tables. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Which it is that a population is updated by now, if this is planned. */
  public UpdateMethod inUse(boolean byLookup) {
    return this != ADAPTIVE ? this : byLookup ? LOOKUP : EVENTS;
  }
}
