// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Times by how rare they are, rarest last; empty without any. Immutable by convention.
 *
 * @param oneIn at least 1: one in so many took at least the time beside it; 100 is the 99th
 *     percentile
 * @param micros microseconds, ascending
 */
public record Distribution(double[] oneIn, double[] micros) {
  private static final int POINTS_A_DECADE = 10;

  static Distribution of(Histogram h) {
    List<double[]> points = new ArrayList<>();
    // Rarer than one of all samples is nothing that these could tell.
    for (int i = 0; Math.pow(10, (double) i / POINTS_A_DECADE) <= h.getTotalCount(); i++) {
      double oneIn = Math.pow(10, (double) i / POINTS_A_DECADE);
      long nanos = h.getValueAtPercentile(100 * (1 - 1 / oneIn));
      // A logarithmic axis has no 0.
      points.add(new double[] {oneIn, Math.max(1, nanos) / 1e3});
    }
    return new Distribution(
        points.stream().mapToDouble(p -> p[0]).toArray(),
        points.stream().mapToDouble(p -> p[1]).toArray());
  }
}
