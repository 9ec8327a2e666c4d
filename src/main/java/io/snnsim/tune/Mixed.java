// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;

/**
 * Some of a set's images in a fixed order that mixes them, so that any part of it is like the whole
 * even if the set is sorted by class. Immutable; as safe to share as the set.
 *
 * @param count how many of them, each at most once
 */
public record Mixed(Images all, int count) implements Images {
  /** Share of the set that neighbours lie apart: the golden section keeps every part spread out. */
  private static final double APART = 0.6180339887498949;

  /** Checks that there are so many. */
  public Mixed {
    if (count < 0 || count > all.count()) {
      throw new IllegalArgumentException(count + " of " + all.count() + " images");
    }
  }

  /** Index in the set of image {@code i}. */
  public int indexOf(int i) {
    if (i < 0 || i >= count) {
      throw new IndexOutOfBoundsException(i + " of " + count);
    }
    return (int) ((long) i * stride() % all.count());
  }

  @Override
  public void read(int index, float[] into) {
    all.read(indexOf(index), into);
  }

  /** The step nearest to {@link #APART} of the set that visits every image once. */
  private int stride() {
    int n = all.count();
    int stride = Math.max(1, (int) (n * APART));
    while (commonDivisor(stride, n) != 1) {
      stride++;
    }
    return stride;
  }

  private static int commonDivisor(int a, int b) {
    return b == 0 ? a : commonDivisor(b, a % b);
  }
}
