package io.snnsim.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A dense or grouped convolution as kernels see it. Immutable.
 *
 * @param weights per block [ky][kx][ic][lane], little-endian; the source channels of block b are
 *     icStart[b] .. icEnd[b]
 * @param weightBytes 1 or 2 (narrow target), 4 (wide target)
 * @param blockOffset byte offset of each block in {@code weights}
 * @param scratch session-wide buffer for the events of one window column
 */
public record ConvArgs(
    PopulationState source,
    PopulationState target,
    Geometry geometry,
    MemorySegment weights,
    int weightBytes,
    long[] blockOffset,
    int[] icStart,
    int[] icEnd,
    MemorySegment scratch) {
  /** True if every block reads all source channels, so that event lists apply. */
  public boolean dense() {
    for (int b = 0; b < icStart.length; b++) {
      if (icStart[b] != 0 || icEnd[b] != source.channels) {
        return false;
      }
    }
    return true;
  }
}
