// SPDX-License-Identifier: Apache-2.0
package io.snnsim.readout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * Decisions from output states that are set exactly: each class has a current and V(0) of its own.
 */
class ReadoutTest {
  /** Decision after one step; spikes and V follow from V(0) + current against theta. */
  private static int decide(Readout readout, int[] theta, int[] v0, int[] current) {
    return decide(readout, theta, v0, current, 1);
  }

  private static int decide(Readout readout, int[] theta, int[] v0, int[] current, int steps) {
    return (int) of(theta, v0, current, steps, readout::decide);
  }

  private static double of(
      int[] theta, int[] v0, int[] current, int steps, ToDoubleFunction<Simulation> what) {
    int n = theta.length;
    Population output = Nets.fire("out", new MapShape(n, 1, 1), true, theta, v0, current);
    InputStage none =
        new InputStage(new MapShape(1, 1, 1), new float[1], new float[] {1}, List.of());
    Network network = new Network("n", Precision.I32, none, List.of(output), List.of(), 0);
    try (Simulator model = Simulator.of(network, KernelChoice.SCALAR);
        Simulation s = model.newSimulation()) {
      s.present(new float[1], 0);
      for (int t = 0; t < steps; t++) {
        s.step();
      }
      return what.applyAsDouble(s);
    }
  }

  @Test
  void theMarginIsOfTheTwoLargestScores() {
    int[] theta = {10, 10, 10, 20};
    int[] v0 = {5, 0, 2, 0};
    // After two steps: 25, 4, 22 and 10 in units of the potential, so 2 + 0.5, 0.4, 2 + 0.2, 0.5.
    int[] current = {10, 2, 10, 5};
    assertEquals(0.3, of(theta, v0, current, 2, Readout.MEMBRANE::margin), 1e-12);
    assertEquals(0, of(theta, v0, current, 2, Readout.SPIKES::margin));
    // The leader comes last, then first; one class has nobody behind it.
    assertEquals(1, of(theta, v0, new int[] {0, 0, 0, 20}, 1, Readout.SPIKES::margin));
    assertEquals(1, of(theta, v0, new int[] {10, 0, 0, 0}, 1, Readout.SPIKES::margin));
    int[] ten = {10};
    assertEquals(Double.POSITIVE_INFINITY, of(ten, ten, ten, 1, Readout.SPIKES_SOFTMAX::margin));
    for (Readout r : Readout.values()) {
      double[] scores = new double[4];
      of(theta, v0, current, 2, s -> scores(r, s, scores));
      int decided = decide(r, theta, v0, current, 2);
      double[] sorted = scores.clone();
      Arrays.sort(sorted);
      assertEquals(sorted[3], scores[decided], r.label());
      assertEquals(sorted[3] - sorted[2], of(theta, v0, current, 2, r::margin), r.label());
    }
  }

  private static double scores(Readout r, Simulation s, double[] into) {
    r.decide(s, into);
    return 0;
  }

  @Test
  void spikesCountAloneAndTiesGoToTheLowerClass() {
    int[] theta = {10, 10, 10, 10};
    int[] zero = new int[4];
    // Classes 1 and 3 fire; class 0 has a large potential but no spike.
    assertEquals(1, decide(Readout.SPIKES, theta, zero, new int[] {9, 10, 0, 19}));
    assertEquals(0, decide(Readout.SPIKES, theta, zero, new int[] {1, 2, 3, 4}));
  }

  @Test
  void softmaxBreaksTiesOfSpikesByPotentialInUnitsOfTheta() {
    int[] theta = {10, 100, 10};
    // No spikes; V / theta is 0.8, 0.9, 0.1, then 0.8, 0.7, 0.1 with a larger V in class 1.
    assertEquals(1, decide(Readout.SPIKES_SOFTMAX, theta, new int[3], new int[] {8, 90, 1}));
    assertEquals(0, decide(Readout.SPIKES_SOFTMAX, theta, new int[3], new int[] {8, 70, 1}));
  }

  @Test
  void aPotentialOutweighsASpikeOnlyInTheMembraneReadout() {
    int[] theta = {10, 10};
    // Class 0: V 30 - 15 = 15 fires and keeps 5, then 5 - 15 = -10: one spike, V / theta = -1.
    // Class 1: 4, then 8: no spike, V / theta = 0.8.
    int[] v0 = {30, 0};
    int[] current = {-15, 4};
    assertEquals(0, decide(Readout.SPIKES, theta, v0, current, 2));
    assertEquals(0, decide(Readout.SPIKES_SOFTMAX, theta, v0, current, 2));
    assertEquals(1, decide(Readout.MEMBRANE, theta, v0, current, 2));
  }

  @Test
  void membraneIsTheIntegratedInput() {
    int[] theta = {10, 20, 40};
    // I / theta: 1.9, 2.5, 2.45; every class fires once.
    assertEquals(1, decide(Readout.MEMBRANE, theta, new int[3], new int[] {19, 50, 98}));
    // Without spikes: 0.9, 0.85, -3.
    assertEquals(0, decide(Readout.MEMBRANE, theta, new int[3], new int[] {9, 17, -120}));
  }

  @Test
  void softmaxOfExtremePotentialsStaysFinite() {
    int[] theta = {1, 1, 1};
    assertEquals(
        2,
        decide(
            Readout.SPIKES_SOFTMAX,
            theta,
            new int[3],
            new int[] {-1_000_000_000, 1_000_000, 1_000_000_000}));
    assertEquals(
        1,
        decide(
            Readout.SPIKES_SOFTMAX,
            theta,
            new int[3],
            new int[] {-1_000_000_000, -999_999_000, -1_000_000_000}));
  }
}
