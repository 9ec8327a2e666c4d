// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import java.lang.foreign.MemorySegment;

/**
 * Updates neurons whose lanes are pixels from their summed input, and writes their spikes as index
 * planes. Confined to the simulation's thread; allocates nothing once compiled.
 */
interface LookupFire {
  /**
   * One step of a block's neurons at the {@code v}-th vector of pixels.
   *
   * @param sums their input, [column][5 channels][lane]
   * @param column which column of it
   */
  void oneStep(TableBlock block, int v, int slot, MemorySegment sums, int column);

  /**
   * Four successive steps, the first being {@code slot}. Not for populations whose neurons are
   * counted one by one. One by one here; kernels may keep V in a register from one to the next, if
   * C2 does not box the vectors of so long a body.
   *
   * @param sums their input, [step][5 channels][lane]
   */
  default void fourSteps(TableBlock block, int v, int slot, MemorySegment sums) {
    for (int i = 0; i < 4; i++) {
      oneStep(block, v, slot + i, sums, i);
    }
  }
}
