// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the tables of one population whose sums are looked up as bytes: a group of channels has
 * twice as many patterns as one of 16-bit lanes, and a vector holds twice as many pixels.
 *
 * <p>A byte holds no negative sum, so what a table holds is the group's sum less the least that it
 * can come to; those offsets go into what the sums start from. {@link PairLists} tells which
 * entries share a byte.
 *
 * <pre>
 * of pairs, the first chunk:
 * tables   [row]{raw | high} what sums start from, as PairSums takes it; then
 *          [pair][row]{first | second} [pattern], unsigned bytes
 * entries  [pair]{first, second} byte offsets of index planes
 *
 * of wide entries, the second chunk:
 * tables   [entry][row][pattern], 16 bits, two vectors
 * entries  byte offsets of index planes
 * </pre>
 *
 * <p>Confined to one thread.
 */
final class PairTables {
  /** Most channels of a block; PairSums says why. */
  private static final int ROWS = 4;

  private static final int VECTOR_BYTES = Species.vectorBytes(1);

  private final LookupPopulation population;
  private final List<PlaneRead> reads;
  private final Groups blocks;

  /** By channel: no input sum is larger. */
  private final long[] bound;

  private long bytes;

  PairTables(LookupPopulation population, List<PlaneRead> reads) {
    this.population = population;
    this.reads = reads;
    blocks = Groups.of(population.shape().channels(), ROWS);
    bound = new long[population.shape().channels()];
  }

  private int rows(int b) {
    return blocks.size(b) == ROWS ? ROWS : ROWS - 1;
  }

  private PairLists lists(int b) {
    return PairLists.of(reads, blocks.start(b), blocks.start(b + 1));
  }

  /**
   * Pairs and wide entries of all blocks, each times its rows: both take about as long for a column
   * of pixels, and as much memory.
   */
  long pairs() {
    long pairs = 0;
    for (int b = 0; b < blocks.count(); b++) {
      pairs += (long) lists(b).size() * rows(b);
    }
    return pairs;
  }

  /** Off-heap bytes that {@link #build} will take for so many {@link #pairs}. */
  long measure(long pairs) {
    long starts = 0;
    for (int b = 0; b < blocks.count(); b++) {
      starts += rows(b);
    }
    return 2 * (starts + pairs) * VECTOR_BYTES;
  }

  /** Bytes that an update needs for its time. */
  long accumulatorBytes(IndexPlanes fired) {
    return PairUpdate.accumulatorBytes(fired.groups, population.codeSteps());
  }

  /** Makes the blocks and their tables, and with them the bound of the target's input. */
  LookupTarget.Sums build(IndexPlanes fired, Arena arena) {
    TableBlock[] result = new TableBlock[blocks.count()];
    for (int b = 0; b < result.length; b++) {
      PairLists lists = lists(b);
      TableBlock.Chunk pairs = pairs(b, lists.pairs(), arena);
      result[b] =
          new TableBlock(
              blocks.start(b),
              blocks.start(b + 1),
              rows(b),
              lists.wide().isEmpty()
                  ? new TableBlock.Chunk[] {pairs}
                  : new TableBlock.Chunk[] {pairs, wide(b, lists.wide(), arena)});
    }
    long largest = Arrays.stream(bound).max().orElse(0) + population.constantBound();
    return new LookupTarget.Sums(
        population.laneBytes(), fired, result, largest, accumulatorBytes(fired));
  }

  private TableBlock.Chunk pairs(int b, List<PairLists.Pair> pairs, Arena arena) {
    int rows = rows(b);
    MemorySegment tables = allocate(2L * (pairs.size() + 1) * rows * VECTOR_BYTES, arena);
    int[] offsets = new int[2 * pairs.size()];
    int[] least = new int[blocks.size(b)];
    for (int i = 0; i < pairs.size(); i++) {
      // Alone, the other table is of zeros.
      Arrays.fill(offsets, 2 * i, 2 * i + 2, pairs.get(i).first().offset());
      long at = 2L * (i + 1) * rows * VECTOR_BYTES;
      for (PairLists.Entry e : pairs.get(i).entries()) {
        addBounds(e, b);
        boolean second = e == pairs.get(i).second();
        offsets[2 * i + (second ? 1 : 0)] = e.offset();
        for (int row = 0; row < least.length; row++) {
          long table = at + (2L * row + (second ? 1 : 0)) * VECTOR_BYTES;
          least[row] += fill(tables, table, e, blocks.start(b) + row);
        }
      }
    }
    for (int row = 0; row < least.length; row++) {
      start(tables, row, population.bias()[blocks.start(b) + row] + least[row]);
    }
    return new TableBlock.Chunk(offsets, tables);
  }

  /** What a row's sums start from, as the sums of pairs are kept: of both bytes and of the odd. */
  private static void start(MemorySegment tables, int row, int constant) {
    int lanes = Species.SHORTS.length();
    for (int lane = 0; lane < lanes; lane++) {
      Lanes.set(tables, 2, 2L * row * lanes + lane, constant + (constant << 8));
      Lanes.set(tables, 2, (2L * row + 1) * lanes + lane, constant);
    }
  }

  /**
   * Writes a slice of a group's sums into one channel.
   *
   * @return the least sum, with the first slice; else 0
   */
  private static int fill(MemorySegment tables, long at, PairLists.Entry e, int channel) {
    int[] sums = e.sums(channel);
    int least = Arrays.stream(sums).min().orElse(0);
    int from = least + e.slice() * PairLists.BYTE;
    for (int k = 0; k < sums.length; k++) {
      tables.set(JAVA_BYTE, at + k, (byte) Math.clamp((long) sums[k] - from, 0, PairLists.BYTE));
    }
    return e.slice() == 0 ? least : 0;
  }

  private TableBlock.Chunk wide(int b, List<PairLists.Entry> entries, Arena arena) {
    int rows = rows(b);
    int patterns = Species.lanes(1);
    MemorySegment tables = allocate(2L * entries.size() * rows * patterns, arena);
    int[] offsets = new int[entries.size()];
    for (int i = 0; i < offsets.length; i++) {
      addBounds(entries.get(i), b);
      offsets[i] = entries.get(i).offset();
      for (int row = 0; row < blocks.size(b); row++) {
        int[] sums = entries.get(i).sums(blocks.start(b) + row);
        for (int k = 0; k < sums.length; k++) {
          Lanes.set(tables, 2, ((long) i * rows + row) * patterns + k, sums[k]);
        }
      }
    }
    return new TableBlock.Chunk(offsets, tables);
  }

  private MemorySegment allocate(long size, Arena arena) {
    bytes += size;
    return arena.allocate(size, 64);
  }

  private void addBounds(PairLists.Entry e, int b) {
    for (int row = 0; row < e.most().length; row++) {
      bound[blocks.start(b) + row] += e.most()[row];
    }
  }

  /** Off-heap bytes of the tables built. */
  long bytes() {
    return bytes;
  }
}
