// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.Nets;
import io.snnsim.format.NetworkRules;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.WeightType;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers whose tables are gone over in chunks, in every number of steps of a block and of vectors
 * of pixels, so that each kind of left-over column meets the ends of tiles.
 */
@Tag("slow")
class LookupChunksTest {
  private static final int CHANNELS = 70;

  static Stream<Arguments> blocksAndWidths() {
    // One step: 15 to 18 vectors of 8 ints or 32 shorts and so on; the widest has 67.
    return Stream.of(
        Arguments.of(1, 1, 1),
        Arguments.of(1, 16, 31),
        Arguments.of(1, 15, 67),
        Arguments.of(1, 32, 67),
        Arguments.of(2, 5, 7),
        Arguments.of(3, 9, 16),
        Arguments.of(7, 9, 33),
        Arguments.of(8, 9, 33),
        Arguments.of(61, 4, 9),
        Arguments.of(62, 4, 9),
        Arguments.of(63, 4, 9),
        Arguments.of(64, 4, 9));
  }

  @ParameterizedTest
  @MethodSource("blocksAndWidths")
  void sameAsTheSpecification(int blockSteps, int height, int width) {
    for (boolean wide : new boolean[] {false, true}) {
      for (boolean signed : new boolean[] {false, true}) {
        compare(network(new MapShape(CHANNELS, height, width), wide, signed), blockSteps);
      }
    }
  }

  private static void compare(Network network, int blockSteps) {
    NetworkRules.check(network, "network");
    int steps = Math.max(3, blockSteps);
    UpdateMethod lookup = UpdateMethod.LOOKUP;
    Plan plan = new Plan(List.of(lookup, lookup, UpdateMethod.EVENTS), blockSteps);
    float[] image = new float[network.input().shape().size()];
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) random.nextDouble();
    }
    try (Simulator model = Simulator.of(network, KernelChoice.VECTOR, plan);
        Simulator scalar = Simulator.of(network, KernelChoice.SCALAR);
        Simulation found = model.newSimulation();
        Simulation expected = scalar.newSimulation()) {
      found.present(image, 0, steps);
      expected.present(image, 0, steps);
      for (int t = 0; t < steps; ) {
        t += found.runStepBlock(steps - t);
      }
      for (int t = 0; t < steps; t++) {
        expected.step();
      }
      for (int p = 0; p < 3; p++) {
        assertArrayEquals(expected.potentials(p), found.potentials(p));
      }
      assertTrue(expected.spikeTotal(1) > 0);
    }
  }

  private static Network network(MapShape map, boolean wide, boolean signed) {
    SplittableRandom random = new SplittableRandom(11);
    WeightType type = wide ? WeightType.I32 : WeightType.I8;
    MapShape image = new MapShape(1, map.height(), map.width());
    float[] drive = new float[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      drive[c] = 90 * (float) random.nextDouble() - 20;
    }
    InputStage.AnalogProjection analog =
        new InputStage.AnalogProjection(
            "in", 0, Nets.pointwise(image, CHANNELS), drive, new float[CHANNELS], -100, 100);
    ConvGeometry g = window(map);
    int[] w = new int[CHANNELS * CHANNELS * 9];
    for (int i = 0; i < w.length; i++) {
      w[i] = random.nextInt(-20, 24);
    }
    int[] last = new int[CHANNELS * 2];
    for (int i = 0; i < last.length; i++) {
      last[i] = random.nextInt(-9, 10);
    }
    return Nets.of(
        image,
        List.of(analog),
        List.of(
            population("a", map, wide, signed),
            population("b", map, wide, signed),
            Nets.fire("out", new MapShape(2, map.height(), map.width()), wide, 50, 0, 1)),
        List.of(
            ConvProjection.pack("conv", 0, 1, g, type, w),
            ConvProjection.pack("last", 1, 2, Nets.pointwise(map, 2), type, last)));
  }

  private static Population population(String name, MapShape map, boolean wide, boolean signed) {
    return signed
        ? Nets.signed(name, map, wide, 100, 30)
        : Nets.fire(name, map, wide, 100, 30, name.equals("b") ? 4 : 0);
  }

  private static ConvGeometry window(MapShape map) {
    int h = map.height();
    int w = map.width();
    return new ConvGeometry(
        new MapShape(CHANNELS, h, w),
        new MapShape(CHANNELS, h, w),
        new Window(3, 3, 1, 1, 1, 1, 1, 1),
        1);
  }
}
