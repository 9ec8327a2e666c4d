// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.dump.DynamicsFile;
import io.snnsim.dump.nir.NirDynamics;
import io.snnsim.fixture.DumpFiles;
import io.snnsim.fixture.NirReference;
import io.snnsim.fixture.RandomGraphs;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random graphs, written to files and simulated, against equations that are written down a second
 * time: to the bit with every operation in float32, and in double as far as spikes are not in
 * doubt.
 */
class RandomGraphsTest {
  /** Graphs in which every kind of node is met. */
  private static final int ENOUGH = 100;

  private static final int SEEDS = Integer.getInteger("snnsim.seeds", ENOUGH);
  private static final double NEAR = 1e-4;

  /** What rounding in float32 adds up to in so few steps, of the largest value. */
  private static final double ERRORS = 1e-5;

  @TempDir Path dir;

  private static Dynamics dynamics(NirDynamics.Found found, RandomGraphs.Case c) {
    return Dynamics.of(found.graph(), new Settings(c.dt(), c.exact(), false), 1, found.refusal());
  }

  @Test
  void theyAreTheEquations() {
    Set<String> kinds = new TreeSet<>();
    int inDoubt = 0;
    long spikes = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      RandomGraphs.Case c = RandomGraphs.of(seed);
      NirDynamics.Found found =
          DynamicsFile.read(c.graph().write(dir.resolve("g" + seed + ".nir")));
      String what = "seed " + seed + " (-Dsnnsim.seeds=" + (seed + 1) + ")";
      NirReference single = reference(c, true);
      NirReference twice = reference(c, false);
      DynamicsState state = dynamics(found, c).newState();
      for (float[] input : c.steps()) {
        state.step(input);
        single.step(input, c.shape());
        twice.step(input, c.shape());
        for (int n = 0; n < found.graph().nodes().size(); n++) {
          NodeGraph.Node node = found.graph().nodes().get(n);
          kinds.add(node.operation().kind());
          String where = what + " " + node.name();
          same(single.sent(node.name()), state.sent(n), 0, where);
          if (state.potentials(n) != null) {
            same(single.potentials(node.name()), state.potentials(n), 0, where);
          }
          double near = Math.max(NEAR, ERRORS * twice.largest());
          if (twice.margin() > near && !rounds(c)) {
            double far = node.operation().spiking() ? 0 : near;
            same(twice.sent(node.name()), state.sent(n), far, where + " in double");
          }
          spikes += node.operation().spiking() ? state.spikes(n) : 0;
        }
      }
      inDoubt += twice.margin() > NEAR && !rounds(c) ? 0 : 1;
    }
    assertTrue(spikes > 0, "no spikes");
    if (SEEDS >= ENOUGH) {
      assertEquals(18, kinds.size(), kinds.toString());
      assertTrue(inDoubt < 4 * SEEDS / 5, inDoubt + " of " + SEEDS + " in doubt");
      assertTrue(spikes > 10L * SEEDS, "spikes " + spikes);
    }
  }

  /** Rounded values may be as far apart as 1. */
  private static boolean rounds(RandomGraphs.Case c) {
    return c.graph().nodes().values().stream()
        .anyMatch(n -> n.fields().containsKey("metadata/rounded") || n.type().equals("Threshold"));
  }

  private static NirReference reference(RandomGraphs.Case c, boolean single) {
    return new NirReference(
        c.graph(), c.late(), new NirReference.Settings(c.dt(), c.exact(), single));
  }

  private static void same(double[] expected, float[] found, double far, String where) {
    assertEquals(expected.length, found.length, where);
    for (int i = 0; i < found.length; i++) {
      assertEquals(expected[i], found[i], far, where + " value " + i);
    }
  }

  /** States of one graph do not share what they keep, and a reset forgets all of it. */
  @Test
  void statesAreApartAndResetsForget() {
    for (long seed = 0; seed < Math.min(SEEDS, 40); seed++) {
      RandomGraphs.Case c = RandomGraphs.of(seed);
      NirDynamics.Found found =
          DynamicsFile.read(c.graph().write(dir.resolve("s" + seed + ".nir")));
      Dynamics dynamics = dynamics(found, c);
      DynamicsState first = dynamics.newState();
      DynamicsState second = dynamics.newState();
      for (float[] input : c.steps()) {
        second.step(input);
      }
      second.reset();
      for (float[] input : c.steps()) {
        first.step(input);
        second.step(input);
        for (int n = 0; n < dynamics.order().length; n++) {
          assertEquals(first.spikes(n), second.spikes(n));
          for (int i = 0; i < first.sent(n).length; i++) {
            assertEquals(first.sent(n)[i], second.sent(n)[i], "seed " + seed);
          }
        }
      }
    }
  }

  @Test
  void stepsAllocateNothing() {
    RandomGraphs.Case c = RandomGraphs.of(3);
    NirDynamics.Found found = DynamicsFile.read(c.graph().write(dir.resolve("g.nir")));
    DynamicsState state = dynamics(found, c).newState();
    Runnable steps =
        () -> {
          for (int t = 0; t < 1000; t++) {
            state.step(c.steps()[t % c.steps().length]);
          }
        };
    steps.run();
    assertTrue(DumpFiles.allocated(steps) < 1000);
  }
}
