// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a network knows of its projections, whatever a file states. */
class NetworkTest {
  private static final MapShape ONE = new MapShape(1, 1, 1);
  private static final ConvGeometry POINT = new ConvGeometry(ONE, ONE, Window.square(1, 1, 0), 1);

  private static Population population(String name, NeuronModel model) {
    return Nets.population(name, ONE, model, false, 1, 1, 1);
  }

  private static Network network(List<Population> populations, Projection... projections) {
    InputStage input = new InputStage(ONE, new float[1], new float[] {1}, List.of());
    return new Network("n", Precision.I8, input, populations, List.of(projections), 0);
  }

  private static GateProjection gate(int source, int target) {
    return new GateProjection(source + ">" + target, source, target, POINT);
  }

  @Test
  void gatesOfGatesAreSignedAsTheNeuronsBehindThemAre() {
    for (boolean signed : new boolean[] {false, true}) {
      List<Population> all = new ArrayList<>();
      all.add(population("p", signed ? NeuronModel.SIGNED_IF : NeuronModel.IF));
      Projection[] chain = new Projection[50_000];
      for (int i = 0; i < chain.length; i++) {
        all.add(population("g" + i, NeuronModel.MAX_GATE));
        chain[i] = gate(i, i + 1);
      }
      Network n = network(all, chain);
      assertEquals(signed, n.signed(0));
      assertEquals(signed, n.signed(chain.length));
      assertEquals(List.of(chain[6]), n.into(7));
      assertEquals(List.of(chain[7]), n.outOf(7));
    }
  }

  /** Rules are looked at once there is a network; until then nothing may trip over one. */
  @Test
  void projectionsThatLeadNowhereAreNoOnes() {
    List<Population> all =
        List.of(population("a", NeuronModel.MAX_GATE), population("b", NeuronModel.SIGNED_IF));
    Network n = network(all, gate(1, 0), gate(-1, 1), gate(5, 7), gate(0, 0));
    assertFalse(n.signed(0), "its source comes later");
    assertTrue(n.signed(1));
    assertEquals(2, n.into(0).size());
    assertEquals(1, n.into(1).size());
    assertEquals(1, n.outOf(1).size());
    assertEquals(4, n.projections().size());
  }
}
