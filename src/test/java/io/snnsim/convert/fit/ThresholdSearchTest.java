// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Errors of thresholds against a simulation neuron by neuron, in real numbers. */
class ThresholdSearchTest {
  private static double naive(
      float[][] trains, float[] a, double q, boolean signed, double v0, double penalty) {
    double mean = 0;
    double squares = 0;
    double error = 0;
    double fired = 0;
    for (int i = 0; i < a.length; i++) {
      mean += a[i] / (double) a.length;
      squares += (double) a[i] * a[i] / a.length;
      double v = v0 * q;
      int n = 0;
      for (float[] in : trains) {
        v += in[i];
        if (v >= q) {
          v -= q;
          n++;
          fired++;
        } else if (signed && v < 0 && n > 0) {
          v += q;
          n--;
          fired++;
        }
      }
      error += (q * n - a[i]) * (q * n - a[i]);
    }
    return error + penalty * (squares - mean * mean) * fired / trains.length;
  }

  @Test
  void errorsAreThoseOfASimulation() {
    for (long seed = 1; seed <= 40; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int steps = 1 + random.nextInt(12);
      int neurons = 1 + random.nextInt(200);
      boolean signed = random.nextBoolean();
      double largest = Math.exp(random.nextGaussian() * 3);
      float[] a = new float[neurons];
      float[][] trains = new float[steps][neurons];
      for (int i = 0; i < neurons; i++) {
        a[i] = (float) (largest * Math.max(0, random.nextDouble() * 1.5 - 0.5));
        for (float[] in : trains) {
          in[i] = (float) (a[i] / steps + largest * random.nextGaussian() * 0.5 / steps);
        }
      }
      double[] found =
          new ThresholdSearch(signed, 0.5, neurons, steps).errors(trains, a, largest, 0.05);
      double worst = 0;
      for (int k = 0; k < found.length; k++) {
        double q = largest * ThresholdSearch.share(k) / steps;
        double expected = naive(trains, a, q, signed, 0.5, 0.05);
        worst = Math.max(worst, Math.abs(found[k] - expected) / (expected + 1e-9));
      }
      // A neuron within rounding of a threshold may fire a step earlier or later.
      assertTrue(worst < 0.05 + 2.0 / neurons, "seed=" + seed + " error " + worst);
    }
  }

  @Test
  void candidatesReachFromAFifthToTheLargest() {
    assertEquals(0.2, ThresholdSearch.share(0));
    assertEquals(1.0, ThresholdSearch.share(ThresholdSearch.candidates() - 1), 0.02);
  }
}
