// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Where V(0) of few-spike neurons moves to. */
class CodeLambdaTest {
  private static final int MOST = 7;

  @Test
  void whatIsMissingIsTheMeanErrorInQuanta() {
    // At a quantum of 2: floor(0.5 + 0.5) = 1, floor(1 + 0.5) = 1, floor(20 + 0.5) is 7 at most.
    float[] arriving = {1, 2, 40};
    float[] wanted = {1, 2, 20};
    assertEquals((1 - 2 + 2 - 2 + 20 - 14) / 3.0 / 2, missing(arriving, wanted, 2, 0.5), 1e-6);
    assertEquals(0, missing(new float[] {-3, 4}, new float[] {0, 4}, 2, 0.5));
  }

  /** Most activations are 0, what arrives has noise, and the largest are clipped. */
  @Test
  void movingVByItRightsTheMean() {
    SplittableRandom random = new SplittableRandom(1);
    float[] wanted = new float[5000];
    float[] arriving = new float[wanted.length];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = Math.max(0, (float) random.nextGaussian() * 4 - 2);
      arriving[i] = wanted[i] + (float) random.nextGaussian() * 0.7f;
    }
    double before = missing(arriving, wanted, 1, 0.5);
    double after = missing(arriving, wanted, 1, 0.5 + before);
    assertTrue(Math.abs(before) > 0.01, "" + before);
    assertTrue(Math.abs(after) < Math.abs(before) / 2, before + " " + after);
  }

  private static double missing(float[] arriving, float[] wanted, double quantum, double v0) {
    return CodeLambda.missing(arriving, wanted, new CodeLambda.Quantum(quantum, v0, MOST, 1));
  }
}
