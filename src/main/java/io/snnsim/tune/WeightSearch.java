// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.convert.SchemeOptions;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Chooses how far 8-bit weights go from 0: {@value SchemeOptions#HALF_WEIGHT} if that costs no more
 * than a narrower precision may. Immutable; runs on the calling thread.
 *
 * @param images that judge
 * @param right how many of them a conversion with this largest weight has right
 */
public record WeightSearch(int images, IntUnaryOperator right) {
  /** One largest weight with its right answers. */
  public record Candidate(int largestWeight, int right, int images) {
    /** Accuracy in percent. */
    public double percent() {
      return 100.0 * right / images;
    }
  }

  /** What was tried, in order, and what was chosen. */
  public record Outcome(Candidate chosen, List<Candidate> tried) {}

  /** The smaller one within {@link Search#TOLERANCE} points of the larger. */
  public Outcome choose() {
    Candidate reference = judged(SchemeOptions.LARGEST_WEIGHT);
    Candidate half = judged(SchemeOptions.HALF_WEIGHT);
    boolean holds = Search.tolerable(reference.right(), half.right(), images);
    return new Outcome(holds ? half : reference, List.of(reference, half));
  }

  private Candidate judged(int largest) {
    return new Candidate(largest, right.applyAsInt(largest), images);
  }
}
