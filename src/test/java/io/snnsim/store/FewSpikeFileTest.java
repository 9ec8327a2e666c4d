// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.SnnBytes;
import io.snnsim.format.NetworkRules;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Few-spike neurons and their gates in files: bytes, versions, codes, and what must fit V. */
class FewSpikeFileTest {
  private static final int MOST = NeuronModel.FewSpike.MOST_STEPS;
  private static final MapShape ONE = new MapShape(1, 1, 1);
  private static final ConvGeometry SAME = Nets.pointwise(ONE, 1);

  @TempDir Path dir;

  /** What comes in once, and the largest weight, of the second of two neurons. */
  private record Second(boolean wide, int theta, int v0, int bias, int clamp, int weight) {
    Second withTheta(int other) {
      return new Second(wide, other, v0, bias, clamp, weight);
    }

    Second withWeight(int other) {
      return new Second(wide, theta, v0, bias, clamp, other);
    }
  }

  private static Population population(String name, NeuronModel model, Second s) {
    return Nets.population(name, ONE, model, s.wide(), s.theta(), s.v0(), s.bias());
  }

  private static Population population(String name, NeuronModel model) {
    return population(name, model, new Second(false, 1, 0, 0, 0, 0));
  }

  private static Network network(
      int clamp, List<Population> populations, List<Projection> projections) {
    List<InputStage.AnalogProjection> analog =
        clamp == 0
            ? List.of()
            : List.of(
                new InputStage.AnalogProjection(
                    "in",
                    populations.size() - 1,
                    SAME,
                    new float[] {1},
                    new float[1],
                    -clamp,
                    clamp));
    return new Network(
        "n",
        Precision.I16,
        new InputStage(ONE, new float[1], new float[] {1}, analog),
        populations,
        projections,
        populations.size() - 1);
  }

  private static Network two(int steps, Second s) {
    NeuronModel few = new NeuronModel.FewSpike(steps);
    WeightType type = s.wide() ? WeightType.I32 : WeightType.I16;
    return network(
        s.clamp(),
        List.of(population("a", few), population("b", few, s)),
        List.of(ConvProjection.pack("ab", 0, 1, SAME, type, new int[] {s.weight()})));
  }

  private byte[] file(Network network) throws IOException {
    return Files.readAllBytes(Models.file(dir.resolve("m.snn"), network));
  }

