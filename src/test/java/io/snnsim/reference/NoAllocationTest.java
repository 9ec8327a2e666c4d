// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.Allocations;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.fixture.Ways;
import io.snnsim.kernel.KernelProvider;
import io.snnsim.network.Network;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Steps allocate nothing once the kernels are compiled, at whichever vector width the tests run (up
 * to the machine's own): a vector that the compiler boxes would show here.
 */
class NoAllocationTest {
  private static final int NETWORKS = 12;
  private static final int STEPS = 64;
  private static final int QUIET_ROUNDS = 5;
  private static final int IMAGES = 16;

  @ParameterizedTest
  @EnumSource(UpdateMethod.class)
  void stepsAllocateNothing(UpdateMethod method) throws InterruptedException {
    stepsAllocateNothing(method, method == UpdateMethod.ADAPTIVE ? Ways.RESTLESS : Ways.WHOLE);
  }

  /** Adaptive populations change at every chance, so that changing is measured too. */
  @ParameterizedTest
  @EnumSource(names = {"LOOKUP", "ADAPTIVE"})
  void lookupsOfBytesAllocateNothing(UpdateMethod method) throws InterruptedException {
    if (KernelProvider.permutesBytes()) {
      boolean adaptive = method == UpdateMethod.ADAPTIVE;
      stepsAllocateNothing(method, adaptive ? Ways.RESTLESS_PAIRS : Ways.PAIRS);
    }
  }

  private static void stepsAllocateNothing(UpdateMethod method, CostModel costs)
      throws InterruptedException {
    int widest = VectorShape.preferredShape().vectorBitSize();
    assertTrue(
        KernelProvider.vectorBits() <= widest,
        () -> "C2 boxes all vectors of more than this machine's " + widest + " bits");
    for (long seed = 0; seed < NETWORKS; seed++) {
      RandomNetworks.Case random = RandomNetworks.of(seed);
      Network network = random.network();
      try (Simulator model =
              Simulator.of(network, KernelChoice.VECTOR, plan(network, method), costs);
          Simulation session = model.newSimulation()) {
        Allocations.end(
            method + ", seed " + seed + ", rounds of " + STEPS + " steps",
            QUIET_ROUNDS,
            () -> session.present(random.image(), 0, STEPS),
            () -> {
              for (int t = 0; t < STEPS; ) {
                t += session.runStepBlock(STEPS - t);
              }
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EVENTS", "LOOKUP", "PATTERNS"})
  void codesAllocateNothing(UpdateMethod method) throws InterruptedException {
    codesAllocateNothing(method, Ways.WHOLE);
    if (method == UpdateMethod.LOOKUP && KernelProvider.permutesBytes()) {
      codesAllocateNothing(method, Ways.PAIRS);
    }
  }

  private static void codesAllocateNothing(UpdateMethod method, CostModel costs)
      throws InterruptedException {
    for (int steps : new int[] {1, 3, 4, 5, 6, 10}) {
      RandomNetworks.Case random = CodeNetworks.of(steps, steps);
      Network network = random.network();
      List<UpdateMethod> methods = new ArrayList<>();
      for (int p = 0; p < network.populations().size(); p++) {
        boolean sums = network.populations().get(p).model().integrates();
        methods.add(Ways.where(network, p, sums ? method : UpdateMethod.EVENTS));
      }
      Plan plan = new Plan(methods, steps);
      try (Simulator model = Simulator.of(network, KernelChoice.VECTOR, plan, costs);
          Simulation session = model.newSimulation()) {
        Allocations.end(
            method + ", codes of " + steps + ", rounds of " + IMAGES + " images",
            QUIET_ROUNDS,
            () -> {},
            () -> {
              for (int i = 0; i < IMAGES; i++) {
                session.present(random.image(), i, steps);
                session.runStepBlock(steps);
              }
            });
      }
    }
  }

  private static Plan plan(Network network, UpdateMethod method) {
    List<UpdateMethod> methods = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      methods.add(Ways.where(network, p, method));
    }
    return new Plan(methods, 4);
  }
}
