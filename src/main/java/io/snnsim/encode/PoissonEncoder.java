// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

/**
 * Rate coding by a Poisson process cut to one spike a step: pixel x has rate r = |x| / A, where A
 * is the image's largest |x|, and fires in a step with the probability that the process has at
 * least one event, p = 1 - exp(-r). Confined to one thread; allocates nothing after construction.
 *
 * <p>Spikes of size A would have the mean A (1 - exp(-r)) &lt; |x| (0.632 A where |x| = A), since
 * second and later events of a step are lost. So a spike is as large as the mean number of events
 * of a step that has any, A r / (1 - exp(-r)), from A for dark pixels to 1.582 A for the brightest:
 * the mean of a frame is exactly x.
 */
public final class PoissonEncoder extends SpikeTrain {
  /** An encoder of images of {@code values} values; the seed and image index fix the spikes. */
  public PoissonEncoder(long seed, int values) {
    super(seed, values);
  }

  @Override
  double probability(double share) {
    // StrictMath, so that spikes are the same on every machine.
    return -StrictMath.expm1(-share);
  }
}
