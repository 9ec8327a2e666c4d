// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Precision;
import io.snnsim.network.WeightLayout;
import io.snnsim.network.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Weights where there is no synapse: every one of them is refused, and no other. */
class AbsentSynapsesTest {
  private static ConvGeometry geometry(int in, int out, int kernel, int groups) {
    return new ConvGeometry(
        new MapShape(in, 3, 3),
        new MapShape(out, 3, 3),
        Window.square(kernel, 1, kernel / 2),
        groups);
  }

  /** Groups within a block, cut by its end, as large as blocks; lanes without channels. */
  private static final List<ConvGeometry> GEOMETRIES =
      List.of(
          geometry(2, 2, 1, 2),
          geometry(6, 9, 3, 3),
          geometry(8, 96, 1, 4),
          geometry(70, 70, 1, 70),
          geometry(4, 130, 1, 2),
          geometry(2, 128, 1, 2),
          geometry(3, 10, 1, 1),
          geometry(2, 64, 1, 1));

  private static Network network(ConvProjection c) {
    ConvGeometry g = c.geometry();
    boolean wide = c.type() == WeightType.I32;
    return new Network(
        "n",
        Precision.I8,
        new InputStage(new MapShape(1, 1, 1), new float[1], new float[] {1}, List.of()),
        List.of(Nets.fire("a", g.in(), false, 100, 0, 0), Nets.fire("b", g.out(), wide, 100, 0, 0)),
        List.of(c),
        1);
  }

  /** Random weights, none of them 0. */
  private static ConvProjection packed(ConvGeometry g, WeightType type, Random random) {
    int[] oihw = new int[g.outChannels() * g.inPerGroup() * g.taps()];
    Arrays.setAll(oihw, i -> random.nextInt(1, 100) * (random.nextBoolean() ? 1 : -1));
    return ConvProjection.pack("ab", 0, 1, g, type, oihw);
  }

  private static ConvProjection with(ConvProjection c, long at, int weight) {
    byte[] bytes = c.weights().toArray(ValueLayout.JAVA_BYTE);
    int size = c.type().bytes();
    for (int i = 0; i < size; i++) {
      bytes[(int) at + i] = (byte) (weight >> 8 * i);
    }
    return new ConvProjection(
        c.name(), c.source(), c.target(), c.layout(), MemorySegment.ofArray(bytes));
  }

  @Tag("slow")
  @Test
  void everyWeightWithoutASynapseIsRefusedAndNoOther() {
    for (WeightType type : WeightType.values()) {
      for (ConvGeometry g : GEOMETRIES) {
        Random random = new Random(g.outChannels());
        ConvProjection good = packed(g, type, random);
        assertDoesNotThrow(() -> NetworkRules.check(network(good), "f"));
        WeightLayout layout = good.layout();
        for (int b = 0; b < layout.blocks(); b++) {
          for (int oc = 64 * b; oc < 64 * b + layout.lanes().lanes(b); oc++) {
            for (int ic = layout.firstSource(b); ic < layout.endSource(b); ic++) {
              int tap = random.nextInt(g.taps());
              int weight = random.nextBoolean() ? 1 : -1;
              place(good, oc, ic, tap, weight);
            }
          }
        }
      }
    }
  }

  private static void place(ConvProjection good, int oc, int ic, int tap, int weight) {
    ConvGeometry g = good.geometry();
    long at = good.layout().at(oc, ic, tap / g.kernelW(), tap % g.kernelW());
    boolean channel = oc < g.outChannels();
    if (channel && oc / g.outPerGroup() == ic / g.inPerGroup()) {
      assertTrue(good.stored(at) != 0);
      return;
    }
    assertEquals(0, good.stored(at));
    SnnsimException e =
        assertThrows(
            SnnsimException.class, () -> NetworkRules.check(network(with(good, at, weight)), "f"));
    assertEquals(Category.BAD_DATA, e.category());
    assertEquals(
        "f: projection ab: weight "
            + weight
            + (channel
                ? " from channel " + ic + " to channel " + oc + " of another group"
                : " in lane " + oc + ", beyond the last channel")
            + ", expected 0; the file was written wrongly, convert the network again",
        e.getMessage());
  }

  @Test
  void aFileWithOneIsRefused() {
    ConvProjection good = packed(geometry(2, 2, 1, 2), WeightType.I8, new Random(1));
    assertEquals("n", read(good).network().name());
    ConvProjection bad = with(good, 1, 120);
    SnnsimException e = assertThrows(SnnsimException.class, () -> read(bad));
    assertEquals(
        "x.snn: projection ab: weight 120 from channel 0 to channel 1 of another group, expected 0"
            + "; the file was written wrongly, convert the network again",
        e.getMessage());
  }

  private static SnnReader.Contents read(ConvProjection c) {
    return SnnReader.read(Models.bytes(network(c)), "x.snn");
  }
}
