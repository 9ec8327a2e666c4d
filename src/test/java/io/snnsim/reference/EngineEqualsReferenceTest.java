// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.encode.InputCoding;
import io.snnsim.encode.InputEncoder;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.fixture.Ways;
import io.snnsim.format.NetworkRules;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

  /** Ways to run a network, which must not show in any number. */
  private enum Way {
    SCALAR(KernelChoice.SCALAR, 1),
    ARRAY(KernelChoice.ARRAY, 1),
    EVENTS(KernelChoice.VECTOR, 1),
    EVENTS_IN_BLOCKS(KernelChoice.VECTOR, 3),
    LOOKUP(KernelChoice.VECTOR, 1),
    LOOKUP_IN_BLOCKS(KernelChoice.VECTOR, 4),
    LOOKUP_IN_LONG_BLOCKS(KernelChoice.VECTOR, 7),
    MIXED_IN_BLOCKS(KernelChoice.VECTOR, 2),
    MIXED_WITHIN_TWO_THREADS(KernelChoice.VECTOR, 4),
    SCALAR_WITHIN_THREE_THREADS(KernelChoice.SCALAR, 1),
    /** Every population that can changes its method in every block. */
    CHANGING(KernelChoice.VECTOR, 1),
    CHANGING_IN_BLOCKS(KernelChoice.VECTOR, 3),
    CHANGING_AND_MIXED_WITHIN_TWO_THREADS(KernelChoice.VECTOR, 2),
    /** Without counts of every neuron the kernels take shorter ways. */
    UNCOUNTED_LOOKUP_IN_BLOCKS(KernelChoice.VECTOR, 8),
    UNCOUNTED_MIXED(KernelChoice.VECTOR, 4),
    PATTERNS(KernelChoice.VECTOR, 1),
    PATTERNS_IN_BLOCKS(KernelChoice.VECTOR, 3),
    /** Of as few channels as there may be, whatever the table. */
    SHORT_PATTERNS(KernelChoice.VECTOR, 2),
    /** Of 5, 6 or 7 channels now and then. */
    PATTERNS_IN_LITTLE_MEMORY(KernelChoice.VECTOR, 4),
    PATTERNS_AND_MIXED_WITHIN_TWO_THREADS(KernelChoice.VECTOR, 2);

    boolean counted() {
      return this != UNCOUNTED_LOOKUP_IN_BLOCKS && this != UNCOUNTED_MIXED;
    }

    private final KernelChoice kernel;
    private final int blockSteps;

    Way(KernelChoice kernel, int blockSteps) {
      this.kernel = kernel;
      this.blockSteps = blockSteps;
    }

    int threads() {
      return switch (this) {
        case MIXED_WITHIN_TWO_THREADS,
            CHANGING_AND_MIXED_WITHIN_TWO_THREADS,
            PATTERNS_AND_MIXED_WITHIN_TWO_THREADS ->
            2;
        case SCALAR_WITHIN_THREE_THREADS -> 3;
        default -> 1;
      };
    }

    CostModel costs() {
      return switch (this) {
        case CHANGING, CHANGING_IN_BLOCKS, CHANGING_AND_MIXED_WITHIN_TWO_THREADS -> Ways.RESTLESS;
        case SHORT_PATTERNS -> Ways.patternsWithin(0);
        case PATTERNS_IN_LITTLE_MEMORY -> Ways.patternsWithin(20_000);
        default -> CostModel.DEFAULT;
      };
    }

    private static UpdateMethod anyOf(UpdateMethod[] methods, Random random) {
      return methods[random.nextInt(methods.length)];
    }

    Plan plan(Network network, long seed) {
      Random random = new Random(seed);
      List<UpdateMethod> methods = new ArrayList<>();
      for (int p = 0; p < network.populations().size(); p++) {
        UpdateMethod method =
            switch (this) {
              case SCALAR, ARRAY, SCALAR_WITHIN_THREE_THREADS, EVENTS, EVENTS_IN_BLOCKS ->
                  UpdateMethod.EVENTS;
              case MIXED_IN_BLOCKS, MIXED_WITHIN_TWO_THREADS, UNCOUNTED_MIXED ->
                  random.nextBoolean() ? UpdateMethod.LOOKUP : UpdateMethod.EVENTS;
              case CHANGING, CHANGING_IN_BLOCKS -> UpdateMethod.ADAPTIVE;
              case PATTERNS, PATTERNS_IN_BLOCKS, SHORT_PATTERNS, PATTERNS_IN_LITTLE_MEMORY ->
                  UpdateMethod.PATTERNS;
              case CHANGING_AND_MIXED_WITHIN_TWO_THREADS, PATTERNS_AND_MIXED_WITHIN_TWO_THREADS ->
                  anyOf(UpdateMethod.values(), random);
              default -> UpdateMethod.LOOKUP;
            };
        methods.add(Ways.where(network, p, method));
      }
      return new Plan(methods, blockSteps);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void everyNeuronIsTheSameAfterEveryStep(Way way) {
    Long only = Long.getLong(SEED);
    long first = only == null ? FIRST_SEED : only;
    int count = only == null ? Integer.getInteger(COUNT, COMPARED) : 1;
    for (long seed = first; seed < first + count; seed++) {
      try {
        compare(seed, way);
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

  private static void compare(long seed, Way way) {
    RandomNetworks.Case random = RandomNetworks.of(seed);
    Network network = random.network();
    NetworkRules.check(network, "seed " + seed);
    InputCoding coding = InputCoding.values()[(int) (seed % InputCoding.values().length)];
    InputEncoder forEngine = coding.encoder(seed, random.image().length);
    InputEncoder forReference = coding.encoder(seed, random.image().length);
    DenseReference reference = new DenseReference(network);
    float[] normalised = reference.normalise(random.image());
    float[] frame = new float[normalised.length];
    try (Simulator model = Simulator.of(network, way.kernel, way.plan(network, seed), way.costs());
        Simulation session = model.newSimulation(way.counted(), way.threads())) {
      assertKernel(way.kernel, model.kernelName());
      session.encodeWith(coding == InputCoding.CONSTANT ? null : forEngine);
      // Twice, since an image must not leave anything behind for the next.
      for (int image = 0; image < 2; image++) {
        session.present(random.image(), image, STEPS);
        reference.present(random.image());
        forReference.begin(image, normalised, STEPS);
        for (int t = 0; t < STEPS; ) {
          int block = session.runStepBlock(STEPS - t);
          for (int k = 0; k < block; k++, t++) {
            forReference.frame(t, frame);
            reference.setFrame(frame);
            reference.step();
            session.look(k);
            assertSameOutput(network, reference, session, "image " + image + " step " + t);
          }
          assertSame(
              network, reference, session, way.counted(), "image " + image + " step " + (t - 1));
        }
      }
    }
  }

  private static void assertSameOutput(
      Network network, DenseReference reference, Simulation session, String when) {
    int[] counts = DenseReference.flat(reference.counts(network.output()));
    int[] potentials = DenseReference.flat(reference.potentials(network.output()));
    boolean integrates = network.populations().get(network.output()).model().integrates();
    for (int i = 0; i < session.classes(); i++) {
      assertEquals(counts[i], session.outputCount(i), when + " output count " + i);
      if (integrates) {
        assertEquals(potentials[i], session.outputPotential(i), when + " output potential " + i);
      }
    }
  }

  /** That the kernels compared are those meant, in the width that was forced if one was. */
  private static void assertKernel(KernelChoice kernel, String name) {
    Integer bits = Integer.getInteger("snnsim.vectorBits");
    if (kernel == KernelChoice.SCALAR || kernel == KernelChoice.ARRAY) {
      assertEquals(kernel.name().toLowerCase(java.util.Locale.ROOT), name);
    } else if (bits == null) {
      assertTrue(name.startsWith("vector"), name);
    } else {
      assertEquals("vector" + bits, name);
    }
  }

  private static void assertSame(
      Network network, DenseReference reference, Simulation session, boolean counted, String when) {
    for (int p = 0; p < network.populations().size(); p++) {
      Population population = network.populations().get(p);
      String where = when + " population " + population.name() + " " + population.shape();
      if (counted) {
        assertArrayEquals(
            DenseReference.flat(reference.counts(p)), session.spikeCounts(p), where + " counts");
      }
      if (population.model().integrates()) {
        assertArrayEquals(
            DenseReference.flat(reference.potentials(p)),
            session.potentials(p),
            where + " potentials");
      }
      int stoodAtAnEnd = reference.saturated(p);
      // A neuron that takes its last spike back at the lower end and gets no input counts again.
      int stayed = reference.putOnTheLowerEnd(p);
      int found = session.saturated(p);
      assertTrue(
          stoodAtAnEnd <= found && found <= stoodAtAnEnd + stayed,
          () -> where + " saturated " + stoodAtAnEnd + " + " + stayed + ", found " + found);
      assertEquals(reference.spikeTotal(p), session.spikeTotal(p), where + " spikes");
      assertEquals(
          reference.negativeTotal(p), session.negativeSpikeTotal(p), where + " negative spikes");
      assertEquals(reference.synapticOps(p), session.synapticOps(p), where + " synaptic ops");
      assertEquals(
          reference.synapticOpsInto(p),
          Nets.synapticOpsInto(session, p),
          where + " synaptic ops into");
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
