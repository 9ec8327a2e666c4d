// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

/** What a population sends on calibration images. Threads may read it at the same time. */
sealed interface Sent permits SpikeTrains, SentNumbers {
  /**
   * Reads {@code unit} times the counts of {@code n} neurons of a channel after the last step.
   *
   * @param first index of the first neuron, image * plane + position
   * @param at where in {@code values} to begin
   */
  void counts(int channel, int first, int n, float unit, float[] values, int at);

  /** Gives its arrays back; nobody may read it any more. */
  void release(MapPool pool);
}
