// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.dump.layers.Value;
import io.snnsim.dump.layers.Zeros;
import io.snnsim.geometry.Window;

/**
 * The padding that Keras calls 'same': as many outputs as inputs divided by the stride, rounded up.
 * Where the zeros are an odd number, one more of them is behind than before. Stateless.
 */
final class Same {
  private Same() {}

  /** A map with the zeros around it that a window needs. */
  static Value padded(Reading to, Value in, Window w) {
    return to.graph().pad(in, zeros(in, w));
  }

  /** A sequence with zeros before it. */
  static Value before(Reading to, Value in, int zeros) {
    return to.graph().pad(in, new Zeros(0, zeros, 0, 0));
  }

  /** The zeros around a map, and around those that it has. */
  static Zeros zeros(Value in, Window w) {
    Zeros has = in.zeros();
    int height = in.shape().height() + has.top() + has.bottom();
    int width = in.shape().width() + has.left() + has.right();
    int rows = missing(height, w.kernelH(), w.strideH(), w.dilationH());
    int columns = missing(width, w.kernelW(), w.strideW(), w.dilationW());
    return new Zeros(rows / 2, columns / 2, rows - rows / 2, columns - columns / 2);
  }

  private static int missing(int size, int kernel, int stride, int dilation) {
    if (stride < 1) {
      return 0; // Refused where the window is checked.
    }
    long outputs = (size + (long) stride - 1) / stride;
    long reach = (outputs - 1) * stride + (kernel - 1L) * dilation + 1;
    return Math.clamp(reach - size, 0, 1 << 24);
  }
}
