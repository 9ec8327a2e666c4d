// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/**
 * Judges by rounds of equal calls whether their code is compiled by now. Confined to one thread;
 * allocates nothing after construction.
 *
 * <p>Three signs, each with a reason: calls allocate nothing (before C2 has compiled a kernel its
 * vectors are objects), they become no faster, and the JVM has finished no compilation meanwhile
 * (of whatever code: there is no telling whose it was).
 */
public final class Settling {
  /**
   * Calls since anything was last allocated or compiled. What runs once a call is compiled by C2
   * after 5000 of them (on a machine that is busy compiling, counted from when it no longer is),
   * and the JVM then makes the strings of its class on the calling thread.
   */
  public static final long LEAST_CALLS = 8_000;

  /** Milliseconds that this JVM has spent on finished compilations; -1 if it does not say. */
  public static final LongSupplier COMPILATION = compilation();

  /** A round faster by less than this is noise. */
  private static final double FASTER = 0.97;

  private final int rounds;
  private final long leastNanos;
  private final LongSupplier compilation;
  private long compilationBefore;
  private long fastest = Long.MAX_VALUE;
  private long quietCalls;
  private int steadyRounds;
  private int idleRounds;
  private long idleNanos;

  /**
   * A judgement of its own for every piece of code.
   *
   * @param rounds in a row that must look settled
   * @param leastNanos time that those must have taken, longer than a compilation takes as a rule
   * @param compilation as {@link #COMPILATION}
   */
  public Settling(int rounds, long leastNanos, LongSupplier compilation) {
    this.rounds = rounds;
    this.leastNanos = leastNanos;
    this.compilation = compilation;
    compilationBefore = compilation.getAsLong();
  }

  private static LongSupplier compilation() {
    CompilationMXBean bean = ManagementFactory.getCompilationMXBean();
    return bean == null || !bean.isCompilationTimeMonitoringSupported()
        ? () -> -1
        : bean::getTotalCompilationTime;
  }

  /**
   * Takes a round into account.
   *
   * @param took what the round took, in nanoseconds
   * @param calls that it made
   * @param bytes that they allocated
   * @param fastestCall nanoseconds of the fastest of those that are alike in every round
   */
  public void round(long took, long calls, long bytes, long fastestCall) {
    long compilationNow = compilation.getAsLong();
    boolean idle = compilationNow >= 0 && compilationNow == compilationBefore;
    boolean steady = bytes == 0 && fastestCall >= fastest * FASTER;
    quietCalls = bytes == 0 && idle ? quietCalls + calls : 0;
    compilationBefore = compilationNow;
    fastest = Math.min(fastest, fastestCall);
    steadyRounds = steady ? steadyRounds + 1 : 0;
    idleRounds = steady && idle ? idleRounds + 1 : 0;
    idleNanos = steady && idle ? idleNanos + took : 0;
  }

  /** True if calls allocated nothing and became no faster in the last rounds. */
  public boolean steady() {
    return steadyRounds >= rounds;
  }

  /**
   * True if besides the JVM compiled nothing in those rounds, and so many calls were made that what
   * runs once a call is compiled too.
   */
  public boolean compiled() {
    return idleRounds >= rounds && idleNanos >= leastNanos && quietCalls >= LEAST_CALLS;
  }

  /** Calls that must still be made. */
  public long missingCalls() {
    return Math.max(0, LEAST_CALLS - quietCalls);
  }
}
