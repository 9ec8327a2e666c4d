// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

/**
 * Random numbers without state: each is a function of seed, image, step and pixel alone, so that
 * spikes do not depend on threads, order or what was drawn before. Stateless and thread-safe;
 * allocates nothing.
 *
 * <p>The mixing function and the increment are those of SplitMix64 (Steele, Lea, Flood: Fast
 * splittable pseudorandom number generators, 2014): a step's pixels read one SplitMix64 sequence,
 * whose start is a hash of seed, image and step.
 */
final class CounterRandom {
  private static final long INCREMENT = 0x9E3779B97F4A7C15L;

  /** Numbers of {@link #draw} are below this: 2^53. */
  static final double RANGE = 0x1p53;

  private CounterRandom() {}

  /** Start of an image's sequences. */
  static long imageKey(long seed, long imageIndex) {
    return mix(mix(seed + INCREMENT) + imageIndex);
  }

  /** Start of one step's sequence. */
  static long stepKey(long imageKey, int t) {
    return mix(imageKey + INCREMENT * (t + 1L));
  }

  /** Uniform integer in [0, 2^53) for one pixel of a step. */
  static long draw(long stepKey, int pixel) {
    return mix(stepKey + INCREMENT * (pixel + 1L)) >>> 11;
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }
}
