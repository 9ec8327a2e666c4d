// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import java.util.Optional;

/**
 * Calibration images in two parts that share none: those that lambdas are measured on during a
 * search, and those that its candidates are judged by. Immutable.
 *
 * @param calibration the first images
 * @param judges the last quarter, at most {@value #MOST}
 */
public record HoldOut(Images calibration, Images judges) {
  /** Fewer judges than this decide nothing. */
  public static final int FEWEST = 20;

  /** More than this take longer and decide little more. */
  public static final int MOST = 500;

  /** Splits {@code all}; empty if that would leave fewer than {@value #FEWEST} judges. */
  public static Optional<HoldOut> of(Images all) {
    int held = Math.min(MOST, all.count() / 4);
    int first = all.count() - held;
    return held < FEWEST
        ? Optional.empty()
        : Optional.of(new HoldOut(new Part(all, 0, first), new Part(all, first, held)));
  }

  /** Index of the first judge among all images. */
  public int firstJudge() {
    return calibration.count();
  }

  private record Part(Images all, int first, int count) implements Images {
    @Override
    public void read(int index, float[] into) {
      if (index < 0 || index >= count) {
        throw new IndexOutOfBoundsException(index + " of " + count);
      }
      all.read(first + index, into);
    }
  }
}
