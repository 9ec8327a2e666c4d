// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

/**
 * Independent random spikes: at each step pixel i emits {@code amplitude[i]} with probability p[i],
 * else nothing. What p and the amplitudes are is left to the subclass. Confined to one thread;
 * allocates nothing after construction.
 */
abstract sealed class SpikeTrain implements InputEncoder permits BernoulliEncoder, PoissonEncoder {
  private final long seed;

  /** The pixel fires if its draw is below this; p = 1 is 2^53, which every draw is below. */
  private final long[] fireBelow;

  private final float[] amplitude;
  private long imageKey;

  SpikeTrain(long seed, int values) {
    this.seed = seed;
    fireBelow = new long[values];
    amplitude = new float[values];
  }

  /** Probability of a spike for a pixel of magnitude {@code share} of the largest, in [0, 1]. */
  abstract double probability(double share);

  @Override
  public final boolean constant() {
    return false;
  }

  @Override
  public final void begin(long imageIndex, float[] x, int steps) {
    imageKey = CounterRandom.imageKey(seed, imageIndex);
    float largest = Magnitude.largest(x, amplitude.length);
    for (int i = 0; i < amplitude.length; i++) {
      double p = x[i] == 0 ? 0 : probability(Math.abs((double) x[i]) / largest);
      fireBelow[i] = (long) Math.ceil(p * CounterRandom.RANGE);
      amplitude[i] = p == 0 ? 0 : (float) (x[i] / p);
    }
  }

  @Override
  public final void frame(int t, float[] out) {
    long key = CounterRandom.stepKey(imageKey, t);
    for (int i = 0; i < amplitude.length; i++) {
      out[i] = CounterRandom.draw(key, i) < fireBelow[i] ? amplitude[i] : 0;
    }
  }
}
