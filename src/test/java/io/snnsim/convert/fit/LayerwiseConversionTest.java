// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.Images;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.convert.ConversionReport;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.fixture.UpsampledAnns;
import io.snnsim.fixture.WildAnns;
import io.snnsim.format.NetworkRules;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ConvertedLayer-by-layer conversion on random networks of every operator. */
class LayerwiseConversionTest {
  private static final int STEPS = 6;
  private static final int JUDGES = 3;

  /** More images than a random case has: its own, dimmed. */
  private record Dimmed(RandomAnns.Case ann, int count) implements Images {
    @Override
    public void read(int index, float[] into) {
      List<float[]> pixels = ann.pixels();
      float[] x = pixels.get(index % pixels.size());
      for (int i = 0; i < x.length; i++) {
        into[i] = x[i] * (1 - 0.02f * (index / pixels.size()));
      }
    }
  }

  private record Converted(RandomAnns.Case ann, Images images, LayerwiseConversion.Result result) {
    Network network() {
      return result.conversion().network();
    }
  }

  /** SchemeOptions drawn from the seed; at least one of them needs spike trains. */
  private static SchemeOptions methods(long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    boolean error = r.nextBoolean();
    boolean weights = r.nextBoolean();
    boolean biases = r.nextBoolean() || !(error || weights);
    return new SchemeOptions(
        r.nextInt(4) != 0,
        r.nextBoolean(),
        error,
        false,
        weights,
        biases,
        r.nextBoolean(),
        r.nextBoolean(),
        STEPS,
        new SchemeOptions.Fit(r.nextBoolean() ? 0 : 0.1, r.nextInt(3) * 0.1));
  }

  private static Converted convert(
      long seed, SchemeOptions methods, Precision precision, int images, int threads) {
    return convert(RandomAnns.of(seed), methods, precision, images, threads);
  }

  private static Converted convert(
      RandomAnns.Case ann, SchemeOptions methods, Precision precision, int images, int threads) {
    Images all = new Dimmed(ann, images);
    Lowering plain = new Lowering(BatchNormFolding.fold(ann.graph()).graph());
    Lowering lowering = methods.foldAverages() ? plain.foldAverages() : plain;
    Calibration.Result quantiles =
        methods.errorLambda()
            ? null
            : Calibration.run(
                lowering, all, ann.normalisation(), 100, methods.channelLambda(), Execution.on(1));
    ConvertOptions options = new ConvertOptions(0.5, 1, precision, ann.normalisation(), methods);
    LayerwiseConversion.Result result =
        LayerwiseConversion.run(
            lowering,
            new FitImages(all, JUDGES),
            quantiles,
            options,
            List.of(),
            Execution.on(threads));
    return new Converted(ann, all, result);
  }

