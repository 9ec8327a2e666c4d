// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.op.Relu;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Link;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.NaiveAnn;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.format.NetworkRules;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SchemeOptions that need no spike trains: signed neurons, lambda by channel, folded averages. */
class SchemeOptionsTest {
  private static final int SEEDS = 60;

  private static SchemeOptions exact(boolean channels, boolean fold) {
    return new SchemeOptions(
        true, channels, false, false, false, false, fold, false, 0, SchemeOptions.Fit.DEFAULT);
  }

  private static Lowering lowering(RandomAnns.Case ann, SchemeOptions m) {
    Lowering plain = new Lowering(BatchNormFolding.fold(ann.graph()).graph());
    return m.foldAverages() ? plain.foldAverages() : plain;
  }

  private static Calibration.Result calibrated(
      RandomAnns.Case ann, Lowering lowering, double percentile, boolean channels, int threads) {
    return Calibration.run(
        lowering, ann.images(), ann.normalisation(), percentile, channels, Execution.on(threads));
  }

  /**
   * Signed networks with the largest activations as lambda tend to their ANN: the integrated input
   * of every class over T steps is its logit, with an error that goes down as 1 / T.
   */
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void signedNetworksTendToTheirAnn(boolean channels, boolean fold) {
    int steps = 3000;
    int compared = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      RandomAnns.Case ann = RandomAnns.of(seed);
      SchemeOptions methods = exact(channels, fold);
      Lowering lowering = lowering(ann, methods);
      Calibration.Result levels = calibrated(ann, lowering, 100, channels, 1);
      ConvertOptions options =
          new ConvertOptions(0.5, 1, Precision.I32, ann.normalisation(), methods);
      Network network = Converter.convert(levels, options, List.of()).network();
      NetworkRules.check(network, "seed " + seed);
      Population output = network.populations().getLast();
      int plane = output.shape().height() * output.shape().width();
      boolean rectified = ann.graph().nodes().getLast().op() instanceof Relu;
      try (Simulator model = Simulator.of(network, KernelChoice.ARRAY);
          Simulation session = model.newSimulation()) {
        double[] logits = NaiveAnn.run(ann.graph(), ann.normalised(1))[lastNode(ann)];
        session.present(ann.pixels().get(1), 1);
        for (int t = 0; t < steps; t++) {
          session.step();
        }
        for (int k = 0; k < session.classes(); k++) {
          double integrated =
              session.outputCount(k)
                  + (session.outputPotential(k) - output.v0()[k / plane])
                      / (double) output.theta()[k / plane];
          double found = integrated * output.lambda()[k / plane] / steps;
          if (!rectified || logits[k] > 0) {
            double largest = output.lambda()[0];
            assertEquals(logits[k], found, 0.02 * largest, "seed=" + seed + " class " + k);
            compared++;
          }
        }
      }
    }
    assertTrue(compared > 100, "compared: " + compared);
  }

  private static int lastNode(RandomAnns.Case ann) {
    return ann.graph().nodes().size() - 1;
  }

  /** Average pools that only Linear layers read are gone, all others stay. */
  @Test
  void onlyAveragesBeforeLinearLayersAreFolded() {
    int folded = 0;
    int kept = 0;
    for (long seed = 1; seed <= 200; seed++) {
      Lowering before = lowering(RandomAnns.of(seed), exact(true, false));
      Lowering after = before.foldAverages();
      for (int p = 0; p < before.drafts().size(); p++) {
        Lowering.Draft plan = before.drafts().get(p);
        if (plan.kind() != Lowering.Kind.AVERAGE) {
          continue;
        }
        int pool = p;
        boolean linear =
            p < before.drafts().size() - 1
                && before.drafts().stream()
                    .flatMap(q -> q.terms().stream())
                    .filter(t -> t.source() == pool)
                    .allMatch(t -> t.link() instanceof Link.Weights w && w.fullyConnected());
        boolean there = after.drafts().stream().anyMatch(q -> q.name().equals(plan.name()));
        assertEquals(!linear, there, "seed=" + seed + " " + plan.name());
        folded += linear ? 1 : 0;
        kept += linear ? 0 : 1;
      }
    }
    assertTrue(folded > 10 && kept > 10, "folded " + folded + " kept " + kept);
  }

  /** Each channel's lambda is its own quantile, found by sorting; the output's is one for all. */
  @Test
  void lambdaByChannelIsTheQuantileOfTheChannel() {
    int differing = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      RandomAnns.Case ann = RandomAnns.of(seed);
      Lowering lowering = lowering(ann, exact(true, false));
      for (double percentile : new double[] {90, 100}) {
        Calibration.Result found;
        try {
          found = calibrated(ann, lowering, percentile, true, 2);
        } catch (SnnsimException e) {
          continue; // A population fires too seldom for this quantile.
        }
        for (int p = 0; p < lowering.drafts().size(); p++) {
          Lowering.Draft plan = lowering.drafts().get(p);
          double[] lambda = found.levels().get(p).lambda();
          if (plan.kind() != Lowering.Kind.SUM) {
            continue;
          }
          if (p == lowering.drafts().size() - 1) {
            assertEquals(1, Arrays.stream(lambda).distinct().count());
            continue;
          }
          double[][] values = values(ann, lowering, plan);
          double all = Arrays.stream(values).flatMapToDouble(Arrays::stream).max().orElseThrow();
          for (int c = 0; c < lambda.length; c++) {
            Arrays.sort(values[c]);
            int rank = (int) Math.ceil(percentile * values[c].length / 100 - 1e-9);
            double expected = Math.max(values[c][Math.max(0, rank - 1)], 1e-3 * all);
            assertEquals(expected, lambda[c], 1e-5 * all, "seed=" + seed + " " + plan.name());
          }
          differing += Arrays.stream(lambda).distinct().count() > 1 ? 1 : 0;
        }
      }
    }
    assertTrue(differing > 30, "populations with differing lambdas: " + differing);
  }

  private static double[][] values(RandomAnns.Case ann, Lowering lowering, Lowering.Draft plan) {
    int plane = plan.shape().height() * plan.shape().width();
    double[][] values = new double[plan.shape().channels()][ann.pixels().size() * plane];
    for (int i = 0; i < ann.pixels().size(); i++) {
      double[] x = NaiveAnn.run(lowering.graph(), ann.normalised(i))[plan.node()];
      for (int k = 0; k < x.length; k++) {
        values[k / plane][i * plane + k % plane] = x[k];
      }
    }
    return values;
  }

  @Test
  void methodsThatNeedStepsOrTrainsAreRefusedWithoutThem() {
    for (int method = 0; method < 3; method++) {
      int on = method;
      SnnsimException e =
          assertThrows(
              SnnsimException.class,
              () ->
                  new SchemeOptions(
                      false,
                      false,
                      on == 0,
                      false,
                      on == 1,
                      on == 2,
                      false,
                      false,
                      0,
                      SchemeOptions.Fit.DEFAULT));
      assertEquals(Category.USAGE, e.category());
      assertTrue(e.getMessage().startsWith("target steps: found none"), e.getMessage());
    }
    assertThrows(
        SnnsimException.class,
        () ->
            new SchemeOptions(
                true, true, true, false, true, true, true, true, 1025, SchemeOptions.Fit.DEFAULT));
    assertThrows(SnnsimException.class, () -> new SchemeOptions.Fit(-0.1, 0));
    assertThrows(SnnsimException.class, () -> new SchemeOptions.Fit(0, Double.NaN));
    assertFalse(SchemeOptions.PLAIN.layerwise());
    RandomAnns.Case ann = RandomAnns.of(1);
    SchemeOptions fits =
        new SchemeOptions(
            false, false, true, false, false, false, false, false, 4, SchemeOptions.Fit.DEFAULT);
    Calibration.Result levels = calibrated(ann, lowering(ann, fits), 100, false, 1);
    ConvertOptions options = new ConvertOptions(0.5, 1, Precision.I8, ann.normalisation(), fits);
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> Converter.convert(levels, options, List.of()));
    assertTrue(e.getMessage().contains("layer by layer"), e.getMessage());
  }
}
