// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.Planner;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.network.Network;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a network is reckoned to take is what it takes, for random networks by all methods, with all
 * kernels, threads and statistics: never less, and little more. {@code -Dsnnsim.seeds=700} tries
 * more of them.
 */
class MemoryNeedTest {
  private static final int SEEDS = Integer.getInteger("snnsim.seeds", 20);

  /** What the image's border and the lists of 3x3 windows may be reckoned too large by. */
  private static final int SLACK = 1 << 15;

  private static final List<SimulationOptions> OPTIONS =
      List.of(
          new SimulationOptions(false, false, 1, false),
          new SimulationOptions(true, false, 1, true),
          new SimulationOptions(false, true, 3, false));

  private double offHeap;
  private double reckoned;

  @Test
  void networksTakeWhatTheyAreReckonedToTake() {
    for (int seed = 0; seed < SEEDS; seed++) {
      check(RandomNetworks.of(seed).network(), "seed " + seed);
      check(CodeNetworks.of(seed, 1 + seed % 6).network(), "code seed " + seed);
    }
    assertTrue(reckoned < 1.1 * offHeap, reckoned + " reckoned, taken " + offHeap);
  }

  private void check(Network network, String what) {
    check(network, KernelChoice.SCALAR, null, what);
    check(network, KernelChoice.ARRAY, null, what);
    check(network, KernelChoice.VECTOR, null, what);
    for (UpdateMethod method : UpdateMethod.values()) {
      List<UpdateMethod> methods = new ArrayList<>();
      for (int p = 0; p < network.populations().size(); p++) {
        boolean can =
            switch (method) {
              case EVENTS -> true;
              case LOOKUP -> Planner.canLookUp(network, p);
              case ADAPTIVE -> Planner.canAdapt(network, p);
              case PATTERNS -> Planner.canUsePatterns(network, p);
            };
        methods.add(can ? method : UpdateMethod.EVENTS);
      }
      Plan plan = new Plan(methods, network.codeStepsOr(3));
      check(network, KernelChoice.VECTOR, plan, what + " by " + method);
    }
  }

  private void check(Network network, KernelChoice kernel, Plan plan, String what) {
    try (Simulator model = Simulator.of(network, kernel, plan, CostModel.DEFAULT)) {
      String where = what + ", " + kernel;
      check(model.nativeBytes(), model.need().shared(), where);
      for (SimulationOptions options : OPTIONS) {
        try (Simulation simulation = model.newSimulation(options)) {
          check(simulation.nativeBytes(), model.need().offHeap(options), where + ", " + options);
        }
      }
    }
  }

  private void check(long taken, long need, String what) {
    assertTrue(
        taken <= need && need <= 1.2 * taken + SLACK,
        what + ": " + taken + " bytes taken, reckoned " + need);
    offHeap += taken;
    reckoned += need;
  }
}
