// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reference against steps worked out by hand. */
class DenseReferenceTest {
  private static final MapShape ONE = new MapShape(1, 1, 1);

  /** Fires in every step from the first: theta 1, current 1. */
  private static Population always(MapShape shape) {
    return Nets.fire("always", shape, false, 1, 0, 1);
  }

  private static DenseReference started(Network network) {
    DenseReference r = new DenseReference(network);
    r.present(new float[network.input().shape().size()]);
    return r;
  }

  @Test
  void resetSubtractsThetaAndFiresAtMostOnceAStep() {
    DenseReference r = started(Nets.of(List.of(Nets.fire("a", ONE, false, 3, 0, 7)), List.of()));
    r.step();
    assertEquals(4, r.potentials(0)[0][0][0]);
    r.step();
    assertEquals(8, r.potentials(0)[0][0][0]);
    assertEquals(2, r.counts(0)[0][0][0]);
  }

  @Test
  void exactlyThetaFires() {
    DenseReference r = started(Nets.of(List.of(Nets.fire("a", ONE, false, 7, 0, 7)), List.of()));
    r.step();
    assertEquals(0, r.potentials(0)[0][0][0]);
    assertEquals(1, r.counts(0)[0][0][0]);
  }

  @Test
  void potentialSaturatesAtTheEndsOfItsType() {
    List<Population> populations =
        List.of(
            Nets.fire("narrow", ONE, false, 32767, -32000, -32768),
            Nets.fire("narrowUp", ONE, false, 1, 32767, 5),
            Nets.fire("wide", ONE, true, 10, Integer.MIN_VALUE + 1, -(1 << 30)),
            Nets.fire("wideUp", ONE, true, 1, Integer.MAX_VALUE, 1 << 30));
    DenseReference r = started(Nets.of(populations, List.of()));
    r.step();
    assertEquals(-32768, r.potentials(0)[0][0][0]);
    assertEquals(32766, r.potentials(1)[0][0][0]);
    assertEquals(Integer.MIN_VALUE, r.potentials(2)[0][0][0]);
    assertEquals(Integer.MAX_VALUE - 1, r.potentials(3)[0][0][0]);
  }

