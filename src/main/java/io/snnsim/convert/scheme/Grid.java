// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.network.Precision;
import java.util.Arrays;

/**
 * Chooses the integer threshold of every output channel of one population and rounds to it, with
 * the proof that one step's input sum fits. Stateless.
 *
 * <p>Real weights are in units of the threshold. Narrow populations (16-bit V) take the finest
 * theta such that every weight fits its type, every possible input sum fits 16 bits, and V reaches
 * at least +-4 theta. Populations whose narrow theta would be too coarse are wide (32-bit V).
 */
public final class Grid {
  /** Largest theta of narrow populations, so that V saturates no nearer than 4 theta. */
  private static final int NARROW_THETA = 8191;

  /** Range left to the current of the image in narrow populations, which clamps to it. */
  static final int NARROW_CURRENT = 16383;

  /** The same in wide populations: 64 theta, below 2^23, where float32 still has no fraction. */
  static final int WIDE_CURRENT = 1 << 22;

  private static final int WIDE_THETA = 1 << 16;

  /** Theta of an average over millions of pixels, so that V still holds 128 theta. */
  private static final int FINEST_THETA = 1 << 24;

  static final long WIDE_BOUND = 1L << 28;

  /** Grid units that the largest weight keeps, 6 bits with its sign. */
  private static final int FEWEST_UNITS = 32;

  /** The same of a channel that never fires: that it stays silent is all that its weights do. */
  private static final int FEWEST_SILENT_UNITS = 4;

  /** The same of few-spike neurons, whose V is not rounded otherwise. */
  private static final int FEWEST_CODE_UNITS = 16;

  /** Theta of few-spike neurons that have no weights but those channel by channel. */
  private static final int COARSEST_CODE = 16;

  /** Theta that is fine enough for what the image brings, which is not rounded to weights. */
  private static final int COARSEST = 64;

  /** How far V may go from 0 in a narrow population without saturating, in units of theta. */
  public static final double FURTHEST = (double) Short.MAX_VALUE / COARSEST;

  /**
   * Real-valued inputs of one output channel.
   *
   * @param dense weights of convolutions and fully connected projections, stored in few bits
   * @param channelwise weights of channelwise projections, stored in the type of V
   * @param bias constant current
   * @param analog true if the image drives the population
   * @param signed true if its sources spike with either sign
   */
  public record Channel(
      double[] dense, double[] channelwise, double bias, boolean analog, boolean signed) {
    /** Of sources whose spikes are all positive. */
    public Channel(double[] dense, double[] channelwise, double bias, boolean analog) {
      this(dense, channelwise, bias, analog, false);
    }

    /** The same with a lambda {@code factor} times as large. */
    Channel over(double factor) {
      double[] d = dense.clone();
      double[] w = channelwise.clone();
      Arrays.setAll(d, i -> dense[i] / factor);
      Arrays.setAll(w, i -> channelwise[i] / factor);
      return new Channel(d, w, bias / factor, analog, signed);
    }

    /** Without what comes in once an image. */
    Channel synapses() {
      return new Channel(dense, channelwise, 0, false, signed);
    }

    /** Largest magnitude of one step's input sum, without what the image drives. */
    public double reach() {
      double positive = Math.max(0, bias);
      double negative = Math.max(0, -bias);
      for (double[] weights : new double[][] {dense, channelwise}) {
        for (double w : weights) {
          positive += signed ? Math.abs(w) : Math.max(0, w);
          negative += signed ? Math.abs(w) : Math.max(0, -w);
        }
      }
      return Math.max(positive, negative);
    }

    /** The weight of all synapses if nothing but one channelwise weight drives it, else 0. */
    public double onlyWeight() {
      boolean alone = dense.length == 0 && channelwise.length > 0 && bias == 0 && !analog;
      for (double w : channelwise) {
        alone &= w == channelwise[0];
      }
      return alone ? channelwise[0] : 0;
    }
  }

