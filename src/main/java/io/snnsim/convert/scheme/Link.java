// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Weighted;

/** What stands between the source of a term and the sum that it is added to. Immutable. */
public sealed interface Link {
  /** The source as it is. */
  Link IDENTITY = new Shortcut(1, 0);

  /** Weights over a window, and a bias. */
  record Weights(Weighted op) implements Link {
    /** True if every output reads the whole map. */
    public boolean fullyConnected() {
      return op instanceof Linear;
    }
  }

  /**
   * Every {@code stride}-th value of each channel.
   *
   * @param offset channels of the target before the first that is read
   */
  record Shortcut(int stride, int offset) implements Link {}
}
