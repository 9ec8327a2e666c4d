// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

/**
 * Bounds of one step's input sum of a neuron, in grid units, added up synapse by synapse: the proof
 * that it fits its type. Exact; confined to one thread.
 */
final class InputBound {
  private long low;
  private long high;

  /** A synapse of weight {@code w}, whose source fires or not, or with either sign. */
  void synapse(int w, boolean signed) {
    low += signed ? -Math.abs((long) w) : Math.min(0, w);
    high += signed ? Math.abs((long) w) : Math.max(0, w);
  }

  /** A current that flows in every step. */
  void current(int c) {
    low += c;
    high += c;
  }

  /** A current anywhere in {@code -most .. most}. */
  void currentWithin(int most) {
    low -= most;
    high += most;
  }

  long low() {
    return low;
  }

  long high() {
    return high;
  }
}
