// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.Images;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.readout.ExitMargins;
import io.snnsim.work.Execution;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

/** Errors of margins by hand, and of which images they are measured. */
class ExitCalibrationTest {
  private static final int STEPS = 4;

  /** Three classes that integrate a multiple of a one-pixel image each. */
  private static Network network() {
    MapShape pixel = new MapShape(1, 1, 1);
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(1, 1, 1), new MapShape(3, 1, 1), new Window(1, 1, 1, 1, 0, 0, 1, 1), 1);
    InputStage.AnalogProjection analog =
        new InputStage.AnalogProjection(
            "in", 0, g, new float[] {90, 40, 20}, new float[3], -1000, 1000);
    InputStage input = new InputStage(pixel, new float[1], new float[] {1}, List.of(analog));
    int[] theta = {100, 100, 100};
    Population out =
        Nets.population(
            "out",
            new MapShape(3, 1, 1),
            NeuronModel.SIGNED_IF,
            true,
            theta,
            new int[] {50, 0, 80},
            new int[3]);
    return new Network("n", Precision.I32, input, List.of(out), List.of(), 0);
  }

  private static Images images(int count, Set<Integer> read) {
    return new Images() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public void read(int index, float[] into) {
        read.add(index);
        into[0] = (index + 1f) / count;
      }
    };
  }

  /** Differences to the leader of the step, a step: x now, y after the last step. */
  @Test
  void theErrorIsThatOfALineThroughAllDifferencesToTheLeaderOfTheStep() {
    double[][] scores = {{1, 3, 0}, {4, 3, 3.5}, {6, 0, 4.5}};
    double[][] sums = ExitCalibration.sums(scores);
    // Step 1: 1 leads, x = 2 and 3, y = -2 and -1.5: the answer is none at all.
    assertArrayEquals(new double[] {2, 13, -21.5, 36.25}, sums[0], 1e-12);
    assertEquals(Double.MAX_VALUE, ExitCalibration.error(sums[0]));
    // Step 2: 0 leads, x = 0.5 and 0.25, y = 2 and 0.5: slope 3.6, residuals 0.2 and -0.4.
    assertArrayEquals(new double[] {2, 0.3125, 0.8125, 2.3125}, sums[1], 1e-12);
    assertEquals(Math.sqrt(0.2 / 2) / 3.6, ExitCalibration.error(sums[1]), 1e-12);
    assertEquals(0, ExitCalibration.error(sums[2]));
  }

  @Test
  void scoresThatAreAllEqualTellNothingAndOneClassIsSure() {
    double[][] sums = ExitCalibration.sums(new double[][] {{0, 0}, {1, 3}});
    assertEquals(Double.MAX_VALUE, ExitCalibration.error(sums[0]));
    assertEquals(0, ExitCalibration.error(ExitCalibration.sums(new double[][] {{1}, {2}})[0]));
  }

  @Test
  void onlyImagesThatNothingWasFittedToAreRead() {
    Set<Integer> read = new ConcurrentSkipListSet<>();
    ExitMargins m =
        ExitCalibration.measure(network(), images(70, read), 40, 25, STEPS, Execution.on(1))
            .orElseThrow();
    assertTrue(m.heldBack());
    assertEquals(25, m.images());
    Mixed mixed = new Mixed(images(70, new TreeSet<>()), 70);
    Set<Integer> expected = new TreeSet<>();
    for (int i = 40; i < 65; i++) {
      expected.add(mixed.indexOf(i));
    }
    assertEquals(expected, read);
    double[] error = m.marginError();
    assertEquals(STEPS, m.steps());
    assertEquals(0, error[STEPS - 1]);
    // V(0) is no input: beside the mean of four steps it weighs four times as much in the first.
    assertTrue(error[0] > error[1] && error[1] > error[2] && error[2] > 0, Arrays.toString(error));
  }

  @Test
  void threadsAndRepetitionChangeNothing() {
    byte[] one = null;
    for (int threads : new int[] {1, 2, 3, 1}) {
      byte[] json =
          ExitCalibration.measure(
                  network(),
                  images(90, new ConcurrentSkipListSet<>()),
                  20,
                  500,
                  STEPS,
                  Execution.on(threads))
              .orElseThrow()
              .toJson();
      one = one == null ? json : one;
      assertArrayEquals(one, json, threads + " threads");
    }
    ExitMargins again = ExitMargins.parse(one, "here");
    assertArrayEquals(one, again.toJson());
    assertEquals(70, again.images());
  }

  @Test
  void fittedImagesStandInForMissingOnesButSayNotHeldBack() {
    Set<Integer> read = new ConcurrentSkipListSet<>();
    ExitMargins m =
        ExitCalibration.measure(network(), images(40, read), 21, 500, STEPS, Execution.on(1))
            .orElseThrow();
    assertFalse(m.heldBack());
    assertEquals(40, read.size());
    assertTrue(
        ExitCalibration.measure(network(), images(19, read), 0, 500, STEPS, Execution.on(1))
            .isEmpty());
    assertTrue(
        ExitCalibration.measure(
                network(), images(40, read), 0, 500, STEPS, Execution.on(1, () -> true))
            .isEmpty());
  }
}
