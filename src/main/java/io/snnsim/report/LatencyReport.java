// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.error.Shown;
import io.snnsim.metrics.Percentiles;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How long answers take under load, as docs/schema/latency.md describes it. Immutable.
 *
 * @param schemaVersion 1
 * @param interrupted the run ended early
 * @param latencyMicros from the intended arrival to the answer
 * @param stagesMicros queue, input, steps and readout
 * @param emptyTaskMicros the same loop over a task that does nothing
 * @param deadlines what an answer after fewer steps takes
 * @param arrivalsPerSecond rate of the schedule
 * @param answersPerSecond what was answered
 * @param samples arrivals
 * @param late arrivals that found an earlier one being served
 * @param unserved arrivals without an answer
 * @param capacityPerSecond images a second back to back
 * @param boundMicros the bound that was asked for, or null
 * @param saturationPerSecond highest rate whose p99.9 holds the bound, 0 if none does; null without
 *     a bound
 */
public record LatencyReport(
    int schemaVersion,
    boolean interrupted,
    Percentiles latencyMicros,
    Map<String, Percentiles> stagesMicros,
    Percentiles emptyTaskMicros,
    List<Deadline> deadlines,
    double arrivalsPerSecond,
    double answersPerSecond,
    double durationSeconds,
    long samples,
    long late,
    long unserved,
    double allocatedBytesPerCall,
    double capacityPerSecond,
    Double boundMicros,
    Double saturationPerSecond,
    int steps,
    int threads,
    String readout,
    String kernel,
    String kernelReason,
    Map<String, Object> model,
    Map<String, Object> host,
    String program) {
  /**
   * Answers after so many steps, at the same rate.
   *
   * @param accuracy share of right answers, or null without labels
   */
  public record Deadline(
      int steps, long samples, double p50Micros, double p99_9Micros, Double accuracy) {}

  private static final String ROW = "%-12s %10.1f %10.1f %10.1f %10.1f %10.1f %10.1f%n";

  /** The report for eyes. */
  public String toText() {
    StringBuilder s = new StringBuilder();
    line(
        s,
        "%s, %d steps, kernel %s (%s), %d %s%n",
        model.get("name"),
        steps,
        kernel,
        kernelReason,
        threads,
        threads == 1 ? "thread" : "threads");
    line(s, "capacity %.1f images/s back to back%n", capacityPerSecond);
    if (saturationPerSecond != null) {
      line(
          s,
          saturationPerSecond > 0
              ? "saturation %.1f images/s: the highest rate whose p99.9 holds %.1f us%n"
              : "saturation %.1f: no rate's p99.9 holds %.1f us%n",
          saturationPerSecond,
          boundMicros);
    }
    line(
        s,
        "%s%d arrivals at %.1f/s over %.1f s, open loop: %d late, %d unserved%n",
        interrupted ? "interrupted: " : "",
        samples,
        arrivalsPerSecond,
        durationSeconds,
        late,
        unserved);
    line(
        s,
        "%-12s %10s %10s %10s %10s %10s %10s%n",
        "microseconds",
        "p50",
        "p90",
        "p99",
        "p99.9",
        "p99.99",
        "max");
    row(s, "whole", latencyMicros);
    stagesMicros.forEach((name, p) -> row(s, "  " + name, p));
    row(s, "empty task", emptyTaskMicros);
    if (latencyMicros.p50() > 0) {
      line(
          s,
          "p99.9 is %.2f times p50, p99.99 %.2f times%n",
          latencyMicros.p99_9() / latencyMicros.p50(),
          latencyMicros.p99_99() / latencyMicros.p50());
    }
    line(s, "%.1f bytes allocated a call%n", allocatedBytesPerCall);
    if (!deadlines.isEmpty()) {
      line(
          s,
          "%-14s %10s %10s %10s %10s%n",
          "deadline steps",
          "arrivals",
          "p50 us",
          "p99.9 us",
          "right");
    }
    for (Deadline d : deadlines) {
      line(
          s,
          "%-14d %10d %10.1f %10.1f %10s%n",
          d.steps(),
          d.samples(),
          d.p50Micros(),
          d.p99_9Micros(),
          d.accuracy() == null ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * d.accuracy()));
    }
    return s.toString();
  }

  private static void row(StringBuilder s, String name, Percentiles p) {
    line(s, ROW, name, p.p50(), p.p90(), p.p99(), p.p99_9(), p.p99_99(), p.max());
  }

  private static void line(StringBuilder s, String format, Object... values) {
    s.append(Shown.format(format, values));
  }
}
