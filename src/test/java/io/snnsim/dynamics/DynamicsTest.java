// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.dump.DynamicsFile;
import io.snnsim.dump.nir.NirDynamics;
import io.snnsim.fixture.DumpFiles;
import io.snnsim.fixture.NirFiles;
import io.snnsim.fixture.TestData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Neurons, loops and delays where it is known on paper what they do. */
class DynamicsTest {
  private static final double DT = 1e-3;

  @TempDir Path dir;

  private int files;

  /** What a node sent, and V, of one neuron, in each step. */
  private record Trace(List<Float> sent, List<Float> v) {
    /** Steps with a spike, from 1 on. */
    List<Integer> spikes() {
      List<Integer> at = new ArrayList<>();
      for (int t = 0; t < sent.size(); t++) {
        if (sent.get(t) == 1) {
          at.add(t + 1);
        }
      }
      return at;
    }
  }

  private Dynamics dynamics(NirFiles graph, Settings settings) {
    Path file = graph.write(dir.resolve("g" + files++ + ".nir"));
    NirDynamics.Found found = DynamicsFile.read(file);
    return Dynamics.of(found.graph(), settings, 1, found.refusal());
  }

  private static int node(Dynamics d, String name) {
    return d.graph().nodes().stream().map(NodeGraph.Node::name).toList().indexOf(name);
  }

  private static Trace run(Dynamics d, String name, int steps, IntToDoubleFunction input) {
    int n = node(d, name);
    DynamicsState state = d.newState();
    Trace trace = new Trace(new ArrayList<>(), new ArrayList<>());
    for (int t = 1; t <= steps; t++) {
      state.step(new float[] {(float) input.applyAsDouble(t)});
      trace.sent.add(state.sent(n)[0]);
      trace.v.add(state.potentials(n) == null ? Float.NaN : state.potentials(n)[0]);
    }
    return trace;
  }

  private static NirFiles one(String kind, Object... fields) {
    return new NirFiles().ends(1).node("n", kind, fields).path("input", "n", "output");
  }

  private static Settings euler(double dt) {
    return new Settings(dt, false, false);
  }

  /** A constant current, from rest at 0: V after n steps is r I (1 - (1 - dt/tau)^n). */
  @Test
  void leakyNeuronsFollowAConstantCurrent() {
    NirFiles lif = one("LIF", "tau", 0.02f, "r", 2f, "v_leak", 0f, "v_threshold", 10f);
    Trace euler = run(dynamics(lif, euler(DT)), "n", 200, t -> 0.75);
    Trace exact = run(dynamics(lif, new Settings(DT, true, false)), "n", 200, t -> 0.75);
    for (int n = 1; n <= 200; n++) {
      assertEquals(1.5 * (1 - Math.pow(1 - DT / 0.02, n)), euler.v.get(n - 1), 2e-6);
      assertEquals(1.5 * (1 - Math.exp(-n * DT / 0.02)), exact.v.get(n - 1), 2e-6);
    }
    assertEquals(List.of(), euler.spikes());
  }

  /** Without input V decays to the resting potential from where it began. */
  @Test
  void leakyIntegratorsDecay() {
    NirFiles li = one("LI", "tau", 0.01f, "r", 1f, "v_leak", -0.5f, "metadata/v0", 1f);
    Trace euler = run(dynamics(li, euler(DT)), "n", 100, t -> 0);
    Trace exact = run(dynamics(li, new Settings(DT, true, false)), "n", 100, t -> 0);
    for (int n = 1; n <= 100; n++) {
      assertEquals(-0.5 + 1.5 * Math.pow(0.9, n), euler.v.get(n - 1), 1e-6);
      assertEquals(-0.5 + 1.5 * Math.exp(-n * DT / 0.01), exact.sent.get(n - 1), 1e-6);
    }
    Trace atRest =
        run(dynamics(one("LI", "tau", 0.01f, "r", 1f, "v_leak", -0.5f), euler(DT)), "n", 5, t -> 0);
    assertEquals(List.of(-0.5f, -0.5f, -0.5f, -0.5f, -0.5f), atRest.v);
  }

  /** A spike that comes in step 1 is the sum of two exponentials, felt from step 2 on. */
  @Test
  void currentBasedNeuronsAreTwoExponentials() {
    NirFiles cuba =
        one(
            "CubaLIF",
            "tau_syn",
            0.005f,
            "tau_mem",
            0.02f,
            "r",
            3f,
            "v_leak",
            0f,
            "v_threshold",
            10f,
            "w_in",
            4f);
    Trace found = run(dynamics(cuba, euler(DT)), "n", 100, t -> t == 1 ? 1 : 0);
    double syn = DT / 0.005;
    double mem = DT / 0.02;
    for (int n = 1; n <= 100; n++) {
      double v =
          mem * 3 * syn * 4 * (Math.pow(1 - mem, n - 1) - Math.pow(1 - syn, n - 1)) / (syn - mem);
      assertEquals(v, found.v.get(n - 1), 1e-6, "step " + n);
    }
    assertEquals(0, found.v.get(0));
    assertTrue(found.v.get(1) > 0);
  }

