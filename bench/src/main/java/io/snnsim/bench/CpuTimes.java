// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;

/**
 * CPU time of the current thread over the latest invocations. On a machine that others use too it
 * says more than wall time, which holds the waits of this thread as well. Confined to one thread;
 * allocates only when made and when asked.
 */
final class CpuTimes {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final long[] nanos;
  private long taken;
  private long started;

  /** Keeps the latest {@code most}. */
  CpuTimes(int most) {
    nanos = new long[most];
  }

  void start() {
    started = THREADS.getCurrentThreadCpuTime();
  }

  void stop() {
    nanos[(int) (taken++ % nanos.length)] = THREADS.getCurrentThreadCpuTime() - started;
  }

  /** Best and median in ms per one of {@code operations}. */
  String describe(int operations) {
    if (taken == 0) {
      return "none";
    }
    long[] sorted = Arrays.copyOf(nanos, (int) Math.min(taken, nanos.length));
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT,
        "best %.4f median %.4f ms over %d",
        sorted[0] / 1e6 / operations,
        sorted[sorted.length / 2] / 1e6 / operations,
        sorted.length);
  }
}
