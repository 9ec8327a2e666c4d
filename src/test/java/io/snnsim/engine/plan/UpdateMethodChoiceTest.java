// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.WeightType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When an adaptive population changes its method, and that nobody sees it in the results. */
class UpdateMethodChoiceTest {
  private static final int CHANNELS = 70;
  private static final int SIDE = 6;
  private static final UpdateMethod LOOKUP = UpdateMethod.LOOKUP;
  private static final UpdateMethod EVENTS = UpdateMethod.EVENTS;
  private static final UpdateMethod ADAPTIVE = UpdateMethod.ADAPTIVE;

  /** A lookup costs 1, an event 1, nothing else; a change 0.1 a neuron. */
  private static final CostModel COSTS =
      new CostModel(
          512,
          new CostModel.Lookups(1, 1, 1, 1, 1, 0, Double.POSITIVE_INFINITY, 0),
          new CostModel.Events(1, 0, 0, 0, 0, 0),
          new CostModel.Patterns(1, 1, 1e9, 1 << 20, 1 << 20),
          0.1);

  private static Population population(String name, int channels, int side) {
    return Nets.signed(name, new MapShape(channels, side, side), false, 100, 50);
  }

  private static ConvGeometry geometry(int from, int to, int k, int pad) {
    int out = SIDE + 2 * pad - k + 1;
    return new ConvGeometry(
        new MapShape(from, SIDE, SIDE),
        new MapShape(to, out, out),
        new Window(k, k, 1, 1, pad, pad, 1, 1),
        1);
  }

  private static ConvProjection conv(String name, int source, ConvGeometry g, Random random) {
    int[] weights = new int[g.outChannels() * g.inChannels() * g.taps()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextInt(-9, 10);
    }
    return ConvProjection.pack(name, source, source + 1, g, WeightType.I8, weights);
  }

  /** The image drives "first" with 100 times its value: 1 is a spike in every step. */
  private static Network network() {
    Random random = new Random(5);
    ConvGeometry in = geometry(1, CHANNELS, 1, 0);
    float[] weights = new float[CHANNELS];
    java.util.Arrays.fill(weights, 100);
    InputStage.AnalogProjection image =
        new InputStage.AnalogProjection("in", 0, in, weights, new float[CHANNELS], -1000, 1000);
    return new Network(
        "changing",
        Precision.I8,
        new InputStage(
            new MapShape(1, SIDE, SIDE), new float[] {0}, new float[] {1}, List.of(image)),
        List.of(
            population("first", CHANNELS, SIDE),
            population("second", CHANNELS, SIDE),
            population("out", 10, 1)),
        List.of(
            conv("a", 0, geometry(CHANNELS, CHANNELS, 3, 1), random),
            conv("b", 1, geometry(CHANNELS, 10, SIDE, 0), random)),
        2);
  }

  private static UpdateMethodChoice choice() {
    return new UpdateMethodChoice(network(), 1, 4, COSTS);
  }

  private static final double CHANGE = 0.1 * CHANNELS * SIDE * SIDE;

  @Test
  void changesWhenWhatWasLostExceedsTheChange() {
    UpdateMethodChoice c = choice();
    assertTrue(c.byLookup(), "lookups bound the worst case, so they come first");
    assertFalse(c.changesAfter(CHANGE, 0), "as much as a change costs is not more");
    assertTrue(c.changesAfter(1, 0));
    assertFalse(c.byLookup());
    assertFalse(c.changesAfter(10, 9), "events are the cheaper ones still");
    assertFalse(c.changesAfter(0, CHANGE / 2));
    assertFalse(c.changesAfter(CHANGE / 2, 0), "what was won pays for what was lost");
    assertFalse(c.changesAfter(0, CHANGE));
    assertTrue(c.changesAfter(0, 1));
    assertTrue(c.byLookup());
    assertEquals(2, c.changes());
  }

