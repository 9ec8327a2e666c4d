// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.vector.Species;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where a kernel that fires a population writes its spikes as indices: into the index planes that
 * others read, or on their way there. Immutable.
 *
 * @param masks all ones where a column range has the pixel
 * @param maskStride bytes of them from one range to the next
 * @param slotBytes bytes of a time step
 * @param ranges column ranges that every index is written for
 * @param rangeStride bytes from a group's plane for one range to that for the next
 * @param placeMask the bits of a pixel's byte in V that tell its place here
 */
record FiredPlanes(
    MemorySegment memory,
    MemorySegment masks,
    long maskStride,
    long slotBytes,
    int ranges,
    long rangeStride,
    long placeMask,
    ChannelPlanes channels) {
  /** Columns of bytes, two vectors of V each, that indices are kept of at most. */
  private static final int MOST_COLUMNS = 8;

  /** Bytes of indices that stay near at hand beside the tables. */
  private static final long NEAR_BYTES = 64 << 10;

  /** Masks of pixels that are all seen. */
  private static final MemorySegment ONES = ones();

  private static MemorySegment ones() {
    long bytes = 2L * MOST_COLUMNS * Species.SHORTS.vectorByteSize();
    return Arena.global().allocate(bytes, 64).fill((byte) -1).asReadOnly();
  }

  /** The planes that others read; their lanes are those of V. */
  static FiredPlanes whole(LookupNetwork network, IndexPlanes fired, MemorySegment memory) {
    return new FiredPlanes(
        memory,
        fired.masks(),
        (long) fired.paddedPixels() * fired.laneBytes,
        network.slotBytes(),
        fired.ranges(),
        fired.rangeStride(),
        -1L,
        new ChannelPlanes(fired));
  }

  /**
   * [step][group][column]{two vectors of pixels}, before they are brought together into one of
   * bytes.
   *
   * @param columns how many are kept, a power of two
   */
  static FiredPlanes halves(IndexPlanes fired, int columns, MemorySegment memory) {
    int vector = Species.SHORTS.vectorByteSize();
    long groupBytes = 2L * columns * vector;
    ChannelPlanes channels = new ChannelPlanes(fired);
    for (int c = 0; c < channels.plane().length; c++) {
      channels.plane()[c] = fired.groups.groupOf(c) * groupBytes;
    }
    long slotBytes = fired.groups.count() * groupBytes;
    return new FiredPlanes(memory, ONES, 0, slotBytes, 1, 0, groupBytes - vector, channels);
  }

  /** Columns whose {@link #halves} of so many steps are kept at once, a power of two. */
  static int columns(Groups groups, int steps) {
    int columns = MOST_COLUMNS;
    while (columns > 1 && halvesBytes(groups, columns, steps) > NEAR_BYTES) {
      columns /= 2;
    }
    return columns;
  }

  /** Bytes of the {@link #halves} of so many steps. */
  static long halvesBytes(Groups groups, int columns, int steps) {
    return 2L * columns * Species.SHORTS.vectorByteSize() * groups.count() * steps;
  }
}
