// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnForward;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.fixture.Mutations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs of NIR as the networks of rates that their integrators settle at. */
class NirFileTest {
  @TempDir Path dir;

  /** Kinds of nodes, sums of two sources, a graph within, thresholds by channel. */
  @Test
  void ratesAreThoseOfTheSameGraphInPyTorch() {
    Imported net = NetworkFile.read(fixture("rates.nir"), null);
    assertEquals("nir", net.arch());
    assertEquals("rates", net.graph().name());
    assertTrue(net.notes().getFirst().contains("taken as the rates"), net.notes().toString());
    Path file = fixture("rates_expected.npz");
    ImageSet images = ImageSet.read(file, net.graph().inputShape());
    AnnForward forward = new AnnForward(net.graph());
    AnnForward.Workspace ws = forward.newWorkspace(1);
    try (NpzFile npz = NpzFile.open(file)) {
      float[] expected = npz.get("logits").toFloats();
      float[] image = new float[net.graph().inputShape().size()];
      for (int i = 0; i < 2; i++) {
        images.read(i, image);
        forward.run(image, 1, ws);
        for (int c = 0; c < 4; c++) {
          float found = ws.activation(net.graph().nodes().size() - 1)[c][0];
          assertEquals(expected[4 * i + c], found, 1e-5f, "image " + i + " class " + c);
        }
      }
    }
    var folded = BatchNormFolding.fold(net.graph()).graph();
    assertEquals(5, new Lowering(folded).populations());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "leak | layer a (LIF): found a neuron that leaks, expected IF",
        "reset | layer a (IF): found a reset to -1.0, expected to 0 or by subtraction",
        "loop | [node/nodes/a]: found a node that reads what it makes",
        "edge | [node/edges]: found an edge to or from 'b', which is no node of the graph",
        "threshold | [node/nodes/a/v_threshold]: found 0.0, expected thresholds above 0",
        "nothing | [node/nodes/a/r]: found 2 values, and 0 of v_threshold, expected as many"
      })
  void whatHasNoRateIsRefused(String name, String what) {
    Path file = fixture("refused_" + name + ".nir");
    refused(() -> NetworkFile.read(file, null), file.toString(), what);
  }

  @Test
  void damagedFilesAreRefusedInALineOrRead() throws IOException {
    byte[] sound = Files.readAllBytes(fixture("rates.nir"));
    Mutations done =
        new Mutations(path -> NetworkFile.read(path, null))
            .run(sound, 3_000, dir.resolve("net.nir"));
    assertTrue(done.refused() > 500, "refused " + done.refused());
    assertTrue(done.read() > 100, "read " + done.read());
  }
}
