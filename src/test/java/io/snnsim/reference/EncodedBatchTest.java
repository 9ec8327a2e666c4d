// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.encode.InputCoding;
import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.ImageSource;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches of encoded images: the same spikes whatever the number of threads, others by seed. */
class EncodedBatchTest {
  private static final int IMAGES = 40;
  private static final int STEPS = 12;
  private static final MapShape IMAGE = new MapShape(1, 4, 4);

  @ParameterizedTest
  @EnumSource
  void countsDoNotDependOnThreads(InputCoding coding) {
    ConvGeometry window = Nets.pointwise(IMAGE, 3);
    InputStage.AnalogProjection analog =
        new InputStage.AnalogProjection(
            "in", 0, window, new float[] {100, 60, 250}, new float[3], -1000, 1000);
    MapShape shape = new MapShape(3, 4, 4);
    Network network =
        Nets.of(
            IMAGE, List.of(analog), List.of(Nets.fire("p", shape, false, 200, 0, 0)), List.of());
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO)) {
      int[][] one = run(model, coding, 5, 1);
      assertTrue(Arrays.stream(one[7]).sum() > 0, "something must fire");
      for (int threads = 2; threads <= 3; threads++) {
        assertArrayEquals(one, run(model, coding, 5, threads), "threads=" + threads);
      }
      int[][] otherSeed = run(model, coding, 6, 1);
      boolean random = coding == InputCoding.BERNOULLI || coding == InputCoding.POISSON;
      if (random) {
        assertFalse(Arrays.deepEquals(one, otherSeed), "another seed, other spikes");
      } else {
        assertArrayEquals(one, otherSeed);
      }
    }
  }

  /** Spike counts of every image. */
  private static int[][] run(Simulator model, InputCoding coding, long seed, int threads) {
    ImageSource source =
        new ImageSource() {
          @Override
          public int count() {
            return IMAGES;
          }

          @Override
          public void read(int index, float[] into) {
            for (int i = 0; i < into.length; i++) {
              into[i] = (i * 7 + index * 3) % 17 / 16f;
            }
          }
        };
    int[][] counts = new int[IMAGES][];
    BatchOptions options =
        new BatchOptions(
            STEPS, threads, 0, IMAGES, coding.supplier(seed, IMAGE.size()), true, () -> false);
    BatchRunner.run(
        model,
        source,
        options,
        new BatchObserver() {
          @Override
          public void afterImage(int image, Simulation session, long nanos) {
            counts[image] = session.spikeCounts(0);
          }
        });
    return counts;
  }
}
