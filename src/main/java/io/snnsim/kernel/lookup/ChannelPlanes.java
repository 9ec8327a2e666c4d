// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

/**
 * Where the spikes of each channel go in the index planes that the population's own kernel writes.
 * Immutable.
 *
 * @param digit place of its spike in the index of its group
 * @param plane where in a slot the plane of its group begins
 * @param beginsGroup it is the first channel of its group
 * @param endsGroup it is the last
 */
record ChannelPlanes(int[] digit, long[] plane, boolean[] beginsGroup, boolean[] endsGroup) {
  ChannelPlanes(IndexPlanes fired) {
    this(
        new int[fired.groups.channels()],
        new long[fired.groups.channels()],
        new boolean[fired.groups.channels()],
        new boolean[fired.groups.channels()]);
    for (int c = 0; c < digit.length; c++) {
      int group = fired.groups.groupOf(c);
      digit[c] = c - fired.groups.start(group);
      plane[c] = fired.offset(0, group);
      beginsGroup[c] = digit[c] == 0;
      endsGroup[c] = digit[c] == fired.groups.size(group) - 1;
    }
  }
}
