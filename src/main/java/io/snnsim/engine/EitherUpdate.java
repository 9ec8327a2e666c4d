// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.kernel.state.SlotUpdate;

/**
 * A population's update by the method that is chosen for the step block. Confined to the
 * simulation's threads; allocates nothing.
 *
 * @param byLookup by population, as it is chosen
 */
record EitherUpdate(SlotUpdate lookup, SlotUpdate events, boolean[] byLookup, int population)
    implements SlotUpdate {
  @Override
  public void run(int slots) {
    if (byLookup[population]) {
      lookup.run(slots);
    } else {
      events.run(slots);
    }
  }

  @Override
  public void reset() {
    lookup.reset();
    events.reset();
  }
}
