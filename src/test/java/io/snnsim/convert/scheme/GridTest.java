// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.network.Precision;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The proof behind narrow arithmetic: whatever fires, one step's input sum fits its type. */
class GridTest {
  private static final Grid.Stored I8 = Grid.Stored.of(Precision.I8, 127);
  private static final Grid.Stored HALF = Grid.Stored.of(Precision.I8, 63);
  private static final Grid.Stored I16 = Grid.Stored.of(Precision.I16, 127);
  private static final int CHANNELS = 4000;

  /** Weights of any size and number, some at the edge of what narrow types hold. */
  private static Grid.Channel random(SplittableRandom random) {
    int dense = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(1 << random.nextInt(12));
    int channelwise = random.nextInt(3) > 0 ? 0 : 1 + random.nextInt(9);
    double scale = Math.pow(2, random.nextInt(-10, 8));
    double[] w = new double[dense];
    for (int i = 0; i < dense; i++) {
      w[i] = random.nextGaussian() * scale / Math.sqrt(dense);
    }
    double[] other = new double[channelwise];
    for (int i = 0; i < channelwise; i++) {
      other[i] = random.nextDouble() * Math.pow(2, random.nextInt(-8, 4));
    }
    double bias = random.nextBoolean() ? 0 : random.nextGaussian() * scale;
    return new Grid.Channel(w, other, bias, random.nextInt(5) == 0);
  }

  /** The largest or smallest sum that any set of spikes can make, by the rounded weights. */
  private static long extreme(Grid.Channel c, int theta, int sign, int current) {
    long sum = Math.max(0, (long) sign * Grid.round(c.bias(), theta));
    sum += c.analog() ? current : 0;
    for (double[] weights : new double[][] {c.dense(), c.channelwise()}) {
      for (double w : weights) {
        sum += Math.max(0, (long) sign * Grid.round(w, theta));
      }
    }
    return sign * sum;
  }

  private static boolean fits(Grid.Channel c, int theta, int dense) {
    for (double w : c.dense()) {
      if (Math.abs(Grid.round(w, theta)) > dense) {
        return false;
      }
    }
    for (double w : c.channelwise()) {
      if (Math.abs(Grid.round(w, theta)) > Short.MAX_VALUE) {
        return false;
      }
    }
    return extreme(c, theta, 1, Grid.NARROW_CURRENT) <= Short.MAX_VALUE
        && extreme(c, theta, -1, Grid.NARROW_CURRENT) >= Short.MIN_VALUE;
  }

  /** A threshold is so coarse that V stays in 16 bits, unless that left weights too few units. */
  @Test
  void potentialsThatGoFarGetACoarserThreshold() {
    int coarser = 0;
    int kept = 0;
    for (long seed = 1; seed <= CHANNELS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Grid.Channel c = random(random);
      double furthest = Math.pow(2, 9 * random.nextDouble());
      int finest = Grid.narrowTheta(c, I8);
      boolean fires = random.nextBoolean();
      int theta = Grid.narrowTheta(c, I8, furthest, fires);
      if (c.onlyWeight() != 0 || theta == 0) {
        continue; // Of which V never goes far, or which is wide.
      }
      String where = "seed=" + seed + " theta=" + theta + " finest=" + finest;
      assertTrue(theta <= finest, where);
      double largest = 0;
      for (double w : c.dense()) {
        largest = Math.max(largest, Math.abs(w));
      }
      boolean holds = theta * furthest <= Short.MAX_VALUE || theta <= 64;
      assertTrue(holds || theta * largest <= (fires ? 32 : 4) + 1e-6, where);
      coarser += theta < finest && holds ? 1 : 0;
      kept += holds ? 0 : 1;
    }
    assertTrue(coarser > CHANNELS / 20 && kept > 0, coarser + " " + kept);
  }

  @Test
  void narrowGridsFitTheirTypesAndAreAsFineAsThatAllows() {
    int coarse = 0;
    int byWeight = 0;
    int bySum = 0;
    for (long seed = 1; seed <= CHANNELS; seed++) {
      Grid.Channel c = random(new SplittableRandom(seed));
      for (Grid.Stored stored : new Grid.Stored[] {I8, HALF, I16}) {
        int largest = stored == HALF ? 63 : stored == I8 ? 127 : 32767;
        int coarsest = stored == I16 ? 64 : 16;
        int most = c.analog() ? Grid.NARROW_CURRENT / 8 : 8191;
        int theta = Grid.narrowTheta(c, stored);
        String where = "seed=" + seed + " " + stored + " theta=" + theta;
        if (theta == 0) {
          coarse++;
          assertTrue(!fits(c, coarsest + 1, largest), where + ": " + (coarsest + 1) + " would do");
          continue;
        }
        assertTrue(theta >= coarsest && theta <= most, where);
        assertTrue(fits(c, theta, largest), where);
        boolean idle = c.reach() == 0 || c.onlyWeight() != 0;
        int finer = theta + theta / 100 + 2;
        if (theta < most && !idle && finer <= most) {
          assertTrue(!fits(c, finer, largest), where + ": " + finer + " would do");
          byWeight += extreme(c, theta, 1, 0) < 20000 ? 1 : 0;
          bySum += extreme(c, theta, 1, Grid.NARROW_CURRENT) > 32000 ? 1 : 0;
        }
      }
    }
    String seen = "coarse=" + coarse + " byWeight=" + byWeight + " bySum=" + bySum;
    assertTrue(coarse > 300 && byWeight > 300 && bySum > 300, seen);
  }

