// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Owns the counters of the ways that code took from one place to the next. For one thread: others
 * may count too, but lose counts. Allocates nothing after it was loaded.
 */
public final class Edges {
  private static final int SIZE = 1 << 16;
  private static final byte[] COUNTS = new byte[SIZE];
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** A bit for each magnitude that a count may have, so that a loop's rounds tell, but coarsely. */
  private static final byte[] MAGNITUDE = new byte[256];

  static {
    for (int n = 1; n < 256; n++) {
      MAGNITUDE[n] = (byte) (1 << (n < 4 ? n - 1 : n < 8 ? 3 : n < 16 ? 4 : n < 32 ? 5 : 6));
    }
    Arrays.fill(MAGNITUDE, 128, 256, (byte) 0x80);
  }

  private static int previous;

  private Edges() {}

  /** Called by instrumented code at each of its places. */
  public static void hit(int place) {
    COUNTS[(place ^ previous) & SIZE - 1]++;
    previous = place >>> 1;
  }

  /** Before a case. */
  static void clear() {
    Arrays.fill(COUNTS, (byte) 0);
    previous = 0;
  }

  /** What a set of cases has reached. */
  static final class Reached {
    private final byte[] seen = new byte[SIZE];

    /** Adds what the last case reached; gives how many edges or magnitudes are new. */
    int add() {
      int fresh = 0;
      for (int at = 0; at < SIZE; at += Long.BYTES) {
        if ((long) LONGS.get(COUNTS, at) == 0) {
          continue;
        }
        for (int i = at; i < at + Long.BYTES; i++) {
          int bit = MAGNITUDE[COUNTS[i] & 0xff];
          if ((bit & ~seen[i]) != 0) {
            seen[i] |= (byte) bit;
            fresh++;
          }
        }
      }
      return fresh;
    }

    /** Edges that were reached at all. */
    int edges() {
      int n = 0;
      for (byte b : seen) {
        n += b == 0 ? 0 : 1;
      }
      return n;
    }
  }
}
