// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * How long arrivals waited for their answers, by stage and by part of the run. Confined to one
 * thread; recording allocates nothing. Values are nanoseconds, of which three digits are kept; what
 * is longer than an hour counts as an hour.
 */
public final class Latencies {
  private static final long LONGEST = 3_600_000_000_000L;
  private static final int DIGITS = 3;
  private static final int MOST_INTERVALS = 60;
  private static final long SECOND = 1_000_000_000L;
  private static final double NANOS_A_MICRO = 1e3;
  private static final double NANOS_A_MILLI = 1e6;
  private static final int HGRM_TICKS = 5;

  private final List<String> stages;
  private final long startMillis = System.currentTimeMillis();
  private final long intervalNanos;
  private final Histogram whole = histogram();
  private final Histogram queue = histogram();
  private final Histogram[] byStage;
  private final Histogram[] byInterval;

  private long late;
  private long unserved;
  private long allocatedBytes;
  private long nanos;

  /**
   * Empty.
   *
   * @param stages names of the stages of an answer, in their order
   * @param planned nanoseconds over which arrivals come
   */
  Latencies(List<String> stages, long planned) {
    this.stages = List.copyOf(stages);
    intervalNanos = Math.max(SECOND, (planned + MOST_INTERVALS - 1) / MOST_INTERVALS);
    byStage = histograms(stages.size());
    byInterval = histograms((int) Math.max(1, (planned + intervalNanos - 1) / intervalNanos));
  }

  private static Histogram histogram() {
    return new Histogram(LONGEST, DIGITS);
  }

  private static Histogram[] histograms(int n) {
    Histogram[] all = new Histogram[n];
    for (int i = 0; i < n; i++) {
      all[i] = histogram();
    }
    return all;
  }

  /**
   * Adds an arrival.
   *
   * @param due when it came, from the start of the run
   * @param waited from its arrival to when its first stage began
   * @param start when its first stage began
   * @param ends when each stage ended, on the clock of {@code start}
   */
  void add(long due, long waited, long start, long[] ends) {
    queue.recordValue(clamp(waited));
    long from = start;
    for (int i = 0; i < byStage.length; i++) {
      byStage[i].recordValue(clamp(ends[i] - from));
      from = ends[i];
    }
    addWhole(due, waited + from - start);
  }

  /** Adds an arrival that has waited so long and got no answer. */
  void addUnserved(long due, long waited) {
    unserved++;
    queue.recordValue(clamp(waited));
    addWhole(due, waited);
  }

  private void addWhole(long due, long value) {
    whole.recordValue(clamp(value));
    byInterval[(int) Math.min(byInterval.length - 1, due / intervalNanos)].recordValue(
        clamp(value));
  }

  private static long clamp(long value) {
    return Math.max(0, Math.min(LONGEST, value));
  }

  void addLate() {
    late++;
  }

  void end(long nanos, long allocatedBytes) {
    this.nanos = nanos;
    this.allocatedBytes = allocatedBytes;
  }

  /** Names of the stages, without the queue. */
  public List<String> stages() {
    return stages;
  }

  /** From the intended arrival to the answer. */
  public Percentiles whole() {
    return Percentiles.of(whole);
  }

  /** From the intended arrival to the beginning of the first stage. */
  public Percentiles queue() {
    return Percentiles.of(queue);
  }

  /** Of the stage of that index. */
  public Percentiles stage(int i) {
    return Percentiles.of(byStage[i]);
  }

  /** Nanoseconds that {@code percent} of the arrivals did not exceed, 0 without any. */
  public long percentileNanos(double percent) {
    return whole.getValueAtPercentile(percent);
  }

  /** Arrivals, the unserved ones among them. */
  public long samples() {
    return whole.getTotalCount();
  }

  /** Arrivals that found the service busy with an earlier one. */
  public long late() {
    return late;
  }

  /**
   * Arrivals that had no answer when the run was given up; they count with the time that they had
   * waited by then.
   */
  public long unserved() {
    return unserved;
  }

  /** Arrivals that were answered, a second. */
  public double answersPerSecond() {
    return nanos == 0 ? 0 : (samples() - unserved) * 1e9 / nanos;
  }

  /** Heap bytes that the measuring thread allocated for an answered arrival, on average. */
  public double allocatedBytesPerCall() {
    long answered = samples() - unserved;
    return answered == 0 ? 0 : (double) allocatedBytes / answered;
  }

  /** The whole's distribution, for a picture. */
  public Distribution distribution() {
    return Distribution.of(whole);
  }

  /** The queue's distribution. */
  public Distribution queueDistribution() {
    return Distribution.of(queue);
  }

  /** A stage's distribution. */
  public Distribution stageDistribution(int i) {
    return Distribution.of(byStage[i]);
  }

  /** The distribution of the whole in microseconds, as the HdrHistogram tools read it (.hgrm). */
  public void writeDistribution(OutputStream out) throws IOException {
    PrintStream text = new PrintStream(out, false, StandardCharsets.US_ASCII);
    whole.outputPercentileDistribution(text, HGRM_TICKS, NANOS_A_MICRO);
    checked(text);
  }

  /**
   * The histograms as an HdrHistogram log (.hlog), values in nanoseconds: of the whole one a second
   * (one a sixtieth of a longer run) without a tag, then of each stage one of the whole run with
   * the stage's name for its tag.
   */
  public void writeLog(OutputStream out, String comment) throws IOException {
    PrintStream text = new PrintStream(out, false, StandardCharsets.US_ASCII);
    HistogramLogWriter log = new HistogramLogWriter(text);
    log.outputComment("[" + comment + "; values in ns, Interval_Max in ms]");
    log.outputLogFormatVersion();
    log.outputStartTime(startMillis);
    log.outputLegend();
    double width = intervalNanos / 1e9;
    for (int i = 0; i < byInterval.length; i++) {
      log.outputIntervalHistogram(i * width, (i + 1) * width, byInterval[i], NANOS_A_MILLI);
    }
    double length = byInterval.length * width;
    for (int i = -1; i < byStage.length; i++) {
      Histogram h = (i < 0 ? queue : byStage[i]).copy();
      h.setTag(i < 0 ? "queue" : stages.get(i));
      log.outputIntervalHistogram(0, length, h, NANOS_A_MILLI);
    }
    checked(text);
  }

  /** A PrintStream keeps its failures for itself. */
  private static void checked(PrintStream text) throws IOException {
    if (text.checkError()) {
      throw new IOException("the stream failed");
    }
  }
}
