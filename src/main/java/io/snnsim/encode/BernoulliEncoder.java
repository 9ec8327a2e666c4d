// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

/**
 * Rate coding by coin tosses: at each step pixel x emits sign(x) * A with probability |x| / A,
 * where A is the image's largest |x|. The mean of a frame is x; its variance is |x| (A - |x|) a
 * step. Confined to one thread; allocates nothing after construction.
 */
public final class BernoulliEncoder extends SpikeTrain {
  /** An encoder of images of {@code values} values; the seed and image index fix the spikes. */
  public BernoulliEncoder(long seed, int values) {
    super(seed, values);
  }

  @Override
  double probability(double share) {
    return share;
  }
}
