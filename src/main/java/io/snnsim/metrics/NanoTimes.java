// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import org.HdrHistogram.Histogram;

/** Times in nanoseconds, of which three digits are kept. Confined to one thread. */
public final class NanoTimes {
  private static final int DIGITS = 3;

  private final Histogram histogram = new Histogram(DIGITS);

  /** Without any time yet. */
  public NanoTimes() {
    histogram.setAutoResize(true);
  }

  /** Adds one. */
  public void add(long nanos) {
    histogram.recordValue(nanos);
  }

  /** What {@code percent} of the times did not exceed, 0 without any. */
  public long percentile(double percent) {
    return histogram.getValueAtPercentile(percent);
  }

  /** The longest, 0 without any. */
  public long longest() {
    return histogram.getMaxValue();
  }
}
