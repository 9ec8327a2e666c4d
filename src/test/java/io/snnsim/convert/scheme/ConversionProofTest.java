// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.fixture.NaiveAnn;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.fixture.RateProof;
import io.snnsim.fixture.UpsampledAnns;
import io.snnsim.fixture.WildAnns;
import io.snnsim.format.NetworkRules;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Converted networks of every operator against the ANN, within bounds that {@link RateProof}
 * proves. {@code -Dsnnsim.test.seed=N} runs the network of one seed only.
 */
class ConversionProofTest {
  private static final String SEED = "snnsim.test.seed";
  private static final long FIRST_SEED = 31_415;
  private static final int NETWORKS = 400;

  /** Simulated to the end for these; the others show their arithmetic only. */
  private static final int SIMULATED = 120;

  private static final long MOST_STEPS = 1 << 14;

  /** A converted case and what its rates must be on one image. */
  private record Converted(RandomAnns.Case ann, Network network, RateProof proof, int image) {}

  private static void forEachSeed(int networks, LongConsumer check) {
    Long only = Long.getLong(SEED);
    long first = only == null ? FIRST_SEED : only;
    for (long seed = first; seed < first + (only == null ? networks : 1); seed++) {
      try {
        check.accept(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "seed="
                + seed
                + "; repeat with: mvn -q -B test -Dtest=ConversionProofTest -D"
                + SEED
                + "="
                + seed
                + ": "
                + e.getMessage(),
            e);
      }
    }
  }

  private static Converted convert(long seed, Precision precision, double kappa) {
    return convert(seed, precision, kappa, false);
  }

  private static Converted convert(
      long seed, Precision precision, double kappa, boolean byChannel) {
    return convert(RandomAnns.of(seed), seed, precision, kappa, byChannel);
  }

  private static Converted convert(
      RandomAnns.Case ann, long seed, Precision precision, double kappa, boolean byChannel) {
    Lowering lowering = new Lowering(BatchNormFolding.fold(ann.graph()).graph());
    Calibration.Result calibration =
        Calibration.run(lowering, ann.images(), ann.normalisation(), 100, Execution.on(1));
    if (byChannel) {
      calibration = byChannel(calibration, ann);
    }
    double v0 = seed % 4 == 3 ? (seed % 100) / 99.0 : 0.5;
    Network network =
        Converter.convert(
                calibration,
                new ConvertOptions(v0, kappa, precision, ann.normalisation()),
                List.of())
            .network();
    NetworkRules.check(network, "seed " + seed);
    int image = (int) (seed % ann.pixels().size());
    double[] normalised = ann.normalised(image);
    double[][] values = NaiveAnn.run(lowering.graph(), normalised);
    return new Converted(
        ann, network, new RateProof(network, lowering.graph(), values, normalised), image);
  }

  /** The same calibration with the largest activation of each channel as its lambda. */
  private static Calibration.Result byChannel(Calibration.Result all, RandomAnns.Case ann) {
    AnnGraph graph = all.lowering().graph();
    List<Calibration.Level> levels = new ArrayList<>();
    for (int p = 0; p < all.levels().size(); p++) {
      Lowering.Draft plan = all.lowering().drafts().get(p);
      if (plan.kind() != Lowering.Kind.SUM) {
        levels.add(levels.get(plan.terms().getFirst().source()));
        continue;
      }
      double[] lambda = new double[plan.shape().channels()];
      for (int i = 0; i < ann.pixels().size(); i++) {
        double[] x = NaiveAnn.run(graph, ann.normalised(i))[plan.node()];
        for (int k = 0; k < x.length; k++) {
          int c = k / (plan.shape().height() * plan.shape().width());
          lambda[c] = Math.max(lambda[c], x[k]);
        }
      }
      double whole = all.levels().get(p).lambda()[0];
      for (int c = 0; c < lambda.length; c++) {
        // A channel that hardly fires would get weights of any size.
        lambda[c] = Math.max(lambda[c], whole / 2);
      }
      levels.add(new Calibration.Level(lambda, lambda, 0));
    }
    return new Calibration.Result(
        all.lowering(), levels, all.percentile(), all.images(), List.of());
  }

