// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a block of target channels looks up as bytes: which entries make pairs.
 *
 * <p>Of no channel of the block may the largest sums of both entries of a pair exceed 255 together.
 * An entry that alone exceeds it is looked up several times, in <i>slices</i> that add up to it, as
 * shortcuts are; one that exceeds many times as much is <i>wide</i>. Entries without a partner are
 * paired with nothing. Immutable.
 *
 * @param pairs entries that are added in a byte
 * @param wide entries whose sums are of 16 bits
 */
record PairLists(List<Pair> pairs, List<Entry> wide) {
  /** The largest sum that a byte holds. */
  static final int BYTE = 255;

  /** An entry of more slices is wide; measured. */
  private static final int MOST_SLICES = 12;

  /**
   * A slice of a group of source channels under one tap: of its sums, each less the least, what
   * lies beyond {@code slice * 255}, at most 255; of a wide entry all.
   *
   * @param most by channel of the block: the largest of it
   */
  record Entry(PlaneRead read, int group, int slice, int[] most) {
    /** The largest of any channel. */
    int largest() {
      return Arrays.stream(most).max().orElse(0);
    }

    boolean fitsWith(Entry other) {
      for (int row = 0; row < most.length; row++) {
        if (most[row] + other.most[row] > BYTE) {
          return false;
        }
      }
      return true;
    }

    /** See {@link PlaneRead#offset}. */
    int offset() {
      return read.offset(group);
    }

    /** See {@link PlaneRead#sums}. */
    int[] sums(int channel) {
      return read.sums(group, channel);
    }
  }

  /**
   * Two entries.
   *
   * @param second null if the first is alone
   */
  record Pair(Entry first, Entry second) {
    List<Entry> entries() {
      return second == null ? List.of(first) : List.of(first, second);
    }
  }

  /** What channels {@code from} to {@code to - 1} look up. */
  static PairLists of(List<PlaneRead> reads, int from, int to) {
    List<Entry> fitting = new ArrayList<>();
    List<Entry> wide = new ArrayList<>();
    for (PlaneRead r : reads) {
      for (int g = 0; g < r.planes().groups.count(); g++) {
        if (r.connects(from, to, g)) {
          add(new Entry(r, g, 0, most(r, g, from, to)), fitting, wide);
        }
      }
    }
    return new PairLists(pairs(fitting), wide);
  }

  private static void add(Entry whole, List<Entry> fitting, List<Entry> wide) {
    int largest = whole.largest();
    if (largest > MOST_SLICES * BYTE) {
      wide.add(whole);
      return;
    }
    for (int slice = 0; slice * BYTE < largest; slice++) {
      int beyond = slice * BYTE;
      int[] part = Arrays.stream(whole.most).map(m -> Math.clamp(m - beyond, 0, BYTE)).toArray();
      fitting.add(new Entry(whole.read, whole.group, slice, part));
    }
  }

  /** The largest entry left with the smallest, as long as they fit: then most entries do. */
  private static List<Pair> pairs(List<Entry> entries) {
    entries.sort((a, b) -> b.largest() - a.largest());
    List<Pair> pairs = new ArrayList<>();
    int last = entries.size() - 1;
    for (int i = 0; i <= last; i++) {
      Entry e = entries.get(i);
      boolean fits = i < last && e.fitsWith(entries.get(last));
      pairs.add(new Pair(e, fits ? entries.get(last--) : null));
    }
    return pairs;
  }

  /** By channel, by how much a group's largest sum exceeds its least. */
  private static int[] most(PlaneRead r, int group, int from, int to) {
    int first = r.planes().groups.start(group);
    int size = r.planes().groups.size(group);
    int[] most = new int[to - from];
    for (int row = 0; row < most.length; row++) {
      long range = 0;
      for (int i = 0; i < size; i++) {
        range += Math.abs((long) r.synapses().weight(from + row, first + i, r.ky(), r.kx()));
      }
      most[row] = (int) Math.min(range * (r.planes().signed ? 2 : 1), Integer.MAX_VALUE);
    }
    return most;
  }

  /** Pairs and wide entries. */
  int size() {
    return pairs.size() + wide.size();
  }
}
