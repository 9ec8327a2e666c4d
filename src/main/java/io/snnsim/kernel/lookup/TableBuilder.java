// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes the tables of one population. Confined to one thread, used once. */
final class TableBuilder {
  /**
   * Most bytes of tables in a chunk: with the patterns that it reads they should stay in the
   * first-level cache. Measured, see bench/RESULTS.md, "Tables in chunks".
   */
  private static final int CHUNK_BYTES = 20 * 1024;

  private final LookupPopulation population;
  private final int laneBytes;
  private final List<PlaneRead> reads;

  /** By channel: sum of the sizes of its weights. */
  private final long[] bound;

  private long bytes;

  TableBuilder(LookupPopulation population, List<PlaneRead> reads) {
    this.population = population;
    this.reads = reads;
    laneBytes = population.laneBytes();
    bound = new long[population.shape().channels()];
  }

  /** A group of source channels under one tap. */
  private record Entry(PlaneRead read, int group) {
    int offset() {
      return read.offset(group);
    }
  }

  /** Off-heap bytes that {@link #build} will take. */
  long measure() {
    Groups blocks = Groups.of(population.shape().channels(), TableBlock.MOST);
    long vectorBytes = Species.vectorBytes(laneBytes);
    int most = mostEntries();
    long vectors = 0;
    for (int b = 0; b < blocks.count(); b++) {
      int from = blocks.start(b);
      int to = blocks.start(b + 1);
      long entries = entries(from, to, most).size();
      // Each chunk begins with a row for what its sums start from.
      vectors += (entries + Math.max(1, (entries + most - 1) / most)) * TableBlock.rows(from, to);
    }
    return vectors * vectorBytes;
  }

  private int mostEntries() {
    return CHUNK_BYTES / (TableBlock.MOST * Species.vectorBytes(laneBytes));
  }

  /** Makes the blocks and their tables, and with them the bound of the target's input. */
  LookupTarget.Sums build(IndexPlanes fired, Arena arena) {
    Groups blocks = Groups.of(population.shape().channels(), TableBlock.MOST);
    TableBlock[] result = new TableBlock[blocks.count()];
    int vectorBytes = Species.vectorBytes(laneBytes);
    int most = mostEntries();
    for (int b = 0; b < result.length; b++) {
      int from = blocks.start(b);
      int to = blocks.start(b + 1);
      List<Entry> entries = entries(from, to, most);
      Groups parts = Groups.of(Math.max(1, entries.size()), most);
      result[b] =
          new TableBlock(from, to, TableBlock.rows(from, to), new TableBlock.Chunk[parts.count()]);
      for (int i = 0; i < parts.count(); i++) {
        List<Entry> part =
            entries.isEmpty() ? entries : entries.subList(parts.start(i), parts.start(i + 1));
        long vectors = (part.size() + 1L) * result[b].rows();
        MemorySegment tables = arena.allocate(vectors * vectorBytes, 64);
        bytes += tables.byteSize();
        if (i == 0) {
          fillBiases(tables, from, to);
        }
        fill(tables, result[b], part);
        result[b].chunks()[i] =
            new TableBlock.Chunk(part.stream().mapToInt(Entry::offset).toArray(), tables);
      }
    }
    long largest = Arrays.stream(bound).max().orElse(0) + population.constantBound();
    return new LookupTarget.Sums(
        laneBytes, fired, result, largest, LookupNetwork.accumulatorBytes(laneBytes));
  }

  /** Off-heap bytes of the tables built. */
  long bytes() {
    return bytes;
  }

  /**
   * What the block of channels {@code from} to {@code to - 1} looks up: group by group all taps,
   * which read nearly the same pixels, so that a chunk has few patterns.
   */
  private List<Entry> entries(int from, int to, int most) {
    List<Entry> result = new ArrayList<>();
    for (int i = 0; i < reads.size(); ) {
      int end = i;
      while (end < reads.size() && reads.get(end).synapses() == reads.get(i).synapses()) {
        end++;
      }
      int groups = reads.get(i).planes().groups.count();
      int together = (end - i) * groups > most ? Math.max(1, most / (end - i)) : groups;
      for (int first = 0; first < groups; first += together) {
        for (PlaneRead r : reads.subList(i, end)) {
          for (int g = first; g < Math.min(groups, first + together); g++) {
            if (r.connects(from, to, g)) {
              result.add(new Entry(r, g));
            }
          }
        }
      }
      i = end;
    }
    return result;
  }

  private void fillBiases(MemorySegment tables, int from, int to) {
    int lanes = Species.lanes(laneBytes);
    for (int oc = from; oc < to; oc++) {
      for (int lane = 0; lane < lanes; lane++) {
        Lanes.set(tables, laneBytes, (long) (oc - from) * lanes + lane, population.bias()[oc]);
      }
    }
  }

  /** Fills a chunk's tables and adds the sizes of its weights to the bounds of their channels. */
  private void fill(MemorySegment tables, TableBlock block, List<Entry> entries) {
    int lanes = Species.lanes(laneBytes);
    long at = (long) block.rows() * lanes;
    for (Entry e : entries) {
      PlaneRead r = e.read();
      for (int row = 0; row < block.rows(); row++, at += lanes) {
        int oc = block.from() + row;
        if (oc >= block.to()) {
          continue;
        }
        int[] sums = r.sums(e.group(), oc);
        for (int k = 0; k < sums.length; k++) {
          Lanes.set(tables, laneBytes, at + k, sums[k]);
        }
        // The sizes of all weights: of signed spikes one pattern adds them up.
        long largest = Arrays.stream(sums).max().orElse(0);
        bound[oc] += r.planes().signed ? largest : largest - Arrays.stream(sums).min().orElse(0);
      }
    }
  }
}
