// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import io.snnsim.network.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Adds up the weights of every lane: the positive ones, the negative ones, and which is the
 * smallest. Confined to one thread; allocates its arrays once.
 *
 * <p>Proving a large model is little else, so the loops are such that C2 makes vectors of them. It
 * does not of bytes or shorts that become ints, nor where the array that is read may be the one
 * that is written, nor (once inlined) where a loop's length varies. So weights are taken out of
 * words of 32 bits into sums of 64, and several rows are added as one wide one of constant length,
 * with zeros after the last row.
 */
final class LaneSums {
  /** Words of a wide row: whole rows, which are of 8, 16, 32, 48 or 64 words. */
  private static final int WIDE = 384;

  /** Words copied at a time: in bulk, since opening a file may run cold. */
  private static final int CHUNK = 24 * WIDE;

  /** Weights in a word at most. */
  private static final int PARTS = 4;

  private static final int LANES = 64;

  private final int[] words = new int[CHUNK];

  /**
   * By part and word of a wide row: the sum of positive ones and, {@link #WIDE} on, of negative.
   */
  private final long[] sums = new long[PARTS * 2 * WIDE];

  /** By part and word of a wide row. */
  private final long[] least = new long[PARTS * WIDE];

  private final long[] positive = new long[LANES];
  private final long[] negative = new long[LANES];
  private final long[] smallest = new long[LANES];

  /** Sum of the lane's weights above 0. */
  long positive(int lane) {
    return positive[lane];
  }

  /** Sum of the lane's weights below 0. */
  long negative(int lane) {
    return negative[lane];
  }

  /** The lane's smallest weight if it is below 0 and was asked for, else 0. */
  long smallest(int lane) {
    return smallest[lane];
  }

  /**
   * Adds up rows that lie one after another; what was added before is forgotten.
   *
   * @param at byte offset of the first
   * @param lanes weights of a row: 16, 32, 48 or 64, of 32 bits, or 32 or 64, of fewer
   * @param extremes look for the smallest too
   */
  void add(
      MemorySegment weights, WeightType type, long at, long rows, int lanes, boolean extremes) {
    Arrays.fill(sums, 0);
    Arrays.fill(least, 0);
    int bits = 8 * type.bytes();
    int row = lanes * bits / Integer.SIZE;
    for (long left = rows * row; left > 0; left -= CHUNK) {
      int n = (int) Math.min(left, CHUNK);
      int end = (n + WIDE - 1) / WIDE * WIDE;
      MemorySegment.copy(weights, Layout.INT, at, words, 0, n);
      Arrays.fill(words, n, end, 0);
      at += (long) n * Integer.BYTES;
      for (int part = 0; part * bits < Integer.SIZE; part++) {
        int above = Integer.SIZE - bits * (part + 1);
        add(words, end, above, Integer.SIZE - bits, sums, part * 2 * WIDE);
        if (extremes) {
          least(words, end, above, Integer.SIZE - bits, least, part * WIDE);
        }
      }
    }
    fold(row, Integer.SIZE / bits);
  }

  /**
   * Adds wide rows up.
   *
   * @param above bits above the weight in its word
   * @param others bits of the word that are not the weight's
   */
  private static void add(int[] words, int end, int above, int others, long[] sums, int to) {
    for (int k = 0; k < end; k += WIDE) {
      for (int i = 0; i < WIDE; i++) {
        int w = words[k + i] << above >> others;
        sums[to + i] += Math.max(w, 0);
        sums[to + WIDE + i] += Math.min(w, 0);
      }
    }
  }

  private static void least(int[] words, int end, int above, int others, long[] least, int to) {
    for (int k = 0; k < end; k += WIDE) {
      for (int i = 0; i < WIDE; i++) {
        int w = words[k + i] << above >> others;
        least[to + i] = Math.min(least[to + i], w);
      }
    }
  }

  /** Brings the sums of wide rows home to their lanes. */
  private void fold(int row, int parts) {
    Arrays.fill(positive, 0);
    Arrays.fill(negative, 0);
    Arrays.fill(smallest, 0);
    for (int part = 0; part < parts; part++) {
      for (int i = 0; i < WIDE; i++) {
        int lane = i % row * parts + part;
        positive[lane] += sums[part * 2 * WIDE + i];
        negative[lane] += sums[part * 2 * WIDE + WIDE + i];
        smallest[lane] = Math.min(smallest[lane], least[part * WIDE + i]);
      }
    }
  }
}
