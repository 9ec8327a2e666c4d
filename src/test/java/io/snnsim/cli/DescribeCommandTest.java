// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.DumpFiles.fixture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.GraphJson;
import io.snnsim.dump.NetworkFile;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.DumpFiles;
import io.snnsim.fixture.OnnxBytes;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** What {@code describe} says, draws and writes of networks, also of those that do not convert. */
class DescribeCommandTest {
  private static final String NET = Bundled.NET;

  @TempDir Path dir;

  @Test
  void everyLayerIsThereWithWhatItBecomes() throws IOException {
    String text = Bundled.execute("describe", NET).ok().out();
    String[] lines = text.split("\n");
    assertEquals(NET + ": resnet-mnist, ResNet-8", lines[0]);
    assertTrue(text.contains("population, "), text);
    assertTrue(text.contains("output population, 10 neurons"), text);
    JsonNode json =
        new ObjectMapper().readTree(Bundled.execute("describe", NET, "--json", "-").ok().out());
    long parameters = 0;
    long macs = 0;
    for (JsonNode layer : json.path("layers")) {
      assertTrue(text.contains("\n" + layer.path("name").asText() + " "), text);
      parameters += layer.path("parameters").asLong();
      macs += layer.path("macs").asLong();
    }
    assertEquals(json.path("parameters").asLong(), parameters);
    assertEquals(json.path("macs").asLong(), macs);
    assertTrue(json.path("obstacles").isEmpty());
  }

  /** The graph and the tensors that it writes are the same network again. */
  @Test
  void whatItWritesConvertsAsTheFileDoes() {
    Path graph = dir.resolve("g.json");
    Path tensors = dir.resolve("t.npz");
    Bundled.execute("describe", NET, "--graph", graph.toString(), "--tensors", tensors.toString())
        .ok();
    var before = NetworkFile.read(Path.of(NET), null).graph();
    var again = NetworkFile.read(tensors, graph.toString()).graph();
    assertEquals(before.nodes().size(), again.nodes().size());
    before
        .parameters()
        .forEach(
            (name, t) -> assertArrayEquals(t.data(), again.parameters().get(name).data(), name));
  }

  /** Of a file that holds its graph too: what is described is what would be converted. */
  @Test
  void oneOutputIsDescribedAsTheTwoThatItBecomes() throws IOException {
    Path file =
        OnnxBytes.of(13, 2)
            .tensor("w", new int[] {2, 1}, 1, -1)
            .node("MatMul", "image w", "m")
            .node("Sigmoid", "m", "s")
            .output("s")
            .write(dir.resolve("two.onnx"));
    JsonNode json =
        new ObjectMapper()
            .readTree(Bundled.execute("describe", file.toString(), "--json", "-").ok().out());
    assertEquals("2x1x1", json.path("layers").path(1).path("shape").asText());
    assertTrue(json.path("notes").toString().contains("one output, taken as the logit of class 1"));
    assertTrue(json.path("notes").toString().contains("left off Sigmoid"), json.toString());
    assertEquals(
        GraphJson.write(NetworkFile.read(file, null).graph()),
        GraphJson.write(NetworkFile.understand(file, null, null).graph()));
  }

  /** Phases of an enlarged map are counted as the one layer that they are. */
  @Test
  void aLayerOverAnEnlargedMapIsSeveralPopulations() throws IOException {
    Path file = fixture("keras/enlarged3.keras");
    String text = Bundled.execute("describe", file.toString()).ok().out();
    String layer =
        text.lines().filter(l -> l.startsWith("conv2d_2_activation ")).findFirst().orElseThrow();
    assertTrue(layer.contains("4 of these: population, 144 neurons in all"), text);
    assertTrue(text.contains("upsampling up_sampling2d is in the windows of what reads it"), text);
  }

  @Test
  void thePictureIsSoundAndHasEveryLayer() throws Exception {
    Path svg = dir.resolve("n.svg");
    String file = fixture("onnx/branches.onnx").toString();
    Bundled.execute("describe", file, "--svg", svg.toString()).ok();
    Document picture =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(Files.readString(svg))));
    JsonNode json =
        new ObjectMapper().readTree(Bundled.execute("describe", file, "--json", "-").ok().out());
    assertEquals(json.path("layers").size(), picture.getElementsByTagName("rect").getLength());
    assertTrue(picture.getElementsByTagName("path").getLength() >= json.path("layers").size() - 1);
  }

  /** All obstacles, not the first only, and exit code 65; nothing is written. */
  @Test
  void everyObstacleIsListed() throws IOException {
    Path graph = dir.resolve("g.json");
    Files.writeString(
        graph,
        """
        {"schemaVersion": 1, "input": [1, 2, 2], "nodes": [
          {"name": "fc1", "op": "linear"}, {"name": "fc2", "op": "globalavgpool"}]}
        """);
    Path out = dir.resolve("out.json");
    Path weights =
        DumpFiles.npz(
            dir.resolve("w.npz"), Map.of("fc1.weight", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)));
    var run =
        Bundled.execute(
            "describe", weights.toString(), "--arch", graph.toString(), "--graph", out.toString());
    assertEquals(65, run.code());
    assertTrue(run.out().contains("cannot be converted: node fc2: pools fc1"), run.out());
  }

  @Test
  void theJsonHasTheDocumentedFieldsAndNoOthers() throws IOException {
    JsonNode json =
        new ObjectMapper().readTree(Bundled.execute("describe", NET, "--json", "-").ok().out());
    Set<String> found = new HashSet<>();
    json.fieldNames().forEachRemaining(found::add);
    json.path("layers").path(0).fieldNames().forEachRemaining(f -> found.add("layers[]." + f));
    String page = Files.readString(Path.of("docs/schema/describe.md"));
    for (String field : found) {
      boolean whole = field.equals("layers");
      assertTrue(page.contains("`" + field + (whole ? "[]`" : "`")), field);
    }
    for (String line : page.lines().filter(l -> l.startsWith("| `")).toList()) {
      String name = line.split("`")[1];
      assertTrue(found.contains(name) || name.equals("layers[]"), name);
    }
  }

  @Test
  void impossibleSizesAndOutputsAreRefused() {
    assertEquals(2, Bundled.execute("describe", NET, "--size", "0,3").code());
    assertEquals(2, Bundled.execute("describe", NET, "--size", "3").code());
    assertEquals(2, Bundled.execute("describe", NET, "--svg", NET).code());
    assertEquals(66, Bundled.execute("describe", dir.resolve("none").toString()).code());
    assertFalse(Files.exists(dir.resolve("none")));
  }
}
