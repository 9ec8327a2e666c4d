// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Owns the counts N of signed neurons, laid out as their V. Where V has 16 bits N has them too,
 * unsigned, and what they might not hold is carried elsewhere now and then. Confined to the
 * simulation's thread; allocates only in the constructor.
 */
final class NetCounts {
  private static final int CARRY = 1 << 15;

  /** N, or the rest of it. */
  final MemorySegment lanes;

  /** 16 bits each: multiples of 2^15 that N is larger; null where V has 32 bits. */
  final MemorySegment carry;

  NetCounts(Arena arena, long neurons, boolean wide) {
    lanes = arena.allocate(neurons * (wide ? 4 : 2), 64);
    carry = wide ? null : arena.allocate(neurons * 2, 64);
  }

  /** Moves what 16 bits might not hold from N to its carry or back. Idempotent. */
  void carry() {
    if (carry == null) {
      return;
    }
    long neurons = lanes.byteSize() / 2;
    for (long i = 0; i < neurons; i++) {
      int n = lanes.getAtIndex(JAVA_SHORT, i) & 0xffff;
      short carried = carry.getAtIndex(JAVA_SHORT, i);
      if (n >= PopulationState.NET_STEPS + CARRY) {
        lanes.setAtIndex(JAVA_SHORT, i, (short) (n - CARRY));
        carry.setAtIndex(JAVA_SHORT, i, (short) (carried + 1));
      } else if (n < PopulationState.NET_STEPS && carried != 0) {
        lanes.setAtIndex(JAVA_SHORT, i, (short) (n + CARRY));
        carry.setAtIndex(JAVA_SHORT, i, (short) (carried - 1));
      }
    }
  }

  /** Sum of N of neurons {@code from} to {@code to - 1}. */
  long sum(long from, long to) {
    long n = 0;
    for (long i = from; i < to; i++) {
      if (carry == null) {
        n += lanes.getAtIndex(JAVA_INT, i);
      } else {
        n += lanes.getAtIndex(JAVA_SHORT, i) & 0xffff;
        n += (carry.getAtIndex(JAVA_SHORT, i) & 0xffffL) * CARRY;
      }
    }
    return n;
  }

  void clear() {
    lanes.fill((byte) 0);
    if (carry != null) {
      carry.fill((byte) 0);
    }
  }
}
