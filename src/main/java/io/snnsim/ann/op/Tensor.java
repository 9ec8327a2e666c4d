// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import java.util.Arrays;

/**
 * A dense float32 tensor in C order: what an imported network's parameters are made of. Treat as
 * immutable once built (the array is not copied); then it is safe to share between threads.
 */
public record Tensor(int[] shape, float[] data) {
  /** Checks that the shape's product is the number of values. */
  public Tensor {
    // Zero comes first, since the other sizes of an empty tensor may be any.
    long n = Arrays.stream(shape).anyMatch(d -> d == 0) ? 0 : 1;
    for (int d : shape) {
      n = n == 0 ? 0 : Math.multiplyExact(n, d);
    }
    if (n != data.length) {
      throw new IllegalArgumentException(
          "tensor shape "
              + Arrays.toString(shape)
              + " holds "
              + n
              + " values, found "
              + data.length);
    }
  }

  /** A tensor over {@code data} with the given dimensions. */
  public static Tensor of(float[] data, int... shape) {
    return new Tensor(shape, data);
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** Number of values. */
  public int size() {
    return data.length;
  }
}
