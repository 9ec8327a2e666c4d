// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.network.Network;
import io.snnsim.network.Precision;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * What does one time step of one layer cost, by method, at a given firing rate of its source?
 *
 * <p>{@code layer} is the time per layer and step of {@value #COPIES} pairs of a source and a
 * target population; {@code sources} is that of the sources without their targets. The difference
 * is the layer: its sums, its neurons, and whatever makes the source's spikes readable (event
 * lists, index planes). Several pairs, so that weights come from as far as they do in a network.
 * {@code bench/layers.py} runs the grid and subtracts.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class LayerBenchmark {
  private static final int COPIES = 4;

  /** Time steps of one invocation: whole blocks of each length. */
  private static final int STEPS = 8;

  /** Steps that let the sources' phases spread. */
  private static final int SETTLE = 256;

  /** See {@link LayerShape}. */
  @Param({"16-16@32k3s1"})
  public String shape;

  /** I8, i16 or i32. */
  @Param({"i8"})
  public String precision;

  /** Percent of the source's neurons that fire in a step. */
  @Param({"10"})
  public int rate;

  /** Events, lookup or adaptive. */
  @Param({"events", "lookup"})
  public String method;

  /** Steps of a block: 1, 2, 4 or 8. */
  @Param({"4"})
  public int blockSteps;

  private Simulator pairs;
  private Simulator alone;
  private Simulation layers;
  private Simulation sources;
  private ScalarCheck check;

  @Setup
  public void build() {
    LayerShape layer = LayerShape.parse(shape);
    Precision grid = Precision.valueOf(precision.toUpperCase(Locale.ROOT));
    double share = rate / 100.0;
    float[] image = LayerNetwork.image(layer, share);
    Network network = LayerNetwork.of(layer, grid, COPIES, share, true);
    Network first = LayerNetwork.of(layer, grid, COPIES, share, false);
    pairs = Simulator.of(network, KernelChoice.VECTOR, Plans.of(network, null, method, blockSteps));
    alone = Simulator.of(first, KernelChoice.VECTOR, Plans.of(first, null, method, blockSteps));
    layers = pairs.newSimulation();
    sources = alone.newSimulation();
    // A whole block and one of a single step.
    check = new ScalarCheck(network, image, blockSteps + 1);
    check.check(layers);
    settle(layers, image);
    settle(sources, image);
    for (int i = 0; i < COPIES; i++) {
      double found = (double) layers.spikeTotal(i) / SETTLE / layer.source().size();
      if (Math.abs(found - share) > 0.1 * share) {
        throw new IllegalStateException(
            "source " + i + ": found firing rate " + found + ", expected " + share);
      }
    }
  }

  private static void settle(Simulation session, float[] image) {
    session.present(image, 0);
    for (int t = 0; t < SETTLE; ) {
      t += session.runStepBlock(SETTLE - t);
    }
  }

  @TearDown
  public void checkAndClose() {
    System.out.printf("%n# allocated in %d steps: %d B%n", STEPS, Allocation.of(this::layer));
    check.check(layers);
    layers.close();
    sources.close();
    pairs.close();
    alone.close();
  }

  @Benchmark
  @OperationsPerInvocation(COPIES * STEPS)
  public int layer() {
    return run(layers);
  }

  @Benchmark
  @OperationsPerInvocation(COPIES * STEPS)
  public int sources() {
    return run(sources);
  }

  private static int run(Simulation session) {
    int t = 0;
    while (t < STEPS) {
      t += session.runStepBlock(STEPS - t);
    }
    return t;
  }
}
