// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.geometry.MapShape;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Spikes come back as they were stored, for every number of steps around a byte. */
class SpikeTrainsTest {
  @Test
  void spikesAndCountsComeBack() {
    for (int steps = 1; steps <= 9; steps++) {
      SplittableRandom random = new SplittableRandom(steps);
      int neurons = 15;
      SpikeTrains trains = new SpikeTrains(new MapShape(2, 1, 5), 3, steps, new MapPool());
      int[][][] spikes = new int[2][steps][neurons];
      for (int c = 0; c < 2; c++) {
        int[] bytes = new int[neurons];
        for (int t = 0; t < steps; t++) {
          for (int i = 0; i < neurons; i++) {
            spikes[c][t][i] = random.nextInt(3) - 1;
            bytes[i] |= (spikes[c][t][i] & 3) << SpikeTrains.bits(t);
          }
          if (trains.endsByte(t)) {
            trains.set(t, c, 0, neurons, bytes);
            bytes = new int[neurons];
          }
        }
      }
      for (int c = 0; c < 2; c++) {
        float[] count = new float[neurons + 1];
        trains.counts(c, 0, neurons, 0.5f, count, 1);
        for (int i = 0; i < neurons; i++) {
          int sum = 0;
          for (int t = 0; t < steps; t++) {
            sum += spikes[c][t][i];
          }
          assertEquals(0.5f * sum, count[i + 1]);
        }
        for (int t = 0; t < steps; t++) {
          float[] f = new float[6];
          short[] s = new short[5];
          trains.get(t, c, 5, 5, f, 1);
          trains.get(t, c, 5, 5, s);
          for (int i = 0; i < 5; i++) {
            assertEquals(spikes[c][t][5 + i], f[i + 1]);
            assertEquals(spikes[c][t][5 + i], s[i]);
          }
        }
      }
    }
  }
}
