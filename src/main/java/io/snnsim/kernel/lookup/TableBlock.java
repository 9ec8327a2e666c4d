// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import java.lang.foreign.MemorySegment;

/**
 * Target channels that are summed together, and the tables of their sums. Immutable.
 *
 * @param from first channel
 * @param to one past the last
 * @param rows rows of its tables: kernels exist for 4 and 5, of pairs for 3 and 4
 * @param chunks its entries, chunk by chunk
 */
record TableBlock(int from, int to, int rows, Chunk[] chunks) {
  /** Most channels: with four columns of sums, 20 of 32 vector registers. */
  static final int MOST = 5;

  /**
   * Some of a block's entries. Those of tables of bytes are described at {@link PairTables}.
   *
   * @param entries byte offsets of the index planes that are looked up
   * @param tables what sums start from, [row][lane]: the biases, or nothing if this is not the
   *     first chunk; then the sums of weights, [entry][row][pattern]
   */
  record Chunk(int[] entries, MemorySegment tables) {}

  /** Rows of the tables of channels {@code from} to {@code to - 1}. */
  static int rows(int from, int to) {
    return to - from == MOST ? MOST : MOST - 1;
  }

  int entries() {
    int n = 0;
    for (Chunk c : chunks) {
      n += c.entries.length;
    }
    return n;
  }
}
