// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Picks a subsampled map's pixels out of each vector of the full one and appends them. What a
 * vector writes beyond them is overwritten by the next one or lies in the zeros after the plane.
 * Immutable, its planes apart; running allocates nothing once compiled.
 *
 * <p>By permuting and not by {@code compress}: C2 has no compression of shorts without AVX-512
 * VBMI2 and boxes every vector of it, whereas whoever looks up has permutations.
 */
final class Subsampling implements SlotStep {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private final long slotBytes;
  private final IndexPlanes set;
  private final IndexPlanes full;
  private final MemorySegment planes;

  /** Pixels picked out of the vectors before each. */
  private final int[] before;

  /** [vector][place]: from which lane comes what lies in a place; of 8-bit lanes, 16 or 32. */
  private final byte[] lane8;

  private final short[] lane16;

  private final int[] lane32;

  /** [window][vector][place]: all ones where the window sees the pixel, 0 where none was picked. */
  private final byte[][] seen8;

  private final short[][] seen16;

  private final int[][] seen32;

  Subsampling(LookupArgs args, IndexPlanes set, IndexPlanes.Subsampled origin) {
    slotBytes = args.network().slotBytes();
    this.set = set;
    planes = args.planes();
    full = origin.full();
    int vectors = full.vectors();
    int lanes = full.lanes;
    before = new int[vectors + 1];
    lane8 = new byte[vectors * lanes];
    lane16 = new short[vectors * lanes];
    lane32 = new int[vectors * lanes];
    seen8 = new byte[set.ranges()][vectors * lanes];
    seen16 = new short[set.ranges()][vectors * lanes];
    seen32 = new int[set.ranges()][vectors * lanes];
    int k = 0;
    for (int v = 0; v < vectors; v++) {
      before[v] = k;
      for (int l = 0; l < lanes; l++) {
        if (!picks(origin, v * lanes + l)) {
          continue;
        }
        int place = v * lanes + k - before[v];
        lane8[place] = (byte) l;
        lane16[place] = (short) l;
        lane32[place] = l;
        for (int w = 0; w < set.ranges(); w++) {
          int mask = Lanes.get(set.masks(), set.laneBytes, (long) w * set.paddedPixels() + k);
          seen8[w][place] = (byte) mask;
          seen16[w][place] = (short) mask;
          seen32[w][place] = mask;
        }
        k++;
      }
    }
    before[vectors] = k;
  }

  private static boolean picks(IndexPlanes.Subsampled o, int pixel) {
    int y = pixel / o.full().width - o.firstRow();
    int x = pixel % o.full().width - o.firstColumn();
    return pixel < o.full().height * o.full().width
        && y >= 0
        && x >= 0
        && y % o.strideH() == 0
        && x % o.strideW() == 0;
  }

  @Override
  public void run(int slot) {
    long start = slot * slotBytes;
    for (int g = 0; g < set.groups.count(); g++) {
      long from = start + full.offset(0, g);
      for (int w = 0; w < seen16.length; w++) {
        long to = start + set.offset(w, g);
        switch (set.laneBytes) {
          case 4 -> pick(planes, from, to, lane32, seen32[w], before);
          case 2 -> pick(planes, from, to, lane16, seen16[w], before);
          default -> pick(planes, from, to, lane8, seen8[w], before);
        }
      }
    }
  }

  private static void pick(
      MemorySegment planes, long from, long to, byte[] lane, byte[] seen, int[] before) {
    int lanes = Species.INDICES.length();
    for (int v = 0; v < before.length - 1; v++) {
      if (before[v + 1] != before[v]) {
        int i = v * lanes;
        ByteVector.fromArray(Species.INDICES, lane, i)
            .selectFrom(ByteVector.fromMemorySegment(Species.INDICES, planes, from + i, LE))
            .and(ByteVector.fromArray(Species.INDICES, seen, i))
            .intoMemorySegment(planes, to + before[v], LE);
      }
    }
  }

  private static void pick(
      MemorySegment planes, long from, long to, short[] lane, short[] seen, int[] before) {
    int lanes = Species.SHORTS.length();
    for (int v = 0; v < before.length - 1; v++) {
      if (before[v + 1] != before[v]) {
        int i = v * lanes;
        ShortVector.fromArray(Species.SHORTS, lane, i)
            .selectFrom(ShortVector.fromMemorySegment(Species.SHORTS, planes, from + i * 2L, LE))
            .and(ShortVector.fromArray(Species.SHORTS, seen, i))
            .intoMemorySegment(planes, to + before[v] * 2L, LE);
      }
    }
  }

  private static void pick(
      MemorySegment planes, long from, long to, int[] lane, int[] seen, int[] before) {
    int lanes = Species.INTS.length();
    for (int v = 0; v < before.length - 1; v++) {
      if (before[v + 1] != before[v]) {
        int i = v * lanes;
        IntVector.fromArray(Species.INTS, lane, i)
            .selectFrom(IntVector.fromMemorySegment(Species.INTS, planes, from + i * 4L, LE))
            .and(IntVector.fromArray(Species.INTS, seen, i))
            .intoMemorySegment(planes, to + before[v] * 4L, LE);
      }
    }
  }
}
