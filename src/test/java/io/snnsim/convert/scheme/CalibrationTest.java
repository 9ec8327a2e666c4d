// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.convert.ConversionReport;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.ArrayImages;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Lambda against sorting all activations, and what calibration refuses or records. */
class CalibrationTest {
  private static final Normalisation NONE = new Normalisation(new float[] {0}, new float[] {1});

  private static Images images(float[][] pixels) {
    return new ArrayImages(pixels);
  }

  /** An image of {@code size} pixels whose ReLU is the only population. */
  private static Lowering relu(int size) {
    return new Lowering(
        new AnnGraph(
            "relu",
            List.of(
                AnnNode.of("in", new Input(new MapShape(1, 1, size))),
                AnnNode.of("relu", new Relu(), "in"))));
  }

  private static Calibration.Result run(Lowering lowering, Images on, double percentile) {
    return Calibration.run(lowering, on, NONE, percentile, Execution.on(2));
  }

  private static SnnsimException refused(
      Category category, Lowering lowering, Images on, double percentile) {
    SnnsimException e = assertThrows(SnnsimException.class, () -> run(lowering, on, percentile));
    assertEquals(category, e.category(), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    return e;
  }

  /** The smallest of the sorted values with percentile % of all at or below it, in decimal. */
  private static float quantile(float[] sorted, double percentile) {
    BigDecimal wanted = new BigDecimal(String.valueOf(percentile)).multiply(big(sorted.length));
    int n = 1;
    while (big(n).multiply(big(100)).compareTo(wanted) < 0) {
      n++;
    }
    return sorted[n - 1];
  }

  private static BigDecimal big(long n) {
    return BigDecimal.valueOf(n);
  }

  @Test
  void lambdaIsTheQuantileThatSortingGives() {
    for (long seed = 1; seed <= 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      float[][] pixels = new float[1 + random.nextInt(60)][1 + random.nextInt(120)];
      float[] all = new float[pixels.length * pixels[0].length];
      boolean ties = random.nextBoolean();
      for (int i = 0; i < all.length; i++) {
        float x = ties ? random.nextInt(-2, 6) : (float) random.nextGaussian();
        pixels[i / pixels[0].length][i % pixels[0].length] = x;
        all[i] = Math.max(0, x);
      }
      Arrays.sort(all);
      for (double percentile : new double[] {100, 99.99, 99.9, 99, 95, 90, 70}) {
        float expected = quantile(all, percentile);
        String where = "seed=" + seed + " percentile=" + percentile + " of " + all.length;
        if (expected == 0) {
          refused(Category.BAD_DATA, relu(pixels[0].length), images(pixels), percentile);
          continue;
        }
        Calibration.Level level =
            run(relu(pixels[0].length), images(pixels), percentile).levels().getFirst();
        assertEquals(expected, level.lambda()[0], where);
        assertEquals(all[all.length - 1], level.max()[0], where);
        long above = 0;
        for (float x : all) {
          above += x > expected ? 1 : 0;
        }
        assertEquals((double) above / all.length, level.clippedShare(), where);
      }
    }
  }

  /** 99.9 / 100 * 32,768,000 is 32,735,232.000000004 in binary. */
  @Test
  void theRankIsCountedInDecimal() {
    assertEquals(32_768_000 - 32_735_232 + 1, Calibration.rank(99.9, 32_768_000));
    assertEquals(1, Calibration.rank(100, 5));
    assertEquals(1, Calibration.rank(99.9, 5));
    assertEquals(2, Calibration.rank(99.9, 1000));
    assertEquals(5, Calibration.rank(1e-9, 5));
    assertEquals(500_000_000_001L, Calibration.rank(99.5, 100_000_000_000_000L));
  }

  @Test
  void everyPopulationHasItsOwnAndPoolsTheirSources() {
    for (long seed = 1; seed <= 60; seed++) {
      RandomAnns.Case ann = RandomAnns.of(seed);
      Lowering lowering = new Lowering(BatchNormFolding.fold(ann.graph()).graph());
      AnnForward forward = new AnnForward(lowering.graph());
      List<Lowering.Draft> plans = lowering.drafts();
      float[][] all = new float[plans.size()][];
      for (int i = 0; i < ann.pixels().size(); i++) {
        AnnForward.Workspace ws = forward.newWorkspace(1);
        float[] x = new float[ann.pixels().get(i).length];
        int plane = x.length / ann.mean().length;
        for (int k = 0; k < x.length; k++) {
          x[k] = (ann.pixels().get(i)[k] - ann.mean()[k / plane]) / ann.std()[k / plane];
        }
        forward.run(x, 1, ws);
        for (int p = 0; p < plans.size(); p++) {
          float[] old = all[p] == null ? new float[0] : all[p];
          int size = plans.get(p).shape().height() * plans.get(p).shape().width();
          int at = old.length;
          all[p] = Arrays.copyOf(old, at + plans.get(p).shape().size());
          for (float[] channel : ws.activation(plans.get(p).node())) {
            System.arraycopy(channel, 0, all[p], at, size);
            at += size;
          }
        }
      }
      for (int threads = 1; threads <= 3; threads++) {
        Calibration.Result r =
            Calibration.run(lowering, ann.images(), ann.normalisation(), 97, Execution.on(threads));
        for (int p = 0; p < plans.size(); p++) {
          Lowering.Draft plan = plans.get(p);
          if (plan.kind() != Lowering.Kind.SUM) {
            assertEquals(
                r.levels().get(plan.terms().getFirst().source()), r.levels().get(p), plan.name());
            continue;
          }
          Arrays.sort(all[p]);
          assertEquals(
              quantile(all[p], 97),
              r.levels().get(p).lambda()[0],
              "seed=" + seed + " threads=" + threads + " population " + plan.name());
        }
      }
    }
  }

  @Test
  void zeroImagesAndImpossiblePercentilesAreRefused() {
    Images some = images(new float[][] {{1, 2}});
    assertTrue(
        refused(Category.BAD_DATA, relu(2), images(new float[0][]), 99)
            .getMessage()
            .contains("found 0 images"));
    for (double p : new double[] {0, -1, 100.0001, Double.NaN}) {
      assertTrue(
          refused(Category.USAGE, relu(2), some, p).getMessage().contains("percentile " + p));
    }
    SnnsimException e =
        assertThrows(
            SnnsimException.class,
            () ->
                Calibration.run(
                    relu(2),
                    some,
                    new Normalisation(new float[3], new float[] {1, 1, 1}),
                    99,
                    Execution.on(1)));
    assertTrue(e.getMessage().contains("found 3 means and 3 stds, expected one a channel: 1"));
  }

  @Test
  void aSilentPopulationIsNamedWithWhatToDo() {
    SnnsimException e =
        refused(Category.BAD_DATA, relu(3), images(new float[][] {{0, -1, 0}, {0, 0, -2}}), 99.9);
    assertTrue(e.getMessage().startsWith("population relu: lambda = 0.0"), e.getMessage());
    assertTrue(e.getMessage().contains("it never fires on these images"), e.getMessage());

    float[][] sparse = new float[10][1000];
    sparse[3][5] = 2;
    e = refused(Category.BAD_DATA, relu(1000), images(sparse), 99.9);
    assertTrue(e.getMessage().contains("largest activation is 2.0"), e.getMessage());
    assertTrue(e.getMessage().contains("raise --percentile"), e.getMessage());
    assertEquals(2, run(relu(1000), images(sparse), 100).levels().getFirst().lambda()[0]);
  }

  /** Black images: fine where biases make every layer fire, but the report must say it. */
  @Test
  void equalImagesAreRecordedInTheReport() {
    Conv2d conv =
        new Conv2d(
            Tensor.of(new float[] {1}, 1, 1, 1, 1),
            Tensor.of(new float[] {0.5f}, 1),
            Window.square(1, 1, 0),
            1);
    Lowering lowering =
        new Lowering(
            new AnnGraph(
                "net",
                List.of(
                    AnnNode.of("in", new Input(new MapShape(1, 2, 2))),
                    AnnNode.of("conv", conv, "in"),
                    AnnNode.of("relu", new Relu(), "conv"))));
    Calibration.Result black = run(lowering, images(new float[30][4]), 99.9);
    assertEquals(0.5, black.levels().getFirst().lambda()[0]);
    ConversionReport report =
        Converter.convert(black, new ConvertOptions(0.5, 1, Precision.I16, NONE), List.of("first"))
            .report();
    assertEquals("first", report.notes().getFirst());
    assertTrue(
        report.notes().get(1).startsWith("all 30 calibration images are equal"),
        report.notes().toString());
    assertTrue(report.toText().contains("note: all 30 calibration images are equal"));

    float[][] almost = new float[30][4];
    almost[29][3] = 1;
    assertEquals(List.of(), run(lowering, images(almost), 99.9).notes());
  }

  @Test
  void logitsThatAreNeverPositiveSayHowToShiftThem() {
    Lowering lowering =
        new Lowering(
            new AnnGraph(
                "net",
                List.of(
                    AnnNode.of("in", new Input(new MapShape(1, 1, 2))),
                    AnnNode.of("relu", new Relu(), "in"),
                    AnnNode.of(
                        "fc",
                        new Linear(Tensor.of(new float[] {-1, -2, -3, -4}, 2, 2), null),
                        "relu"))));
    SnnsimException e =
        refused(Category.BAD_DATA, lowering, images(new float[][] {{1, 2}, {3, 4}}), 99.9);
    assertTrue(e.getMessage().startsWith("population fc: lambda = -5.0"), e.getMessage());
    assertTrue(e.getMessage().contains("add a constant to all biases"), e.getMessage());
  }

  @Test
  void activationsThatAreNotFiniteAreNamed() {
    for (float bad : new float[] {Float.POSITIVE_INFINITY, Float.NaN}) {
      SnnsimException e =
          refused(Category.BAD_DATA, relu(3), images(new float[][] {{1, 2, 3}, {1, bad, 3}}), 50);
      assertTrue(e.getMessage().contains("found the activation " + bad), e.getMessage());
    }
  }

  @Test
  void aPercentileThatNeedsMoreMemoryThanThereIsIsRefusedBeforeTheWork() {
    Images many =
        new Images() {
          @Override
          public int count() {
            return Integer.MAX_VALUE;
          }

          @Override
          public void read(int index, float[] into) {
            throw new AssertionError("must not be read");
          }
        };
    SnnsimException e = refused(Category.USAGE, relu(100_000), many, 50);
    assertTrue(e.getMessage().contains("percentile 50.0: the exact quantile"), e.getMessage());
  }

  @Test
  void cancellingIsNoResult() {
    SnnsimException e =
        assertThrows(
            SnnsimException.class,
            () ->
                Calibration.run(
                    relu(2),
                    images(new float[][] {{1, 2}, {3, 4}}),
                    NONE,
                    99.9,
                    Execution.on(2, () -> true)));
    assertEquals(Category.INTERRUPTED, e.category());
    assertEquals(130, e.category().exitCode());
  }
}
