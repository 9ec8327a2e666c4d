// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

/**
 * What the two ways to update a population cost on a host, in nanoseconds. The defaults were fitted
 * to the layers that bench/RESULTS.md lists, on an AVX-512 machine, and are within a third of them;
 * they only choose between methods whose results are equal. Immutable.
 *
 * @param lookups what lookups cost
 * @param events what events cost
 * @param moveNanos one neuron's state brought from the order of one method to that of the other;
 *     below 0, populations with both methods change theirs in every step block
 */
public record CostModel(Lookups lookups, Events events, double moveNanos) {
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
   */
  public record Lookups(
      double nanos,
      double farNanos,
      long nearTableBytes,
      double farthestNanos,
      long farTableBytes,
      double fireVectorNanos) {}

  /**
   * What events cost.
   *
   * @param nanos one spike at one tap, whatever it reaches
   * @param wideVectorNanos one vector of weights added for it to sums of 32 bits
   * @param narrowVectorNanos the same to sums of 16 bits
   * @param pixelNanos one pixel of a channel block updated
   */
  public record Events(
      double nanos, double wideVectorNanos, double narrowVectorNanos, double pixelNanos) {}

  /** Fitted on AVX-512. */
  public static final CostModel DEFAULT =
      new CostModel(
          new Lookups(0.27, 0.33, 1 << 20, 0.52, 12 << 20, 2.0),
          new Events(0.12, 0.36, 0.19, 45.0),
          4.0);

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

  /** Nanoseconds of one step by events, whatever fires. */
  double events(double constantVectors, long blockPixels) {
    return constantVectors * events.wideVectorNanos() + blockPixels * events.pixelNanos();
  }

  /** Nanoseconds of so many spikes at taps, each with so many vectors of weights. */
  double spikes(double spikesAtTaps, double weightVectors, boolean wide) {
    double vectorNanos = wide ? events.wideVectorNanos() : events.narrowVectorNanos();
    return spikesAtTaps * events.nanos() + weightVectors * vectorNanos;
  }
}
