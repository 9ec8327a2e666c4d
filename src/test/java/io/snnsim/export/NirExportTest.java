// SPDX-License-Identifier: Apache-2.0
package io.snnsim.export;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.dump.DynamicsFile;
import io.snnsim.dump.nir.NirDynamics;
import io.snnsim.dynamics.Dynamics;
import io.snnsim.dynamics.DynamicsState;
import io.snnsim.dynamics.NodeGraph;
import io.snnsim.dynamics.Settings;
import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that is written as NIR and simulated from there spikes as it does here. */
class NirExportTest {
  private static final int STEPS = 12;

  @TempDir Path dir;

  private static boolean narrow(Network n) {
    return n.populations().stream().noneMatch(p -> p.wide() || !p.model().integrates());
  }

  /** The same network of IF neurons, whatever its neurons were. */
  private static Network ofIf(Network n) {
    List<Population> all = new ArrayList<>();
    for (Population p : n.populations()) {
      all.add(Nets.with(p, NeuronModel.IF));
    }
    return new Network(n.name(), n.precision(), n.input(), all, n.projections(), n.output());
  }

  /** Every neuron of every population, every step, V too. */
  @Test
  void everyNeuronSpikesInTheSameSteps() {
    int compared = 0;
    long spikes = 0;
    for (long seed = 0; seed < 600; seed++) {
      RandomNetworks.Case c = RandomNetworks.of(seed);
      if (c.network().codeSteps() > 0 || !narrow(c.network())) {
        continue;
      }
      spikes += compare(ofIf(c.network()), c.image(), "seed " + seed);
      compared++;
    }
    assertTrue(compared > 40 && spikes > 10_000, compared + " networks, " + spikes + " spikes");
  }

  private long compare(Network network, float[] pixels, String what) {
    Path file = dir.resolve("n.nir");
    NirExport.Written written = NirExport.write(network, file, "n.snn");
    NirDynamics.Found found = DynamicsFile.read(file);
    NodeGraph graph = found.graph();
    assertEquals(written.nodes(), graph.nodes().size());
    assertEquals(1, graph.dt());
    Dynamics dynamics = Dynamics.of(graph, new Settings(1, false, false), 1, found.refusal());
    DynamicsState state = dynamics.newState();
    DenseReference reference = new DenseReference(network);
    reference.present(pixels);
    float[] image = reference.normalise(pixels);
    long spikes = 0;
    for (int t = 0; t < STEPS; t++) {
      state.step(image);
      reference.step();
      for (int p = 0; p < network.populations().size(); p++) {
        String name = network.populations().get(p).name();
        int node = node(graph, name);
        String at = what + ", " + name + ", step " + t;
        float[] sent = state.sent(node);
        int[] expected = flat(reference.spikes(p));
        int[] is = new int[sent.length];
        float[] v = state.potentials(node);
        long[] expectedV = flat(reference.potentials(p));
        for (int i = 0; i < is.length; i++) {
          is[i] = (int) sent[i];
          assertEquals(expectedV[i] + 0.5f, v[i], 0, at);
        }
        assertArrayEquals(expected, is, at);
      }
    }
    for (int p = 0; p < network.populations().size(); p++) {
      spikes += state.spikes(node(graph, network.populations().get(p).name()));
    }
    return spikes;
  }

  private static int node(NodeGraph graph, String name) {
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (graph.nodes().get(i).name().equals(name)) {
        return i;
      }
    }
    throw new AssertionError(name);
  }

  private static int[] flat(int[][][] map) {
    List<Integer> all = new ArrayList<>();
    for (int[][] c : map) {
      for (int[] row : c) {
        for (int x : row) {
          all.add(x);
        }
      }
    }
    return all.stream().mapToInt(i -> i).toArray();
  }

  private static long[] flat(long[][][] map) {
    List<Long> all = new ArrayList<>();
    for (long[][] c : map) {
      for (long[] row : c) {
        for (long x : row) {
          all.add(x);
        }
      }
    }
    return all.stream().mapToLong(i -> i).toArray();
  }

  @Test
  void whatNirHasNotIsRefusedByPopulation() {
    for (long seed = 0; seed < 60; seed++) {
      Network n = RandomNetworks.of(seed).network();
      for (Population p : n.populations()) {
        if (p.model() != NeuronModel.IF) {
          refused(
              () -> NirExport.write(n, dir.resolve("no.nir"), "n.snn"),
              "n.snn: found " + p.model().noun() + "s in " + p.name());
          break;
        }
      }
    }
  }
}
