// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Adds the sums of weights of entries that no byte holds, as shortcuts have them, to those of
 * pairs: 16-bit sums of as many patterns as a vector of bytes has lanes, so of two vectors.
 * Stateless and thread-safe; allocates nothing once compiled.
 */
final class WideEntries {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int BYTES = Species.SHORTS.vectorByteSize();

  private WideEntries() {}

  /**
   * Adds the looked-up sums of one vector of V, in one step.
   *
   * @param planes index planes of all slots
   * @param first byte offset that the vector's first pixel adds to every entry
   * @param rows channels of a table
   * @param sums [channel of the block][lane] at byte {@code at}
   */
  static void add(
      MemorySegment planes,
      long first,
      int rows,
      TableBlock.Chunk chunk,
      MemorySegment sums,
      long at) {
    int[] entries = chunk.entries();
    MemorySegment tables = chunk.tables();
    long table = 0;
    for (int entry : entries) {
      ShortVector index =
          (ShortVector)
              ByteVector.fromMemorySegment(Species.BYTES, planes, first + entry, LE)
                  .convertShape(VectorOperators.B2S, Species.SHORTS, 0);
      for (int row = 0; row < rows; row++) {
        ShortVector low = ShortVector.fromMemorySegment(Species.SHORTS, tables, table, LE);
        ShortVector high = ShortVector.fromMemorySegment(Species.SHORTS, tables, table + BYTES, LE);
        long to = at + (long) row * BYTES;
        Species.ZERO_SHORTS
            .add(index)
            .selectFrom(low, high)
            .add(ShortVector.fromMemorySegment(Species.SHORTS, sums, to, LE))
            .intoMemorySegment(sums, to, LE);
        table += 2L * BYTES;
      }
    }
  }
}
