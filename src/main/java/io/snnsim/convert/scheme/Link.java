// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;

/** What stands between the source of a term and the sum that it is added to. Immutable. */
public sealed interface Link {
  /** The source as it is. */
  Link IDENTITY = new Shortcut(1, 0, 1);

  /** The same times {@code share}. */
  Link times(double share);

  /** Weights over a window, and a bias. */
  record Weights(Weighted op) implements Link {
    @Override
    public Link times(double share) {
      return new Weights(op.with(times(op.weight(), share), times(op.bias(), share)));
    }

    private static Tensor times(Tensor tensor, double share) {
      if (tensor == null) {
        return null;
      }
      float[] values = tensor.data().clone();
      for (int i = 0; i < values.length; i++) {
        values[i] *= (float) share;
      }
      return new Tensor(tensor.shape(), values);
    }

    /** True if every output reads the whole map. */
    public boolean fullyConnected() {
      return op instanceof Linear;
    }
  }

  /**
   * Every {@code stride}-th value of each channel.
   *
   * @param offset channels of the target before the first that is read
   * @param share of the value that is added
   */
  record Shortcut(int stride, int offset, double share) implements Link {
    @Override
    public Link times(double other) {
      return new Shortcut(stride, offset, share * other);
    }
  }
}