  /**
   * What few-spike neurons need besides: the whole code and all that comes in once an image fit
   * their V.
   *
   * @param steps K
   * @param v0 V(0) in units of theta
   */
  record Code(int steps, double v0) {
    /**
     * Largest theta at which a channel's constant input and 2^K theta stay below {@code most}.
     *
     * @param current range of the image's
     */
    double largestTheta(Channel c, double most, int current) {
      double levels = 1L << steps;
      double room = c.analog() ? most - current : most;
      return room / (levels + (levels - 1) * Math.abs(c.bias()) + v0);
    }
  }

  /**
   * How dense weights of narrow populations are stored.
   *
   * @param largest how far they go from 0
   * @param coarsest theta of neurons that send rates below which a population is wide instead
   */
  record Stored(int largest, int coarsest) {
    /**
     * In the fewest bits that the precision has.
     *
     * @param largest of those of 8 bits
     */
    static Stored of(Precision precision, int largest) {
      return precision == Precision.I8 ? new Stored(largest, 16) : new Stored(32767, 64);
    }
  }

  private Grid() {}

  /** Theta of a wide few-spike population's channel, or 0 if even theta = 1 is too fine. */
  static int wideTheta(Channel c, Code code) {
    // The image's current is a float, and clamped.
    int theta = Math.min(WIDE_THETA, (WIDE_CURRENT >> 1) >> code.steps());
    theta = (int) Math.min(theta, code.largestTheta(c, WIDE_BOUND, WIDE_CURRENT));
    long bound = WIDE_BOUND >> code.steps();
    while (theta > 0 && !fits(c.synapses(), theta, -bound, bound, 0)) {
      theta /= 2;
    }
    return theta;
  }

  /**
   * Finest theta of a narrow few-spike population's channel, or 0 if it would be too coarse.
   *
   * @param fires as of the other
   */
  static int narrowTheta(Channel c, Stored stored, Code code, boolean fires) {
    double dense = largest(c.dense());
    double theta =
        Math.min(NARROW_THETA, code.largestTheta(c, Short.MAX_VALUE - 2, NARROW_CURRENT));
    if (c.analog()) {
      theta = Math.min(theta, (double) NARROW_CURRENT / (1 << code.steps()));
    }
    theta = Math.min(theta, Short.MAX_VALUE / Math.max(1e-9, c.synapses().reach()));
    if (dense > 0) {
      theta = Math.min(theta, stored.largest() / dense);
    }
    double least = dense == 0 ? COARSEST_CODE : fires ? FEWEST_CODE_UNITS / dense : 1;
    int result = (int) theta;
    double each = c.onlyWeight();
    if (each != 0) {
      result = exactTheta(each, result);
      result = result > theta ? 0 : result;
    }
    while (result > 0 && !narrowHolds(c, result, stored, code)) {
      result -= Math.max(1, result / 1000);
    }
    return result >= Math.max(1, Math.min(least, COARSEST)) ? result : 0;
  }

  /** True if a code, all weights and their sums hold in 16 bits at this theta. */
  static boolean narrowHolds(Channel c, int theta, Stored stored, Code code) {
    return theta >= 1
        && theta <= code.largestTheta(c, Short.MAX_VALUE - 2, NARROW_CURRENT)
        && Math.rint(largest(c.dense()) * theta) <= stored.largest()
        && Math.rint(largest(c.channelwise()) * theta) <= 32767
        && fits(c.synapses(), theta, -Short.MAX_VALUE, Short.MAX_VALUE, 0);
  }

  /** Theta of a wide population's channel, or 0 if even theta = 1 is too fine for its input. */
  static int wideTheta(Channel c) {
    double each = c.onlyWeight();
    int theta = each == 0 ? WIDE_THETA : Math.min(exactTheta(each, WIDE_THETA), FINEST_THETA);
    while (theta > 0 && !fits(c, theta, -WIDE_BOUND, WIDE_BOUND, WIDE_CURRENT)) {
      theta /= 2;
    }
    return theta;
  }

