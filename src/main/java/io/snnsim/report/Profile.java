// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.error.Shown;
import java.util.List;
import java.util.Locale;

/**
 * Where the time of a run went and how near each population came to what the host can do, as
 * docs/guide/profile.md describes it. Immutable.
 *
 * @param warmUpImages images run first, of which nothing is counted
 * @param images images counted
 * @param threadsPerImage threads that shared the work of a step, which the limits of populations
 *     allow for
 * @param inputMsPerStep resetting the state and turning an image into currents, spread over its
 *     steps: median
 * @param inputShare share of that in the time of a step
 * @param msPerStep all populations, mean
 * @param msPerStepMedian sum of the populations' medians
 * @param gops all synaptic operations over {@code msPerStepMedian}, 10^9 a second
 * @param limits of one core, or null if they were not measured
 */
public record Profile(
    int warmUpImages,
    int images,
    int threadsPerImage,
    double inputMsPerStep,
    double inputShare,
    double msPerStep,
    double msPerStepMedian,
    double gops,
    Limits limits,
    List<Layer> populations) {
  /**
   * What one core can do, by where the data lies.
   *
   * @param complete false if the JVM had not compiled every loop in time: some are then too low
   * @param cacheSizesKnown false if the operating system did not tell them
   */
  public record Limits(boolean complete, boolean cacheSizesKnown, List<Level> levels) {}

  /**
   * One cache, or memory. Lane operations are 10^9 a second.
   *
   * @param bytes size of the cache; of memory, what was read
   */
  public record Level(
      String name,
      long bytes,
      double gigabytesPerSecond,
      double addI8,
      double addI16,
      double addI32,
      double lookupI16,
      double lookupI32) {}

  /**
   * One population. Rates are of the median step: what else runs on the host disturbs it least.
   *
   * @param share of the time of a step, by medians
   * @param synapticOpsPerStep spikes that reached it, one a synapse
   * @param gops synaptic operations, 10^9 a second
   * @param laneGops lane operations, 10^9 a second
   * @param level where the data of its innermost loop fits; null if it adds nothing, or without
   *     limits
   * @param limitLaneGops lane operations that as many cores can do with data there, or null
   * @param limitShare achieved share of that, or null
   */
  public record Layer(
      String name,
      String method,
      double msPerStep,
      double msPerStepMedian,
      double share,
      double synapticOpsPerStep,
      double lookupsPerStep,
      double rowsPerStep,
      double laneOpsPerStep,
      double bytesPerStep,
      long loopBytes,
      double gops,
      double laneGops,
      double gigabytesPerSecond,
      double synapticOpsPerByte,
      String level,
      Double limitLaneGops,
      Double limitShare) {}

  /** The profile for eyes. */
  public String toText() {
    StringBuilder s = new StringBuilder();
    line(
        s,
        "profile of %d images after %d to warm up; shares and rates are of median times%n",
        images,
        warmUpImages);
    if (limits != null) {
      limits(s);
    }
    line(
        s,
        "%-18s %-6s %8s %6s %9s %7s %9s %8s %7s %6s %5s %8s %6s%n",
        "population",
        "method",
        "us/step",
        "time",
        "ops/step",
        "Gop/s",
        "vectors",
        "Glane/s",
        "limit",
        "of it",
        "from",
        "KiB/step",
        "op/B");
    line(
        s,
        "%-18s %-6s %8.2f %5.1f%%%n",
        "(input currents)",
        "",
        1e3 * inputMsPerStep,
        100 * inputShare);
    for (Layer l : populations) {
      line(
          s,
          "%-18s %-6s %8.2f %5.1f%% %9.0f %7.1f %9.0f %8.1f %7s %6s %5s %8.1f %6.2f%n",
          l.name(),
          l.method(),
          1e3 * l.msPerStepMedian(),
          100 * l.share(),
          l.synapticOpsPerStep(),
          l.gops(),
          l.lookupsPerStep() + l.rowsPerStep(),
          l.laneGops(),
          l.limitLaneGops() == null ? "" : String.format(Locale.ROOT, "%.0f", l.limitLaneGops()),
          l.limitShare() == null ? "" : String.format(Locale.ROOT, "%.0f%%", 100 * l.limitShare()),
          l.level() == null ? "" : l.level(),
          l.bytesPerStep() / 1024,
          l.synapticOpsPerByte());
    }
    line(
        s,
        "%-18s %-6s %8.2f        %9.0f %7.1f   (mean %.2f us)%n",
        "all populations",
        "",
        1e3 * msPerStepMedian,
        populations.stream().mapToDouble(Layer::synapticOpsPerStep).sum(),
        gops,
        1e3 * msPerStep);
    return s.toString();
  }

  private void limits(StringBuilder s) {
    line(
        s,
        "limits of one core%s%s: 10^9 lane operations a second, adding weights or looking up"
            + " sums%n",
        limits.complete() ? "" : " (too low: the JVM did not compile all loops in time)",
        limits.cacheSizesKnown() ? "" : " (cache sizes assumed)");
    line(
        s,
        "%-6s %10s %8s %8s %8s %8s %10s %10s%n",
        "from",
        "KiB",
        "GB/s",
        "add i8",
        "add i16",
        "add i32",
        "lookup i16",
        "lookup i32");
    for (Level l : limits.levels()) {
      line(
          s,
          "%-6s %10d %8.0f %8.1f %8.1f %8.1f %10.1f %10.1f%n",
          l.name(),
          l.bytes() / 1024,
          l.gigabytesPerSecond(),
          l.addI8(),
          l.addI16(),
          l.addI32(),
          l.lookupI16(),
          l.lookupI32());
    }
  }

  private static void line(StringBuilder s, String format, Object... values) {
    s.append(Shown.format(format, values));
  }
}
