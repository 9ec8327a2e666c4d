// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

/**
 * Channels split into consecutive groups of nearly equal size. Immutable, allocation-free.
 *
 * @param channels number of channels
 * @param count number of groups
 */
public record Groups(int channels, int count) {
  /** As few groups as possible of at most {@code largest} channels each. */
  static Groups of(int channels, int largest) {
    return new Groups(channels, (channels + largest - 1) / largest);
  }

  /** First channel of group {@code g}; of group {@code count}, the number of channels. */
  public int start(int g) {
    return g * (channels / count) + Math.min(g, channels % count);
  }

  /** Group of channel {@code c}. */
  int groupOf(int c) {
    int small = channels / count;
    int inLarge = (small + 1) * (channels % count);
    return c < inLarge ? c / (small + 1) : channels % count + (c - inLarge) / small;
  }

  /** Channels of group {@code g}. */
  public int size(int g) {
    return start(g + 1) - start(g);
  }
}
