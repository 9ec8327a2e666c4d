// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times contenders on the calling thread, turn by turn, so that whatever else the machine does
 * meets all of them alike. A turn begins with images that are not timed: the turn before left its
 * own data in the caches. Stateless.
 */
final class Race {
  private static final int UNTIMED = 20;
  private static final int TIMED = 200;
  private static final int MOST_IMAGES = 1000;

  /** Of images in memory, which are there twice. */
  private static final long MOST_VALUES = 1 << 26;

  private Race() {}

  /**
   * What a contender's images took.
   *
   * @param nanos of each image by the clock, ascending
   * @param cpuNanos that the thread ran in all
   * @param heapBytes that it allocated on Java's heap in all
   */
  record Times(long[] nanos, long cpuNanos, long heapBytes) {
    double millis(double share) {
      int rank = (int) Math.ceil(share * nanos.length);
      return nanos[Math.max(0, rank - 1)] / 1e6;
    }

    double cpuMillis() {
      return cpuNanos / 1e6 / nanos.length;
    }

    /** Share of the time by the clock in which the thread did not run. */
    double waiting() {
      return Math.max(0, 1 - cpuNanos / (double) Arrays.stream(nanos).sum());
    }
  }

  /** One result a contender, in their order. */
  static List<Times> run(List<Contender> contenders, TestImages images, int rounds) {
    long fit = Math.clamp(MOST_VALUES / (2L * images.set().shape().size()), 1, MOST_IMAGES);
    int count = Math.min((int) fit, images.count());
    float[][] plain = new float[count][];
    float[][] normalised = new float[count][];
    for (int i = 0; i < count; i++) {
      plain[i] = images.image(i, false);
      normalised[i] = images.image(i, true);
    }
    int n = contenders.size();
    long[][] nanos = new long[n][rounds * TIMED];
    long[] cpu = new long[n];
    long[] heap = new long[n];
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int round = 0; round < rounds; round++) {
      for (int turn = 0; turn < n; turn++) {
        // Another order in every round: who follows whom could matter.
        int who = (round + (round % 2 == 0 ? turn : n - turn)) % n;
        Contender contender = contenders.get(who);
        float[][] input = contender.normalised() ? normalised : plain;
        int first = round * TIMED;
        for (int i = 0; i < UNTIMED; i++) {
          contender.classify(input[(first + i) % count]);
        }
        long heapBegun = threads.getCurrentThreadAllocatedBytes();
        long cpuBegun = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < TIMED; i++) {
          float[] image = input[(first + i) % count];
          long begun = System.nanoTime();
          contender.classify(image);
          nanos[who][first + i] = System.nanoTime() - begun;
        }
        cpu[who] += threads.getCurrentThreadCpuTime() - cpuBegun;
        heap[who] += threads.getCurrentThreadAllocatedBytes() - heapBegun;
      }
    }
    List<Times> results = new ArrayList<>();
    for (int c = 0; c < n; c++) {
      Arrays.sort(nanos[c]);
      results.add(new Times(nanos[c], cpu[c], heap[c]));
    }
    return results;
  }
}
