// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.engine.BatchResult;
import io.snnsim.metrics.NanoTimes;
import io.snnsim.report.RunReport;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The times of a batch, with its steady state apart from its start: the first images run code that
 * is interpreted or half compiled, and their times say more about the JVM than about the network.
 * Stateless.
 */
final class RunTimes {
  /** With fewer, the later half is not an image that has one like it before it. */
  private static final int FEWEST = 4;

  /** Images that are faster by less than this are as fast. */
  private static final double FASTER = 0.9;

  private RunTimes() {}

  /**
   * The times of a report.
   *
   * @param firstSeconds when the first answer was there, or null
   */
  static RunReport.Timing of(BatchResult r, Double firstSeconds) {
    // Images are begun in their order, whichever threads take them.
    int[] done = IntStream.range(0, r.done().length).filter(i -> r.done()[i]).toArray();
    NanoTimes times = new NanoTimes();
    long nanos = 0;
    for (int i : done) {
      times.add(r.imageNanos()[i]);
      nanos += r.imageNanos()[i];
    }
    RunReport.Steady steady = done.length < FEWEST ? null : steady(r, done);
    return new RunReport.Timing(
        nanos / 1e6 / Math.max(1, r.steps()),
        r.wallNanos() / 1e9,
        times.percentile(50) / 1e6,
        times.percentile(90) / 1e6,
        times.percentile(99) / 1e6,
        times.percentile(99.9) / 1e6,
        times.longest() / 1e6,
        new RunReport.Start(firstSeconds, steady == null ? null : excess(r, done, steady)),
        steady);
  }

  private static RunReport.Steady steady(BatchResult r, int[] done) {
    int half = done.length / 2;
    int last = half + (done.length - half) / 2;
    double earlier = stepMillis(r, Arrays.copyOfRange(done, half, last));
    double later = stepMillis(r, Arrays.copyOfRange(done, last, done.length));
    int[] images = Arrays.copyOfRange(done, half, done.length);
    return new RunReport.Steady(
        images.length,
        median(Arrays.stream(images).mapToDouble(i -> r.imageNanos()[i] / 1e6).toArray()),
        stepMillis(r, images),
        later >= FASTER * earlier);
  }

  private static double excess(BatchResult r, int[] done, RunReport.Steady steady) {
    double millis = 0;
    for (int k = 0; k < done.length - steady.images(); k++) {
      int i = done[k];
      millis += r.imageNanos()[i] / 1e6 - r.imageSteps()[i] * steady.msPerImageStep();
    }
    return Math.max(0, millis / 1e3);
  }

  /** The median time of a step, in milliseconds: images may end after different steps. */
  private static double stepMillis(BatchResult r, int[] images) {
    return median(
        Arrays.stream(images)
            .mapToDouble(i -> r.imageNanos()[i] / 1e6 / Math.max(1, r.imageSteps()[i]))
            .toArray());
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int n = values.length;
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
  }
}