  /** Ski rental: for every course of costs, not only for likely ones. */
  @Test
  void neverCostsMoreThanThreeTimesTheBestInHindsight() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      UpdateMethodChoice c = choice();
      double paid = 0;
      // Best with so many changes as it likes, ending in either method.
      double bestLookup = 0;
      double bestEvents = CHANGE;
      int phase = 1 + random.nextInt(60);
      for (int t = 0; t < 1000; t++) {
        boolean quiet = t / phase % 2 == 0;
        double lookup = CHANGE * 0.2;
        double events = CHANGE * (quiet ? 0.05 : 0.8) * random.nextDouble(0.5, 1.5);
        paid += c.byLookup() ? lookup : events;
        bestLookup = Math.min(bestLookup, bestEvents + CHANGE) + lookup;
        bestEvents = Math.min(bestEvents, bestLookup - lookup + CHANGE) + events;
        paid += c.changesAfter(lookup, events) ? CHANGE : 0;
      }
      double best = Math.min(bestLookup, bestEvents);
      assertTrue(paid <= 3 * best + 2 * CHANGE, "seed " + seed + ": " + paid + ", best " + best);
    }
  }

  @Tag("slow")
  @Test
  void followsTheSpikesOfAnImageThatChangesAndNobodySeesIt() {
    Network network = network();
    float[] bright = new float[SIDE * SIDE];
    float[] dim = new float[SIDE * SIDE];
    java.util.Arrays.fill(bright, 1f);
    java.util.Arrays.fill(dim, 0.004f);
    Plan adaptive = new Plan(List.of(LOOKUP, ADAPTIVE, EVENTS), 4);
    try (Simulator changing = Simulator.of(network, KernelChoice.VECTOR, adaptive, COSTS);
        Simulator plain = Simulator.of(network, KernelChoice.SCALAR);
        Simulation s = changing.newSimulation(true);
        Simulation specification = plain.newSimulation(true)) {
      boolean[] expected = {true, false, true, false};
      float[][] images = {bright, dim, bright, dim};
      s.present(images[0], 0);
      specification.present(images[0], 0);
      for (int i = 0; i < images.length; i++) {
        s.image().read(images[i], false);
        s.change();
        specification.image().read(images[i], false);
        specification.change();
        for (int t = 0; t < 40; ) {
          int n = s.runStepBlock(40 - t);
          for (int k = 0; k < n; k++, t++) {
            specification.step();
          }
          for (int p = 0; p < 3; p++) {
            assertArrayEquals(specification.potentials(p), s.potentials(p), "V of " + p);
            assertArrayEquals(specification.spikeCounts(p), s.spikeCounts(p), "N of " + p);
            assertEquals(specification.spikeTotal(p), s.spikeTotal(p));
            assertEquals(specification.negativeSpikeTotal(p), s.negativeSpikeTotal(p));
          }
        }
        assertEquals(expected[i], s.byLookup(1), "image " + i);
        assertEquals(i, s.methodChanges());
      }
    }
  }

  @Tag("slow")
  @Test
  void aRecordingGetsEveryChange(@TempDir Path dir) throws IOException {
    float[] bright = new float[SIDE * SIDE];
    java.util.Arrays.fill(bright, 1f);
    Plan adaptive = new Plan(List.of(LOOKUP, ADAPTIVE, EVENTS), 4);
    Path file = dir.resolve("r.jfr");
    try (Simulator model = Simulator.of(network(), KernelChoice.VECTOR, adaptive, COSTS);
        Simulation s = model.newSimulation();
        Recording recording = new Recording()) {
      recording.start();
      s.present(new float[SIDE * SIDE], 0);
      for (int t = 0; t < 40; t += s.runStepBlock(4)) {}
      s.image().read(bright, false);
      s.change();
      for (int t = 0; t < 40; t += s.runStepBlock(4)) {}
      recording.stop();
      recording.dump(file);
    }
    List<String> found = new ArrayList<>();
    int before = 0;
    for (RecordedEvent e : RecordingFile.readAllEvents(file)) {
      if (e.getEventType().getName().equals("io.snnsim.PlanSwitch")) {
        found.add(e.getString("population") + " " + e.getString("from") + " " + e.getString("to"));
        int step = e.getInt("step");
        assertTrue(step > before && step % 4 == 0, "step " + step + " after " + before);
        before = step;
      }
    }
    assertEquals(List.of("second LOOKUP EVENTS", "second EVENTS LOOKUP"), found);
    assertTrue(before > 40, "back when the image changed, found at step " + before);
  }

  @Test
  void thePlannerKeepsBothMethodsWhereRatesTurnTheChoice() {
    Network network = network();
    double[] between = rates(network, 0.5);
    assertEquals(ADAPTIVE, Planner.plan(network, between, COSTS).methods().get(1));
    assertEquals(EVENTS, Planner.plan(network, rates(network, 0.05), COSTS).methods().get(1));
    assertEquals(LOOKUP, Planner.plan(network, rates(network, 8), COSTS).methods().get(1));
    // What the image drives and what is read out have one method.
    assertFalse(Planner.plan(network, between, COSTS).methods().get(0) == ADAPTIVE);
    assertEquals(EVENTS, Planner.plan(network, between, COSTS).methods().get(2));
  }

  /** Rates at which events cost so many times as much as lookups. */
  private static double[] rates(Network network, double times) {
    MethodCosts c = MethodCosts.of(network, 1, 4, COSTS);
    double rate = times * c.lookupNanos() / (c.spikeNanos()[0] * CHANNELS * SIDE * SIDE);
    return new double[] {rate, rate, rate};
  }
}
