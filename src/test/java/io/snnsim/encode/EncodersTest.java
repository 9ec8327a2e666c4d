// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the input codings promise: means, sizes of spikes, seeds, order, onsets. */
class EncodersTest {
  private static final float[] IMAGE = {0, -0f, 2, -2, 1, -0.5f, 0.02f, 1.999f};
  private static final float LARGEST = 2;

  private static float[][] frames(InputEncoder e, long imageIndex, float[] image, int steps) {
    float[][] result = new float[steps][image.length];
    e.begin(imageIndex, image, steps);
    for (int t = 0; t < steps; t++) {
      Arrays.fill(result[t], Float.NaN);
      e.frame(t, result[t]);
    }
    return result;
  }

  private static double mean(float[][] frames, int pixel) {
    double sum = 0;
    for (float[] frame : frames) {
      sum += frame[pixel];
    }
    return sum / frames.length;
  }

  @Test
  void constantIsTheImageAtEveryStep() {
    ConstantEncoder e = new ConstantEncoder(IMAGE.length);
    assertTrue(e.constant());
    for (float[] frame : frames(e, 5, IMAGE, 3)) {
      assertArrayEquals(IMAGE, frame);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BERNOULLI", "POISSON"})
  void meanOfRandomCodesIsTheImage(InputCoding coding) {
    int steps = 40_000;
    float[][] frames = frames(coding.encoder(1, IMAGE.length), 0, IMAGE, steps);
    for (int i = 0; i < IMAGE.length; i++) {
      // A spike of size a with mean x has variance |x| (a - |x|) a step; 5 deviations.
      double a = 1.6 * LARGEST;
      double error = 5 * Math.sqrt(Math.abs(IMAGE[i]) * (a - Math.abs(IMAGE[i])) / steps);
      assertEquals(IMAGE[i], mean(frames, i), error, coding + " pixel " + i);
    }
  }

  @Test
  void bernoulliSpikesHaveOneSizeAndTheLargestPixelAlwaysFires() {
    for (float[] frame : frames(new BernoulliEncoder(3, IMAGE.length), 1, IMAGE, 500)) {
      for (int i = 0; i < IMAGE.length; i++) {
        assertTrue(
            frame[i] == 0 || Math.abs(frame[i] - Math.copySign(LARGEST, IMAGE[i])) < 1e-6,
            "pixel " + i + " emits " + frame[i]);
      }
      assertEquals(LARGEST, frame[2]);
      assertEquals(-LARGEST, frame[3]);
      assertEquals(0, frame[0]);
    }
  }

  @Test
  void poissonFiresWithTheProbabilityOfAtLeastOneEvent() {
    int steps = 40_000;
    float[][] frames = frames(new PoissonEncoder(3, IMAGE.length), 1, IMAGE, steps);
    for (int i = 0; i < IMAGE.length; i++) {
      int pixel = i;
      long fired = Arrays.stream(frames).filter(f -> f[pixel] != 0).count();
      double p = 1 - Math.exp(-Math.abs(IMAGE[i]) / LARGEST);
      assertEquals(p, (double) fired / steps, 5 * Math.sqrt(p * (1 - p) / steps), "pixel " + i);
      for (float[] frame : frames) {
        float size = Math.abs(frame[i]);
        assertTrue(size == 0 || (size > 0.999 * LARGEST && size < 1.583 * LARGEST), "size " + size);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BERNOULLI", "POISSON"})
  void framesDependOnSeedImageStepAndPixelAlone(InputCoding coding) {
    float[] grey = new float[200];
    Arrays.fill(grey, 0.5f);
    grey[0] = 1;
    float[][] once = frames(coding.encoder(7, grey.length), 12, grey, 20);

    // Another instance, after another image, in reverse order of steps.
    InputEncoder e = coding.encoder(7, grey.length);
    frames(e, 3, IMAGE_OF_200, 5);
    e.begin(12, grey, 0);
    float[] frame = new float[grey.length];
    for (int t = once.length - 1; t >= 0; t--) {
      e.frame(t, frame);
      assertArrayEquals(once[t], frame, "step " + t);
    }

    assertFalse(Arrays.deepEquals(once, frames(coding.encoder(8, grey.length), 12, grey, 20)));
    assertFalse(Arrays.deepEquals(once, frames(coding.encoder(7, grey.length), 13, grey, 20)));
    assertFalse(Arrays.equals(once[0], once[1]));
    // Shifting seed, image and step against each other must not show the same spikes.
    assertFalse(Arrays.equals(once[1], frames(e, 13, grey, 1)[0]));
    assertFalse(Arrays.equals(once[0], frames(coding.encoder(8, grey.length), 11, grey, 1)[0]));
  }

  private static final float[] IMAGE_OF_200 = new float[200];

  /** Neighbouring pixels, steps, images and seeds fire independently. */
  @Test
  void drawsAreUncorrelated() {
    int n = 20_000;
    int[] both = new int[4];
    for (int i = 0; i < n; i++) {
      boolean here = fires(1, 2, 3, i);
      both[0] += here && fires(1, 2, 3, i + 1) ? 1 : 0;
      both[1] += here && fires(1, 2, 4, i) ? 1 : 0;
      both[2] += here && fires(1, 3, 3, i) ? 1 : 0;
      both[3] += here && fires(2, 2, 3, i) ? 1 : 0;
    }
    for (int k : both) {
      // Expected 1/4; 5 deviations.
      assertEquals(0.25, (double) k / n, 5 * Math.sqrt(0.25 * 0.75 / n), Arrays.toString(both));
    }
  }

  private static boolean fires(long seed, long image, int t, int pixel) {
    long key = CounterRandom.stepKey(CounterRandom.imageKey(seed, image), t);
    return CounterRandom.draw(key, pixel) < CounterRandom.RANGE / 2;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 32, 350})
  void ttfsSwitchesOnOnceAndItsIntegralIsTheImageTimesSteps(int steps) {
    float[][] frames = frames(new TtfsEncoder(IMAGE.length), 0, IMAGE, steps);
    for (int i = 0; i < IMAGE.length; i++) {
      int onsets = 0;
      for (int t = 0; t < steps; t++) {
        float before = t == 0 ? 0 : frames[t - 1][i];
        onsets += frames[t][i] != 0 && before == 0 ? 1 : 0;
        assertTrue(
            frames[t][i] == before || frames[t][i] == Math.copySign(LARGEST, IMAGE[i]),
            "pixel " + i + " step " + t);
      }
      assertTrue(onsets <= 1, "pixel " + i + " has " + onsets + " onsets");
      assertEquals(
          (double) IMAGE[i] * steps, mean(frames, i) * steps, LARGEST / 2 + 1e-4, "pixel " + i);
    }
    assertEquals(LARGEST, frames[0][2], "the brightest pixel comes first");
  }

  @ParameterizedTest
  @EnumSource
  void encodingAllocatesNothing(InputCoding coding) {
    InputEncoder e = coding.encoder(1, IMAGE.length);
    float[] frame = new float[IMAGE.length];
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // The first rounds load classes, and a compiler that finishes may leave something in any.
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 8; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int image = 0; image < 100; image++) {
        e.begin(image, IMAGE, 10);
        for (int t = 0; t < 10; t++) {
          e.frame(t, frame);
        }
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals(0, least, "bytes in 100 images of 10 steps");
  }

  @Test
  void ttfsNeedsTheNumberOfSteps() {
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> new TtfsEncoder(8).begin(0, IMAGE, 0));
    assertEquals(Category.USAGE, e.category());
    assertTrue(e.getMessage().contains("steps=0"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void imageOfZerosGivesFramesOfZeros(InputCoding coding) {
    for (float[] frame : frames(coding.encoder(1, 5), 0, new float[5], 20)) {
      assertArrayEquals(new float[5], frame);
    }
  }

  @ParameterizedTest
  @EnumSource
  void namesAreParsedAndSupplyEncodersOfTheirOwn(InputCoding coding) {
    assertEquals(coding, InputCoding.parse(coding.toString()));
    assertEquals(coding, InputCoding.parse(coding.name()));
    var supplier = coding.supplier(1, IMAGE.length);
    InputEncoder one = supplier.get();
    assertTrue(one != supplier.get(), "one encoder a worker");
    assertEquals(coding == InputCoding.CONSTANT, one.constant());
  }

  @Test
  void unknownNameIsAUsageErrorThatListsTheNames() {
    SnnsimException e = assertThrows(SnnsimException.class, () -> InputCoding.parse("gaussian"));
    assertEquals(Category.USAGE, e.category());
    assertEquals(
        "input coding 'gaussian', expected one of: constant, bernoulli, poisson, ttfs",
        e.getMessage());
  }
}
