// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import java.util.Locale;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests and how long they took, as Prometheus reads it. Thread-safe. */
final class Metrics {
  private static final double[] BOUNDS = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1};

  private final LongAdder[] buckets = new LongAdder[BOUNDS.length + 1];
  private final LongAdder nanos = new LongAdder();
  private final ConcurrentMap<Integer, LongAdder> byCode = new ConcurrentSkipListMap<>();
  private final LongAdder swapsFailed = new LongAdder();

  Metrics() {
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new LongAdder();
    }
    for (int code : new int[] {200, 400, 413, 503}) {
      byCode.put(code, new LongAdder());
    }
  }

  /** An answer to a request that was not read. */
  void refused(int code) {
    byCode.computeIfAbsent(code, c -> new LongAdder()).increment();
  }

  /**
   * @param took from when the image was there, in nanoseconds
   */
  void answered(int code, long took) {
    refused(code);
    nanos.add(took);
    int i = 0;
    while (i < BOUNDS.length && took / 1e9 > BOUNDS[i]) {
      i++;
    }
    buckets[i].increment();
  }

  void swapFailed() {
    swapsFailed.increment();
  }

  /**
   * @param running images that are being classified
   * @param waiting images in the queue
   */
  String text(int generation, String kernel, int running, int waiting) {
    StringBuilder s = new StringBuilder();
    s.append("# TYPE snnsim_requests_total counter\n");
    byCode.forEach((c, n) -> line(s, "snnsim_requests_total{code=\"" + c + "\"}", n.sum()));
    s.append("# TYPE snnsim_request_seconds histogram\n");
    long sum = 0;
    for (int i = 0; i <= BOUNDS.length; i++) {
      sum += buckets[i].sum();
      String bound = i < BOUNDS.length ? String.valueOf(BOUNDS[i]) : "+Inf";
      line(s, "snnsim_request_seconds_bucket{le=\"" + bound + "\"}", sum);
    }
    s.append(String.format(Locale.ROOT, "snnsim_request_seconds_sum %.6f%n", nanos.sum() / 1e9));
    line(s, "snnsim_request_seconds_count", sum);
    s.append("# TYPE snnsim_images_running gauge\n");
    line(s, "snnsim_images_running", running);
    s.append("# TYPE snnsim_images_waiting gauge\n");
    line(s, "snnsim_images_waiting", waiting);
    s.append("# TYPE snnsim_model_generation gauge\n");
    line(s, "snnsim_model_generation{kernel=\"" + kernel + "\"}", generation);
    s.append("# TYPE snnsim_model_swaps_failed_total counter\n");
    line(s, "snnsim_model_swaps_failed_total", swapsFailed.sum());
    return s.toString();
  }

  private static void line(StringBuilder s, String name, long value) {
    s.append(name).append(' ').append(value).append('\n');
  }
}
