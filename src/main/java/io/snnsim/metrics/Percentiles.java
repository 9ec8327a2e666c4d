// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import org.HdrHistogram.Histogram;

/** Percentiles of times in microseconds; all 0 without any. Immutable. */
public record Percentiles(
    double p50, double p90, double p99, double p99_9, double p99_99, double max) {
  static Percentiles of(Histogram h) {
    return new Percentiles(
        micros(h.getValueAtPercentile(50)),
        micros(h.getValueAtPercentile(90)),
        micros(h.getValueAtPercentile(99)),
        micros(h.getValueAtPercentile(99.9)),
        micros(h.getValueAtPercentile(99.99)),
        micros(h.getMaxValue()));
  }

  private static double micros(long nanos) {
    return nanos / 1e3;
  }
}
