// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.TermSum;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Keeps large arrays for whoever needs one of the same length next, so that memory does not grow
 * with the depth of a network. Threads may take and give at the same time.
 */
final class MapPool {
  /** Values of one type that may lie about for others of their length. */
  private static final long MOST_UNUSED = 24L << 20;

  /** Arrays of one type that nobody uses, by length. */
  private static final class Unused<A> {
    private final Map<Integer, Deque<A>> byLength = new HashMap<>();
    private final IntFunction<A> make;
    private long values;

    Unused(IntFunction<A> make) {
      this.make = make;
    }

    synchronized A take(int length) {
      Deque<A> kept = byLength.get(length);
      if (kept != null && !kept.isEmpty()) {
        values -= length;
        return kept.pop();
      }
      if (values > MOST_UNUSED) {
        // Of maps that have shrunk since, in a network whose first ones are large.
        byLength.clear();
        values = 0;
      }
      return make.apply(length);
    }

    synchronized void give(int length, A array) {
      byLength.computeIfAbsent(length, k -> new ArrayDeque<>()).push(array);
      values += length;
    }
  }

  private final Unused<float[]> floats = new Unused<>(float[]::new);
  private final Unused<int[]> ints = new Unused<>(int[]::new);
  private final Unused<short[]> shorts = new Unused<>(short[]::new);
  private final Unused<byte[]> bytes = new Unused<>(byte[]::new);
  private final Unused<TermSum> sums = new Unused<>(k -> new TermSum());

  /** Zeroed rows. */
  float[][] take(int rows, int length) {
    float[][] result = new float[rows][];
    for (int r = 0; r < rows; r++) {
      result[r] = floats.take(length);
      Arrays.fill(result[r], 0);
    }
    return result;
  }

  /** Rows that hold anything. */
  short[][] takeShorts(int rows, int length) {
    short[][] result = new short[rows][];
    Arrays.setAll(result, r -> shorts.take(length));
    return result;
  }

  /** Rows that hold anything. */
  byte[][] takeBytes(int rows, int length) {
    byte[][] result = new byte[rows][];
    Arrays.setAll(result, r -> bytes.take(length));
    return result;
  }

  /** Takes rows back, which nobody may use any more. */
  void give(float[][] rows) {
    for (float[] row : rows) {
      floats.give(row.length, row);
    }
  }

  /** Takes rows back, which nobody may use any more. */
  void give(short[][] rows) {
    for (short[] row : rows) {
      shorts.give(row.length, row);
    }
  }

  /** Takes rows back, which nobody may use any more. */
  void give(byte[][] rows) {
    for (byte[] row : rows) {
      bytes.give(row.length, row);
    }
  }

  /** What a part of the work, on whatever threads, borrows until it is closed. */
  Lease lease() {
    return new Lease(this);
  }

  /** Gives everything back that was taken through it. Threads may take at the same time. */
  static final class Lease implements AutoCloseable {
    private final MapPool pool;
    private final List<float[][]> maps = new ArrayList<>();
    private final List<int[][]> wholes = new ArrayList<>();
    private final List<TermSum> sums = new ArrayList<>();

    private Lease(MapPool pool) {
      this.pool = pool;
    }

    /** Zeroed rows. */
    float[][] take(int rows, int length) {
      float[][] result = pool.take(rows, length);
      synchronized (this) {
        maps.add(result);
      }
      return result;
    }

    /** Zeroed rows of whole numbers. */
    int[][] takeInts(int rows, int length) {
      int[][] result = new int[rows][];
      for (int r = 0; r < rows; r++) {
        result[r] = pool.ints.take(length);
        Arrays.fill(result[r], 0);
      }
      synchronized (this) {
        wholes.add(result);
      }
      return result;
    }

    /** For one thread. */
    TermSum sum() {
      TermSum result = pool.sums.take(0);
      synchronized (this) {
        sums.add(result);
      }
      return result;
    }

    @Override
    public synchronized void close() {
      maps.forEach(pool::give);
      for (int[][] rows : wholes) {
        for (int[] row : rows) {
          pool.ints.give(row.length, row);
        }
      }
      wholes.clear();
      sums.forEach(s -> pool.sums.give(0, s));
      maps.clear();
      sums.clear();
    }
  }
}
