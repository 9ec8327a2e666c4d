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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two classes: the first starts with a potential of 3.9 theta and gets 0.1 a step, so it spikes in
 * steps 1 to 4 and is silent then; the second gets 0.5 and spikes in every other step.
 */
class DelayedReadoutTest {
  private static final int STEPS = 8;
  private static final int IMAGE = 3;

  /** Decisions after each step. */
  private static String decisions(Readout readout, int after) {
    Population output =
        Nets.fire(
            "out",
            new MapShape(2, 1, 1),
            true,
            new int[] {10, 10},
            new int[] {39, 0},
            new int[] {1, 5});
    InputStage none =
        new InputStage(new MapShape(1, 1, 1), new float[1], new float[] {1}, List.of());
    Network network = new Network("n", Precision.I32, none, List.of(output), List.of(), 0);
    DelayedReadout delayed = new DelayedReadout(readout, after, IMAGE + 1);
    StringBuilder all = new StringBuilder();
    try (Simulator model = Simulator.of(network, KernelChoice.SCALAR);
        Simulation s = model.newSimulation()) {
      for (int twice = 0; twice < 2; twice++) {
        all.setLength(0);
        s.present(new float[1], 0);
        for (int t = 0; t < STEPS; t++) {
          s.step();
          all.append(delayed.decide(IMAGE, s));
          delayed.afterStep(IMAGE, t, s);
        }
        delayed.ended(IMAGE);
      }
    }
    return all.toString();
  }

  @ParameterizedTest
  @EnumSource(Readout.class)
  void withoutDelayItIsThePlainReadout(Readout readout) {
    assertEquals("00000000", decisions(readout, 0));
  }

  @Test
  void onlyWhatComesAfterTheDelayCounts() {
    assertEquals("00001111", decisions(Readout.MEMBRANE, 4));
    // In step 5 neither spikes: a tie, which the lower class has, or the larger potential decides.
    assertEquals("00000111", decisions(Readout.SPIKES, 4));
    assertEquals("00001111", decisions(Readout.SPIKES_SOFTMAX, 4));
  }
}
