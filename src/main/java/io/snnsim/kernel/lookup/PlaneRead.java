// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

/**
 * One tap of one projection. Immutable.
 *
 * @param planes which planes it reads
 * @param range index of the column range that it sees of them
 * @param shift how far from the target's pixel
 */
record PlaneRead(Synapses synapses, int ky, int kx, IndexPlanes planes, int range, int shift) {
  boolean connects(int from, int to, int group) {
    Groups groups = planes.groups;
    return synapses.connects(from, to, groups.start(group), groups.start(group + 1));
  }

  /** Where the plane of a group begins in a slot, as the target's first pixel sees it. */
  int offset(int group) {
    return Math.toIntExact(planes.offset(range, group) + (long) shift * planes.laneBytes);
  }

  /** A group's sums of weights into a channel, by the pattern of its spikes. */
  int[] sums(int group, int channel) {
    int first = planes.groups.start(group);
    int size = planes.groups.size(group);
    int[] sums = new int[planes.patterns(size)];
    for (int i = 0; i < size; i++) {
      int w = synapses.weight(channel, first + i, ky, kx);
      int known = planes.patterns(i);
      for (int k = 0; k < known; k++) {
        sums[known + k] = sums[k] + w;
        if (planes.signed) {
          sums[2 * known + k] = sums[k] - w;
        }
      }
    }
    return sums;
  }
}
