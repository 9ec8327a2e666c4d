// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.error.Category;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.Npy;
import io.snnsim.fixture.Zip;
import io.snnsim.format.ModelContents;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that nobody could run: they are not written, or the file that is at fault is named. */
class UnusableModelsTest {
  private static final String GRAPH =
      """
      {"schemaVersion": 1, "input": [1, 1, 2], "nodes": [
        {"name": "flat", "op": "flatten"}, {"name": "fc1", "op": "linear"},
        {"name": "relu1", "op": "relu"}, {"name": "fc2", "op": "linear"}]}
      """;

  @TempDir Path dir;

  private static byte[] floats(float[] values, long... shape) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    return Npy.of("<f4", b.array(), shape);
  }

  /** Converts two layers of a single neuron and two logits. */
  private Bundled.Done convert(float[] first, float[] second) throws IOException {
    Path net = dir.resolve("net.npz");
    Files.write(
        net,
        Zip.plain()
            .stored("fc1.weight.npy", floats(first, 1, 2))
            .stored("fc2.weight.npy", floats(second, 2, 1))
            .bytes());
    Path graph = Files.writeString(dir.resolve("net.json"), GRAPH);
    byte[] pixels = new byte[16];
    for (int i = 0; i < pixels.length; i += 2) {
      pixels[i] = (byte) (100 + 5 * i);
    }
    Path images = dir.resolve("img.npz");
    Files.write(
        images,
        Zip.plain()
            .stored("images.npy", Npy.of("|u1", pixels, 8, 1, 2))
            .stored("labels.npy", Npy.of("|u1", new byte[8], 8))
            .bytes());
    return Bundled.execute(
        "convert",
        net.toString(),
        "--arch",
        graph.toString(),
        "-o",
        dir.resolve("o.snn").toString(),
        "--calibration",
        images.toString());
  }

  private void refused(Bundled.Done done, String... parts) {
    assertEquals(Category.BAD_DATA.exitCode(), done.code(), done.err());
    for (String part : parts) {
      assertTrue(done.error().contains(part), done.error());
    }
    assertFalse(Files.exists(dir.resolve("o.snn")));
  }

  /** The second input is always 0, so that its weight decides nothing but is out of all bounds. */
  @Test
  void weightsBeyondFloatInThresholdsAreNotWritten() throws IOException {
    refused(
        convert(new float[] {1e-3f, 3e38f}, new float[] {1, -1}),
        "input projection fc1: found weight Infinity of channel 0",
        "too large for float32");
  }

  @Test
  void logitsThatAreAllInfiniteAreNamed() throws IOException {
    refused(
        convert(new float[] {1e3f, 0}, new float[] {-3e38f, -3e38f}),
        "found no activation of fc2 above -Infinity");
  }

  /** A run of an image by the kernels that go by a plan. */
  private static Bundled.Done run(Path model, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("run", model.toString(), Bundled.IMAGES, "--steps", "2", "--limit", "1"));
    args.addAll(List.of("--kernel", "vector"));
    args.addAll(List.of(more));
    return Bundled.execute(args.toArray(String[]::new));
  }

  @Test
  void aPlanThatTheModelItselfCannotRunByIsTheFilesFault() throws IOException {
    Path model = Bundled.model(dir);
    Path bad = dir.resolve("bad.snn");
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      ObjectMapper json = new ObjectMapper();
      ObjectNode plan = (ObjectNode) json.readTree(file.extra(ModelContents.PLAN));
      String output = file.network().populations().get(file.network().output()).name();
      for (JsonNode p : plan.path("populations")) {
        if (p.path("name").asText().equals(output)) {
          ((ObjectNode) p).put("method", "lookup");
        }
      }
      Map<String, byte[]> extras = new HashMap<>();
      extras.put(ModelContents.PLAN, json.writeValueAsBytes(plan));
      ModelStore.publish(bad, new ModelContents(file.network(), extras), false);
    }
    Bundled.Done done = run(bad);
    refused(done, bad + ", section plan", "cannot be updated by lookup", "--plan");

    // The advice: another plan, here the sound one of the file before.
    Path other = dir.resolve("plan.json");
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      Files.write(other, file.extra(ModelContents.PLAN));
    }
    run(bad, "--plan", other.toString()).ok();
  }
}
