// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.readout.Readout;
import java.util.Arrays;
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
 * How long does one thread take from an image to its answer: presenting it, all its steps, the
 * readout? For networks of few-spike neurons, which have no answer before, and for others at a
 * number of steps. Compared with the scalar kernel before measuring, and every answer with the
 * image's first.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ImageBenchmark {
  private static final int USUAL_STEPS = 8;

  /** A .snn file; the bundled network of the demo is converted if there is none. */
  @Param({"demo"})
  public String model;

  /** Images for it. */
  @Param({"demo"})
  public String images;

  /** Auto, planner, events or lookup; see {@link Plans}. */
  @Param({"auto"})
  public String plan;

  /** Time steps an image; 0 for those of a few-spike network, or 8. */
  @Param({"0"})
  public int steps;

  /** Images used, in turn. */
  @Param({"64"})
  public int imageCount;

  private BenchmarkModel source;
  private Simulator prepared;
  private Simulation session;
  private Readout readout;
  private float[][] pixels;
  private int[] answers;
  private int image;
  private final CpuTimes answering = new CpuTimes(4096);

  @Setup
  public void open() {
    source = BenchmarkModel.open(model, images, imageCount);
    pixels = source.images();
    answers = new int[pixels.length];
    Arrays.fill(answers, -1);
    int code = source.network().codeSteps();
    steps = steps > 0 ? steps : code > 0 ? code : USUAL_STEPS;
    Plan chosen = Plans.of(source.network(), source.hint(), plan, 0);
    prepared = Simulator.of(source.network(), KernelChoice.VECTOR, chosen);
    session = prepared.newSimulation();
    readout = Readout.of(prepared);
    new ScalarCheck(source.network(), pixels[0], steps).check(session);
    System.out.printf(
        "%n# %s: %d steps an image, blocks of %d%n",
        prepared.kernelName(), steps, prepared.plan().blockSteps());
  }

  @TearDown
  public void close() {
    System.out.printf("%n# allocated by an image: %d B%n", Allocation.of(this::answer));
    System.out.println("# CPU time of an image, latest: " + answering.describe(1));
    session.close();
    prepared.close();
    source.close();
  }

  @Benchmark
  public int answer() {
    image = (image + 1) % pixels.length;
    answering.start();
    session.present(pixels[image], image, steps);
    for (int t = 0; t < steps; ) {
      t += session.runStepBlock(steps - t);
    }
    int answer = readout.decide(session);
    answering.stop();
    if (answers[image] < 0) {
      answers[image] = answer;
    } else if (answers[image] != answer) {
      throw new IllegalStateException(
          "image " + image + ": answer " + answer + ", expected its first, " + answers[image]);
    }
    return answer;
  }
}