  /**
   * With every source at the ANN's own rate each neuron's input sum is the ANN's, but for half a
   * grid unit a weight, bias and current.
   */
  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Precision.class)
  void inputSumsAreTheAnnsButForRounding(Precision precision) {
    forEachSeed(
        NETWORKS,
        seed -> {
          Converted c = convert(seed, precision, 1, seed % 2 == 1);
          if (c.proof().clampedCurrents() == 0) {
            assertSums(c);
          } else {
            assertTrue(precision != Precision.I32, "currents are cut off");
          }
        });
  }

  /** The same of networks that are rewritten before they are lowered. */
  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Precision.class)
  void inputSumsOfRewrittenNetworksAreTheAnnsButForRounding(Precision precision) {
    forEachSeed(
        NETWORKS / 2,
        seed -> {
          RandomAnns.Case ann = seed % 3 == 2 ? UpsampledAnns.of(seed) : WildAnns.of(seed);
          Converted c = convert(ann, seed, precision, 1, seed % 2 == 1);
          if (c.proof().clampedCurrents() == 0) {
            assertSums(c);
          } else {
            assertTrue(precision != Precision.I32, "currents are cut off");
          }
        });
  }

  private static void assertSums(Converted c) {
    for (int p = 0; p < c.network().populations().size(); p++) {
      Population population = c.network().populations().get(p);
      for (int i = 0; i < population.shape().size(); i++) {
        double found = c.proof().residual(p, i);
        double most = c.proof().granted(p, i);
        assertTrue(
            found <= most,
            () ->
                "population "
                    + population.name()
                    + " error of the input sum "
                    + found
                    + ", at most "
                    + most);
      }
    }
  }

  /** Every neuron's spike count stays within the proven distance of activation / lambda * t. */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ratesApproachTheActivationsAsOneOverT(boolean byChannel) {
    List<Double> errors = new ArrayList<>();
    forEachSeed(
        SIMULATED,
        seed -> {
          Converted c = convert(seed, Precision.I32, 1, byChannel);
          long steps = 64;
          while (steps < MOST_STEPS && c.proof().worstRateError(steps) > 0.02) {
            steps *= 2;
          }
          errors.add(c.proof().worstRateError(steps));
          assertTrue(c.proof().depthUsed(steps) < 1, "V is too shallow for the proof");
          assertRates(c, steps);
        });
    long telling = errors.stream().filter(e -> e <= 0.05).count();
    assertTrue(telling >= 0.9 * errors.size(), "bounds that say something: " + telling);
  }

  private static void assertRates(Converted c, long steps) {
    try (Simulator model = Simulator.of(c.network(), KernelChoice.AUTO);
        Simulation session = model.newSimulation(true)) {
      session.present(c.ann().pixels().get(c.image()), c.image());
      for (long t = 1; t <= steps; t++) {
        session.step();
        if (Long.bitCount(t) != 1 && t != steps - 1) {
          continue;
        }
        for (int p = 0; p < c.network().populations().size(); p++) {
          int[] counts = session.spikeCounts(p);
          for (int i = 0; i < counts.length; i++) {
            double expected = c.proof().rate(p, i) * t;
            if (Math.abs(counts[i] - expected) > c.proof().bound(p, i, t) + 1e-9) {
              throw new AssertionError(
                  "population "
                      + c.network().populations().get(p).name()
                      + " neuron "
                      + i
                      + " after "
                      + t
                      + " steps: found "
                      + counts[i]
                      + " spikes, expected "
                      + expected
                      + " +- "
                      + c.proof().bound(p, i, t));
            }
          }
        }
      }
    }
  }

  /** Guards the tests above: a factor that does not belong there must break both. */
  @Tag("slow")
  @Test
  void aWrongScaleIsNoticed() {
    int sums = 0;
    int rates = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + 20; seed++) {
      Converted wrong = convert(seed, Precision.I32, 1.05);
      Converted right = convert(seed, Precision.I32, 1);
      try {
        assertSums(wrong);
      } catch (AssertionError e) {
        sums++;
      }
      try {
        assertRates(
            new Converted(right.ann(), wrong.network(), right.proof(), right.image()), 4096);
      } catch (AssertionError e) {
        rates++;
      }
    }
    assertTrue(sums == 20 && rates >= 15, "noticed in sums " + sums + ", in rates " + rates);
  }

  /** Guards the tests above against networks that would show nothing. */
  @Test
  void randomNetworksHoldEveryOperatorAndNeuronsOfEveryKind() {
    Map<RandomAnns.Operator, Integer> operators = new EnumMap<>(RandomAnns.Operator.class);
    int silent = 0;
    int between = 0;
    int full = 0;
    int clamped = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SIMULATED; seed++) {
      Converted c = convert(seed, Precision.I8, 1);
      c.ann().has().forEach(o -> operators.merge(o, 1, Integer::sum));
      clamped += c.proof().clampedCurrents() > 0 ? 1 : 0;
      for (int p = 0; p < c.network().populations().size(); p++) {
        for (int i = 0; i < c.network().populations().get(p).shape().size(); i++) {
          double rate = c.proof().rate(p, i);
          silent += rate == 0 ? 1 : 0;
          between += rate > 0.05 && rate < 0.95 ? 1 : 0;
          full += rate > 0.95 ? 1 : 0;
        }
      }
    }
    for (RandomAnns.Operator o : RandomAnns.Operator.values()) {
      assertTrue(operators.getOrDefault(o, 0) >= 5, o + " occurs in " + operators);
    }
    String seen =
        "silent=" + silent + " between=" + between + " full=" + full + " clamped=" + clamped;
    assertTrue(silent >= 100 && between >= 500 && full >= 10 && clamped <= 10, seen);
  }
}
