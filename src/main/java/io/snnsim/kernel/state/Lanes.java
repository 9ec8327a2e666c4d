// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/** Single lanes of 16 or 32 bits, for set-up and other code that is not hot. Stateless. */
public final class Lanes {
  private Lanes() {}

  public static int get(MemorySegment lanes, int laneBytes, long index) {
    return laneBytes == 4 ? lanes.getAtIndex(JAVA_INT, index) : lanes.getAtIndex(JAVA_SHORT, index);
  }

  /** Narrow lanes keep the low 16 bits. */
  public static void set(MemorySegment lanes, int laneBytes, long index, int value) {
    if (laneBytes == 4) {
      lanes.setAtIndex(JAVA_INT, index, value);
    } else {
      lanes.setAtIndex(JAVA_SHORT, index, (short) value);
    }
  }
}