  private void refused(String what, byte[] bytes) throws IOException {
    Path path = dir.resolve("bad.snn");
    Files.write(path, bytes);
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> ModelStore.open(path, Mode.RESIDENT).close());
    assertEquals(Category.BAD_DATA, e.category());
    assertEquals(path + ": " + what, e.getMessage());
  }

  /** Random networks of every operator, races too. */
  @Test
  void aFileReadAndWrittenAgainIsTheSameToTheByte() throws IOException {
    Set<NeuronModel> seen = new HashSet<>();
    for (int seed = 1; seed <= 3 * MOST; seed++) {
      Network network = CodeNetworks.of(seed, 1 + seed % MOST).network();
      byte[] once = file(network);
      // 4 if one of its windows has another padding after the map than before it.
      assertTrue(SnnBytes.version(once) >= 3);
      for (Mode mode : Mode.values()) {
        try (ModelFile opened = ModelStore.open(dir.resolve("m.snn"), mode)) {
          for (int p = 0; p < network.populations().size(); p++) {
            NeuronModel model = network.populations().get(p).model();
            assertEquals(model, opened.network().populations().get(p).model());
            seen.add(model);
          }
          Path again = dir.resolve("again.snn");
          Models.file(again, opened.network());
          assertArrayEquals(once, Files.readAllBytes(again), "seed " + seed + " " + mode);
        }
      }
    }
    for (int steps = 1; steps <= MOST; steps++) {
      assertTrue(seen.contains(new NeuronModel.FewSpike(steps)), "K = " + steps);
    }
    assertTrue(seen.stream().anyMatch(m -> m instanceof NeuronModel.MaxRace));
  }

  @Test
  void codesOfNoStepsOrOfMoreThanTenAreRefused() throws IOException {
    byte[] good = file(two(4, new Second(false, 1, 0, 0, 0, 1)));
    // The checks below would pass on a file that is damaged anyhow.
    assertArrayEquals(good, SnnBytes.withModel(good, 0, 3, 4));
    String end = "; use a matching snnsim or convert again";
    for (int model = 3; model <= 4; model++) {
      for (int steps : new int[] {0, 11, Integer.MIN_VALUE}) {
        refused(
            "population a: neuron model "
                + model
                + " of "
                + Integer.toUnsignedString(steps)
                + " steps, expected 1..10"
                + end,
            SnnBytes.withModel(good, 0, model, steps));
      }
    }
    refused("population b: neuron model 5, expected 0..4" + end, withModelOfB(good, 5));
    refused("population b: neuron model 4294967295, expected 0..4" + end, withModelOfB(good, -1));
  }

  private static byte[] withModelOfB(byte[] good, int model) {
    return SnnBytes.withModel(good, 1, model, 4);
  }

  @Test
  void olderVersionsCannotHoldThem() throws IOException {
    byte[] good = file(two(4, new Second(false, 1, 0, 0, 0, 1)));
    for (int version = 1; version <= 2; version++) {
      String end = " in a file of version " + version + ", expected version 3; convert again";
      byte[] old = SnnBytes.withVersion(good, version);
      refused("population a: few-spike neurons" + end, old);
      refused("population a: max-pool races" + end, SnnBytes.withModel(old, 0, 4, 4));
    }
  }

  @Test
  void aNetworkHasOneCode() throws IOException {
    byte[] good = file(two(4, new Second(false, 1, 0, 0, 0, 1)));
    String few = "few-spike neurons of 4 steps";
    refused(
        "population a: IF neurons in a network whose output has " + few + ", expected one code",
        SnnBytes.withModel(good, 0, 0, 0));
    refused(
        "population a: signed neurons in a network whose output has " + few + ", expected one code",
        SnnBytes.withModel(good, 0, 2, 0));
    refused(
        "population a: few-spike neurons of 5 steps in a network whose output has "
            + few
            + ", expected one code",
        SnnBytes.withModel(good, 0, 3, 5));
    refused(
        "population a: " + few + " in a network whose output has IF neurons, expected one code",
        withModelOfB(good, 0));
  }

  /** At K and these values 2^K theta and what comes in once just fit. */
  @Test
  void thetaLeavesRoomForItsCode() {
    for (int steps = 1; steps <= MOST; steps++) {
      // Each of the parts counts by its size.
      int room = 32767 % (1 << steps);
      int theta = 32767 >> steps;
      for (int part = 0; part < 3; part++) {
        int[] once = new int[3];
        once[part] = part == 2 ? room : -room;
        fits(steps, new Second(false, theta, once[0], once[1], once[2], 0), room, 16);
      }
      int wideTheta = (1 << (30 - steps)) - 1;
      int rest = 1 << steps;
      fits(steps, new Second(true, wideTheta, rest - 2, 1, 1, 0), rest, 32);
      fits(steps, new Second(true, wideTheta, 0, -rest, 0, 0), rest, 32);
    }
  }

  private static void fits(int steps, Second s, int once, int bits) {
    NetworkRules.check(two(steps, s), "f");
    assertEquals(
        "f: population b: channel 0: theta "
            + (s.theta() + 1)
            + " with bias, V(0) and current up to "
            + once
            + " leaves its input no room in "
            + bits
            + " bits",
        refused(two(steps, s.withTheta(s.theta() + 1))));
  }

  @Test
  void oneStepsSumIsBounded() {
    for (int steps = 1; steps <= MOST; steps++) {
      Second narrow = new Second(false, 1, 0, 0, 0, -32767);
      NetworkRules.check(two(steps, narrow), "f");
      assertEquals(
          "f: population b: channel 0: one step's input sum can reach -32768..0, expected within"
              + " -32767..32767",
          refused(two(steps, narrow.withWeight(-32768))));
      // Doubled in every step, with theta and all that comes in once, it stays within 30 bits.
      int most = ((1 << 30) - (1000 << steps) - 60) >> steps;
      Second wide = new Second(true, 1000, -10, 20, 30, most);
      NetworkRules.check(two(steps, wide), "f");
      NetworkRules.check(two(steps, wide.withWeight(-most)), "f");
      assertEquals(
          "f: population b: channel 0: one step's input sum can reach 0.."
              + (most + 1)
              + ", expected within "
              + -most
              + ".."
              + most,
          refused(two(steps, wide.withWeight(most + 1))));
    }
  }

  @Test
  void aRaceHasOneSourceAndNothingElse() {
    NeuronModel few = new NeuronModel.FewSpike(3);
    NeuronModel race = new NeuronModel.MaxRace(3);
    Population a = population("a", few);
    Population g = population("g", race);
    Projection one = new GateProjection("one", 0, 1, SAME);
    Projection two = new GateProjection("two", 0, 1, SAME);
    NetworkRules.check(network(0, List.of(a, g), List.of(one)), "f");
    assertEquals(
        "f: population g: a max-pool race with 2 sources, expected 1",
        refused(network(0, List.of(a, g), List.of(one, two))));
    assertEquals(
        "f: population g: a max-pool race with 0 sources, expected 1",
        refused(network(0, List.of(a, g), List.of())));
    assertEquals(
        "f: projection ag: kind does not fit the neuron model of its target",
        refused(
            network(
                0,
                List.of(a, g),
                List.of(ConvProjection.pack("ag", 0, 1, SAME, WeightType.I16, new int[1])))));
    assertEquals(
        "f: projection one: kind does not fit the neuron model of its target",
        refused(network(0, List.of(a, population("b", few)), List.of(one))));
    assertEquals(
        "f: input projection in: its target integrates nothing",
        refused(network(5, List.of(a, g), List.of(one))));
    for (Second s : List.of(new Second(false, 1, 1, 0, 0, 0), new Second(false, 1, 0, -1, 0, 0))) {
      assertEquals(
          "f: population g: a max-pool race with V(0) or bias",
          refused(network(0, List.of(a, population("g", race, s)), List.of(one))));
    }
  }

  private static String refused(Network network) {
    return assertThrows(SnnsimException.class, () -> NetworkRules.check(network, "f")).getMessage();
  }
}
