// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The cases of one batch: how many ended how, and which one is under way. One thread runs them,
 * another may look whether a case hangs.
 */
public final class Cases {
  /** A case that takes so long by the clock will not end. */
  public static final int HUNG_SECONDS = 120;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** A case under way, and the bytes that repeat it. */
  record Case(String suffix, Supplier<byte[]> bytes, Thread thread, long began, long beganOnCpu) {
    boolean hangs() {
      return System.nanoTime() - began > HUNG_SECONDS * 1_000_000_000L;
    }
  }

  private final Map<String, Long> ends = new TreeMap<>();
  private final long mostMillis;
  private volatile Case now;

  /** Of a trial whose cases may take so many milliseconds of processor time. */
  public Cases(long mostMillis) {
    this.mostMillis = mostMillis;
  }

  /**
   * Begins a case.
   *
   * @param suffix of a file that repeats it, such as "snn"
   * @param bytes of that file, asked for if the case breaks something
   */
  public void begin(String suffix, Supplier<byte[]> bytes) {
    now =
        new Case(
            suffix,
            bytes,
            Thread.currentThread(),
            System.nanoTime(),
            THREADS.getCurrentThreadCpuTime());
  }

  /**
   * Ends the case as promised.
   *
   * @param how in a word or two, such as "refused"; few different ones
   */
  public void end(String how) {
    end(how, 1);
  }

  /** Ends the case, which stands for {@code count}. */
  public void end(String how, long count) {
    long millis = (THREADS.getCurrentThreadCpuTime() - now.beganOnCpu) / 1_000_000;
    if (millis > mostMillis) {
      throw new Broken(
          "it took " + millis + " ms of processor time, expected at most " + mostMillis);
    }
    ends.merge(how, count, Long::sum);
    now = null;
  }

  /** How many ended how. */
  public Map<String, Long> ends() {
    return ends;
  }

  /** The case under way, or null. */
  Case now() {
    return now;
  }
}
