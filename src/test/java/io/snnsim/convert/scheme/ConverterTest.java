// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.Normalisation;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Oihw;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What conversion does with kappa, V(0), bounds and names; and the bounds of its options. */
class ConverterTest {
  private static final long SEEDS = 60;

  private static Calibration.Result calibrated(RandomAnns.Case ann) {
    Lowering lowering = new Lowering(BatchNormFolding.fold(ann.graph()).graph());
    return Calibration.run(lowering, ann.images(), ann.normalisation(), 100, Execution.on(1));
  }

  private static Conversion convert(RandomAnns.Case ann, double v0, double kappa, Precision p) {
    return Converter.convert(
        calibrated(ann), new ConvertOptions(v0, kappa, p, ann.normalisation()), List.of());
  }

  /** Weights of every spiking projection as shares of the threshold, in the order of the file. */
  private static List<double[]> weights(Network n, List<double[]> errors) {
    List<double[]> result = new ArrayList<>();
    for (Projection j : n.projections()) {
      int[] theta = n.populations().get(j.target()).theta();
      int[] w =
          switch (j) {
            case ConvProjection c -> Oihw.of(c);
            case ChannelwiseProjection c -> c.weights();
            case GateProjection g -> new int[0];
          };
      int offset = j instanceof ChannelwiseProjection c ? c.channelOffset() : 0;
      int rows = j instanceof ConvProjection ? theta.length : j.geometry().inChannels();
      double[] share = new double[w.length];
      double[] error = new double[w.length];
      for (int i = 0; i < w.length; i++) {
        double t = theta[i / (w.length / rows) + offset];
        share[i] = w[i] / t;
        error[i] = 0.5 / t;
      }
      result.add(share);
      errors.add(error);
    }
    return result;
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void kappaScalesSpikesAndNeitherBiasesNorTheImage(Precision precision) {
    double kappa = 1.3;
    int biases = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      RandomAnns.Case ann = RandomAnns.of(seed);
      Network plain = convert(ann, 0.5, 1, precision).network();
      Network scaled = convert(ann, 0.5, kappa, precision).network();
      List<double[]> plainErrors = new ArrayList<>();
      List<double[]> scaledErrors = new ArrayList<>();
      List<double[]> before = weights(plain, plainErrors);
      List<double[]> after = weights(scaled, scaledErrors);
      for (int j = 0; j < before.size(); j++) {
        for (int i = 0; i < before.get(j).length; i++) {
          double most = kappa * plainErrors.get(j)[i] + scaledErrors.get(j)[i] + 1e-12;
          assertEquals(
              kappa * before.get(j)[i],
              after.get(j)[i],
              most,
              "seed=" + seed + " " + plain.projections().get(j).name() + " weight " + i);
        }
      }
      for (int p = 0; p < plain.populations().size(); p++) {
        Population a = plain.populations().get(p);
        Population b = scaled.populations().get(p);
        assertArrayEquals(a.lambda(), b.lambda());
        for (int c = 0; c < a.theta().length && a.model() == NeuronModel.IF; c++) {
          double most = 0.5 / a.theta()[c] + 0.5 / b.theta()[c] + 1e-12;
          String where = "seed=" + seed + " population " + a.name() + " channel " + c;
          assertEquals(ratio(a.bias(), a, c), ratio(b.bias(), b, c), most, where + " bias");
          assertEquals(ratio(a.v0(), a, c), ratio(b.v0(), b, c), most, where + " V(0)");
          biases += a.bias()[c] != 0 ? 1 : 0;
        }
      }
      for (int k = 0; k < plain.input().projections().size(); k++) {
        sameShares(plain, scaled, k);
      }
    }
    assertTrue(biases > 100, "biases seen: " + biases);
  }

  private static double ratio(int[] values, Population p, int channel) {
    return (double) values[channel] / p.theta()[channel];
  }

