// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;

/**
 * Knows how the JVM tells that a mapped file is not there any more where it is read, because
 * somebody made it shorter or its disk fails. Stateless and thread-safe.
 *
 * <p>The system's signal becomes an InternalError in the thread that read, soon after: what it
 * computed with the bytes that it did not get never becomes an answer, since the error comes before
 * the method returns. Where the JVM cannot do so, as in its own checksums, the process ends: no
 * mapped byte is given to those.
 */
public final class LostMapping {
  /** What the JVM says of it, in every version so far. */
  private static final String FAULT = "unsafe memory access";

  /** Causes that are looked at. */
  private static final int DEEPEST = 8;

  private LostMapping() {}

  /**
   * The typed error for what a reader of mapped memory threw, also where threads that share a step
   * wrapped it.
   *
   * @param where what was mapped, for the message
   * @return null if it is of another kind
   */
  public static SnnsimException orNull(String where, Throwable thrown) {
    Throwable t = thrown;
    for (int depth = 0; t != null && depth < DEEPEST; depth++) {
      if (t instanceof InternalError && String.valueOf(t.getMessage()).contains(FAULT)) {
        return new SnnsimException(
            Category.IO,
            where
                + ": its mapped file cannot be read any more: it was made shorter, or its disk"
                + " fails; publish files by renaming, or hold models resident (--mode resident,"
                + " Memory.RESIDENT)",
            thrown);
      }
      t = t.getCause();
    }
    return null;
  }

  /**
   * Throws the typed error in place of what a reader of mapped memory threw; returns if that is of
   * another kind, for the caller to throw on.
   *
   * @param where what was mapped, for the message
   * @throws SnnsimException (io) if the mapped file is not there any more
   */
  public static void throwIfLost(String where, Throwable thrown) {
    SnnsimException lost = orNull(where, thrown);
    if (lost != null) {
      throw lost;
    }
  }
}
