// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.SimulationOptions;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.CodeReference;
import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.fixture.Ways;
import io.snnsim.format.NetworkRules;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Few-spike neurons in every kernel against their closed form without bounds, on random networks of
 * every operator and codes of every length. {@code -Dsnnsim.test.seed=N} runs one seed, {@code
 * -Dsnnsim.vectorBits=64} (128, 256, 512) another vector width.
 */
class FewSpikeNeuronTest {
  private static final long FIRST_SEED = 41_000;
  private static final int COMPARED = 60;

  /** Ways to run a network, which must not show in any number. */
  private enum Way {
    SCALAR(KernelChoice.SCALAR, 1, true),
    ARRAY(KernelChoice.ARRAY, 1, true),
    EVENTS(KernelChoice.VECTOR, 1, true),
    LOOKUP(KernelChoice.VECTOR, 1, true),
    MIXED(KernelChoice.VECTOR, 1, true),
    MIXED_WITHIN_TWO_THREADS(KernelChoice.VECTOR, 2, true),
    SCALAR_WITHIN_THREE_THREADS(KernelChoice.SCALAR, 3, true),
    UNCOUNTED_LOOKUP(KernelChoice.VECTOR, 1, false),
    PATTERNS(KernelChoice.VECTOR, 1, true),
    PATTERNS_AND_MIXED_WITHIN_TWO_THREADS(KernelChoice.VECTOR, 2, true),
    UNCOUNTED_PATTERNS(KernelChoice.VECTOR, 1, false),
    PAIRS(KernelChoice.VECTOR, 1, true),
    UNCOUNTED_PAIRS(KernelChoice.VECTOR, 1, false),
    PAIRS_AND_MIXED_WITHIN_TWO_THREADS(KernelChoice.VECTOR, 2, true);

    private static final UpdateMethod[] FIXED = {
      UpdateMethod.EVENTS, UpdateMethod.LOOKUP, UpdateMethod.PATTERNS
    };

    private final KernelChoice kernel;
    private final int threads;
    private final boolean counted;

    Way(KernelChoice kernel, int threads, boolean counted) {
      this.kernel = kernel;
      this.threads = threads;
      this.counted = counted;
    }

    CostModel costs() {
      return switch (this) {
        case PAIRS, UNCOUNTED_PAIRS, PAIRS_AND_MIXED_WITHIN_TWO_THREADS -> Ways.PAIRS;
        default -> Ways.WHOLE;
      };
    }

