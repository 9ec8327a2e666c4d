// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.api.ImageFormat;
import io.snnsim.api.Model;
import io.snnsim.api.ModelOptions;
import io.snnsim.api.Readout;
import io.snnsim.api.RunOptions;
import io.snnsim.api.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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
 * What does a program that embeds snnsim pay for opening a model, warming it up, another session,
 * an image and a time step? Your own model: {@code bench/run.sh EmbedBenchmark -p model=FILE -p
 * steps=8}. Images are made up, whose firing rates differ from those of real ones; {@link
 * NetworkBenchmark} takes real ones.
 *
 * <p>{@link #engine} does what {@link #classify} does without the API, in the same run: the
 * difference is the API's. Both are compared with the first answer at every call.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class EmbedBenchmark {
  private static final int MOST_STEPS = 1000;

  /** Short, for the sake of those who only try; the count of calls says how far it got. */
  private static final Duration WARM_UP_BUDGET = Duration.ofSeconds(3);

  /** A .snn file; the bundled network of the demo is converted if there is none. */
  @Param({"demo"})
  public String model;

  /** Time steps an image. */
  @Param({"32"})
  public int steps;

  private Path file;
  private boolean made;
  private Model opened;
  private Session session;
  private Session stepping;
  private io.snnsim.store.ModelFile engineFile;
  private io.snnsim.engine.Simulator engineModel;
  private io.snnsim.engine.Simulation engineSession;
  private double[] scores;
  private float[] image;
  private RunOptions options;
  private int answer;

  @Setup
  public void open() throws IOException {
    made = model.equals("demo");
    file = made ? BenchmarkModel.demoFile() : Path.of(model);
    opened = Model.open(file);
    session = opened.newSession();
    stepping = opened.newSession();
    image = BenchmarkModel.noise(opened.inputShape().size());
    stepping.present(image, ImageFormat.F32_CHW);
    options = RunOptions.steps(steps);
    answer = session.classify(image, options).answer();
    engineFile = io.snnsim.store.ModelStore.open(file, io.snnsim.store.Mode.RESIDENT);
    byte[] hint = engineFile.extra(io.snnsim.format.ModelContents.PLAN);
    engineModel =
        io.snnsim.engine.Simulator.of(
            engineFile.network(),
            io.snnsim.engine.KernelChoice.AUTO,
            hint == null
                ? null
                : io.snnsim.engine.plan.PlanFile.parse(hint, engineFile.network(), model).plan());
    engineSession = engineModel.newSimulation();
    scores = new double[engineSession.classes()];
  }

  @TearDown
  public void close() throws IOException {
    System.out.printf(
        "%n# %s, kernel %s: model %.1f MB, session %.2f MB, allocated by a call %d B%n",
        opened.name(),
        opened.kernel(),
        opened.nativeBytes() / 1e6,
        session.nativeBytes() / 1e6,
        Allocation.of(this::classify));
    engineSession.close();
    engineModel.close();
    engineFile.close();
    stepping.close();
    session.close();
    opened.close();
    if (made) {
      Files.delete(file);
    }
  }

  /** Open, verify, ready to run, resident; and close. */
  @Benchmark
  public long openModel() {
    try (Model m = Model.open(file, ModelOptions.DEFAULT)) {
      return m.nativeBytes();
    }
  }

  /** Another session of an open model; and close. */
  @Benchmark
  public long openSession() {
    try (Session s = opened.newSession()) {
      return s.nativeBytes();
    }
  }

  /** Until compiled code is in place: in a JVM where it is not, so once in each of more forks. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  @Warmup(iterations = 0)
  @Measurement(iterations = 1)
  @Fork(3)
  public long warmUp() {
    return opened.warmUp(WARM_UP_BUDGET).calls();
  }

  /** An image with all its steps. */
  @Benchmark
  public int classify() {
    return checked(session.classify(image, options).answer());
  }

  /** The same by the engine itself. */
  @Benchmark
  public int engine() {
    engineSession.present(image, 0);
    for (int t = 0; t < steps; ) {
      t += engineSession.runStepBlock(steps - t);
    }
    return checked(io.snnsim.readout.Readout.SPIKES_SOFTMAX.decide(engineSession, scores));
  }

  private int checked(int found) {
    if (found != answer) {
      throw new IllegalStateException("class " + found + ", at first it was " + answer);
    }
    return found;
  }

  /** One time step, for those who drive time themselves. */
  @Benchmark
  public int step() {
    return stepOn();
  }

  /** One time step and the answer after it. */
  @Benchmark
  public int stepAndDecide() {
    stepOn();
    return stepping.decide(Readout.SPIKES_SOFTMAX).answer();
  }

  /** An image does not run for ever: some networks count up to a limit. */
  private int stepOn() {
    if (stepping.steps() == MOST_STEPS) {
      stepping.reset();
    }
    stepping.step();
    return stepping.steps();
  }
}
