// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.api.ImageFormat;
import io.snnsim.api.Model;
import io.snnsim.api.RunOptions;
import io.snnsim.api.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What do JFR's events cost an image? In one JVM, in turns of 40 milliseconds, images run with the
 * events off, with those that a recording has by default, and with every population's turns too,
 * each after a turn without; JMH's own figure is of all four. The answer is printed at the end:
 * medians of the turns' ratios to the turn without events right before, so that a machine that
 * changes its speed changes both. {@code -p model=FILE -p steps=32} as {@link EmbedBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 20)
@Measurement(iterations = 200)
@Fork(1)
public class FlightRecorderBenchmark {
  private static final String INFERENCE = "io.snnsim.Inference";
  private static final String TURN = "io.snnsim.PopulationTurn";
  private static final long TURN_NANOS = 40_000_000;
  private static final int MOST = 1 << 16;

  /** As {@link EmbedBenchmark#model}. */
  @Param({"demo"})
  public String model;

  /** Time steps an image. */
  @Param({"32"})
  public int steps;

  private Path file;
  private Model opened;
  private Session session;
  private Recording recording;
  private float[] image;
  private RunOptions options;
  private int calls;
  private int answer;
  private final double[] byDefault = new double[MOST];
  private final double[] withTurns = new double[MOST];
  private int measured;

  @Setup
  public void open() throws IOException {
    file = model.equals("demo") ? BenchmarkModel.demoFile() : Path.of(model);
    opened = Model.open(file);
    session = opened.newSession();
    image = BenchmarkModel.noise(opened.inputShape().size());
    options = RunOptions.steps(steps);
    recording = new Recording();
    recording.setMaxSize(1 << 24);
    recording.start();
    answer = session.classify(image, ImageFormat.F32_CHW, options).answer();
    long nanos = Long.MAX_VALUE;
    for (int i = 0; i < 200; i++) {
      nanos = Math.min(nanos, session.classify(image, ImageFormat.F32_CHW, options).nanos());
    }
    calls = (int) Math.max(1, TURN_NANOS / nanos);
  }

  /** Four turns, every other one without events. */
  @Benchmark
  public double turns() {
    double off = run(false, false);
    double some = run(true, false);
    double offAgain = run(false, false);
    double all = run(true, true);
    byDefault[measured % MOST] = some / off;
    withTurns[measured % MOST] = all / offAgain;
    measured++;
    return off;
  }

  private double run(boolean inference, boolean turn) {
    set(INFERENCE, inference);
    set(TURN, turn);
    // What ran between the turns took the caches: 9 to 15 % of the first image after it.
    session.classify(image, ImageFormat.F32_CHW, options);
    long begun = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      int found = session.classify(image, ImageFormat.F32_CHW, options).answer();
      if (found != answer) {
        throw new IllegalStateException("class " + found + ", at first it was " + answer);
      }
    }
    return System.nanoTime() - begun;
  }

  private void set(String event, boolean on) {
    if (on) {
      recording.enable(event).withoutThreshold();
    } else {
      recording.disable(event);
    }
  }

  @TearDown
  public void close() throws IOException {
    int n = Math.min(measured, MOST);
    System.out.printf(
        "%n# %s, %d calls a turn of %d steps: a recording costs %+.2f %%, with every population's"
            + " turns %+.2f %% (medians of %d turns)%n",
        opened.name(),
        calls,
        steps,
        100 * (median(byDefault, n) - 1),
        100 * (median(withTurns, n) - 1),
        n);
    recording.close();
    session.close();
    opened.close();
    if (model.equals("demo")) {
      Files.delete(file);
    }
  }

  private static double median(double[] values, int n) {
    double[] sorted = Arrays.copyOf(values, n);
    Arrays.sort(sorted);
    return sorted[n / 2];
  }
}
