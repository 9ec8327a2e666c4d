// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be proved about integrate-and-fire neurons, for the reference and the engine. */
class AnalyticFactsTest {
  private static final int STEPS = 200;

  /** Something that steps a network and tells each population's counts as [channel][y][x]. */
  private interface Runs extends AutoCloseable {
    void step();

    int[] counts(int population);

    @Override
    default void close() {}
  }

  private static Runs simulator(String kind, Network network) {
    float[] image = new float[network.input().shape().size()];
    if (kind.equals("REFERENCE")) {
      DenseReference r = new DenseReference(network);
      r.present(image);
      return new Runs() {
        @Override
        public void step() {
          r.step();
        }

        @Override
        public int[] counts(int population) {
          return DenseReference.flat(r.counts(population));
        }
      };
    }
    Simulator model = Simulator.of(network, KernelChoice.valueOf(kind));
    Simulation session = model.newSimulation(true);
    session.present(image, 0);
    return new Runs() {
      @Override
      public void step() {
        session.step();
      }

      @Override
      public int[] counts(int population) {
        return session.spikeCounts(population);
      }

      @Override
      public void close() {
        session.close();
        model.close();
      }
    };
  }

  /**
   * Under a constant current I with 0 <= I <= theta and 0 <= V(0) < theta, V stays below theta
   * after each step, so no charge is lost: theta * count + V = I * T + V(0).
   */
  @ParameterizedTest
  @ValueSource(strings = {"REFERENCE", "SCALAR", "VECTOR"})
  void constantCurrentFiresFloorOfItsIntegral(String kind) {
    // 16 bits hold V(0) + I < 2 * theta up to theta = 16384.
    check(kind, false, new int[] {1, 2, 3, 7, 100, 127, 128, 255, 9973, 16384});
    check(kind, true, new int[] {1, 3, 127, 65535, 65536, 99991, 1 << 29});
  }

  private static void check(String kind, boolean wide, int[] thetas) {
    List<int[]> neurons = new ArrayList<>();
    for (int theta : thetas) {
      for (long k = 0; k <= 12; k++) {
        for (long v0 : new long[] {0, theta / 3, theta / 2, theta - 1}) {
          neurons.add(new int[] {theta, (int) (theta * k / 12), (int) v0});
        }
      }
    }
    IntFunction<int[]> column = k -> neurons.stream().mapToInt(n -> n[k]).toArray();
    Population p =
        Nets.fire(
            "p",
            new MapShape(neurons.size(), 1, 1),
            wide,
            column.apply(0),
            column.apply(2),
            column.apply(1));
    try (Runs s = simulator(kind, Nets.of(List.of(p), List.of()))) {
      for (long t = 1; t <= STEPS; t++) {
        s.step();
        int[] counts = s.counts(0);
        for (int c = 0; c < counts.length; c++) {
          int[] n = neurons.get(c);
          assertEquals(
              (n[1] * t + n[2]) / n[0],
              counts[c],
              "wide=" + wide + " theta=" + n[0] + " I=" + n[1] + " V0=" + n[2] + " T=" + t);
        }
      }
    }
  }

  /**
   * A chain of layers that each pass on their input with weight theta, in grids and widths of their
   * own: every layer's count stays within 1 of the one before, so the rate survives any depth.
   */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"REFERENCE", "SCALAR", "VECTOR"})
  void identityChainKeepsTheRate(String kind) {
    MapShape shape = new MapShape(67, 2, 3);
    int depth = 12;
    int n = shape.channels();
    int[] theta = new int[n];
    int[] current = new int[n];
    for (int c = 0; c < n; c++) {
      theta[c] = 1000;
      current[c] = c * 1000 / (n - 1);
    }
    List<Population> populations = new ArrayList<>();
    List<Projection> projections = new ArrayList<>();
    populations.add(Nets.fire("p0", shape, false, theta, new int[n], current));
    ConvGeometry g = Nets.pointwise(shape, n);
    for (int layer = 1; layer < depth; layer++) {
      int own = 11 * layer;
      boolean wide = layer % 3 == 0;
      // V(0) in 0 .. theta - 1 passes every spike on; V(0) = -theta swallows the first.
      populations.add(
          Nets.fire("p" + layer, shape, wide, own, layer % 4 == 3 ? -own : own / 2 - layer, 0));
      if (layer % 2 == 0) {
        int[] w = new int[n];
        java.util.Arrays.fill(w, own);
        projections.add(new ChannelwiseProjection("j" + layer, layer - 1, layer, g, 0, w));
      } else {
        int[] w = new int[n * n];
        for (int c = 0; c < n; c++) {
          w[c * n + c] = own;
        }
        WeightType type = wide ? WeightType.I32 : layer % 4 == 1 ? WeightType.I8 : WeightType.I16;
        projections.add(ConvProjection.pack("j" + layer, layer - 1, layer, g, type, w));
      }
    }
    try (Runs s = simulator(kind, Nets.of(populations, projections))) {
      int[] counts = null;
      for (int t = 1; t <= STEPS; t++) {
        s.step();
        for (int layer = 0; layer < depth; layer++) {
          int[] before = counts;
          counts = s.counts(layer);
          for (int i = 0; layer > 0 && i < counts.length; i++) {
            assertEquals(before[i], counts[i], 1, "layer " + layer + " neuron " + i + " T=" + t);
          }
        }
      }
      assertEquals(STEPS, s.counts(0)[s.counts(0).length - 1]);
      assertTrue(counts[counts.length - 1] > STEPS - depth, "the last layer must fire too");
    }
  }

  /**
   * Neurons whose current is theta fire in every step, so their spikes are known however long the
   * run; 1000 channels pass 65535 spikes a pixel in 66 steps.
   */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"SCALAR", "VECTOR"})
  void spikesAreCountedBeyondSixteenBits(String kind) {
    MapShape shape = new MapShape(1000, 4, 4);
    int n = shape.channels();
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(n, 4, 4), new MapShape(1, 1, 1), new Window(4, 4, 1, 1, 0, 0, 1, 1), 1);
    for (boolean wide : new boolean[] {false, true}) {
      Network network =
          Nets.of(
              List.of(
                  Nets.fire("p", shape, wide, 9, 0, 9),
                  Nets.fire("out", new MapShape(1, 1, 1), false, 1, 0, 0)),
              List.of(ConvProjection.pack("j", 0, 1, g, WeightType.I16, new int[n * 16])));
      try (Simulator model = Simulator.of(network, KernelChoice.valueOf(kind));
          Simulation session = model.newSimulation()) {
        session.present(new float[1], 0);
        for (int t = 0; t < STEPS; ) {
          t += session.runStepBlock(STEPS - t);
        }
        long fired = 16L * n * STEPS;
        assertEquals(fired, session.spikeTotal(0), "wide=" + wide);
        assertEquals(fired, session.synapticOps(0), "wide=" + wide);
        assertEquals(fired, Nets.synapticOpsInto(session, 1), "wide=" + wide);
        assertEquals(0, Nets.synapticOpsInto(session, 0), "wide=" + wide);
      }
    }
  }
}
