// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Single lanes of 8, 16 or 32 bits, for set-up and other code that is not hot. Stateless. */
public final class Lanes {
  private static final ValueLayout.OfShort LE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Lanes() {}

  public static int get(MemorySegment lanes, int laneBytes, long index) {
    return switch (laneBytes) {
      case 4 -> lanes.getAtIndex(JAVA_INT, index);
      case 2 -> lanes.getAtIndex(JAVA_SHORT, index);
      default -> lanes.get(JAVA_BYTE, index);
    };
  }

  /**
   * A weight of 1, 2 or 4 bytes as model files have it: little-endian, at any place, since a file
   * may lie in the caller's memory.
   */
  public static int weight(MemorySegment weights, int weightBytes, long at) {
    return switch (weightBytes) {
      case 1 -> weights.get(JAVA_BYTE, at);
      case 2 -> weights.get(LE_SHORT, at);
      default -> weights.get(LE_INT, at);
    };
  }

  /** Narrow lanes keep the low bits. */
  public static void set(MemorySegment lanes, int laneBytes, long index, int value) {
    switch (laneBytes) {
      case 4 -> lanes.setAtIndex(JAVA_INT, index, value);
      case 2 -> lanes.setAtIndex(JAVA_SHORT, index, (short) value);
      default -> lanes.set(JAVA_BYTE, index, (byte) value);
    }
  }
}
