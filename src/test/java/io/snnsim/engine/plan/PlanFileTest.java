// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.kernel.KernelProvider;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.WeightType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans as JSON, and what the planner makes of shapes and firing rates. */
class PlanFileTest {
  private static final String GOOD =
      """
      {"schemaVersion": 1, "blockSteps": 4, "populations": [
        {"name": "a", "method": "lookup", "firingRate": 0.25},
        {"name": "b", "method": "lookup"},
        {"name": "out", "method": "events", "firingRate": 0.5}]}
      """;

  private static Population population(String name, int channels, int side) {
    return Nets.fire(name, new MapShape(channels, side, side), false, 1, 0, 0);
  }

  private static ConvProjection conv(String name, int source, int from, int to, int side, int k) {
    int outSide = k == side ? 1 : side;
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(from, side, side),
            new MapShape(to, outSide, outSide),
            new Window(k, k, 1, 1, k == side ? 0 : k / 2, k == side ? 0 : k / 2, 1, 1),
            1);
    return ConvProjection.pack(
        name, source, source + 1, g, WeightType.I8, new int[to * from * k * k]);
  }

  private static Network network(int channels, int side) {
    return new Network(
        "small",
        Precision.I8,
        new InputStage(new MapShape(1, side, side), new float[] {0}, new float[] {1}, List.of()),
        List.of(
            population("a", channels, side),
            population("b", channels, side),
            population("out", 10, 1)),
        List.of(
            conv("ab", 0, channels, channels, side, 3), conv("bo", 1, channels, 10, side, side)),
        2);
  }

  @Test
  void readsWhatItWrites() {
    Network network = network(16, 8);
    PlanFile plan = PlanFile.parse(GOOD.getBytes(StandardCharsets.UTF_8), network, "p.json");
    assertEquals(
        List.of(UpdateMethod.LOOKUP, UpdateMethod.LOOKUP, UpdateMethod.EVENTS),
        plan.plan().methods());
    assertEquals(4, plan.plan().blockSteps());
    assertArrayEquals(new double[] {0.25, Double.NaN, 0.5}, plan.rates());
    PlanFile again = PlanFile.parse(plan.toJson(network), network, "p.json");
    assertEquals(plan.plan(), again.plan());
    assertArrayEquals(plan.rates(), again.rates());
    byte[] both =
        GOOD.replaceFirst("b\", \"method\": \"lookup", "b\", \"method\": \"adaptive")
            .getBytes(StandardCharsets.UTF_8);
    PlanFile adaptive = PlanFile.parse(both, network, "p.json");
    assertEquals(UpdateMethod.ADAPTIVE, adaptive.plan().methods().get(1));
    assertEquals(adaptive.plan(), PlanFile.parse(adaptive.toJson(network), network, "p").plan());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "name": "b"         | "name": "c"         | population 1 is "c", expected b
          "method": "lookup"  | "method": "scatter" | method of a is "scatter", expected events, lookup, adaptive or patterns
          "blockSteps": 4     | "blockSteps": 0     | blockSteps is 0, expected 1..64
          "schemaVersion": 1  | "schemaVersion": 2  | schemaVersion is not 1
          "populations": [    | "others": [         | found 0 populations, expected the 3 of small
          {"schemaVersion"    | "schemaVersion"     | schemaVersion is not 1
          0.25},              | 0.25                | not JSON at line 3
          "events"            | "lookup"            | population out cannot be updated by lookup
          "events"            | "adaptive"          | population out cannot change its method
          """)
  void refusesWhatDoesNotFit(String from, String to, String message) {
    byte[] bad = GOOD.replace(from, to).getBytes(StandardCharsets.UTF_8);
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> PlanFile.parse(bad, network(16, 8), "p.json"));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.category() == Category.BAD_DATA || e.category() == Category.USAGE);
  }

  @Test
  void sparseDeepLayersRunByEventsAndBusyOnesByLookup() {
    Network deep = network(256, 7);
    double[] sparse = {0.005, 0.005, 0.1};
    double[] busy = {1, 1, 0.1};
    assertEquals(
        UpdateMethod.EVENTS, Planner.plan(deep, sparse, CostModel.DEFAULT).methods().get(1));
    assertEquals(UpdateMethod.LOOKUP, Planner.plan(deep, busy, CostModel.DEFAULT).methods().get(1));
    assertEquals(UpdateMethod.EVENTS, Planner.plan(deep, busy, CostModel.DEFAULT).methods().get(2));
  }

  /** Plans in model files are the same wherever they are made, so the default knows no patterns. */
  @Test
  void patternsAreForShorterVectorsOnly() {
    Network shallow = network(16, 32);
    double[] rates = {0.15, 0.15, 0.1};
    assertEquals(
        UpdateMethod.PATTERNS, Planner.plan(shallow, rates, CostModel.of(256)).methods().get(1));
    assertEquals(CostModel.DEFAULT, CostModel.of(512));
    for (int channels : new int[] {3, 16, 64, 256}) {
      assertFalse(
          Planner.plan(network(channels, 8), rates, CostModel.DEFAULT)
              .methods()
              .contains(UpdateMethod.PATTERNS));
    }
  }

  @Test
  void aPlanInAModelFileIsMadeAnewForOtherVectorsFromItsRates() {
    Network shallow = network(16, 32);
    Plan stored = Planner.plan(shallow, new double[] {0.15, 0.15, 0.1}, CostModel.DEFAULT);
    double[] unknown = {Double.NaN, 0.15, 0.1};
    Plan here = new PlanFile(stored, unknown).onThisJvm(shallow);
    double[] usual = {Planner.USUAL_RATE, 0.15, 0.1};
    boolean other = KernelProvider.vectorBits() < 512;
    assertEquals(other ? Planner.plan(shallow, usual, CostModel.ofThisJvm()) : stored, here);
    assertEquals(other, here.methods().get(1) == UpdateMethod.PATTERNS);
  }

  @Test
  void lookupsAmongChannelsAreLeft() {
    Network shallow = network(16, 32);
    double[] rates = {0.15, 0.15, 0.1};
    CostModel c = CostModel.of(256);
    CostModel dear =
        new CostModel(
            c.laneBits(),
            new CostModel.Lookups(1e-3, 1e-3, 1, 1e-3, 1, 1e-3, 1e-3, 1e6),
            c.events(),
            c.patterns(),
            c.moveNanos());
    // The output cannot look up, so what it reads would have to be brought to spike words.
    assertEquals(UpdateMethod.EVENTS, Planner.plan(shallow, rates, dear).methods().get(0));
    assertEquals(UpdateMethod.PATTERNS, Planner.plan(shallow, rates, dear).methods().get(1));
    for (Network any : List.of(shallow, network(64, 8), network(256, 7))) {
      for (double rate : new double[] {0.01, 0.1, 0.5}) {
        assertTrue(
            Planner.plan(any, new double[] {rate, rate, rate}, dear).methods().stream()
                .noneMatch(UpdateMethod::mayLookUp));
      }
    }
  }
}
