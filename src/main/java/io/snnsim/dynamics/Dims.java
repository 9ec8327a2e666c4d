// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import java.util.Arrays;
import java.util.List;

/**
 * Sizes of what a node sends, in C order: [values], [channels, length] or [channels, height,
 * width]; no size at all is a single value. Immutable.
 */
public record Dims(List<Integer> sizes) {
  /** Values that a node may send at most. */
  public static final int MOST = 1 << 28;

  /**
   * Checks the sizes.
   *
   * @throws Misfit if one is below 1 or they are more than {@value #MOST} values
   */
  public Dims {
    sizes = List.copyOf(sizes);
    long n = 1;
    for (int s : sizes) {
      n = s < 1 || n > MOST ? Long.MAX_VALUE : n * s;
    }
    if (n > MOST) {
      throw new Misfit(
          "", "found the sizes " + sizes + ", expected 1 or more, 2^28 values at most");
    }
  }

  /** Of the given sizes. */
  public static Dims of(int... sizes) {
    return new Dims(Arrays.stream(sizes).boxed().toList());
  }

  /** Values. */
  public int size() {
    int n = 1;
    for (int s : sizes) {
      n *= s;
    }
    return n;
  }

  /** Number of sizes. */
  public int rank() {
    return sizes.size();
  }

  /** The first size; 1 if there is none. */
  public int channels() {
    return sizes.isEmpty() ? 1 : sizes.getFirst();
  }

  /** The last size but {@code back}. */
  int last(int back) {
    return sizes.get(sizes.size() - 1 - back);
  }

  /** True if the sizes are the same but for ones, which say nothing of the order of values. */
  public boolean alike(Dims other) {
    return plain().equals(other.plain());
  }

  private List<Integer> plain() {
    return sizes.stream().filter(s -> s > 1).toList();
  }

  @Override
  public String toString() {
    return sizes.toString();
  }
}