  /** The same if nothing is known of how far V goes. */
  static int narrowTheta(Channel c, Stored stored) {
    return narrowTheta(c, stored, 0, true);
  }

  /**
   * Finest theta of a narrow population's channel, or 0 if it would be too coarse.
   *
   * @param furthest how far V goes from 0, in units of theta, so that it does not saturate; the
   *     largest weight keeps {@value #FEWEST_UNITS} units all the same
   * @param fires false of a channel that no calibration image makes fire: its largest weight keeps
   *     {@value #FEWEST_SILENT_UNITS}
   */
  static int narrowTheta(Channel c, Stored stored, double furthest, boolean fires) {
    double dense = largest(c.dense());
    double other = largest(c.channelwise());
    double budget = 32767.0 - (c.analog() ? NARROW_CURRENT : 0);
    double theta = c.analog() ? NARROW_CURRENT / 8.0 : NARROW_THETA;
    double unsaturated = Short.MAX_VALUE / Math.max(1, furthest);
    double units = dense == 0 ? 0 : (fires ? FEWEST_UNITS : FEWEST_SILENT_UNITS) / dense;
    theta = Math.min(theta, Math.max(COARSEST, Math.max(unsaturated, units)));
    theta = Math.min(theta, budget / Math.max(1e-9, c.reach()));
    theta = Math.min(theta, 32767 / Math.max(1e-9, other));
    if (dense > 0) {
      theta = Math.min(theta, stored.largest() / dense);
    }
    if (c.reach() == 0 && !c.analog()) {
      theta = 256; // Nothing to round.
    }
    int coarsest = stored.coarsest();
    int result = (int) theta;
    double each = c.onlyWeight();
    if (each != 0) {
      result = exactTheta(each, Math.min(result, NARROW_THETA / 2 + 1));
      result = result > theta ? 0 : result;
    }
    int current = c.analog() ? NARROW_CURRENT : 0;
    while (result >= coarsest && !fits(c, result, Short.MIN_VALUE, Short.MAX_VALUE, current)) {
      result -= Math.max(1, result / 1000);
    }
    return result >= coarsest ? result : 0;
  }

  /** True if all weights fit their types at this theta, and their sums 16 bits. */
  static boolean narrowHolds(Channel c, int theta, Stored stored) {
    return theta >= stored.coarsest()
        && Math.rint(largest(c.dense()) * theta) <= stored.largest()
        && Math.rint(largest(c.channelwise()) * theta) <= 32767
        && fits(c, theta, Short.MIN_VALUE, Short.MAX_VALUE, c.analog() ? NARROW_CURRENT : 0);
  }

  /**
   * Theta up to about {@code most} at which {@code weight} is nearly a whole number of grid units
   * and at least one, since the error of one small weight would be that of the whole sum. (Rounding
   * 1.05 / 784 at theta = 3920 would lose the 5 %.)
   */
  private static int exactTheta(double weight, int most) {
    double units = Math.max(1, Math.floor(most * Math.abs(weight) + 1e-9));
    return (int) Math.rint(units / Math.abs(weight));
  }

  public static int round(double w, int theta) {
    return (int) Math.rint(w * theta);
  }

  /** The exact check, on the rounded weights; the bias may come after all spikes or before. */
  private static boolean fits(Channel c, int theta, long low, long high, int current) {
    InputBound bound = new InputBound();
    bound.currentWithin(c.analog() ? current : 0);
    bound.synapse(round(c.bias(), theta), false);
    for (double[] weights : new double[][] {c.dense(), c.channelwise()}) {
      for (double w : weights) {
        bound.synapse(round(w, theta), c.signed());
      }
    }
    return bound.low() >= low && bound.high() <= high;
  }

  private static double largest(double[] weights) {
    double m = 0;
    for (double w : weights) {
      m = Math.max(m, Math.abs(w));
    }
    return m;
  }
}