    Plan plan(Network network, long seed) {
      Random random = new Random(seed);
      List<UpdateMethod> methods = new ArrayList<>();
      for (int p = 0; p < network.populations().size(); p++) {
        UpdateMethod wanted =
            switch (this) {
              case LOOKUP, UNCOUNTED_LOOKUP, PAIRS, UNCOUNTED_PAIRS -> UpdateMethod.LOOKUP;
              case PATTERNS, UNCOUNTED_PATTERNS -> UpdateMethod.PATTERNS;
              case MIXED, MIXED_WITHIN_TWO_THREADS, PAIRS_AND_MIXED_WITHIN_TWO_THREADS ->
                  random.nextBoolean() ? UpdateMethod.LOOKUP : UpdateMethod.EVENTS;
              case PATTERNS_AND_MIXED_WITHIN_TWO_THREADS -> FIXED[random.nextInt(FIXED.length)];
              case SCALAR, ARRAY, EVENTS, SCALAR_WITHIN_THREE_THREADS -> UpdateMethod.EVENTS;
            };
        boolean can = network.populations().get(p).model().integrates();
        methods.add(Ways.where(network, p, can ? wanted : UpdateMethod.EVENTS));
      }
      return new Plan(methods, network.codeSteps());
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void everyNeuronSendsTheClosedForm(Way way) {
    Long only = Long.getLong("snnsim.test.seed");
    long first = only == null ? FIRST_SEED : only;
    int count = only == null ? Integer.getInteger("snnsim.seeds", COMPARED) : 1;
    for (long seed = first; seed < first + count; seed++) {
      try {
        compare(seed, 1 + (int) (seed % NeuronModel.FewSpike.MOST_STEPS), way);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed=" + seed + " way=" + way + ": " + e.getMessage(), e);
      }
    }
  }

  private static void compare(long seed, int steps, Way way) {
    RandomNetworks.Case random = CodeNetworks.of(seed, steps);
    Network network = random.network();
    NetworkRules.check(network, "seed " + seed);
    CodeReference reference = new CodeReference(network);
    reference.run(random.image());
    SimulationOptions options = new SimulationOptions(way.counted, true, way.threads, false);
    try (Simulator model = Simulator.of(network, way.kernel, way.plan(network, seed), way.costs());
        Simulator plain = Simulator.of(network, KernelChoice.SCALAR);
        Simulation scalar = plain.newSimulation(true);
        Simulation session = model.newSimulation(options)) {
      scalar.present(random.image(), 0);
      scalar.runStepBlock(steps);
      // Twice, since an image must not leave anything behind for the next.
      for (int image = 0; image < 2; image++) {
        session.present(random.image(), image);
        assertEquals(steps, session.runStepBlock(steps));
        for (int p = 0; p < network.populations().size(); p++) {
          assertSame(network, p, reference, session, scalar, way, "image " + image);
        }
      }
    }
  }

  private static void assertSame(
      Network network,
      int p,
      CodeReference reference,
      Simulation session,
      Simulation scalar,
      Way way,
      String when) {
    Population population = network.populations().get(p);
    String where = when + " population " + population.name() + " " + population.shape();
    int[] numbers = DenseReference.flat(reference.numbers(p));
    int plane = population.shape().plane();
    int width = population.shape().width();
    long bits = 0;
    for (int i = 0; i < numbers.length; i++) {
      bits += Integer.bitCount(numbers[i]);
      assertEquals(
          numbers[i] & 1,
          session.spike(p, i / plane, i % plane / width, i % width),
          where + " last spike of neuron " + i);
    }
    assertEquals(bits, session.spikeTotal(p), where + " spikes");
    if (way.counted) {
      assertArrayEquals(numbers, session.spikeCounts(p), where + " numbers");
    }
    if (population.model().integrates()) {
      assertArrayEquals(scalar.potentials(p), session.potentials(p), where + " potentials");
    }
    assertEquals(scalar.synapticOps(p), session.synapticOps(p), where + " synaptic ops");
    if (p == network.output() && population.wide()) {
      long[][][] v = reference.potentials(p);
      for (int i = 0; i < numbers.length; i++) {
        int c = i / plane;
        long whole = session.outputCount(i) * session.outputTheta(i) + session.outputPotential(i);
        if (population.model().integrates()) {
          assertEquals(v[c][i % plane / width][i % width], whole, where + " whole input of " + i);
        }
      }
    }
  }

  /** Guards the comparison against random networks that would show nothing. */
  @Test
  void randomNetworksSendNumbersOfEverySize() {
    int[] seen = new int[3];
    int saturated = 0;
    int races = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + COMPARED; seed++) {
      int steps = 1 + (int) (seed % NeuronModel.FewSpike.MOST_STEPS);
      RandomNetworks.Case random = CodeNetworks.of(seed, steps);
      CodeReference reference = new CodeReference(random.network());
      reference.run(random.image());
      for (int p = 0; p < random.network().populations().size(); p++) {
        Population population = random.network().populations().get(p);
        int[] numbers = DenseReference.flat(reference.numbers(p));
        for (int n : numbers) {
          seen[n == 0 ? 0 : n == (1 << steps) - 1 ? 2 : 1]++;
        }
        if (!population.model().integrates()) {
          races++;
        } else if (!population.wide()) {
          for (int v : DenseReference.flat(reference.potentials(p))) {
            saturated += v != (short) v ? 1 : 0;
          }
        }
      }
    }
    String all =
        seen[0]
            + " silent, "
            + seen[1]
            + " between, "
            + seen[2]
            + " full, "
            + saturated
            + " saturated, "
            + races
            + " races";
    assertTrue(
        seen[0] > 1000 && seen[1] > 1000 && seen[2] > 1000 && saturated > 500 && races > 10, all);
  }
}
