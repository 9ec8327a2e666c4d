// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.contract;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.state.PopulationState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A dense or grouped convolution as kernels see it. Immutable.
 *
 * <p>Of a signed source every tap has, after the rows of its channels, rows of the opposite weights
 * for their negative spikes, so that for most kernels these are channels like all others.
 *
 * @param weights per block [ky][kx][row][lane], little-endian; rows are the source channels {@code
 *     icStart[b]} to {@code icEnd[b] - 1} that block b reads, and those of a signed source; padding
 *     lanes have none
 * @param weightBytes 1 or 2 (narrow target), 4 (wide target)
 * @param blockOffset byte offset of each block in {@code weights}
 * @param arena the simulation's
 */
public record ConvArgs(
    PopulationState source,
    PopulationState target,
    Window geometry,
    MemorySegment weights,
    int weightBytes,
    long[] blockOffset,
    int[] icStart,
    int[] icEnd,
    Arena arena) {
  /** True if every block reads all source channels, so that event lists apply. */
  public boolean dense() {
    for (int b = 0; b < icStart.length; b++) {
      if (icStart[b] != 0 || icEnd[b] != source.channels) {
        return false;
      }
    }
    return true;
  }

  /** Rows of one tap of block {@code b}. */
  public int rows(int b) {
    int n = icEnd[b] - icStart[b];
    return source.signed ? negativeRow(b) + n : n;
  }

  /**
   * From a channel's row to that for its negative spikes: as far as from bit to bit of the spike
   * words, gap included, where event lists apply; else as near as can be.
   */
  public int negativeRow(int b) {
    return dense() ? source.negativeStart : icEnd[b] - icStart[b];
  }
}
