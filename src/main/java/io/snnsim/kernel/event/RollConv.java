// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.event;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * What the 3x3, stride 1, padding 1 convolutions share: they walk the source column by column, and
 * every spike of a column reaches three neighbouring output pixels, so one list entry feeds three
 * accumulators that roll on by one pixel. The list of a source pixel is written without branches,
 * by compressing channel numbers under the spike bits: with few channels a branch a pixel is
 * mispredicted more often than not and costs more than the additions. That of a column (three
 * source pixels) is put together from these. All blocks of target channels walk the same lists,
 * which are written once a step. Confined to the simulation's thread; allocates nothing once
 * compiled.
 */
abstract class RollConv implements RowKernel {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int INT_LANES = Species.INTS.length();

  /** Source rows whose pixels' lists are kept: a power of two, at least the window's. */
  private static final int KEPT_ROWS = 4;

  /** Spikes as byte offsets of their weights' row for the window's column 0, [y][x] one by one. */
  final MemorySegment list;

  final MemorySegment weights;
  final MemorySegment accumulator;
  final int width;

  private final PopulationState source;

  /** As {@link #list}, of source pixels without the window's row: [row][x], each its own place. */
  private final MemorySegment pixelList;

  /** Entries in {@link #pixelList} from pixel to pixel. */
  private final int pixelEntries;

  /** By kept row and x: entries. */
  private final int[] pixelCount;

  private final MemorySegment spikes;
  private final int height;
  private final int bits;
  private final int words;
  private final int weightBytes;
  private final long[] blockOffset;
  private final PopulationState target;

  /** By row of the target: entries from its first column on. */
  private final int rowEntries;

  /** By column of the target: where its entries end. */
  private final int[] ends;

  /** By row of the target: visit of the source's step, and lanes, that its lists were made for. */
  private final long[] listedVisit;

  private final int[] listedLanes;

  /** What the kept rows are: of which row, visit and bytes of a row of weights. */
  private final int[] keptRow;

  private final long[] keptVisit;
  private final int[] keptRowBytes;

  RollConv(ConvArgs a) {
    PopulationState s = a.source();
    boolean kept = a.target().blocks > 1;
    // A vector of slack: lists are written by whole vectors.
    rowEntries = 3 * s.bits * s.width + 64;
    list = a.arena().allocate((kept ? s.height : 1) * rowEntries * 4L, 64);
    weights = a.weights();
    accumulator = a.target().accumulator;
    width = s.width;
    height = s.height;
    source = s;
    spikes = s.spikes;
    bits = s.bits;
    words = s.words;
    weightBytes = a.weightBytes();
    blockOffset = a.blockOffset();
    target = a.target();
    pixelEntries = (s.bits + INT_LANES - 1) / INT_LANES * INT_LANES;
    pixelList = a.arena().allocate((long) KEPT_ROWS * s.width * pixelEntries * 4, 64);
    pixelCount = new int[KEPT_ROWS * s.width];
    keptRow = new int[KEPT_ROWS];
    keptVisit = new long[KEPT_ROWS];
    Arrays.fill(keptVisit, -1);
    keptRowBytes = new int[KEPT_ROWS];
    ends = new int[height * width];
    listedVisit = new long[height];
    Arrays.fill(listedVisit, -1);
    listedLanes = new int[height];
  }

  /** True if this kernel computes a convolution of that geometry. */
  static boolean fits(Window g) {
    return g.kernelH() == 3
        && g.kernelW() == 3
        && g.strideH() == 1
        && g.strideW() == 1
        && g.padH() == 1
        && g.padW() == 1
        && g.dilationH() == 1
        && g.dilationW() == 1;
  }

  @Override
  public final void row(int block, int y) {
    int lanes = target.lanes(block);
    int vectors = lanes / lanesPerVector();
    int tapBytes = bits * lanes * weightBytes;
    long start = blockOffset[block];
    if (listedVisit[y] != source.visits() || listedLanes[y] != lanes) {
      listRow(y, lanes * weightBytes, tapBytes);
      listedVisit[y] = source.visits();
      listedLanes[y] = lanes;
    }
    int first = 0;
    for (; first + 4 <= vectors; first += 4) {
      roll4(y, lanes, start, tapBytes, first);
    }
    if (first + 2 <= vectors) {
      roll2(y, lanes, start, tapBytes, first);
      first += 2;
    }
    if (first < vectors) {
      roll1(y, lanes, start, tapBytes, first);
    }
  }