  @Test
  void convolutionWithPaddingStrideAndSpikesOfTheSameStep() {
    MapShape map = new MapShape(1, 3, 3);
    // out[y][x] reads in[2y - 1 + ky][2x - 1 + kx]: each output sees one corner's 2x2 square.
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(1, 3, 3), new MapShape(1, 2, 2), new Window(3, 3, 2, 2, 1, 1, 1, 1), 1);
    Projection conv =
        ConvProjection.pack(
            "c", 0, 1, g, WeightType.I16, new int[] {1, 2, 4, 8, 16, 32, 64, 128, 256});
    Population target = Nets.fire("t", new MapShape(1, 2, 2), false, 10000, 0, 0);
    DenseReference r = started(Nets.of(List.of(always(map), target), List.of(conv)));
    r.step();
    // Taps inside the map: (1,1)..(2,2), (1,0)..(2,1), (0,1)..(1,2), (0,0)..(1,1).
    assertArrayEquals(
        new int[] {16 + 32 + 128 + 256, 8 + 16 + 64 + 128, 2 + 4 + 16 + 32, 1 + 2 + 8 + 16},
        DenseReference.flat(r.potentials(1)));
    assertEquals(16, r.synapticOps(0));
  }

  @Test
  void groupsReadOnlyTheirOwnChannels() {
    MapShape map = new MapShape(4, 1, 1);
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(4, 1, 1), new MapShape(2, 1, 1), new Window(1, 1, 1, 1, 0, 0, 1, 1), 2);
    Projection conv = ConvProjection.pack("c", 0, 1, g, WeightType.I8, new int[] {1, 2, 4, 8});
    Population target = Nets.fire("t", new MapShape(2, 1, 1), false, 100, 0, 0);
    DenseReference r = started(Nets.of(List.of(always(map), target), List.of(conv)));
    r.step();
    assertArrayEquals(new int[] {3, 12}, DenseReference.flat(r.potentials(1)));
  }

  @Test
  void channelwiseShiftsByItsOffsetAndSumsWithOthers() {
    MapShape map = new MapShape(2, 1, 1);
    Population target = Nets.fire("t", new MapShape(4, 1, 1), false, 100, 0, 1);
    Projection shortcut =
        new ChannelwiseProjection("s", 0, 1, Nets.pointwise(map, 4), 1, new int[] {10, 20});
    Projection conv =
        ConvProjection.pack(
            "c", 0, 1, Nets.pointwise(map, 4), WeightType.I8, new int[] {1, 1, 2, 2, 3, 3, 4, 4});
    DenseReference r = started(Nets.of(List.of(always(map), target), List.of(shortcut, conv)));
    r.step();
    assertArrayEquals(
        new int[] {1 + 2, 1 + 4 + 10, 1 + 6 + 20, 1 + 8}, DenseReference.flat(r.potentials(1)));
  }

  @Test
  void gateFollowsTheLargestCountOfItsWindow() {
    // Two source neurons in a row of one channel: rates 1/2 (first in step 2) and 1/3 (step 3).
    MapShape row = new MapShape(1, 1, 2);
    InputStage.AnalogProjection current =
        new InputStage.AnalogProjection(
            "i", 0, Nets.pointwise(row, 1), new float[] {1}, new float[] {0}, 0, 6);
    ConvGeometry window =
        new ConvGeometry(
            new MapShape(1, 1, 2), new MapShape(1, 1, 1), new Window(1, 2, 1, 2, 0, 0, 1, 1), 1);
    Network network =
        Nets.of(
            row,
            List.of(current),
            List.of(Nets.fire("s", row, false, 6, 0, 0), Nets.gate("g", ONE)),
            List.of(new GateProjection("w", 0, 1, window)));
    DenseReference r = new DenseReference(network);
    r.present(new float[] {3, 2});
    int[] expected = {0, 1, 0, 1, 0, 1, 0};
    for (int t = 0; t < expected.length; t++) {
      r.step();
      assertEquals(expected[t], r.spikes(1)[0][0][0], "step " + t);
    }
    assertArrayEquals(new int[] {3, 2}, DenseReference.flat(r.counts(0)));
  }

  @Test
  void analogInputClampsThenRoundsHalvesToEven() {
    MapShape row = new MapShape(1, 1, 6);
    InputStage.AnalogProjection half =
        new InputStage.AnalogProjection(
            "i", 0, Nets.pointwise(row, 1), new float[] {0.5f}, new float[] {1}, -3, 4);
    Network network =
        Nets.of(row, List.of(half), List.of(Nets.fire("s", row, false, 100, 0, 0)), List.of());
    DenseReference r = new DenseReference(network);
    r.present(new float[] {-1, 1, 3, -3, 100, -100});
    assertArrayEquals(new int[] {0, 2, 2, 0, 4, -3}, DenseReference.flat(r.currents(0)));
  }

  @Test
  void analogInputAddsProductsInFloat32InTheStatedOrder() {
    MapShape image = new MapShape(2, 1, 2);
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(2, 1, 2), new MapShape(1, 1, 1), new Window(1, 2, 1, 1, 0, 0, 1, 1), 1);
    // OIHW: ic 0 (kx 0, 1), ic 1 (kx 0, 1). In the order kx, ic: 2^25 + 1 (lost) - 2^25 + 1 = 1;
    // in the order ic, kx it would be 2^25 - 2^25 + 1 + 1 = 2.
    float big = 1 << 25;
    InputStage.AnalogProjection a =
        new InputStage.AnalogProjection(
            "i", 0, g, new float[] {big, -big, 1, 1}, new float[] {0}, -100, 100);
    Network network =
        Nets.of(image, List.of(a), List.of(Nets.fire("s", ONE, false, 100, 0, 0)), List.of());
    DenseReference r = new DenseReference(network);
    r.present(new float[] {1, 1, 1, 1});
    assertEquals(1, r.currents(0)[0][0][0]);
  }
}