  private static void sameShares(Network plain, Network scaled, int k) {
    InputStage.AnalogProjection a = plain.input().projections().get(k);
    InputStage.AnalogProjection b = scaled.input().projections().get(k);
    int[] thetaA = plain.populations().get(a.target()).theta();
    int[] thetaB = scaled.populations().get(b.target()).theta();
    for (int c = 0; c < thetaA.length; c++) {
      assertEquals(a.bias()[c] / thetaA[c], b.bias()[c] / thetaB[c], 1e-6);
      int per = a.weights().length / thetaA.length;
      for (int i = c * per; i < (c + 1) * per; i++) {
        assertEquals(a.weights()[i] / thetaA[c], b.weights()[i] / thetaB[c], 1e-6);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "0.25", "0.5", "1"})
  void startingPotentialIsItsShareOfTheta(double v0) {
    for (long seed = 1; seed <= 20; seed++) {
      Network n = convert(RandomAnns.of(seed), v0, 1, Precision.I8).network();
      for (Population p : n.populations()) {
        for (int c = 0; c < p.theta().length; c++) {
          double expected = p.model() == NeuronModel.IF ? Math.rint(v0 * p.theta()[c]) : 0;
          assertEquals(expected, p.v0()[c], "seed=" + seed + " population " + p.name());
        }
      }
    }
  }

  /** The declared bound is the largest sum over the channels: neither missed nor padded. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void declaredBoundsAreTheExtremesOfTheStoredWeights(Precision precision) {
    int wide = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Conversion conversion = convert(RandomAnns.of(seed), 0.5, 1.2, precision);
      Network n = conversion.network();
      for (int p = 0; p < n.populations().size(); p++) {
        Population population = n.populations().get(p);
        long low = 0;
        long high = 0;
        for (int c = 0; c < population.theta().length; c++) {
          long[] range = {population.bias()[c], population.bias()[c]};
          for (Projection j : n.into(p)) {
            addRange(j, c, range);
          }
          for (InputStage.AnalogProjection a : n.input().projections()) {
            range[0] += a.target() == p ? a.low() : 0;
            range[1] += a.target() == p ? a.high() : 0;
          }
          low = c == 0 ? range[0] : Math.min(low, range[0]);
          high = c == 0 ? range[1] : Math.max(high, range[1]);
        }
        String where = "seed=" + seed + " population " + population.name();
        assertEquals(low, population.boundLow(), where);
        assertEquals(high, population.boundHigh(), where);
        assertEquals(low, conversion.report().populations().get(p).boundLow(), where);
        assertEquals(high, conversion.report().populations().get(p).boundHigh(), where);
        assertTrue(population.wide() || (low >= Short.MIN_VALUE && high <= Short.MAX_VALUE), where);
        wide += population.wide() ? 1 : 0;
      }
    }
    // A population that hardly fires has large weights, and may be wide in any precision.
    assertEquals(precision == Precision.I32, wide > 10, "wide " + wide);
  }

  private static void addRange(Projection j, int channel, long[] range) {
    int[] weights = new int[0];
    int from = 0;
    int per = 0;
    if (j instanceof ConvProjection c) {
      weights = Oihw.of(c);
      per = weights.length / c.geometry().outChannels();
      from = channel * per;
    } else if (j instanceof ChannelwiseProjection c) {
      weights = c.weights();
      int source = channel - c.channelOffset();
      per = source < 0 || source >= c.geometry().inChannels() ? 0 : c.geometry().taps();
      from = source * per;
    }
    for (int i = from; i < from + per; i++) {
      range[0] += Math.min(0, weights[i]);
      range[1] += Math.max(0, weights[i]);
    }
  }

  /** image -> ReLU -> 1x1 conv of {@code weights} -> ReLU, lambda 1 and {@code lambda}. */
  private static Calibration.Result chain(float lambda, float... weights) {
    int n = weights.length;
    Lowering lowering =
        new Lowering(
            new AnnGraph(
                "chain",
                List.of(
                    AnnNode.of("in", new Input(new MapShape(n, 1, 1))),
                    AnnNode.of("a", new Relu(), "in"),
                    AnnNode.of(
                        "conv",
                        new Conv2d(
                            new Tensor(new int[] {1, n, 1, 1}, weights),
                            null,
                            Window.square(1, 1, 0),
                            1),
                        "a"),
                    AnnNode.of("b", new Relu(), "conv"))));
    return new Calibration.Result(
        lowering,
        List.of(
            Calibration.Level.uniform(n, 1, 1, 0), Calibration.Level.uniform(1, lambda, lambda, 0)),
        100,
        1,
        List.of());
  }

  private static ConvertOptions options(int channels, Precision precision) {
    float[] std = new float[channels];
    Arrays.fill(std, 1);
    return new ConvertOptions(0.5, 1, precision, new Normalisation(new float[channels], std));
  }

  @Test
  void inputThatFitsNoNarrowGridMakesThePopulationWideAndSaysSo() {
    float[] w = new float[400];
    Arrays.fill(w, 6);
    for (Precision precision : new Precision[] {Precision.I8, Precision.I16}) {
      Conversion c = Converter.convert(chain(1, w), options(400, precision), List.of());
      Population b = c.network().populations().get(1);
      assertTrue(b.wide());
      assertFalse(c.network().populations().getFirst().wide());
      assertEquals(1 << 16, b.theta()[0]);
      assertEquals(400L * 6 << 16, b.boundHigh());
      assertEquals(32, c.report().populations().get(1).potentialBits());
      assertTrue(
          c.report().notes().getFirst().startsWith("population b is wide (32 bits): channel 0"),
          c.report().notes().toString());
    }
    Conversion fits = Converter.convert(chain(10, w), options(400, Precision.I16), List.of());
    assertFalse(fits.network().populations().get(1).wide());
    assertEquals(List.of(), fits.report().notes());
  }

  @Test
  void inputThatFitsNoGridAtAllIsRefused() {
    SnnsimException e =
        assertThrows(
            SnnsimException.class,
            () -> Converter.convert(chain(1e-20f, 1), options(1, Precision.I32), List.of()));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().startsWith("population b channel 0: "), e.getMessage());
  }

