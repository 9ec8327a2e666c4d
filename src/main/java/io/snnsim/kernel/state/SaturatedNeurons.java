// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Finds neurons whose V the last step saturated, so that input was lost that they would have told:
 * those that spiked at an end of V. One that lies silent at the lower end, as many do in a healthy
 * network, tells of no input whatever it lost. Stateless; allocates nothing.
 */
final class SaturatedNeurons {
  private SaturatedNeurons() {}

  static int count(PopulationState s) {
    // V is beyond half of the range then, where hardly any other neuron is: the two highest bits of
    // its lane differ.
    long signs = s.wide ? 0x80000000_80000000L : 0x8000_8000_8000_8000L;
    int lanes = 8 / s.laneBytes();
    int n = 0;
    for (long i = 0; i < s.v.byteSize() / 8; i++) {
      long several = s.v.getAtIndex(JAVA_LONG, i);
      if (((several ^ several << 1) & signs) != 0) {
        for (int k = 0; k < lanes; k++) {
          n += spikedAtAnEnd(s, i * lanes + k) ? 1 : 0;
        }
      }
    }
    return n;
  }

  private static boolean spikedAtAnEnd(PopulationState s, long index) {
    int c = s.channelOf(index);
    if (c < 0) {
      return false;
    }
    int potential = s.get(s.v, index);
    int threshold = s.get(s.theta, c);
    int most = s.wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    int least = -most - 1;
    boolean moved = potential == most - threshold || (s.signed && potential == least + threshold);
    return moved && threshold <= most / 2;
  }
}
