// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.ArrayImages;
import io.snnsim.geometry.MapShape;
import io.snnsim.work.Execution;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Lambda by threshold balancing, against the same steps on all activations one by one. */
class ThresholdBalancingTest {
  private static final int CHANNELS = 4;
  private static final int PLANE = 50;
  private static final int IMAGES = 90;

  /** The ReLU of an image, and two sums of its channels as the output. */
  private static final Lowering LOWERING =
      new Lowering(
          new AnnGraph(
              "relus",
              List.of(
                  AnnNode.of("in", new Input(new MapShape(CHANNELS, 1, PLANE))),
                  AnnNode.of("a", new Relu(), "in"),
                  AnnNode.of("b", new Linear(ones(), null), "a"))));

  private static Tensor ones() {
    float[] ones = new float[2 * CHANNELS * PLANE];
    Arrays.fill(ones, 0, ones.length / 2, 1);
    Arrays.fill(ones, ones.length / 2, ones.length, 0.5f);
    return Tensor.of(ones, 2, CHANNELS * PLANE);
  }

  /** Channels of ever wider spread, the last of which never fires. */
  private static float[][] pixels() {
    SplittableRandom random = new SplittableRandom(3);
    float[][] result = new float[IMAGES][CHANNELS * PLANE];
    for (float[] image : result) {
      for (int i = 0; i < image.length; i++) {
        int c = i / PLANE;
        double x = random.nextGaussian();
        image[i] = (float) (c == CHANNELS - 1 ? -Math.abs(x) : (1 + 3 * c) * x * Math.abs(x));
      }
    }
    return result;
  }

  private static Calibration.Result run(float[][] pixels, boolean channels, int threads) {
    Images images = new ArrayImages(pixels);
    SchemeOptions methods =
        new SchemeOptions(
            false, channels, false, true, false, false, false, false, 0, SchemeOptions.Fit.DEFAULT);
    Normalisation none = new Normalisation(new float[CHANNELS], new float[] {1, 1, 1, 1});
    return Calibration.run(LOWERING, images, none, 99.9, methods, Execution.on(threads));
  }

  /** The steps of the source, on channels {@code from} up to {@code to}. */
  private static double balanced(float[][] pixels, int from, int to) {
    double lambda = 0;
    double step;
    do {
      double excess = 0;
      for (float[] image : pixels) {
        for (int i = from * PLANE; i < to * PLANE; i++) {
          excess += Math.max(0, image[i] - lambda);
        }
      }
      step = 2 * excess / pixels.length / (to - from) / PLANE;
      lambda += step;
    } while (step > 1e-3 * lambda);
    return lambda;
  }

  private static double largest(float[][] pixels, int from, int to) {
    double result = 0;
    for (float[] image : pixels) {
      for (int i = from * PLANE; i < to * PLANE; i++) {
        result = Math.max(result, image[i]);
      }
    }
    return result;
  }

  @Test
  void eachChannelGetsWhatTheStepsEndAt() {
    float[][] pixels = pixels();
    Calibration.Level level = run(pixels, true, 2).levels().getFirst();
    double all = largest(pixels, 0, CHANNELS);
    for (int c = 0; c < CHANNELS - 1; c++) {
      double most = largest(pixels, c, c + 1);
      double expected = balanced(pixels, c, c + 1);
      assertEquals(expected, level.lambda()[c], most / 500, "channel " + c);
      assertTrue(level.lambda()[c] > most / 10 && level.lambda()[c] < most, "it clips a little");
      assertEquals(most, level.max()[c], 0, "channel " + c);
    }
    assertEquals(1e-3 * all, level.lambda()[CHANNELS - 1], 1e-9 * all, "never fires");
    assertTrue(level.clippedShare() > 1e-4 && level.clippedShare() < 0.02, "" + level);
  }

  @Test
  void oneLambdaIsThatOfAllChannelsTogetherAndTheOutputHasOneAlways() {
    float[][] pixels = pixels();
    double expected = balanced(pixels, 0, CHANNELS);
    double most = largest(pixels, 0, CHANNELS);
    for (boolean channels : new boolean[] {false, true}) {
      List<Calibration.Level> levels = run(pixels, channels, 2).levels();
      double[] output = levels.get(1).lambda();
      assertTrue(output[0] > 10 * expected && output[0] == output[1], "output " + output[0]);
      for (double lambda : channels ? new double[0] : levels.getFirst().lambda()) {
        assertEquals(expected, lambda, most / 500);
      }
    }
  }

  @Test
  void threadsChangeNothing() {
    float[][] pixels = pixels();
    double[] one = run(pixels, true, 1).levels().getFirst().lambda();
    for (int threads = 2; threads < 5; threads++) {
      assertArrayEquals(one, run(pixels, true, threads).levels().getFirst().lambda());
    }
  }

  @Test
  void balancedAndByErrorIsRefused() {
    SnnsimException e =
        assertThrows(
            SnnsimException.class,
            () ->
                new SchemeOptions(
                    true, true, true, true, true, true, true, true, 4, SchemeOptions.Fit.DEFAULT));
    assertTrue(e.getMessage().contains("expected one of them"), e.getMessage());
  }
}
