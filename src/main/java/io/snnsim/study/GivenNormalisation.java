// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.Normalisation;
import io.snnsim.error.SnnsimException;
import java.util.Arrays;

/** Mean and standard deviation as options give them. Stateless. */
final class GivenNormalisation {
  private GivenNormalisation() {}

  /**
   * For every channel.
   *
   * @param mean one, or one a channel; null for 0
   * @param std one, or one a channel; null for 1
   * @throws SnnsimException (usage) if they are others
   */
  static Normalisation of(float[] mean, float[] std, int channels) {
    float[] means = perChannel(mean, channels, 0, "--mean");
    float[] stds = perChannel(std, channels, 1, "--std");
    for (int c = 0; c < channels; c++) {
      if (!Float.isFinite(means[c])) {
        throw SnnsimException.usage("--mean: found " + means[c] + ", expected finite numbers");
      }
      if (!(stds[c] > 0) || !Float.isFinite(stds[c])) {
        throw SnnsimException.usage("--std: found " + stds[c] + ", expected numbers > 0");
      }
    }
    return new Normalisation(means, stds);
  }

  private static float[] perChannel(float[] given, int channels, float otherwise, String option) {
    float[] result = new float[channels];
    Arrays.fill(result, otherwise);
    if (given == null) {
      return result;
    }
    if (given.length == 1) {
      Arrays.fill(result, given[0]);
      return result;
    }
    if (given.length != channels) {
      throw SnnsimException.usage(
          option
              + ": found "
              + given.length
              + " values, expected "
              + (channels > 1 ? "one or " : "")
              + channels);
    }
    return given;
  }
}
