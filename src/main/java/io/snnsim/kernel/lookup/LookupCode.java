// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import java.lang.foreign.MemorySegment;

/**
 * Updates few-spike neurons whose lanes are pixels from the sums of a whole code, and writes their
 * spikes as index planes. Confined to the simulation's thread; allocates nothing once compiled.
 */
interface LookupCode {
  /**
   * All steps of a block's neurons at the {@code v}-th vector of pixels.
   *
   * @param sums their input: [channel of the block][lane] of each step
   * @param first byte where the first step's begin
   * @param stepBytes bytes from there to the sums of each step
   */
  void run(TableBlock block, int v, MemorySegment sums, long first, long[] stepBytes);
}
