// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The positions of a bounded ring between one producer and one consumer thread: which slot the one
 * may fill and the other may empty. Takes no lock, never waits, allocates only in the constructor.
 *
 * <p>Its own and not Agrona's or JCTools': slots here are filled in place, so a frame is copied
 * once and nothing is allocated. A queue of references (JCTools) would need a second one that
 * brings the buffers back. Agrona's ring keeps messages of any length behind headers that frames of
 * one length do not need. And both reach memory through {@code Unsafe}, for which JDK 25 wants
 * flags or prints warnings, which embedding this package must not cause.
 *
 * <pre>
 * at: ... | taken (consumer's) | ... 128 bytes ... | filled (producer's) | ... 128 bytes ...
 * </pre>
 */
final class Ring {
  private static final VarHandle AT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Elements between what two threads write: two cache lines, which are fetched in pairs. */
  private static final int APART = 16;

  private static final int TAKEN = APART;
  private static final int FILLED = 2 * APART;
  private static final int REFUSED = FILLED + 1;

  private final long[] at = new long[3 * APART];
  private final int slots;

  /** The producer's last look at what was taken, and the consumer's at what was filled. */
  private final long[] seen = new long[3 * APART];

  Ring(int slots) {
    this.slots = slots;
  }

  int slots() {
    return slots;
  }

  /** Producer: the slot to fill, or -1 if all are full, which is counted. */
  int claim() {
    long filled = at[FILLED];
    if (filled - seen[FILLED] >= slots) {
      seen[FILLED] = (long) AT.getAcquire(at, TAKEN);
      if (filled - seen[FILLED] >= slots) {
        AT.setOpaque(at, REFUSED, at[REFUSED] + 1);
        return -1;
      }
    }
    return (int) (filled % slots);
  }

  /** Producer: the claimed slot is full now. */
  void publish() {
    AT.setRelease(at, FILLED, at[FILLED] + 1);
  }

  /** Consumer: the oldest full slot, or -1. */
  int peek() {
    long taken = at[TAKEN];
    if (taken == seen[TAKEN]) {
      seen[TAKEN] = (long) AT.getAcquire(at, FILLED);
      if (taken == seen[TAKEN]) {
        return -1;
      }
    }
    return (int) (taken % slots);
  }

  /** Consumer: the slot it saw may be filled again. */
  void release() {
    AT.setRelease(at, TAKEN, at[TAKEN] + 1);
  }

  /** Any thread: full slots, a moment ago. */
  int size() {
    long taken = (long) AT.getAcquire(at, TAKEN);
    return Math.clamp((long) AT.getAcquire(at, FILLED) - taken, 0, slots);
  }

  /** Any thread: what was not taken for want of room. */
  long refused() {
    return (long) AT.getOpaque(at, REFUSED);
  }
}
