// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.dump.nir.NirDynamics;
import io.snnsim.dynamics.Dims;
import io.snnsim.dynamics.Dynamics;
import io.snnsim.dynamics.Settings;
import io.snnsim.error.Category;
import io.snnsim.fixture.Mutations;
import io.snnsim.fixture.NirFiles;
import io.snnsim.fixture.RandomGraphs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NIR graphs as they are to be simulated, and what is said of those that cannot be. */
class DynamicsFileTest {
  @TempDir Path dir;

  private int files;

  private NirDynamics.Found read(NirFiles graph) {
    return DynamicsFile.read(graph.write(dir.resolve("g" + files++ + ".nir")));
  }

  private void no(NirFiles graph, String... parts) {
    Path file = graph.write(dir.resolve("bad" + files++ + ".nir"));
    refused(() -> DynamicsFile.read(file), parts);
  }

  private static NirFiles one(String kind, Object... fields) {
    return new NirFiles().ends(2).node("n", kind, fields).path("input", "n", "output");
  }

  private static float[] two(float a, float b) {
    return new float[] {a, b};
  }

  @Test
  void thoseWithoutRatesAreReadToo() {
    for (String name : List.of("leak", "reset", "loop", "threshold")) {
      NirDynamics.Found found = DynamicsFile.read(fixture("refused_" + name + ".nir"));
      assertEquals(3, found.graph().nodes().size(), name);
    }
    NirDynamics.Found rates = DynamicsFile.read(fixture("rates.nir"));
    assertEquals(14, rates.graph().nodes().size());
    assertEquals(Dims.of(2, 6, 6), rates.graph().shapes().get(rates.graph().input()));
  }

  @Test
  void aStepMayStandInTheMetadata() {
    NirFiles graph = one("I", "r", 1f);
    assertEquals(0, read(graph).graph().dt());
    assertEquals(1e-4, read(graph.about("dt", 1e-4f)).graph().dt());
    no(one("I", "r", 1f).about("dt", 0f), "[node/metadata/dt]: found 0.0", "above 0");
    no(one("I", "r", 1f).about("dt", two(1, 2)), "[node/metadata/dt]");
  }

  /** Integers are numbers as well. */
  @Test
  void parametersMayBeIntegers() {
    NirDynamics.Found found = read(one("IF", "r", new long[] {1, 2}, "v_threshold", 3L));
    Dynamics.of(found.graph(), new Settings(1, false, false), 1, found.refusal());
  }

  @Test
  void parametersThatNoNeuronHasAreRefused() {
    String tau = "[node/nodes/n/tau]: found 0.0, expected seconds, more than 0";
    no(one("LIF", "tau", two(1, 0), "r", 1f, "v_leak", 0f, "v_threshold", 1f), tau);
    no(
        one("LIF", "tau", -1f, "r", 1f, "v_leak", 0f, "v_threshold", 1f),
        "[node/nodes/n/tau]: found -1.0");
    no(
        one("CubaLI", "tau_mem", 1f, "tau_syn", 0f, "r", 1f, "v_leak", 0f),
        "[node/nodes/n/tau_syn]: found 0.0");
    no(one("IF", "r", Float.NaN, "v_threshold", 1f), "[node/nodes/n/r]: found NaN");
    no(one("IF", "r", 1f), "[node/nodes/n/v_threshold]: found nothing, expected numbers");
    no(
        one("IF", "r", new float[3], "v_threshold", 1f),
        "[node/nodes/n/r]: found the shape [3] for [2] neurons");
    no(one("Delay", "delay", -1f), "[node/nodes/n/delay]: found -1.0, expected seconds, 0 or more");
    no(
        one("I", "r", 1f, "metadata/v_min", 2f, "metadata/v_max", two(3, 1)),
        "[node/nodes/n/metadata/v_min]: found 2.0 above a v_max of 1.0");
    no(one("Softmax"), "[node/nodes/n/type]: found the kind of node 'Softmax', expected Linear");
  }

