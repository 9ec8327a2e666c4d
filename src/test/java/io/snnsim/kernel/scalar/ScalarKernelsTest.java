// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.scalar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.CodeReference;
import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.EngineComparison;
import io.snnsim.fixture.EngineWay;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.network.NeuronModel;
import org.junit.jupiter.api.Test;

/**
 * The specification against two programs that know nothing of it: few networks, so that mutation
 * testing can ask often (tools/mutation-test.sh). {@code EngineEqualsReferenceTest} and {@code
 * FewSpikeNeuronTest} run many more.
 */
class ScalarKernelsTest {
  private static final int NETWORKS = 60;

  @Test
  void ratesAreThoseOfTheReference() {
    for (long seed = 0; seed < NETWORKS; seed++) {
      EngineComparison.compare(seed, EngineWay.SCALAR);
    }
  }

  @Test
  void codesAreTheNumbersOfTheClosedForm() {
    for (int seed = 0; seed < NETWORKS; seed++) {
      int steps = 1 + seed % NeuronModel.FewSpike.MOST_STEPS;
      RandomNetworks.Case random = CodeNetworks.of(seed, steps);
      CodeReference reference = new CodeReference(random.network());
      reference.run(random.image());
      try (Simulator model = Simulator.of(random.network(), KernelChoice.SCALAR);
          Simulation session = model.newSimulation(true)) {
        session.present(random.image(), 0);
        assertEquals(steps, session.runStepBlock(steps));
        for (int p = 0; p < random.network().populations().size(); p++) {
          assertArrayEquals(
              DenseReference.flat(reference.numbers(p)),
              session.spikeCounts(p),
              "seed " + seed + " population " + p);
        }
      }
    }
  }
}
