// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import static io.snnsim.fixture.DumpFiles.fixture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.Imported;
import io.snnsim.dump.NetworkFile;
import io.snnsim.dump.NpzFile;
import io.snnsim.fixture.DumpFiles;
import io.snnsim.fixture.Mutations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks that PyTorch and onnx wrote compute what PyTorch computes. */
class OnnxFixturesTest {
  @TempDir Path dir;

  private static Imported read(String name) {
    return NetworkFile.read(fixture("onnx/" + name + ".onnx"), null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet", "mobile", "branches", "lenet", "signal", "channels_last"})
  void computesWhatPyTorchComputes(String name) {
    AnnGraph graph = read(name).graph();
    try (NpzFile expected = NpzFile.open(fixture("onnx/expected.npz"))) {
      float[] images = expected.get(name + ".x").toFloats();
      float[] logits = expected.get(name + ".y").toFloats();
      int n = images.length / graph.inputShape().size();
      AnnForward forward = new AnnForward(graph);
      AnnForward.Workspace ws = forward.newWorkspace(n);
      forward.run(images, n, ws);
      float[][] found = ws.activation(graph.nodes().size() - 1);
      assertEquals(logits.length, n * found.length);
      for (int c = 0; c < found.length; c++) {
        for (int i = 0; i < n; i++) {
          assertEquals(logits[i * found.length + c], found[c][i], 1e-4f, c + " of image " + i);
        }
      }
    }
  }

  @Test
  void layersAreCalledAsPeopleKnowTheirModules() {
    List<String> names = read("resnet").graph().nodes().stream().map(n -> n.name()).toList();
    assertEquals(
        List.of("input", "conv1", "bn1", "Relu", "layer1.0.conv1", "layer1.0.bn1"),
        names.subList(0, 6));
    assertTrue(names.contains("layer2.0.Pad") && names.getLast().equals("fc"), names.toString());
  }

  @Test
  void softmaxIsLeftOffAndSaid() {
    assertEquals(
        List.of("left off Softmax (Softmax) at the end: classes are the same without it"),
        read("lenet").notes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet", "mobile", "branches", "lenet", "signal"})
  @Tag("slow")
  void damagedFilesAreRefusedOrRead(String name) throws IOException {
    byte[] sound = Files.readAllBytes(fixture("onnx/" + name + ".onnx"));
    Mutations done =
        new Mutations(f -> NetworkFile.read(f, null)).run(sound, 2_000, dir.resolve("net.onnx"));
    assertTrue(done.refused() > 400 && done.read() > 400, done.refused() + " " + done.read());
  }

  @Test
  void filesThatAreCutOffAreRefused() throws IOException {
    byte[] sound = Files.readAllBytes(fixture("onnx/signal.onnx"));
    Path cut = dir.resolve("net.onnx");
    for (int n = 3; n < sound.length; n++) {
      Files.write(cut, Arrays.copyOf(sound, n));
      DumpFiles.refused(() -> NetworkFile.read(cut, null), cut.toString());
    }
  }
}
