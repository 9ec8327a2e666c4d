// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import java.util.Arrays;

/**
 * Keeps the {@code k} largest of a stream of floats, exactly, in memory for 2k. NaN counts as
 * largest, so that it cannot pass unseen. Confined to one thread; merge the instances of several
 * threads at the end.
 */
final class LargestValues {
  /** Largest k, so that 2k is a length that arrays can have. */
  static final int MOST = 1 << 29;

  private final int k;
  private float[] values;
  private int size;
  private float floor = Float.NEGATIVE_INFINITY;

  LargestValues(long k) {
    this.k = Math.toIntExact(Math.min(k, MOST));
    this.values = new float[Math.min(this.k, 1024) + 64];
  }

  void add(float[] source, int count) {
    for (int i = 0; i < count; i++) {
      float x = source[i];
      if (!(x <= floor)) {
        push(x);
      }
    }
  }

  void merge(LargestValues other) {
    add(other.values, other.size);
  }

  /** The kept values, ascending; at least the k largest if that many were added. */
  float[] sorted() {
    float[] result = Arrays.copyOf(values, size);
    Arrays.sort(result);
    return result;
  }

  private void push(float x) {
    if (size == values.length) {
      if (size < 2L * k) {
        values = Arrays.copyOf(values, (int) Math.min(2L * k, 2L * size));
      } else {
        // Values equal to the floor that are dropped later cannot be among the k largest.
        Arrays.sort(values, 0, size);
        System.arraycopy(values, size - k, values, 0, k);
        size = k;
        floor = values[0];
        if (x <= floor) {
          return;
        }
      }
    }
    values[size++] = x;
  }
}
