// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.layers;

import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Tensor;
import java.util.Arrays;

/**
 * Makes batch norms of constants, one for each channel or one for all, and owns a budget for them,
 * since a small file has room for many that are one for all. Used by one thread.
 */
final class ChannelConstants {
  private static final int MOST = 1 << 22;

  private long made;
  private Tensor ones = filled(0, 1);
  private Tensor zeros = filled(0, 0);

  /** True if there is room for constants of so many channels more, which is then taken. */
  boolean suffice(int channels) {
    made += channels;
    return made <= MOST;
  }

  /**
   * A batch norm that multiplies and adds.
   *
   * @param factor of each channel or of all, or null for 1
   * @param addend of each channel or of all, or null for 0
   */
  BatchNorm affine(float[] factor, float[] addend, int channels) {
    if (ones.size() != channels) {
      ones = filled(channels, 1);
      zeros = filled(channels, 0);
    }
    return new BatchNorm(perChannel(factor, ones), perChannel(addend, zeros), zeros, ones, 0);
  }

  private static Tensor perChannel(float[] given, Tensor fallback) {
    if (given == null) {
      return fallback;
    }
    return given.length == 1 ? filled(fallback.size(), given[0]) : Tensor.of(given, given.length);
  }

  private static Tensor filled(int n, float value) {
    float[] result = new float[n];
    Arrays.fill(result, value);
    return Tensor.of(result, n);
  }
}
