// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.array;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.snnsim.kernel.state.PopulationState;
import java.lang.foreign.MemorySegment;

/** A row of input sums on the heap, of the type that V has. Confined to one thread. */
final class LaneRow {
  final short[] narrow;
  final int[] wide;

  LaneRow(PopulationState t) {
    int lanes = t.width * PopulationState.BLOCK;
    narrow = t.wide ? null : new short[lanes];
    wide = t.wide ? new int[lanes] : null;
  }

  void load(MemorySegment from, long first, int n) {
    if (narrow != null) {
      MemorySegment.copy(from, JAVA_SHORT, first * 2, narrow, 0, n);
    } else {
      MemorySegment.copy(from, JAVA_INT, first * 4, wide, 0, n);
    }
  }

  int get(int i) {
    return narrow != null ? narrow[i] : wide[i];
  }

  void set(int i, int value) {
    if (narrow != null) {
      narrow[i] = (short) value;
    } else {
      wide[i] = value;
    }
  }

  void store(MemorySegment to, long first, int n) {
    if (narrow != null) {
      MemorySegment.copy(narrow, 0, to, JAVA_SHORT, first * 2, n);
    } else {
      MemorySegment.copy(wide, 0, to, JAVA_INT, first * 4, n);
    }
  }
}