  /** Index in {@link #list} of the first entry of row {@code y}. */
  final int firstEntry(int y) {
    return target.blocks > 1 ? y * rowEntries : 0;
  }

  /** Index in {@link #list} after the last entry of a column. */
  final int lastEntry(int y, int x) {
    return ends[y * width + x];
  }

  private void listRow(int y, int rowBytes, int tapBytes) {
    int above = Math.max(0, y - 1);
    int below = Math.min(height - 1, y + 1);
    for (int iy = above; iy <= below; iy++) {
      keepPixels(iy, rowBytes);
    }
    int n = firstEntry(y);
    for (int x = 0; x < width; x++) {
      for (int iy = above; iy <= below; iy++) {
        n = append(iy % KEPT_ROWS * width + x, (iy - y + 1) * 3 * tapBytes, n);
      }
      ends[y * width + x] = n;
    }
  }

  /**
   * Appends a kept pixel's list, of the window's row at {@code base}, from entry {@code first} on.
   * The usual few vectors are copied without a loop, whose set-up would take longer than they do.
   */
  private int append(int pixel, int base, int first) {
    int entries = pixelCount[pixel];
    long from = (long) pixel * pixelEntries * 4;
    long to = first * 4L;
    copy(from, base, to);
    if (entries > INT_LANES) {
      copy(from + INT_LANES * 4L, base, to + INT_LANES * 4L);
      if (entries > 2 * INT_LANES) {
        for (long i = 2 * INT_LANES * 4L; i < entries * 4L; i += INT_LANES * 4L) {
          copy(from + i, base, to + i);
        }
      }
    }
    return first + entries;
  }

  private void copy(long from, int base, long to) {
    IntVector.fromMemorySegment(Species.INTS, pixelList, from, LE)
        .add(base)
        .intoMemorySegment(list, to, LE);
  }

  /** Lists the spikes of each pixel of source row {@code iy}. */
  private void keepPixels(int iy, int rowBytes) {
    int kept = iy % KEPT_ROWS;
    if (keptRow[kept] == iy
        && keptVisit[kept] == source.visits()
        && keptRowBytes[kept] == rowBytes) {
      return;
    }
    keptRow[kept] = iy;
    keptVisit[kept] = source.visits();
    keptRowBytes[kept] = rowBytes;
    IntVector offsets = Species.IOTA.mul(rowBytes);
    long at = source.spikeBase + (long) iy * width * words;
    for (int x = 0; x < width; x++) {
      long first = (long) (kept * width + x) * pixelEntries;
      int n = 0;
      for (int b = 0; b < words; b++) {
        long word = spikes.getAtIndex(JAVA_LONG, at++);
        int base = b * 64 * rowBytes;
        int left = Math.min(64, bits - b * 64);
        for (int l = 0; l < left; l += INT_LANES) {
          VectorMask<Integer> spikes = VectorMask.fromLong(Species.INTS, word >>> l);
          offsets
              .add(base + l * rowBytes)
              .compress(spikes)
              .intoMemorySegment(pixelList, (first + n) * 4, LE);
          n += spikes.trueCount();
        }
      }
      pixelCount[kept * width + x] = n;
    }
  }

  /** Lanes of an accumulator. */
  abstract int lanesPerVector();

  /** One row with one vector an output pixel, the {@code first}-th of the block. */
  abstract void roll1(int y, int lanes, long start, int tapBytes, int first);

  /** As {@link #roll1} with two vectors. */
  abstract void roll2(int y, int lanes, long start, int tapBytes, int first);

  /** As {@link #roll1} with four vectors. */
  abstract void roll4(int y, int lanes, long start, int tapBytes, int first);
}
