// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.SimulationOptions;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.Planner;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.network.Network;
import io.snnsim.readout.Readout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Runs a network by all kernels, in plans, step blocks and threads chosen at random, and holds
 * everything that a run shows against the scalar kernel. Immutable.
 */
final class KernelRuns {
  /** How a network is run; null is the planner's plan. */
  record Way(String name, KernelChoice kernel, Plan plan, int threads, boolean counted) {}

  /** Images, and the steps that each is run. */
  record Input(float[][] images, int steps) {}

  /** Runs a network in a way. */
  interface Runner {
    /** What the run shows, by what it is: counts, potentials, decisions and so on. */
    Map<String, long[]> run(Network network, Way way, Input input, Limits limits);
  }

  private final Runner runner;
  private final Limits limits;

  /** With a runner, {@link #run} where nothing is planted, within limits. */
  KernelRuns(Runner runner, Limits limits) {
    this.runner = runner;
    this.limits = limits;
  }

  /**
   * Compares all ways.
   *
   * @throws Broken if one differs
   */
  void compare(Network network, Input input, SplittableRandom random) {
    Way scalar = new Way("scalar", KernelChoice.SCALAR, null, 1, true);
    Map<String, long[]> expected = runner.run(network, scalar, input, limits);
    for (Way way : ways(network, random)) {
      Map<String, long[]> found = runner.run(network, way, input, limits);
      for (Map.Entry<String, long[]> part : found.entrySet()) {
        long[] scalars = expected.get(part.getKey());
        int at = Arrays.mismatch(scalars, part.getValue());
        if (at >= 0) {
          throw new Broken(
              way
                  + ": "
                  + part.getKey()
                  + " "
                  + at
                  + ": found "
                  + part.getValue()[at]
                  + ", by the scalar kernel "
                  + scalars[at]);
        }
      }
    }
  }

  private static List<Way> ways(Network network, SplittableRandom random) {
    List<Way> ways = new ArrayList<>();
    ways.add(new Way("array", KernelChoice.ARRAY, null, 1, true));
    for (UpdateMethod method : UpdateMethod.values()) {
      ways.add(new Way(method.word(), KernelChoice.VECTOR, plan(network, random, method), 1, true));
    }
    ways.add(new Way("planned", KernelChoice.VECTOR, null, 1, random.nextBoolean()));
    int threads = random.nextInt(8) == 0 ? 2 : 1;
    Plan mixed = plan(network, random, null);
    ways.add(new Way("mixed", KernelChoice.VECTOR, mixed, threads, random.nextInt(3) > 0));
    if (random.nextInt(16) == 0) {
      ways.add(new Way("scalar in two threads", KernelChoice.SCALAR, null, 2, true));
    }
    return ways;
  }

  /** By one method wherever it serves, or by any of those that do. */
  private static Plan plan(Network network, SplittableRandom random, UpdateMethod wanted) {
    List<UpdateMethod> methods = new ArrayList<>();
    UpdateMethod[] all = UpdateMethod.values();
    for (int p = 0; p < network.populations().size(); p++) {
      UpdateMethod method = wanted == null ? all[random.nextInt(all.length)] : wanted;
      boolean serves =
          switch (method) {
            case EVENTS -> true;
            case LOOKUP -> Planner.canLookUp(network, p);
            case ADAPTIVE -> Planner.canAdapt(network, p);
            case PATTERNS -> Planner.canUsePatterns(network, p);
          };
      methods.add(serves ? method : UpdateMethod.EVENTS);
    }
    return new Plan(methods, network.codeStepsOr(1 + random.nextInt(8)));
  }

  /** One run by the engine. */
  static Map<String, long[]> run(Network network, Way way, Input input, Limits limits) {
    Map<String, long[]> shown = new LinkedHashMap<>();
    SimulationOptions options = new SimulationOptions(way.counted, false, way.threads, false);
    try (Simulator model = Simulator.of(network, way.kernel, way.plan, limits);
        Simulation s = model.newSimulation(options)) {
      for (int i = 0; i < input.images.length; i++) {
        s.present(input.images[i], i, input.steps);
        for (int t = 0; t < input.steps; ) {
          t += s.runStepBlock(input.steps - t);
        }
        look(network, s, way.counted, "image " + i + " ", shown);
      }
    }
    return shown;
  }

  private static void look(
      Network network, Simulation s, boolean counted, String when, Map<String, long[]> shown) {
    int n = s.classes();
    long[] output = new long[2 * n];
    boolean integrates = network.populations().get(network.output()).model().integrates();
    for (int k = 0; k < n; k++) {
      output[k] = s.outputCount(k);
      output[n + k] = integrates ? s.outputPotential(k) : 0;
    }
    shown.put(when + "output", output);
    shown.put(
        when + "decisions",
        Arrays.stream(Readout.values()).mapToLong(readout -> readout.decide(s)).toArray());
    for (int p = 0; p < network.populations().size(); p++) {
      String where = when + "population " + p + " ";
      shown.put(
          where + "spikes, negative spikes, synaptic operations",
          new long[] {s.spikeTotal(p), s.negativeSpikeTotal(p), s.synapticOps(p)});
      if (counted) {
        shown.put(where + "counts", longs(s.spikeCounts(p)));
      }
      if (network.populations().get(p).model().integrates()) {
        shown.put(where + "potentials", longs(s.potentials(p)));
      }
    }
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }
}
