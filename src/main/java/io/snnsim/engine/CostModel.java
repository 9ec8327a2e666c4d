package io.snnsim.engine;

/**
 * What the two ways to update a population cost on a host, in nanoseconds. The defaults were fitted
 * to the layers of ResNet-20 and ResNet-18 on an AVX-512 machine (bench/RESULTS.md says how well
 * they do); they only choose between methods whose results are equal. Immutable.
 *
 * @param lookupNanos one looked-up vector whose table comes from the second-level cache or nearer
 * @param farLookupNanos the same where a population's tables, or the index planes of a block of
 *     steps that it reads, are larger than {@code nearTableBytes}
 * @param nearTableBytes what stays in the second-level cache
 * @param fireVectorNanos one vector of neurons updated by lookup
 * @param eventNanos one spike at one tap, whatever it reaches
 * @param eventVectorNanos one vector of weights added for it
 * @param eventPixelNanos one pixel of a block of 64 channels updated by events
 * @param moveNanos one neuron's state brought from the order of one method to that of the other;
 *     below 0, populations with both methods change theirs in every block
 */
public record CostModel(
    double lookupNanos,
    double farLookupNanos,
    long nearTableBytes,
    double fireVectorNanos,
    double eventNanos,
    double eventVectorNanos,
    double eventPixelNanos,
    double moveNanos) {
  /** Fitted on AVX-512. */
  public static final CostModel DEFAULT =
      new CostModel(0.25, 0.42, 1 << 20, 2.0, 0.4, 0.40, 60.0, 4.0);

  /** Nanoseconds of one step by lookup. */
  double lookup(long lookups, long tableBytes, long planeBytes, long neuronVectors) {
    boolean near = Math.max(tableBytes, planeBytes) <= nearTableBytes;
    double each = near ? lookupNanos : farLookupNanos;
    return lookups * each + neuronVectors * fireVectorNanos;
  }

  /** Nanoseconds of one step by events. */
  double events(double spikesAtTaps, double weightVectors, long blockPixels) {
    return spikesAtTaps * eventNanos
        + weightVectors * eventVectorNanos
        + blockPixels * eventPixelNanos;
  }
}