  @Test
  void wideGridsStayFarFromTheEndsOfTheirType() {
    int finest = 0;
    for (long seed = 1; seed <= CHANNELS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Grid.Channel c = random(random);
      if (random.nextInt(4) == 0) {
        c = new Grid.Channel(new double[] {3e4 * random.nextDouble()}, c.dense(), -1e3, false);
      }
      int theta = Grid.wideTheta(c);
      assertTrue(theta >= 1, "seed=" + seed);
      assertTrue(extreme(c, theta, 1, Grid.WIDE_CURRENT) <= Grid.WIDE_BOUND, "seed=" + seed);
      assertTrue(extreme(c, theta, -1, Grid.WIDE_CURRENT) >= -Grid.WIDE_BOUND, "seed=" + seed);
      finest += theta == 1 << 16 ? 1 : 0;
    }
    assertTrue(finest > CHANNELS / 2 && finest < CHANNELS, "theta = 65536 for " + finest);
  }

  @Test
  void inputBeyondAnyGridIsToldApart() {
    double[] huge = {Grid.WIDE_BOUND * 1.5};
    Grid.Channel c = new Grid.Channel(huge, new double[0], 0, false);
    assertEquals(0, Grid.narrowTheta(c, I16));
    assertEquals(0, Grid.wideTheta(c));
    assertEquals(1, Grid.wideTheta(new Grid.Channel(new double[] {2e8}, new double[0], 0, false)));
  }

  /** What the bound adds up is really reached, and by no set of spikes exceeded. */
  @Test
  void theBoundIsTheExtremeOverAllSetsOfSpikes() {
    for (long seed = 1; seed <= 60; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] w = new double[1 + random.nextInt(12)];
      for (int i = 0; i < w.length; i++) {
        w[i] = random.nextGaussian();
      }
      Grid.Channel c = new Grid.Channel(w, new double[0], random.nextGaussian(), false);
      int theta = Grid.narrowTheta(c, I8);
      int bias = Grid.round(c.bias(), theta);
      long low = 0;
      long high = 0;
      for (int spikes = 0; spikes < 1 << w.length; spikes++) {
        long sum = 0;
        for (int i = 0; i < w.length; i++) {
          sum += (spikes >> i & 1) * Grid.round(w[i], theta);
        }
        // The bias may be missing too: partial sums pass through every subset.
        low = Math.min(low, Math.min(sum, sum + bias));
        high = Math.max(high, Math.max(sum, sum + bias));
      }
      assertEquals(high, extreme(c, theta, 1, 0), "seed=" + seed);
      assertEquals(low, extreme(c, theta, -1, 0), "seed=" + seed);
    }
  }

  /** An average's taps are all alike, so the error of one would be the error of the rate. */
  @Test
  void averagesOfAnySizeAndKappaKeepTheirSum() {
    for (double kappa : new double[] {1, 1.05, 1.1, 1.25, 1.3}) {
      for (int taps = 1; taps <= 40_000; taps += taps < 300 ? 1 : 97) {
        double[] w = new double[taps];
        java.util.Arrays.fill(w, kappa / taps);
        Grid.Channel c = new Grid.Channel(new double[0], w, 0, false);
        int narrow = Grid.narrowTheta(c, I8);
        assertEquals(narrow, Grid.narrowTheta(c, I16));
        assertTrue(narrow > 0 || taps > 8191, "taps=" + taps + " kappa=" + kappa);
        for (int theta : new int[] {narrow, Grid.wideTheta(c)}) {
          if (theta == 0) {
            continue;
          }
          double gain = (double) Grid.round(w[0], theta) * taps / theta;
          double most = kappa == 1 ? 1e-12 : 0.6 / theta;
          assertEquals(1, gain / kappa, most, "taps=" + taps + " kappa=" + kappa);
          assertTrue(theta >= 16, "taps=" + taps + " kappa=" + kappa + " theta=" + theta);
        }
      }
    }
  }

  @Test
  void aChannelThatNothingDrivesHasAGridToo() {
    Grid.Channel c = new Grid.Channel(new double[3], new double[0], 0, false);
    assertEquals(256, Grid.narrowTheta(c, I8));
    assertEquals(1 << 16, Grid.wideTheta(c));
  }
}
