// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

/**
 * What a node computes in a step, with its memory if it has any. Confined to one thread but where
 * it has none; allocates nothing once made.
 */
interface Step {
  /** Makes the steps of each thread of what they share. Immutable. */
  @FunctionalInterface
  interface Maker {
    /** With a memory of its own. */
    Step make();
  }

  /** Of a step without a memory. */
  static Maker shared(Step step) {
    return () -> step;
  }

  /**
   * Computes what is sent.
   *
   * @param read what the node reads; of one that sends only what it read before it is not looked at
   * @param sent filled; another array than {@code read}
   */
  void run(float[] read, float[] sent);

  /** Forgets everything. */
  default void reset() {}

  /** Takes what is read in this step, once all nodes have sent. */
  default void keep(float[] read) {}

  /** V of each neuron, or null if the node has none. */
  default float[] potentials() {
    return null;
  }

  /** Sends what is read. */
  static void copy(float[] read, float[] sent) {
    System.arraycopy(read, 0, sent, 0, sent.length);
  }

  /** Multiplies value by value. */
  static void scale(float[] read, float[] factor, float[] sent) {
    for (int i = 0; i < sent.length; i++) {
      sent[i] = read[i] * factor[i];
    }
  }

  /** Sends 1 where a value is above its threshold. */
  static void above(float[] read, float[] threshold, float[] sent) {
    for (int i = 0; i < sent.length; i++) {
      sent[i] = read[i] > threshold[i] ? 1 : 0;
    }
  }

  /**
   * A bias as sums start at it: one that is -0 would be left as it is by an absent product and made
   * 0 by a product of 0.
   */
  static float[] start(float[] bias, int n) {
    float[] start = new float[n];
    for (int i = 0; bias != null && i < n; i++) {
      start[i] = bias[i] + 0f;
    }
    return start;
  }
}
