// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.network.Network;
import io.snnsim.network.Population;

/**
 * The sum rule: theta * N + V - V(0) is all that a neuron's input added up to, and no count is
 * negative. The input is that which the spikes of the {@link DenseReference} bring.
 */
final class SumRule {
  /**
   * What was looked at.
   *
   * @param checked neurons times turns, all of which kept the rule
   * @param saturated those left out since V had been clamped to its type
   * @param takenBack negative spikes
   */
  record Seen(long checked, long saturated, long takenBack) {}

  private SumRule() {}

  /**
   * Runs one image and checks every integrating neuron after each turn, which is a step where the
   * plan has turns of one step.
   *
   * @param plan null for the model's own
   */
  static Seen check(
      Network network, float[] image, KernelChoice kernel, Plan plan, int steps, String where) {
    long checked = 0;
    long saturated = 0;
    long takenBack = 0;
    DenseReference reference = new DenseReference(network);
    reference.present(image);
    try (Simulator model = Simulator.of(network, kernel, plan);
        Simulation session = model.newSimulation(true)) {
      session.present(image, 0, steps);
      for (int t = 0; t < steps; ) {
        int block = session.runStepBlock(steps - t);
        for (int k = 0; k < block; k++, t++) {
          reference.step();
        }
        for (int p = 0; p < network.populations().size(); p++) {
          Population population = network.populations().get(p);
          int[] counts = session.spikeCounts(p);
          if (!population.model().integrates()) {
            continue;
          }
          int[] potentials = session.potentials(p);
          long[] integrated = reference.integrated(p);
          boolean[] clamped = reference.clamped(p);
          int map = population.shape().height() * population.shape().width();
          for (int i = 0; i < counts.length; i++) {
            assertTrue(counts[i] >= 0, where + " step " + t + " count " + counts[i]);
            int c = i / map;
            if (clamped[i]) {
              saturated++;
              continue;
            }
            long left = (long) population.theta()[c] * counts[i] + potentials[i];
            assertEquals(
                integrated[i],
                left - population.v0()[c],
                () -> where + " " + population.name() + " channel " + c);
            checked++;
          }
        }
      }
      for (int p = 0; p < network.populations().size(); p++) {
        takenBack += session.negativeSpikeTotal(p);
      }
    }
    return new Seen(checked, saturated, takenBack);
  }
}