  /** A layer that feeds two populations, or one twice, is several projections. */
  @Test
  void everyProjectionHasANameOfItsOwn() {
    int shared = 0;
    for (long seed = 1; seed <= 200; seed++) {
      RandomAnns.Case ann = RandomAnns.of(seed);
      Network n = convert(ann, 0.5, 1, Precision.I16).network();
      Set<String> names = new HashSet<>();
      for (Projection j : n.projections()) {
        assertTrue(names.add(j.name()), "seed=" + seed + " " + j.name());
        shared += j.name().contains("#") ? 1 : 0;
      }
      for (InputStage.AnalogProjection a : n.input().projections()) {
        assertTrue(names.add(a.name()), "seed=" + seed + " " + a.name());
      }
    }
    assertTrue(shared > 10, "shared=" + shared);
  }

  private static String refused(
      double v0, double kappa, Precision precision, float[] mean, float[] std) {
    SnnsimException e =
        assertThrows(
            SnnsimException.class,
            () -> new ConvertOptions(v0, kappa, precision, new Normalisation(mean, std)));
    assertEquals(Category.USAGE, e.category());
    return e.getMessage();
  }

  @Test
  void optionsOutOfBoundsAreRefused() {
    float[] zero = {0};
    float[] one = {1};
    for (double v0 : new double[] {-0.001, 1.001, Double.NaN, Double.NEGATIVE_INFINITY}) {
      assertEquals("v0 " + v0 + ": expected 0..1", refused(v0, 1, Precision.I8, zero, one));
    }
    for (double kappa : new double[] {0.999, 4.001, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertEquals(
          "compensation " + kappa + ": expected 1.0..4.0",
          refused(0.5, kappa, Precision.I8, zero, one));
    }
    assertTrue(refused(0.5, 1, null, zero, one).startsWith("precision: "));
    assertTrue(
        refused(0.5, 1, Precision.I8, new float[2], one).startsWith("found 2 means and 1 stds"));
    assertTrue(refused(0.5, 1, Precision.I8, new float[] {Float.NaN}, one).startsWith("mean NaN"));
    for (float std : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertTrue(refused(0.5, 1, Precision.I8, zero, new float[] {std}).startsWith("std " + std));
    }
    new ConvertOptions(0, 1, Precision.I8, new Normalisation(zero, one));
    new ConvertOptions(1, 4, Precision.I8, new Normalisation(zero, one));
    SnnsimException e =
        assertThrows(
            SnnsimException.class,
            () -> Converter.convert(chain(1, 1), options(3, Precision.I8), List.of()));
    assertTrue(e.getMessage().contains("found 3 means and stds"), e.getMessage());
  }
}
