// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does one time step of one image cost on one thread, for a whole network on real images? An
 * operation is a time step, averaged over the first {@value #STEPS} of an image. CPU times of the
 * thread are printed at the end, also that of presenting an image (its first layer's currents).
 *
 * <p>Compared with the scalar kernel before and after measuring, and every image with its own
 * earlier answers in between.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class NetworkBenchmark {
  private static final int STEPS = 64;

  /** A .snn file; the bundled network of the demo is converted if there is none. */
  @Param({"demo"})
  public String model;

  /** Images for it. */
  @Param({"demo"})
  public String images;

  /** Auto, planner, events or lookup; see {@link Plans}. */
  @Param({"auto"})
  public String plan;

  /** Steps of a block, 0 for the planner's choice. */
  @Param({"0"})
  public int blockSteps;

  /** Vector or scalar. */
  @Param({"vector"})
  public String kernel;

  /** Images used, in turn. */
  @Param({"8"})
  public int imageCount;

  /** Steps compared with the scalar kernel, which is slow. */
  @Param({"8"})
  public int checkSteps;

  private BenchmarkModel source;
  private Simulator prepared;
  private Simulation session;
  private float[][] pixels;
  private ScalarCheck check;

  /** By image and output: spike count and potential after all steps, as first seen. */
  private long[][] answers;

  private int image;
  private final CpuTimes stepping = new CpuTimes(128);
  private final CpuTimes presenting = new CpuTimes(128);

  @Setup
  public void open() {
    source = BenchmarkModel.open(model, images, imageCount);
    pixels = source.images();
    if (source.network().codeSteps() > 0) {
      throw new IllegalArgumentException(
          "a few-spike network has no time steps by themselves; run ImageBenchmark");
    }
    answers = new long[pixels.length][];
    KernelChoice choice = KernelChoice.valueOf(kernel.toUpperCase(Locale.ROOT));
    Plan chosen =
        choice == KernelChoice.SCALAR
            ? null
            : Plans.of(source.network(), source.hint(), plan, blockSteps);
    prepared = Simulator.of(source.network(), choice, chosen);
    session = prepared.newSimulation();
    check = new ScalarCheck(source.network(), pixels[0], checkSteps);
    check.check(session);
    System.out.printf(
        Locale.ROOT,
        "%n# %s: blockSteps %d, lookup in %d and adaptive in %d of %d populations, tables %.1f MB,"
            + " session %.1f MB%n",
        prepared.kernelName(),
        prepared.plan().blockSteps(),
        prepared.plan().methods().stream().filter(m -> m == UpdateMethod.LOOKUP).count(),
        prepared.plan().methods().stream().filter(m -> m == UpdateMethod.ADAPTIVE).count(),
        prepared.plan().methods().size(),
        prepared.tableBytes() / 1e6,
        session.nativeBytes() / 1e6);
  }

  @TearDown
  public void checkAndClose() {
    System.out.printf("%n# changes of method: %d%n", session.methodChanges());
    System.out.printf("%n# allocated in %d steps: %d B%n", STEPS, Allocation.of(this::steps));
    System.out.println("# CPU time of a step, latest images: " + stepping.describe(STEPS));
    System.out.println("# CPU time of presenting one: " + presenting.describe(1));
    check.check(session);
    session.close();
    prepared.close();
    source.close();
  }

  /** Starts an image, outside the measured time. */
  @Setup(Level.Invocation)
  public void present() {
    image = (image + 1) % pixels.length;
    presenting.start();
    session.present(pixels[image], image, STEPS);
    presenting.stop();
    stepping.start();
  }

  @TearDown(Level.Invocation)
  public void compare() {
    stepping.stop();
    compareWithEarlier();
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public long step() {
    return steps();
  }

  private long steps() {
    for (int t = 0; t < STEPS; ) {
      t += session.runStepBlock(STEPS - t);
    }
    return session.outputCount(0);
  }

  private void compareWithEarlier() {
    int n = session.classes();
    if (answers[image] == null) {
      long[] seen = new long[2 * n];
      Arrays.setAll(seen, this::answer);
      answers[image] = seen;
    }
    for (int i = 0; i < 2 * n; i++) {
      if (answer(i) != answers[image][i]) {
        throw new IllegalStateException(
            "image "
                + image
                + ": found other spikes or potentials of output "
                + i / 2
                + " than when it was first run");
      }
    }
  }

  private long answer(int i) {
    return i % 2 == 0 ? session.outputCount(i / 2) : session.outputPotential(i / 2);
  }
}
