// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

import io.snnsim.error.SnnsimException;
import java.util.Arrays;
import java.util.Objects;

/**
 * A parameter of a network in memory. The arrays are not copied; safe to share between threads as
 * long as nobody changes them.
 *
 * @param shape sizes of its dimensions, each at least 1, the outermost first: a convolution's
 *     weights are [out channels][in channels / groups][height][width], a fully connected layer's
 *     [out][in]
 * @param values finite, in C order
 */
public record Tensor(int[] shape, float[] values) {
  /**
   * Checks shape and values.
   *
   * @throws SnnsimException (bad data) naming what does not fit
   */
  public Tensor {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(values, "values");
    long size = 1;
    for (int d : shape) {
      if (d < 1) {
        throw SnnsimException.badData(
            "tensor: found shape " + Arrays.toString(shape) + ", expected sizes of 1 or more");
      }
      size = Math.min(Integer.MAX_VALUE + 1L, size * d);
    }
    if (size != values.length) {
      throw SnnsimException.badData(
          "tensor of shape "
              + Arrays.toString(shape)
              + ": found "
              + values.length
              + " values, expected "
              + size);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw SnnsimException.badData(
            "tensor: found " + values[i] + " at element " + i + ", expected finite values");
      }
    }
  }
}
