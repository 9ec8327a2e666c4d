// SPDX-License-Identifier: Apache-2.0
package io.snnsim.error;

/**
 * What kind of fault a {@link SnnsimException} reports; each has its exit code (sysexits.h, 130 as
 * shells do).
 */
public enum Category {
  /** A defect of this program. */
  BUG(1),
  /** Wrong or contradicting options and arguments. */
  USAGE(2),
  /** Input that was read but cannot be used: truncated, foreign, mis-shaped, not finite. */
  BAD_DATA(65),
  /** An input that would take more memory or work than the limits for it allow. */
  LIMIT(65),
  /** An input file that is not there or cannot be opened. */
  INPUT_MISSING(66),
  /** No kernel can run on this JVM as asked. */
  NO_KERNEL(69),
  /** An optional jar is needed and not there. */
  MISSING_JAR(69),
  /** Reading or writing failed: full disk, no permission, existing output. */
  IO(74),
  /** Memory outside the heap, or the heap, is too small for what was asked. */
  NO_MEMORY(1),
  /** Something was used after it was closed or given back. */
  CLOSED(1),
  /** A session was used by a thread that it does not belong to. */
  WRONG_THREAD(1),
  /** Something cannot be closed or had yet, since others still use it. */
  IN_USE(1),
  /** The user asked to stop before there was a result. */
  INTERRUPTED(130);

  private final int exitCode;

  Category(int exitCode) {
    this.exitCode = exitCode;
  }

  /** {@return the process exit code of this category} */
  public int exitCode() {
    return exitCode;
  }
}
