// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.network.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sums of weights by lane against a loop that takes one weight after another. */
class LaneSumsTest {
  private static final long SEED = 6;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Around whole wide rows and whole chunks of every width of row. */
  private static final long[] ROWS = {
    1, 2, 5, 6, 7, 8, 9, 11, 12, 13, 23, 24, 25, 47, 48, 49, 143, 144, 145, 191, 192, 193, 287, 288,
    289, 575, 576, 577, 1151, 1152, 1153, 2304, 2305, 3000
  };

  private interface Weights {
    public int of(int bits, int lane, Random random);
  }

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void randomWeights(WeightType type) {
    check(type, (bits, lane, random) -> random.nextInt() >> (32 - bits));
  }

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void smallestAndLargest(WeightType type) {
    check(type, (bits, lane, random) -> random.nextBoolean() ? least(bits) : ~least(bits));
  }

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void smallestInOneLaneOnly(WeightType type) {
    check(type, (bits, lane, random) -> lane == 7 ? least(bits) : least(bits) + 1);
  }

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void zeros(WeightType type) {
    check(type, (bits, lane, random) -> 0);
  }

  private static int least(int bits) {
    return -1 << (bits - 1);
  }

  private static void check(WeightType type, Weights weights) {
    Random random = new Random(SEED);
    // One for all, as a network's projections share one: nothing of the last rows may stay.
    LaneSums sums = new LaneSums();
    for (int lanes = type == WeightType.I32 ? 16 : 32;
        lanes <= 64;
        lanes += type == WeightType.I32 ? 16 : 32) {
      for (long rows : ROWS) {
        for (boolean extremes : new boolean[] {false, true}) {
          check(sums, type, lanes, rows, extremes, weights, random);
        }
      }
    }
  }

  private static void check(
      LaneSums sums,
      WeightType type,
      int lanes,
      long rows,
      boolean extremes,
      Weights weights,
      Random random) {
    int bytes = type.bytes();
    // Not at the start, and something else behind the end.
    long offset = 64L * random.nextInt(3);
    long[][] expected = new long[lanes][3];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(offset + rows * lanes * bytes + 64, 64).fill((byte) 0x85);
      for (long r = 0; r < rows; r++) {
        for (int l = 0; l < lanes; l++) {
          int w = weights.of(8 * bytes, l, random);
          put(all, type, offset + (r * lanes + l) * bytes, w);
          expected[l][0] += w > 0 ? w : 0;
          expected[l][1] += w < 0 ? w : 0;
          expected[l][2] = extremes && w < expected[l][2] ? w : expected[l][2];
        }
      }
      sums.add(all, type, offset, rows, lanes, extremes);
    }
    for (int l = 0; l < lanes; l++) {
      String where = type + ", " + rows + " rows of " + lanes + ", lane " + l;
      assertEquals(expected[l][0], sums.positive(l), where);
      assertEquals(expected[l][1], sums.negative(l), where);
      assertEquals(expected[l][2], sums.smallest(l), where);
    }
  }

  private static void put(MemorySegment all, WeightType type, long at, int w) {
    switch (type) {
      case I8 -> all.set(ValueLayout.JAVA_BYTE, at, (byte) w);
      case I16 -> all.set(SHORT, at, (short) w);
      case I32 -> all.set(Layout.INT, at, w);
    }
  }
}
