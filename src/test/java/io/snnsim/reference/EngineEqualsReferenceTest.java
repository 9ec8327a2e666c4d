package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.encode.InputCoding;
import io.snnsim.encode.InputEncoder;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Model;
import io.snnsim.engine.Session;
import io.snnsim.format.NetworkRules;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import java.util.EnumMap;
import java.util.Map;
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
  private static final int NETWORKS = 300;
  private static final int STEPS = 10;

  @ParameterizedTest
  @EnumSource(
      value = KernelChoice.class,
      names = {"SCALAR", "VECTOR"})
  void everyNeuronIsTheSameAfterEveryStep(KernelChoice kernel) {
    Long only = Long.getLong(SEED);
    long first = only == null ? FIRST_SEED : only;
    int count = only == null ? NETWORKS : 1;
    for (long seed = first; seed < first + count; seed++) {
      try {
        compare(seed, kernel);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "seed="
                + seed
                + " kernel="
                + kernel
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

  private static void compare(long seed, KernelChoice kernel) {
    RandomNetworks.Case random = RandomNetworks.of(seed);
    Network network = random.network();
    NetworkRules.check(network, "seed " + seed);
    InputCoding coding = InputCoding.values()[(int) (seed % InputCoding.values().length)];
    InputEncoder forEngine = coding.encoder(seed, random.image().length);
    InputEncoder forReference = coding.encoder(seed, random.image().length);
    DenseReference reference = new DenseReference(network);
    float[] normalised = reference.normalise(random.image());
    float[] frame = new float[normalised.length];
    try (Model model = Model.of(network, kernel);
        Session session = model.newSession(true)) {
      assertKernel(kernel, model.kernelName());
      session.encodeWith(coding == InputCoding.CONSTANT ? null : forEngine);
      // Twice, since an image must not leave anything behind for the next.
      for (int image = 0; image < 2; image++) {
        session.present(random.image(), image, STEPS);
        reference.present(random.image());
        forReference.begin(image, normalised, STEPS);
        for (int t = 0; t < STEPS; t++) {
          forReference.frame(t, frame);
          reference.setFrame(frame);
          reference.step();
          session.step();
          assertSame(network, reference, session, "image " + image + " step " + t);
        }
      }
    }
  }

  /** That the kernels compared are those meant, in the width that was forced if one was. */
  private static void assertKernel(KernelChoice kernel, String name) {
    Integer bits = Integer.getInteger("snnsim.vectorBits");
    if (kernel == KernelChoice.SCALAR) {
      assertEquals("scalar", name);
    } else if (bits == null) {
      assertTrue(name.startsWith("vector"), name);
    } else {
      assertEquals("vector" + bits, name);
    }
  }

  private static void assertSame(
      Network network, DenseReference reference, Session session, String when) {
    for (int p = 0; p < network.populations().size(); p++) {
      Population population = network.populations().get(p);
      String where = when + " population " + population.name() + " " + population.shape();
      assertArrayEquals(
          DenseReference.flat(reference.counts(p)), session.spikeCounts(p), where + " counts");
      if (population.model() == NeuronModel.IF) {
        assertArrayEquals(
            DenseReference.flat(reference.potentials(p)),
            session.potentials(p),
            where + " potentials");
      }
      assertEquals(reference.spikeTotal(p), session.spikeTotal(p), where + " spikes");
      assertEquals(reference.synapticOps(p), session.synapticOps(p), where + " synaptic ops");
    }
    int[] counts = session.spikeCounts(network.output());
    for (int i = 0; i < session.classes(); i++) {
      assertEquals(counts[i], session.outputCount(i), when + " output " + i);
    }
  }

  /** Guards the comparison above against random networks that would show nothing. */
  @Test
  void randomNetworksCoverOperatorsRatesAndSaturation() {
    Map<RandomNetworks.Operator, Integer> operators = new EnumMap<>(RandomNetworks.Operator.class);
    int silent = 0;
    int between = 0;
    int full = 0;
    int saturated = 0;
    int sums = 0;
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
        long all = (long) population.shape().neurons() * STEPS;
        long fired = r.spikeTotal(p);
        silent += fired == 0 ? 1 : 0;
        full += fired == all ? 1 : 0;
        between += fired > 0 && fired < all ? 1 : 0;
        sums += random.network().into(p).size() > 1 ? 1 : 0;
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
            + " sums="
            + sums;
    assertTrue(silent >= 20 && between >= 200 && full >= 5 && saturated >= 100 && sums >= 50, seen);
  }
}