  /**
   * What fits are made on is what the engine does: the integrated input of every class, on every
   * image, to the grid unit.
   */
  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Precision.class)
  void simulationIsWhatTheEngineDoes(Precision precision) {
    Set<RandomAnns.Operator> seen = EnumSet.noneOf(RandomAnns.Operator.class);
    int signed = 0;
    for (long seed = 1; seed <= 60; seed++) {
      SchemeOptions methods = methods(seed);
      Converted c = convert(seed, methods, precision, 25, 1 + (int) (seed % 2));
      NetworkRules.check(c.network(), "seed " + seed);
      compare("seed " + seed + " " + methods, c);
      seen.addAll(c.ann().has());
      signed += methods.signed() ? 1 : 0;
    }
    assertTrue(signed > 20, "signed networks: " + signed);
    Set<RandomAnns.Operator> missing = EnumSet.allOf(RandomAnns.Operator.class);
    missing.removeAll(seen);
    assertEquals(Set.of(), missing);
  }

  /** The same of networks that are rewritten before they are lowered. */
  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Precision.class)
  void simulationOfRewrittenNetworksIsWhatTheEngineDoes(Precision precision) {
    for (long seed = 1; seed <= 60; seed++) {
      SchemeOptions methods = methods(seed);
      RandomAnns.Case ann = seed % 3 == 2 ? UpsampledAnns.of(seed) : WildAnns.of(seed);
      Converted c = convert(ann, methods, precision, 25, 1 + (int) (seed % 2));
      NetworkRules.check(c.network(), "seed " + seed);
      compare("seed " + seed + " " + methods, c);
    }
  }

  private static void compare(String where, Converted c) {
    Population output = c.network().populations().getLast();
    int plane = output.shape().height() * output.shape().width();
    try (Simulator model = Simulator.of(c.network(), KernelChoice.SCALAR);
        Simulation session = model.newSimulation()) {
      float[] image = new float[c.network().input().shape().size()];
      for (int i = 0; i < c.images().count(); i++) {
        c.images().read(i, image);
        session.present(image, i);
        for (int t = 0; t < STEPS; t++) {
          session.step();
        }
        for (int k = 0; k < session.classes(); k++) {
          int channel = k / plane;
          double unit = (double) output.lambda()[channel] / STEPS;
          double integrated =
              session.outputCount(k)
                  + (session.outputPotential(k) - output.v0()[channel])
                      / (double) output.theta()[channel];
          float found = c.result().logits()[channel][i * plane + k % plane];
          assertEquals(
              integrated * unit,
              found,
              3e-6 * unit * (1 + Math.abs(integrated)),
              where + " image " + i + " class " + k);
        }
      }
    }
  }

  @Tag("slow")
  @Test
  void anyNumberOfThreadsGivesTheSameBytes() {
    for (long seed = 1; seed <= 20; seed++) {
      SchemeOptions methods = methods(seed);
      Converted once = convert(seed, methods, Precision.I8, 25, 1);
      for (int threads : new int[] {1, 2, 5}) {
        Converted again = convert(seed, methods, Precision.I8, 25, threads);
        assertArrayEquals(
            Models.fileBytes(once.network()), Models.fileBytes(again.network()), "seed=" + seed);
        assertEquals(once.result().noise(), again.result().noise());
      }
    }
  }

  /** Other judges change nothing but the verdict. */
  @Test
  void judgesAreNotFittedTo() {
    RandomAnns.Case ann = RandomAnns.of(2);
    Lowering lowering = new Lowering(BatchNormFolding.fold(ann.graph()).graph());
    SchemeOptions methods =
        new SchemeOptions(
            true, true, true, false, true, true, false, true, STEPS, SchemeOptions.Fit.DEFAULT);
    List<byte[]> networks = new ArrayList<>();
    List<Double> noises = new ArrayList<>();
    for (float dim : new float[] {1, 0.5f}) {
      Dimmed all = new Dimmed(ann, 30);
      Images changed =
          new Images() {
            @Override
            public int count() {
              return all.count();
            }

            @Override
            public void read(int index, float[] into) {
              all.read(index, into);
              for (int i = 0; i < into.length && index >= 30 - JUDGES; i++) {
                into[i] *= dim;
              }
            }
          };
      LayerwiseConversion.Result r =
          LayerwiseConversion.run(
              lowering,
              new FitImages(changed, JUDGES),
              null,
              new ConvertOptions(0.5, 1, Precision.I8, ann.normalisation(), methods),
              List.of(),
              Execution.on(2));
      networks.add(Models.fileBytes(r.conversion().network()));
      noises.add(r.noise());
    }
    assertArrayEquals(networks.get(0), networks.get(1));
    assertTrue(Math.abs(noises.get(0) - noises.get(1)) > 1e-12, noises.toString());
  }

  @Tag("slow")
  @Test
  void tooFewSamplesForTheWeightsAreSaidAndBiasesAloneFitted() {
    SchemeOptions methods =
        new SchemeOptions(
            true, true, true, false, true, true, true, true, STEPS, SchemeOptions.Fit.DEFAULT);
    int fallbacks = 0;
    for (long seed = 1; seed <= 30; seed++) {
      ConversionReport few =
          convert(seed, methods, Precision.I8, 8, 1).result().conversion().report();
      for (String note : few.notes()) {
        if (note.contains("weights not calibrated")) {
          assertTrue(note.contains("samples of 5 images for"), note);
          assertTrue(note.contains("biases alone"), note);
          String name = note.split(" ")[1].replace(":", "");
          few.populations().stream()
              .filter(p -> p.name().equals(name))
              .forEach(p -> assertNull(p.ridge(), note));
          fallbacks++;
        }
      }
    }
    assertTrue(fallbacks > 10, "fallbacks: " + fallbacks);
    ConversionReport enough =
        convert(4, methods, Precision.I8, 403, 2).result().conversion().report();
    assertTrue(
        enough.notes().stream().noneMatch(n -> n.contains("not calibrated")),
        enough.notes().toString());
  }

  @Test
  void signedNetworksThatEndInMaxPoolingAreRefused() {
    AnnGraph graph =
        new AnnGraph(
            "pooled",
            List.of(
                AnnNode.of("image", new Input(new MapShape(1, 4, 4))),
                AnnNode.of("relu", new Relu(), "image"),
                AnnNode.of("last", new MaxPool(Window.square(2, 2, 0)), "relu")));
    RandomAnns.Case ann =
        new RandomAnns.Case(
            graph,
            List.of(new float[] {0, .1f, .2f, .3f, .4f, .5f, .6f, .7f, 1, 1, 1, 1, 0, 0, 0, 0}),
            new float[1],
            new float[] {1},
            Set.of());
    SchemeOptions methods =
        new SchemeOptions(
            true, true, true, false, false, false, false, false, STEPS, SchemeOptions.Fit.DEFAULT);
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> convert(ann, methods, Precision.I8, 5, 1));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().startsWith("node last: the network ends in max"), e.getMessage());
    assertTrue(e.getMessage().contains("--preset s-resnet"), e.getMessage());
    SchemeOptions plain =
        new SchemeOptions(
            false, true, true, false, false, false, false, false, STEPS, SchemeOptions.Fit.DEFAULT);
    assertEquals(2, convert(ann, plain, Precision.I8, 5, 1).network().populations().size());
  }

  /** The grid's corrections: one weight in every shortcut is exact, and V(0) carries the biases. */
  @Test
  void gridCorrectionMakesShortcutsExactAndKeepsBiases() {
    int shortcuts = 0;
    for (long seed = 1; seed <= 200; seed++) {
      RandomAnns.Case ann = RandomAnns.of(seed);
      if (!ann.has().contains(RandomAnns.Operator.IDENTITY_SHORTCUT)) {
        continue;
      }
      SchemeOptions methods =
          new SchemeOptions(
              true, true, true, false, false, false, false, true, STEPS, SchemeOptions.Fit.DEFAULT);
      Network n = convert(seed, methods, Precision.I8, 25, 1).network();
      for (var projection : n.projections()) {
        Population target = n.populations().get(projection.target());
        if (!(projection instanceof io.snnsim.network.ChannelwiseProjection p)
            || !p.name().contains(".from.")
            || target.wide()
            || p.weights().length != target.theta().length) {
          continue;
        }
        boolean first =
            n.into(p.target()).stream()
                    .filter(j -> j.name().contains(".from."))
                    .findFirst()
                    .orElseThrow()
                == p;
        float[] pre = n.populations().get(p.source()).lambda();
        for (int c = 0; c < pre.length && first; c++) {
          double exact = (double) pre[c] / target.lambda()[c] * target.theta()[c];
          if (p.weights()[c] > 0) {
            assertEquals(exact, p.weights()[c], 1e-6 * exact, "seed=" + seed + " " + p.name());
            shortcuts++;
          }
        }
      }
    }
    assertTrue(shortcuts > 30, "shortcuts: " + shortcuts);
  }

  @Test
  void reportNamesModelsAndRidges() {
    SchemeOptions methods =
        new SchemeOptions(
            true, true, true, false, true, true, true, true, STEPS, SchemeOptions.Fit.DEFAULT);
    Converted c = convert(4, methods, Precision.I8, 403, 2);
    ConversionReport report = c.result().conversion().report();
    assertEquals(methods, report.methods());
    assertEquals(400, report.calibrationImages());
    int fitted = 0;
    for (int p = 0; p < report.populations().size(); p++) {
      boolean gate = c.network().populations().get(p).model() == NeuronModel.MAX_GATE;
      assertEquals(gate ? "max gate" : "signed IF", report.populations().get(p).model());
      if (report.populations().get(p).ridge() != null) {
        assertTrue(report.populations().get(p).ridge() > 0);
        fitted++;
      }
    }
    assertTrue(fitted > 0, report.toString());
    assertNotNull(report.populations().getLast().ridge());
  }
}
