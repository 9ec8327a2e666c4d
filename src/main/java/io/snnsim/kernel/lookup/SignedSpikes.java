// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.SlotStep;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * {@link SpikeConversions} between the words of signed spikes and index planes, whose numbers have
 * base 3. Stateless; what it returns is confined to the simulation's thread and allocates nothing
 * once compiled.
 */
final class SignedSpikes {
  /** By number of base 3: the bits whose digit is 1, and those whose digit is 2. */
  private static final int[] POSITIVE = bitsOf(1);

  private static final int[] NEGATIVE = bitsOf(2);

  /** By bits: the number of base 3 that has 1 where they are set. */
  private static final int[] NUMBER = {0, 1, 3, 4, 9, 10, 12, 13};

  private SignedSpikes() {}

  private static int[] bitsOf(int digit) {
    int[] bits = new int[27];
    for (int k = 0; k < bits.length; k++) {
      for (int i = 0; i < 3; i++) {
        bits[k] |= k / IndexPlanes.ternaryUnit(i) % 3 == digit ? 1 << i : 0;
      }
    }
    return bits;
  }

  /** What planes hold of a group's spikes, given as bits. */
  static int number(int positive, int negative) {
    return NUMBER[positive] + 2 * NUMBER[negative];
  }

  /** Words from the planes that the population's own kernel wrote. */
  static SlotStep words(LookupArgs args, IndexPlanes set) {
    PopulationState s = args.state();
    MemorySegment planes = args.planes();
    long slotBytes = args.network().slotBytes();
    int pixels = s.height * s.width;
    int blocks = s.blocks;
    int bytes = set.laneBytes;
    long[] positive = new long[pixels * blocks];
    long[] negative = new long[pixels * blocks];
    return slot -> {
      s.slot(slot);
      Arrays.fill(positive, 0);
      Arrays.fill(negative, 0);
      for (int g = 0; g < set.groups.count(); g++) {
        long from = (slot * slotBytes + set.offset(0, g)) / bytes;
        int c = set.groups.start(g);
        int block = c / 64;
        boolean straddles = c % 64 + set.groups.size(g) > 64;
        for (int p = 0; p < pixels; p++) {
          int number = Lanes.get(planes, bytes, from + p);
          long up = POSITIVE[number];
          long down = NEGATIVE[number];
          int at = p * blocks + block;
          positive[at] |= up << c;
          negative[at] |= down << c;
          if (straddles) {
            positive[at + 1] |= up >>> 64 - c % 64;
            negative[at + 1] |= down >>> 64 - c % 64;
          }
        }
      }
      for (int p = 0; p < pixels; p++) {
        for (int b = 0; b < blocks; b++) {
          s.setWords(b, p, positive[p * blocks + b], negative[p * blocks + b]);
        }
      }
    };
  }
}
