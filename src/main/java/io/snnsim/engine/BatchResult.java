// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

/**
 * What a batch did. Immutable.
 *
 * @param imagesDone images that ran all their steps, or until a rule ended them
 * @param done which images (by offset from the first) did so
 * @param imageSteps steps that each image done ran, 0 else
 * @param spikes per population, over all images done, positive and negative ones alike
 * @param negativeSpikes those of {@code spikes} that were negative
 * @param synapticOps per source population, over all images done
 * @param saturated per population, over all images done: {@link Simulation#saturated} after the
 *     last step
 * @param imageNanos time of each image done, 0 else
 * @param wallNanos time of the whole batch
 */
public record BatchResult(
    int imagesDone,
    boolean[] done,
    int[] imageSteps,
    long[] spikes,
    long[] negativeSpikes,
    long[] synapticOps,
    long[] saturated,
    long[] imageNanos,
    long wallNanos) {
  /** Steps of all images done. */
  public long steps() {
    long n = 0;
    for (int s : imageSteps) {
      n += s;
    }
    return n;
  }
}
