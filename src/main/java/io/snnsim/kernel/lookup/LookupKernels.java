// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.state.SlotUpdate;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Makes the kernels of one family that update a population by table lookup, each bound to its
 * buffers, and those that turn its spikes from one form into another. Lanes are pixels. Stateless
 * and thread-safe; called once for a simulation, so it may allocate. The bits are those of {@link
 * EventKernels}.
 */
public interface LookupKernels {
  /**
   * The whole update of a population: sums, neurons and index planes of all slots asked for.
   *
   * @param arena the simulation's
   * @param share which part of it to update
   */
  SlotUpdate update(LookupArgs args, Arena arena, Share share);

  /** Spike words of a step from the index planes of a population that was updated by lookup. */
  SlotStep words(LookupArgs args);

  /**
   * The index planes that a lookup would have written, from the spike words of a population that
   * was updated by events this time.
   */
  SlotStep planes(LookupArgs args);

  /** Other index planes that targets read, in the order in which they must be made. */
  List<SlotStep> derivedPlanes(LookupArgs args);

  /**
   * current := bias + rint(clamp(bias + w * image)) of a whole population whose lanes are pixels
   * and that one projection of the image ends in.
   *
   * @param args {@code currents} is not used
   * @param arena the simulation's
   */
  Runnable currents(AnalogArgs args, Arena arena);
}
