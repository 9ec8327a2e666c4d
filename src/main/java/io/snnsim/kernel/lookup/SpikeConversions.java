// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.SlotStep;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the forms of a population's spikes that its targets read from the form in which its own
 * kernel wrote them. Stateless; what it returns is confined to the simulation's thread and
 * allocates nothing once compiled.
 */
final class SpikeConversions {
  private SpikeConversions() {}

  /** See {@link LookupKernels#words}. */
  static SlotStep words(LookupArgs args) {
    IndexPlanes fired = args.network().target(args.population()).fired();
    return args.state().signed ? SignedSpikes.words(args, fired) : words(args, fired);
  }

  /** See {@link LookupKernels#planes}. */
  static SlotStep planes(LookupArgs args) {
    return fromWords(args, args.network().target(args.population()).fired());
  }

  /** See {@link LookupKernels#derivedPlanes}. */
  static List<SlotStep> derived(LookupArgs args) {
    List<SlotStep> steps = new ArrayList<>();
    for (IndexPlanes set : args.network().derivedFrom(args.population())) {
      steps.add(
          switch (set.origin) {
            case IndexPlanes.FromWords o -> fromWords(args, set);
            case IndexPlanes.Subsampled o -> new Subsampling(args, set, o);
            case IndexPlanes.Gathered o -> gathered(args, set, o);
            case IndexPlanes.Fired o -> throw new IllegalStateException("fired planes are no copy");
          });
    }
    return steps;
  }

  /** Group by group, so that the inner loop is a plain one over pixels. */
  private static SlotStep words(LookupArgs args, IndexPlanes set) {
    PopulationState s = args.state();
    MemorySegment planes = args.planes();
    int pixels = s.height * s.width;
    long slotBytes = args.network().slotBytes();
    int bytes = set.laneBytes;
    int groups = set.groups.count();
    long[] offset = new long[groups];
    int[] start = new int[groups + 1];
    for (int g = 0; g < groups; g++) {
      offset[g] = set.offset(0, g);
      start[g + 1] = set.groups.start(g + 1);
    }
    long[] word = new long[pixels];
    return slot -> {
      s.slot(slot);
      int b = 0;
      for (int g = 0; g < groups; g++) {
        long from = slot * slotBytes + offset[g];
        switch (bytes) {
          case 4 -> orInts(planes, from, start[g], word);
          case 2 -> orShorts(planes, from, start[g], word);
          default -> orBytes(planes, from, start[g], word);
        }
        if (start[g + 1] < (b + 1) * 64 && g + 1 < groups) {
          continue;
        }
        for (int p = 0; p < pixels; p++) {
          s.spikes.setAtIndex(JAVA_LONG, s.spikeBase + (long) p * s.words + b, word[p]);
        }
        Arrays.fill(word, 0);
        b++;
        if (start[g + 1] > b * 64) {
          // The group's later channels belong to the next word.
          int shift = b * 64 - start[g];
          for (int p = 0; p < pixels; p++) {
            word[p] = (long) Lanes.get(planes, bytes, from / bytes + p) >>> shift;
          }
          if (g + 1 == groups) {
            for (int p = 0; p < pixels; p++) {
              s.spikes.setAtIndex(JAVA_LONG, s.spikeBase + (long) p * s.words + b, word[p]);
            }
            Arrays.fill(word, 0);
          }
        }
      }
    };
  }

  private static void orBytes(MemorySegment planes, long from, int shift, long[] word) {
    for (int p = 0; p < word.length; p++) {
      word[p] |= (long) planes.get(JAVA_BYTE, from + p) << shift;
    }
  }

  private static void orShorts(MemorySegment planes, long from, int shift, long[] word) {
    for (int p = 0; p < word.length; p++) {
      word[p] |= (long) planes.get(JAVA_SHORT, from + p * 2L) << shift;
    }
  }

  private static void orInts(MemorySegment planes, long from, int shift, long[] word) {
    for (int p = 0; p < word.length; p++) {
      word[p] |= (long) planes.get(JAVA_INT, from + p * 4L) << shift;
    }
  }

  /** Planes, of every range, from the population's words. */
  private static SlotStep fromWords(LookupArgs args, IndexPlanes set) {
    PopulationState s = args.state();
    MemorySegment planes = args.planes();
    long slotBytes = args.network().slotBytes();
    int pixels = s.height * s.width;
    int bytes = set.laneBytes;
    boolean signed = s.signed;
    return slot -> {
      long start = slot * slotBytes;
      s.slot(slot);
      for (int g = 0; g < set.groups.count(); g++) {
        int c = set.groups.start(g);
        int block = c / 64;
        int ones = (1 << set.groups.size(g)) - 1;
        boolean straddles = c % 64 + set.groups.size(g) > 64;
        for (int p = 0; p < pixels; p++) {
          long up = s.positive(p, block) >>> c;
          long down = s.negative(p, block) >>> c;
          if (straddles) {
            up |= s.positive(p, block + 1) << 64 - c % 64;
            down |= s.negative(p, block + 1) << 64 - c % 64;
          }
          int index =
              signed ? SignedSpikes.number((int) up & ones, (int) down & ones) : (int) up & ones;
          for (int w = 0; w < set.ranges(); w++) {
            int mask = Lanes.get(set.masks(), bytes, (long) w * set.paddedPixels() + p);
            Lanes.set(planes, bytes, (start + set.offset(w, g)) / bytes + p, index & mask);
          }
        }
      }
    };
  }

  private static SlotStep gathered(LookupArgs args, IndexPlanes set, IndexPlanes.Gathered o) {
    MemorySegment planes = args.planes();
    long slotBytes = args.network().slotBytes();
    int bytes = set.laneBytes;
    return slot -> {
      long start = slot * slotBytes;
      for (int g = 0; g < set.groups.count(); g++) {
        long from = (start + o.full().offset(0, g)) / bytes;
        long to = (start + set.offset(0, g)) / bytes;
        for (int p = 0; p < o.pixels().length; p++) {
          int pixel = o.pixels()[p];
          Lanes.set(planes, bytes, to + p, pixel < 0 ? 0 : Lanes.get(planes, bytes, from + pixel));
        }
      }
    };
  }
}