  /** An integrator fires in each step in which the sum passes another threshold. */
  @Test
  void integratorsFireAtTheRateOfTheirInput() {
    NirFiles file = one("IF", "r", 1f, "v_threshold", 1f);
    Trace found = run(dynamics(file, euler(1)), "n", 64, t -> 0.25);
    // V is above 1, not at it, and 0.25 is exact.
    assertEquals(5, found.spikes().getFirst());
    for (int i = 1; i < found.spikes().size(); i++) {
      assertEquals(4, found.spikes().get(i) - found.spikes().get(i - 1));
    }
    // dt counts: half a step is half the way.
    assertEquals(9, run(dynamics(file, euler(0.5)), "n", 64, t -> 0.25).spikes().getFirst());
    Trace all = run(dynamics(one("I", "r", 2f), euler(0.5)), "n", 8, t -> 0.25);
    assertEquals(2f, all.sent.getLast());
  }

  /** To v_reset where the file has it, also to 0, and by subtraction where it has none. */
  @Test
  void resetsAreThoseOfTheFile() {
    assertEquals(
        0.75f,
        run(dynamics(one("IF", "r", 1f, "v_threshold", 1f), euler(1)), "n", 1, t -> 1.75)
            .v
            .getFirst());
    NirFiles reset = one("IF", "r", 1f, "v_threshold", 1f, "v_reset", -0.5f);
    assertEquals(-0.5f, run(dynamics(reset, euler(1)), "n", 1, t -> 1.75).v.getFirst());
    NirFiles zero = one("IF", "r", 1f, "v_threshold", 1f, "v_reset", 0f);
    assertEquals(0f, run(dynamics(zero, euler(1)), "n", 1, t -> 1.75).v.getFirst());
    Settings subtract = new Settings(1, false, true);
    assertEquals(0.75f, run(dynamics(reset, subtract), "n", 1, t -> 1.75).v.getFirst());
  }

  @Test
  void metadataSaysWhereVBeginsAndStays() {
    NirFiles file =
        one(
            "IF",
            "r",
            1f,
            "v_threshold",
            1f,
            "metadata/v0",
            0.5f,
            "metadata/v_min",
            -1f,
            "metadata/v_max",
            1.25f);
    Dynamics d = dynamics(file, euler(1));
    assertEquals(List.of(1), run(d, "n", 1, t -> 0.75).spikes());
    assertEquals(0.25f, run(d, "n", 1, t -> 9).v.getFirst()); // clipped before it is compared
    assertEquals(-1f, run(d, "n", 1, t -> -9).v.getFirst());
    NirFiles rounded =
        new NirFiles()
            .ends(1)
            .node(
                "w",
                "Affine",
                "weight",
                NirFiles.tensor(new float[] {1}, 1, 1),
                "bias",
                new float[] {0.5f},
                "metadata/rounded",
                1L)
            .path("input", "w", "output");
    assertEquals(
        List.of(0f, 2f, 2f, -2f),
        run(dynamics(rounded, euler(1)), "w", 4, t -> new double[] {0, 1, 1.4, -2.3}[t - 1]).sent);
  }

  private static NirFiles weight(NirFiles graph, String name, float w, float bias) {
    return graph.node(
        name,
        "Affine",
        "weight",
        NirFiles.tensor(new float[] {w}, 1, 1),
        "bias",
        new float[] {bias});
  }

  /** A neuron hears itself one step later, through weights or directly, and a bias at once. */
  @Test
  void loopsAreOneStepLater() {
    NirFiles graph = one("IF", "r", 1f, "v_threshold", 1f, "v_reset", 0f);
    weight(graph, "w", 2, 0).path("n", "w", "n");
    Dynamics d = dynamics(graph, euler(1));
    assertEquals(List.of(1, 2, 3, 4), run(d, "n", 4, t -> t == 1 ? 2 : 0).spikes());
    assertTrue(d.stepLater(node(d, "n"), node(d, "w")));
    assertFalse(d.stepLater(node(d, "w"), node(d, "n")));

    NirFiles biased = one("IF", "r", 1f, "v_threshold", 1f, "v_reset", 0f);
    weight(biased, "w", 0, 2).path("n", "w", "n");
    assertEquals(List.of(1, 2, 3), run(dynamics(biased, euler(1)), "n", 3, t -> 0).spikes());

    NirFiles itself = one("IF", "r", 1f, "v_threshold", 0.5f, "v_reset", 0f).path("n", "n");
    Dynamics own = dynamics(itself, euler(1));
    assertEquals(List.of(1, 2, 3), run(own, "n", 3, t -> t == 1 ? 1 : 0).spikes());
    assertTrue(own.stepLater(node(own, "n"), node(own, "n")));
  }

