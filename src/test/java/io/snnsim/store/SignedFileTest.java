// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.SnnBytes;
import io.snnsim.format.NetworkRules;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signed neurons in files: versions, and weights that have no opposite. */
class SignedFileTest {
  private static final MapShape ONE = new MapShape(1, 1, 1);
  private static final ConvGeometry SAME =
      new ConvGeometry(
          new MapShape(1, 1, 1), new MapShape(1, 1, 1), new Window(1, 1, 1, 1, 0, 0, 1, 1), 1);

  @TempDir Path dir;

  private static Population population(String name, NeuronModel model, boolean wide) {
    return Nets.population(name, ONE, model, wide, model == NeuronModel.MAX_GATE ? 1 : 100, 0, 0);
  }

  private static Network network(NeuronModel first, NeuronModel second, Projection... joins) {
    boolean wide =
        joins[joins.length - 1] instanceof ConvProjection c && c.type() == WeightType.I32;
    List<Population> populations =
        joins.length == 1
            ? List.of(population("a", first, false), population("b", second, wide))
            : List.of(
                population("a", first, false),
                population("g", NeuronModel.MAX_GATE, false),
                population("b", second, wide));
    return new Network(
        "n",
        Precision.I8,
        new InputStage(ONE, new float[1], new float[] {1}, List.of()),
        populations,
        List.of(joins),
        populations.size() - 1);
  }

  private static ConvProjection weight(int source, WeightType type, int w) {
    return ConvProjection.pack("ab", source, source + 1, SAME, type, new int[] {w});
  }

  private byte[] file(Network network) throws IOException {
    return Files.readAllBytes(Models.file(dir.resolve("m.snn"), network));
  }

  private SnnsimException refused(byte[] bytes) throws IOException {
    Path path = dir.resolve("bad.snn");
    Files.write(path, bytes);
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> ModelStore.open(path, Mode.RESIDENT).close());
    assertEquals(Category.BAD_DATA, e.category());
    return e;
  }

  @Test
  void onlyFilesWithSignedNeuronsAreOfVersionTwo() throws IOException {
    ConvProjection join = weight(0, WeightType.I8, -127);
    byte[] plain = file(network(NeuronModel.IF, NeuronModel.IF, join));
    byte[] signed = file(network(NeuronModel.SIGNED_IF, NeuronModel.IF, join));
    assertEquals(1, SnnBytes.version(plain));
    assertEquals(2, SnnBytes.version(signed));
    // The checks below would pass on a file that is damaged anyhow.
    assertArrayEquals(plain, SnnBytes.withVersion(plain, 1));
    try (ModelFile f = ModelStore.open(dir.resolve("m.snn"), Mode.RESIDENT)) {
      assertEquals(NeuronModel.SIGNED_IF, f.network().populations().getFirst().model());
    }
    String path = dir.resolve("bad.snn").toString();
    assertEquals(
        path
            + ": population a: signed neurons in a file of version 1, expected version 2; convert"
            + " again",
        refused(SnnBytes.withVersion(signed, 1)).getMessage());
    assertEquals(
        path + ": format version 5, expected 1..4; use a matching snnsim or convert again",
        refused(SnnBytes.withVersion(signed, 5)).getMessage());
    Files.write(dir.resolve("two.snn"), SnnBytes.withVersion(plain, 2));
    ModelStore.open(dir.resolve("two.snn"), Mode.RESIDENT).close();
  }

  @Test
  void weightsFromSignedNeuronsHaveAnOpposite() {
    NeuronModel signed = NeuronModel.SIGNED_IF;
    NetworkRules.check(network(NeuronModel.IF, signed, weight(0, WeightType.I8, -128)), "f");
    NetworkRules.check(network(signed, signed, weight(0, WeightType.I8, -127)), "f");
    String expected = "expected 127 at most in size";
    assertEquals(
        "f: projection ab: weight -128 into channel 0 from signed neurons, " + expected,
        refused(network(signed, NeuronModel.IF, weight(0, WeightType.I8, -128))));
    GateProjection gate = new GateProjection("g", 0, 1, SAME);
    NetworkRules.check(
        network(NeuronModel.IF, NeuronModel.IF, gate, weight(1, WeightType.I8, -128)), "f");
    assertEquals(
        "f: projection ab: weight -128 into channel 0 from signed neurons, " + expected,
        refused(network(signed, NeuronModel.IF, gate, weight(1, WeightType.I8, -128))));
    assertEquals(
        "f: projection ab: weight -32768 into channel 0 from signed neurons, expected 32767 at"
            + " most in size",
        refused(network(signed, NeuronModel.IF, weight(0, WeightType.I16, -32768))));
  }

  /** A spike adds the weight or takes it away: the bound must hold for both. */
  @Test
  void boundsOfTheInputCountBothSigns() {
    NeuronModel signed = NeuronModel.SIGNED_IF;
    int[] w = {20_000};
    ChannelwiseProjection twice = new ChannelwiseProjection("again", 0, 1, SAME, 0, w);
    ConvProjection minus = weight(0, WeightType.I16, -20_000);
    for (NeuronModel first : new NeuronModel[] {NeuronModel.IF, signed}) {
      Network n =
          new Network(
              "n",
              Precision.I16,
              new InputStage(ONE, new float[1], new float[] {1}, List.of()),
              List.of(population("a", first, false), population("b", NeuronModel.IF, false)),
              List.of(minus, twice),
              1);
      if (first == NeuronModel.IF) {
        NetworkRules.check(n, "f");
      } else {
        assertEquals(
            "f: population b: channel 0: one step's input sum can reach -40000..40000, expected"
                + " within -32768..32767",
            refused(n));
      }
    }
  }

  private static String refused(Network network) {
    return assertThrows(SnnsimException.class, () -> NetworkRules.check(network, "f")).getMessage();
  }
}
