// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps large arrays for the next population that needs one of the same length, so that memory does
 * not grow with the depth of a network. Confined to one thread.
 */
final class MapPool {
  private final Map<Integer, Deque<float[]>> free = new HashMap<>();

  /** Zeroed rows. */
  float[][] take(int rows, int length) {
    float[][] result = new float[rows][];
    for (int r = 0; r < rows; r++) {
      Deque<float[]> kept = free.get(length);
      if (kept == null || kept.isEmpty()) {
        result[r] = new float[length];
      } else {
        result[r] = kept.pop();
        Arrays.fill(result[r], 0);
      }
    }
    return result;
  }

  /** Takes rows back, which nobody may use any more. */
  void give(float[][] rows) {
    for (float[] row : rows) {
      free.computeIfAbsent(row.length, k -> new ArrayDeque<>()).push(row);
    }
  }
}