  /** The way from the input on is that of the step; what leads back is late. */
  @Test
  void twoNeuronsInALoopTakeAStepARound() {
    NirFiles graph =
        new NirFiles()
            .ends(1)
            .node("b", "IF", "r", 1f, "v_threshold", 0.5f, "v_reset", 0f)
            .node("a", "IF", "r", 1f, "v_threshold", 0.5f, "v_reset", 0f);
    weight(graph, "back", 1, 0);
    weight(graph, "on", 1, 0).path("input", "b", "on", "a", "output").path("a", "back", "b");
    Dynamics d = dynamics(graph, euler(1));
    assertEquals(List.of(1, 2, 3), run(d, "a", 3, t -> t == 1 ? 1 : 0).spikes());
    assertEquals(
        List.of("input", "back", "b", "on", "a", "output"),
        Arrays.stream(d.order()).mapToObj(n -> d.graph().nodes().get(n).name()).toList());
  }

  /** Delays are rounded to steps, each value its own; one in a loop is the loop's only delay. */
  @Test
  void delaysCountInSteps() {
    NirFiles graph = one("Delay", "delay", 0.0026f);
    assertEquals(
        List.of(0f, 0f, 0f, 1f, 2f, 3f), run(dynamics(graph, euler(DT)), "n", 6, t -> t).sent);
    assertEquals(List.of(1f, 2f), run(dynamics(graph, euler(1)), "n", 2, t -> t).sent);

    NirFiles loop =
        one("IF", "r", 1f, "v_threshold", 0.5f, "v_reset", 0f)
            .node("d", "Delay", "delay", 3f)
            .path("n", "d", "n");
    Dynamics d = dynamics(loop, euler(1));
    assertEquals(List.of(1, 4, 7, 10), run(d, "n", 10, t -> t == 1 ? 1 : 0).spikes());
    assertFalse(d.stepLater(node(d, "n"), node(d, "d")));

    NirFiles each =
        new NirFiles()
            .ends(3)
            .node("d", "Delay", "delay", new float[] {0, 1, 2})
            .path("input", "d", "output");
    Dynamics apart = dynamics(each, euler(1));
    DynamicsState state = apart.newState();
    float[][] expected = {{1, 0, 0}, {2, 1, 0}, {3, 2, 1}};
    for (int t = 1; t <= 3; t++) {
      state.step(new float[] {t, t, t});
      assertArrayEquals(expected[t - 1], state.sent(node(apart, "d")));
    }
  }

  /** Nodes within a graph are named after it; its ends send what they read. */
  @Test
  void graphsWithinAreTakenApart() {
    NirFiles inner = new NirFiles().ends(1);
    weight(inner, "w", 3, 1).path("input", "w", "output");
    NirFiles graph = new NirFiles().ends(1).graph("g", inner).path("input", "g", "output");
    Dynamics d = dynamics(graph, euler(1));
    assertEquals(List.of(7f), run(d, "g.w", 1, t -> 2).sent);
    assertEquals(List.of(7f), run(d, "output", 1, t -> 2).sent);
    assertEquals(List.of(node(d, "g.w")), d.graph().results());
  }

  /** The file that norse wrote: V follows 1 - (1 - dt/tau)^n until it is above 0.1. */
  @Test
  void aRealFileFiresWhenItShould() {
    Path file = TestData.dir().resolve("nir/lif_norse.nir");
    NirDynamics.Found found = DynamicsFile.read(file);
    Dynamics d = Dynamics.of(found.graph(), euler(1e-4), 1, found.refusal());
    Trace trace = run(d, "1", 40, t -> 1);
    int first = (int) Math.ceil(Math.log(0.9) / Math.log(1 - 1e-4 / 0.0025));
    assertEquals(first, trace.spikes().getFirst());
    for (int n = 1; n < first; n++) {
      assertEquals(1 - Math.pow(0.96, n), trace.v.get(n - 1), 1e-6);
    }
    // By subtraction, as the file has no v_reset.
    assertEquals(1 - Math.pow(0.96, first) - 0.1, trace.v.get(first - 1), 1e-6);
  }

  @Test
  void whatDoesNotGoWithAStepIsRefused() {
    NirFiles fast = one("LIF", "tau", 0.001f, "r", 1f, "v_leak", 0f, "v_threshold", 1f);
    DumpFiles.refused(
        () -> dynamics(fast, euler(0.0021)),
        "[node/nodes/n/tau]",
        "forward Euler diverges",
        "--dt");
    dynamics(fast, new Settings(0.0021, true, false));
    NirFiles slow = one("Delay", "delay", 1e6f);
    DumpFiles.refused(() -> dynamics(slow, euler(1e-6)), "[node/nodes/n/delay]", "larger --dt");
  }
}