  @Test
  void shapesThatDoNotFitAreRefused() {
    NirFiles narrow = one("Linear", "weight", NirFiles.tensor(new float[] {1, 2, 3}, 1, 3));
    no(narrow, "[node/nodes/n/weight]: found 3 columns for what it reads, [2]");
    no(one("Linear", "weight", new float[2]), "[node/nodes/n/weight]", "expected [out, in]");
    NirFiles biased =
        one("Affine", "weight", NirFiles.tensor(new float[] {1, 2}, 1, 2), "bias", new float[3]);
    no(biased, "[node/nodes/n/bias]: found 3 values, expected one an output, 1");
    float[] w = new float[4];
    no(
        one("Conv2d", "weight", NirFiles.tensor(w, 1, 1, 2, 2)),
        "[node/nodes/n/]: found the shape [2] to read, expected 3 sizes");
    NirFiles wide =
        new NirFiles()
            .ends(1, 1, 1)
            .node("n", "Conv2d", "weight", NirFiles.tensor(w, 1, 1, 2, 2))
            .path("input", "n", "output");
    no(wide, "found the shape [1, 1, 1] to read, smaller than its kernel 2x2");
    NirFiles still =
        new NirFiles()
            .ends(1, 2, 2)
            .node("n", "Conv2d", "weight", NirFiles.tensor(w, 1, 1, 2, 2), "stride", new long[] {0})
            .path("input", "n", "output");
    no(still, "[node/nodes/n/stride]", "expected steps of 1 or more");
    NirFiles sum = one("Linear", "weight", NirFiles.tensor(new float[] {1, 2}, 1, 2));
    no(
        sum.path("input", "output"),
        "[node/nodes/output/]: found sources of the shapes [1] and [2]");
    no(
        new NirFiles().node("input", "Input", "shape", new long[] {1L << 40}).ends(1 << 29),
        "found HDF5 without nodes and edges");
    no(
        new NirFiles().ends(1 << 20, 1 << 20).path("input", "output"),
        "[node/nodes/input/shape]: found the sizes [1048576, 1048576]");
    no(new NirFiles().ends(2, 2, 2, 2).path("input", "output"), "shape]: found 4 sizes");
  }

  @Test
  void graphsThatHaveNoOneWayInAreRefused() {
    no(
        one("I", "r", 1f).node("other", "Input", "shape", new long[] {2}),
        "[node/]: found 2 nodes of type Input, expected one");
    no(one("I", "r", 1f).path("n", "input"), "found an edge to the input, expected edges from it");
    no(one("I", "r", 1f).node("alone", "I", "r", 1f).path("alone", "n"), "[node/nodes/alone/]");
    no(
        new NirFiles().node("input", "Input", "shape", new long[] {1}).path("input", "input"),
        "[node/]: found no output");
    NirFiles twice = new NirFiles().ends(1).node("more", "Output").path("input", "output");
    no(
        new NirFiles().ends(1).graph("g", twice.path("input", "more")).path("input", "g", "output"),
        "[node/nodes/g/]: found 2 nodes of type Output in an inner graph, expected one");
    no(one("I", "r", 1f).path("n", "nobody"), "[node/edges]: found an edge to or from 'nobody'");
    no(
        new NirFiles()
            .ends(1)
            .graph("g", new NirFiles().ends(1).node("i", "I", "r", 1f).path("input", "i", "output"))
            .node("g.i", "I", "r", 1f)
            .path("input", "g", "g.i", "output"),
        "found a second node called g.i");
    no(one("I", "r", 1f).node("n".repeat(240), "I", "r", 1f), "found a name of 240 characters");
    NirFiles deep = new NirFiles().ends(1).path("input", "output");
    for (int i = 0; i < 12; i++) {
      deep = new NirFiles().ends(1).graph("g", deep).path("input", "g", "output");
    }
    assertEquals(26, read(deep).graph().nodes().size());
  }

  @Test
  void otherFilesSayWhatTheyAre() throws IOException {
    refused(() -> DynamicsFile.read(fixture("compact.h5")), "compact.h5: found HDF5 without nodes");
    refused(() -> DynamicsFile.read(fixture("mlp.npz")), "mlp.npz", "expected a NIR graph");
    Path empty = Files.createFile(dir.resolve("empty.nir"));
    refused(() -> DynamicsFile.read(empty), "empty.nir", "expected a NIR graph");
    refused(
        Category.INPUT_MISSING, () -> DynamicsFile.read(dir.resolve("none.nir")), "no such file");
  }

  @Tag("slow")
  @Test
  void damagedFilesAreRefusedInALineOrRead() throws IOException {
    int refused = 0;
    for (Path sound : List.of(fixture("rates.nir"), fixture("refused_leak.nir"))) {
      refused += damage(Files.readAllBytes(sound)).refused();
    }
    for (int seed = 0; seed < 4; seed++) {
      Path file = RandomGraphs.of(seed).graph().write(dir.resolve("sound" + seed + ".nir"));
      Mutations done = damage(Files.readAllBytes(file));
      refused += done.refused();
      assertTrue(done.read() > 20, "read " + done.read());
    }
    assertTrue(refused > 300, "refused " + refused);
  }

  private Mutations damage(byte[] sound) throws IOException {
    return new Mutations(
            path -> {
              NirDynamics.Found found = DynamicsFile.read(path);
              Dynamics.of(found.graph(), new Settings(1e-3, true, false), 1, found.refusal());
            })
        .run(sound, 300, dir.resolve("net.nir"));
  }
}
