// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.EngineComparison;
import io.snnsim.fixture.EngineWay;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The engine against {@link DenseReference} on random networks, for every neuron after every step.
 * {@code -Dsnnsim.test.seed=N} runs the network of one seed only, {@code -Dsnnsim.vectorBits=64}
 * (128, 256, 512) another vector width.
 */
class EngineEqualsReferenceTest {
  private static final String SEED = "snnsim.test.seed";
  private static final long FIRST_SEED = 20_261_124;

  /** How many seeds, for long runs. */
  private static final String COUNT = "snnsim.seeds";

  /** For each way; 1,000 comparisons in all. */
  private static final int COMPARED = 50;

  private static final int NETWORKS = 300;
  private static final int STEPS = 10;

  @ParameterizedTest
  @EnumSource(EngineWay.class)
  void everyNeuronIsTheSameAfterEveryStep(EngineWay way) {
    Long only = Long.getLong(SEED);
    long first = only == null ? FIRST_SEED : only;
    int count = only == null ? Integer.getInteger(COUNT, COMPARED) : 1;
    for (long seed = first; seed < first + count; seed++) {
      try {
        EngineComparison.compare(seed, way);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "seed="
                + seed
                + " way="
                + way
                + "; repeat with: mvn -q -B test -Dtest=EngineEqualsReferenceTest -D"
                + SEED
                + "="
                + seed
                + ": "
                + e.getMessage(),
            e);
      }
    }
  }

  /** Guards the comparison above against random networks that would show nothing. */
  @Tag("slow")
  @Test
  void randomNetworksCoverOperatorsRatesAndSaturation() {
    Map<RandomNetworks.Operator, Integer> operators = new EnumMap<>(RandomNetworks.Operator.class);
    int silent = 0;
    int between = 0;
    int full = 0;
    int saturated = 0;
    int spiking = 0;
    int sums = 0;
    int signed = 0;
    int signedGates = 0;
    int compared = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + NETWORKS; seed++) {
      RandomNetworks.Case random = RandomNetworks.of(seed);
      random.operators().forEach(o -> operators.merge(o, 1, Integer::sum));
      DenseReference r = new DenseReference(random.network());
      r.present(random.image());
      for (int t = 0; t < STEPS; t++) {
        r.step();
      }
      for (int p = 0; p < random.network().populations().size(); p++) {
        Population population = random.network().populations().get(p);
        long all = (long) population.shape().size() * STEPS;
        long fired = r.spikeTotal(p);
        silent += fired == 0 ? 1 : 0;
        full += fired == all ? 1 : 0;
        between += fired > 0 && fired < all ? 1 : 0;
        sums += random.network().into(p).size() > 1 ? 1 : 0;
        boolean takesBack = r.negativeTotal(p) > 0;
        signed += takesBack && population.model() == NeuronModel.SIGNED_IF ? 1 : 0;
        signedGates += takesBack && population.model() == NeuronModel.MAX_GATE ? 1 : 0;
        compared += takesBack && seed < FIRST_SEED + COMPARED ? 1 : 0;
        spiking += r.saturated(p);
        for (int v : DenseReference.flat(r.potentials(p))) {
          saturated += v == (population.wide() ? Integer.MIN_VALUE : Short.MIN_VALUE) ? 1 : 0;
        }
      }
    }
    for (RandomNetworks.Operator o : RandomNetworks.Operator.values()) {
      assertTrue(operators.getOrDefault(o, 0) >= 20, o + " occurs in " + operators);
    }
    String seen =
        "silent="
            + silent
            + " between="
            + between
            + " full="
            + full
            + " saturated="
            + saturated
            + " spiking="
            + spiking
            + " sums="
            + sums
            + " signed="
            + signed
            + " signedGates="
            + signedGates
            + " compared="
            + compared;
    assertTrue(spiking >= 100, seen);
    assertTrue(signed >= 150 && signedGates >= 20 && compared >= 30, seen);
    assertTrue(silent >= 20 && between >= 200 && full >= 5 && saturated >= 100 && sums >= 50, seen);
  }
}
