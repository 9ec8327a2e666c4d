// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import io.snnsim.kernel.KernelProvider;

/**
 * What the ways to update a population cost on a host, in nanoseconds. The defaults were fitted to
 * the layers that bench/RESULTS.md lists, on one machine with AVX-512 and one with AVX2, and are
 * within a third of them; they only choose between methods whose results are equal. Immutable.
 *
 * @param laneBits bits of a vector
 * @param lookups what lookups cost
 * @param events what events cost
 * @param patterns what patterns cost
 * @param moveNanos one neuron's state brought from the order of one method to that of the other;
 *     below 0, populations with both methods change theirs in every step block
 */
public record CostModel(
    int laneBits, Lookups lookups, Events events, Patterns patterns, double moveNanos) {
  /**
   * What lookups cost.
   *
   * @param nanos one looked-up vector whose table comes from the second-level cache or nearer
   * @param farNanos the same where a population's tables, or the index planes of a step block that
   *     it reads, are larger than {@code nearTableBytes}
   * @param nearTableBytes what stays in the second-level cache
   * @param farthestNanos the same where tables are larger than {@code farTableBytes}
   * @param farTableBytes what stays in the third-level cache while others use it too
   * @param fireVectorNanos one vector of neurons updated
   * @param pairNanos two lookups of bytes, each of twice as many pixels, and what widens their sum;
   *     infinite where bytes cannot be permuted
   * @param formNanos a group of channels of a pixel brought from a spike word to an index plane
   */
  public record Lookups(
      double nanos,
      double farNanos,
      long nearTableBytes,
      double farthestNanos,
      long farTableBytes,
      double fireVectorNanos,
      double pairNanos,
      double formNanos) {}

  /**
   * What events cost.
   *
   * @param nanos one spike at one tap, whatever it reaches
   * @param wideVectorNanos one vector of weights added for it to sums of 32 bits
   * @param narrowVectorNanos the same to sums of 16 bits
   * @param shortcutVectorNanos one vector compared or added under the spikes of a word
   * @param pixelNanos one pixel of a channel block updated
   * @param quietPixelNanos the same where no convolution lists spikes
   */
  public record Events(
      double nanos,
      double wideVectorNanos,
      double narrowVectorNanos,
      double shortcutVectorNanos,
      double pixelNanos,
      double quietPixelNanos) {}

  /**
   * What patterns cost.
   *
   * @param rolledNanos one vector of a row of sums added, three of them for each pattern
   * @param gatheredNanos the same where each pattern gives one row
   * @param vectorNanos one vector of neurons updated
   * @param mostTableBytes patterns of a projection are shorter where its tables would be larger
   * @param mostPopulationBytes a population whose tables would be larger even so is not updated by
   *     patterns
   */
  public record Patterns(
      double rolledNanos,
      double gatheredNanos,
      double vectorNanos,
      long mostTableBytes,
      long mostPopulationBytes) {}

  /**
   * What stays in the second-level cache beside the rest; larger tables of many layers would not.
   */
  private static final long MOST_TABLE_BYTES = 160 << 10;

  private static final long MOST_POPULATION_BYTES = 32 << 20;

  /**
   * Fitted on AVX-512. It plans no patterns: lookups are four times as fast there as with AVX2, and
   * plans in model files are made by this one, wherever that is.
   */
  public static final CostModel DEFAULT =
      new CostModel(
          512,
          new Lookups(0.27, 0.33, 1 << 20, 0.52, 12 << 20, 2.0, 0.9, 0.0),
          new Events(0.12, 0.36, 0.19, 0.36, 45.0, 45.0),
          new Patterns(0.9, 1.5, 10.0, MOST_TABLE_BYTES, 0),
          4.0);

  /**
   * For vectors of so many bits. Below 512 a lookup of 16-bit lanes takes several instructions and
   * patterns win; fitted on AVX2, on the layers of ResNet-20 and ResNet-50.
   */
  public static CostModel of(int vectorBits) {
    return vectorBits >= DEFAULT.laneBits
        ? DEFAULT
        : new CostModel(
            vectorBits,
            new Lookups(1.1, 1.2, 1 << 19, 1.6, 12 << 20, 4.0, Double.POSITIVE_INFINITY, 8.0),
            new Events(0.8, 0.8, 0.4, 3.4, 70.0, 25.0),
            new Patterns(0.65, 1.4, 5.5, MOST_TABLE_BYTES, MOST_POPULATION_BYTES),
            4.0);
  }

  /** For this JVM's vectors; without the Vector API the default, which then plans nothing. */
  public static CostModel ofThisJvm() {
    if (!KernelProvider.vectorAvailable()) {
      return DEFAULT;
    }
    CostModel costs = of(KernelProvider.vectorBits());
    return KernelProvider.permutesBytes() ? costs : costs.withPairNanos(Double.POSITIVE_INFINITY);
  }

  /** The same costs but for pairs of lookups of bytes. */
  public CostModel withPairNanos(double nanos) {
    Lookups c = lookups;
    Lookups changed =
        new Lookups(
            c.nanos(),
            c.farNanos(),
            c.nearTableBytes(),
            c.farthestNanos(),
            c.farTableBytes(),
            c.fireVectorNanos(),
            nanos,
            c.formNanos());
    return new CostModel(laneBits, changed, events, patterns, moveNanos);
  }

  /** What a pair of lookups of bytes costs, one lookup of 16-bit lanes being 1. */
  public double pairCost() {
    return lookups.pairNanos() / lookups.nanos();
  }

  /** Tables of more bytes are far. */
  public long nearTableBytes() {
    return lookups.nearTableBytes();
  }

  /** Nanoseconds of one step by lookup. */
  double lookup(long looked, long tableBytes, long planeBytes, long neuronVectors) {
    Lookups c = lookups;
    boolean near = Math.max(tableBytes, planeBytes) <= c.nearTableBytes();
    double each =
        near ? c.nanos() : tableBytes <= c.farTableBytes() ? c.farNanos() : c.farthestNanos();
    return looked * each + neuronVectors * c.fireVectorNanos();
  }

  /**
   * Nanoseconds of one step by events, whatever fires.
   *
   * @param listed spikes are listed for a convolution
   */
  double events(double shortcutVectors, long blockPixels, boolean listed) {
    double pixel = listed ? events.pixelNanos() : events.quietPixelNanos();
    return shortcutVectors * events.shortcutVectorNanos() + blockPixels * pixel;
  }

  /** Nanoseconds of one step by patterns, besides rows of sums. */
  double patterns(double shortcutVectors, long neuronVectors) {
    return shortcutVectors * events.shortcutVectorNanos() + neuronVectors * patterns.vectorNanos();
  }

  /** Nanoseconds of so many vectors of rows of sums. */
  double rows(double vectors, boolean rolled) {
    return vectors * (rolled ? patterns.rolledNanos() : patterns.gatheredNanos());
  }

  /** Nanoseconds of so many spikes at taps, each with so many vectors of weights. */
  double spikes(double spikesAtTaps, double weightVectors, boolean wide) {
    double vectorNanos = wide ? events.wideVectorNanos() : events.narrowVectorNanos();
    return spikesAtTaps * events.nanos() + weightVectors * vectorNanos;
  }
}
