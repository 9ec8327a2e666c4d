// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

/**
 * What the two ways to update a population cost on a host, in nanoseconds. The defaults were fitted
 * to the layers that bench/RESULTS.md lists, on an AVX-512 machine, and are within a third of them;
 * they only choose between methods whose results are equal. Immutable.
 *
 * @param lookupNanos one looked-up vector whose table comes from the second-level cache or nearer
 * @param farLookupNanos the same where a population's tables, or the index planes of a block of
 *     steps that it reads, are larger than {@code nearTableBytes}
 * @param nearTableBytes what stays in the second-level cache
 * @param farthestLookupNanos the same where tables are larger than {@code farTableBytes}
 * @param farTableBytes what stays in the third-level cache while others use it too
 * @param fireVectorNanos one vector of neurons updated by lookup
 * @param eventNanos one spike at one tap, whatever it reaches
 * @param wideVectorNanos one vector of weights added for it to sums of 32 bits
 * @param narrowVectorNanos the same to sums of 16 bits
 * @param eventPixelNanos one pixel of a block of 64 channels updated by events
 * @param moveNanos one neuron's state brought from the order of one method to that of the other;
 *     below 0, populations with both methods change theirs in every block
 */
public record CostModel(
    double lookupNanos,
    double farLookupNanos,
    long nearTableBytes,
    double farthestLookupNanos,
    long farTableBytes,
    double fireVectorNanos,
    double eventNanos,
    double wideVectorNanos,
    double narrowVectorNanos,
    double eventPixelNanos,
    double moveNanos) {
  /** Fitted on AVX-512. */
  public static final CostModel DEFAULT =
      new CostModel(0.27, 0.33, 1 << 20, 0.52, 12 << 20, 2.0, 0.12, 0.36, 0.19, 45.0, 4.0);

  /** Nanoseconds of one step by lookup. */
  double lookup(long lookups, long tableBytes, long planeBytes, long neuronVectors) {
    boolean near = Math.max(tableBytes, planeBytes) <= nearTableBytes;
    double each =
        near ? lookupNanos : tableBytes <= farTableBytes ? farLookupNanos : farthestLookupNanos;
    return lookups * each + neuronVectors * fireVectorNanos;
  }

  /** Nanoseconds of one step by events, whatever fires. */
  double events(double constantVectors, long blockPixels) {
    return constantVectors * wideVectorNanos + blockPixels * eventPixelNanos;
  }

  /** Nanoseconds of so many spikes at taps, each with so many vectors of weights. */
  double spikes(double spikesAtTaps, double weightVectors, boolean wide) {
    return spikesAtTaps * eventNanos + weightVectors * (wide ? wideVectorNanos : narrowVectorNanos);
  }
}
