// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import io.snnsim.network.ConvProjection;
import io.snnsim.network.LaneLayout;
import io.snnsim.network.WeightLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Looks for weights that are stored where there is no synapse: between channels of different groups
 * and in lanes beyond the last channel. Kernels that add rows as they lie would add them, lookup
 * tables would not, so a network must have none. Confined to one thread; allocates what one tap of
 * a block holds, twice.
 */
final class AbsentSynapses {
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

  private long[] words = new long[0];

  /** Of the words of a tap: all bits of weights that must be zero. */
  private long[] absent = new long[0];

  /**
   * The first weight between channels of different groups that is not zero.
   *
   * @return what is wrong, or null
   */
  String betweenGroups(ConvProjection c) {
    WeightLayout layout = c.layout();
    for (int b = 0; b < layout.blocks(); b++) {
      boolean severalGroups = layout.rows(b) > c.geometry().inPerGroup();
      if (severalGroups && anyBetweenGroups(c, b)) {
        return first(c, b);
      }
    }
    return null;
  }

  /** One pass over whole words, since a large model is opened in a few dozen milliseconds. */
  private boolean anyBetweenGroups(ConvProjection c, int b) {
    WeightLayout layout = c.layout();
    int n = Math.toIntExact(layout.rows(b) * layout.rowBytes(b) / Long.BYTES);
    if (words.length < n) {
      words = new long[n];
      absent = new long[n];
    }
    mark(c, b);
    long found = 0;
    long at = layout.blockOffset(b);
    for (int tap = 0; tap < c.geometry().taps(); tap++) {
      MemorySegment.copy(c.weights(), WORD, at, words, 0, n);
      found |= common(words, absent, n);
      at += (long) n * Long.BYTES;
    }
    return found != 0;
  }

  private static long common(long[] a, long[] b, int n) {
    long found = 0;
    for (int i = 0; i < n; i++) {
      found |= a[i] & b[i];
    }
    return found;
  }

  /** Rows of one group follow each other and are marked alike. */
  private void mark(ConvProjection c, int b) {
    WeightLayout layout = c.layout();
    int inPerGroup = c.geometry().inPerGroup();
    int bytes = layout.type().bytes();
    byte[] row = new byte[(int) layout.rowBytes(b)];
    MemorySegment marks = MemorySegment.ofArray(absent);
    for (int r = 0; r < layout.rows(b); r++) {
      if (r % inPerGroup == 0) {
        for (int l = 0; l < layout.lanes().lanes(b); l++) {
          boolean synapse = layout.isSynapse(b * LaneLayout.BLOCK + l, layout.firstSource(b) + r);
          Arrays.fill(row, l * bytes, (l + 1) * bytes, (byte) (synapse ? 0 : -1));
        }
      }
      MemorySegment.copy(row, 0, marks, ValueLayout.JAVA_BYTE, (long) r * row.length, row.length);
    }
  }

  /** The first weight of block {@code b} that has no place, which takes its time. */
  static String first(ConvProjection c, int b) {
    WeightLayout layout = c.layout();
    int base = b * LaneLayout.BLOCK;
    for (int ky = 0; ky < c.geometry().kernelH(); ky++) {
      for (int kx = 0; kx < c.geometry().kernelW(); kx++) {
        for (int ic = layout.firstSource(b); ic < layout.endSource(b); ic++) {
          for (int oc = base; oc < base + layout.lanes().lanes(b); oc++) {
            int weight = layout.isSynapse(oc, ic) ? 0 : c.stored(layout.at(oc, ic, ky, kx));
            if (weight != 0) {
              return "weight "
                  + weight
                  + (oc < c.geometry().outChannels()
                      ? " from channel " + ic + " to channel " + oc + " of another group"
                      : " in lane " + oc + ", beyond the last channel")
                  + ", expected 0; the file was written wrongly, convert the network again";
            }
          }
        }
      }
    }
    return null;
  }
}
