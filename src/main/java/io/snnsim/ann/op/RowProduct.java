// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

/**
 * The inner loop of every dense product: two output rows at a time, so that what is loaded is used
 * twice. Stateless, allocates nothing.
 */
public final class RowProduct {
  private RowProduct() {}

  /**
   * Adds {@code sum over r of weights[a + r] * rows[r][i]} to {@code s[i]}, and the same with
   * {@code b} to {@code t[i]}, for the first {@code n} values. The order of additions depends on
   * {@code count} alone.
   *
   * @param count rows
   * @param b where the second row of weights begins, or -1 if there is none ({@code t} is then
   *     scratch)
   */
  public static void add(
      float[] s, float[] t, float[][] rows, int count, float[] weights, int a, int b, int n) {
    int second = b < 0 ? a : b;
    int r = 0;
    for (; r + 4 <= count; r += 4) {
      add4(
          s,
          t,
          rows[r],
          rows[r + 1],
          rows[r + 2],
          rows[r + 3],
          weights[a + r],
          weights[a + r + 1],
          weights[a + r + 2],
          weights[a + r + 3],
          weights[second + r],
          weights[second + r + 1],
          weights[second + r + 2],
          weights[second + r + 3],
          n);
    }
    for (; r < count; r++) {
      add1(s, t, rows[r], weights[a + r], b < 0 ? 0 : weights[b + r], n);
    }
  }

  // Rows are arrays of their own and indexed by the loop variable alone: C2 vectorises that (29
  // GMAC/s), but not offsets into one array (4 GMAC/s), where it cannot rule out aliasing.
  private static void add4(
      float[] s,
      float[] t,
      float[] c0,
      float[] c1,
      float[] c2,
      float[] c3,
      float a0,
      float a1,
      float a2,
      float a3,
      float b0,
      float b1,
      float b2,
      float b3,
      int n) {
    for (int i = 0; i < n; i++) {
      s[i] = s[i] + a0 * c0[i] + a1 * c1[i] + a2 * c2[i] + a3 * c3[i];
      t[i] = t[i] + b0 * c0[i] + b1 * c1[i] + b2 * c2[i] + b3 * c3[i];
    }
  }

  private static void add1(float[] s, float[] t, float[] c, float a, float b, int n) {
    for (int i = 0; i < n; i++) {
      s[i] = s[i] + a * c[i];
      t[i] = t[i] + b * c[i];
    }
  }
}
