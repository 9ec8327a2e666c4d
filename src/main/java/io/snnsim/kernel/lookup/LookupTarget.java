// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.vector.Species;
import java.util.Arrays;

/** A population updated by lookup. Immutable. */
sealed interface LookupTarget {
  /** Bytes of a lane of its V. */
  int laneBytes();

  /** The planes that its own kernel writes. */
  IndexPlanes fired();

  /**
   * One whose input is summed from tables.
   *
   * @param inputBound no step's input sum is larger
   * @param accumulatorBytes what an update needs for its time
   */
  record Sums(
      int laneBytes, IndexPlanes fired, TableBlock[] blocks, long inputBound, long accumulatorBytes)
      implements LookupTarget {
    /** Its tables are of bytes, see {@link PairTables}. */
    boolean paired() {
      return fired.laneBytes == 1;
    }

    /** Bytes of the sums of a group of columns: [column][channel of a block][lane]. */
    long groupBytes() {
      return groupBytes(laneBytes);
    }

    /** The same, of lanes of so many bytes. */
    static long groupBytes(int laneBytes) {
      return 4L * TableBlock.MOST * Species.vectorBytes(laneBytes);
    }

    /** Blocks of a share: it begins and ends where a group of the index planes does. */
    TableBlock[] blocks(Share share) {
      return Arrays.copyOfRange(
          blocks, firstBlock(share.from(blocks.length)), firstBlock(share.to(blocks.length)));
    }

    private int firstBlock(int b) {
      int first = b;
      while (first < blocks.length && !startsGroup(blocks[first].from())) {
        first++;
      }
      return first;
    }

    private boolean startsGroup(int channel) {
      return fired.groups.start(fired.groups.groupOf(channel)) == channel;
    }
  }

  /**
   * A max-pool gate, which compares counts: each of its taps reads a view at a distance from the
   * gate's own pixel.
   */
  record Gate(int laneBytes, IndexPlanes fired, View[] views, int[] tapView, int[] tapShift)
      implements LookupTarget {}

  /**
   * Index planes as far as a tap may see them.
   *
   * @param range index of a column range of them
   */
  record View(IndexPlanes planes, int range) {}
}
