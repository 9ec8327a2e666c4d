// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.NetworkFile;
import io.snnsim.error.Category;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.OnnxOfGraph;
import io.snnsim.geometry.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bundled network with parts that never fire: harmless beside others, refused alone. */
class SilentPiecesTest {
  private static final int QUIET = 3;

  @TempDir Path dir;

  private static Tensor filled(float value, int... shape) {
    float[] data = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Arrays.fill(data, value);
    return new Tensor(shape, data);
  }

  private static AnnGraph bundled() {
    return NetworkFile.read(Path.of(Bundled.NET), null).graph();
  }

  /** A convolution whose ReLU is 0 whatever it reads, for it sums up nothing that is positive. */
  private static Conv2d quiet(int in) {
    return new Conv2d(
        filled(-0.1f, QUIET, in, 1, 1), filled(-0.5f, QUIET), Window.square(1, 1, 0), 1);
  }

  /** Silent channels, those of a maximum among them, beside the last map. */
  private static AnnGraph besideOthers() {
    AnnGraph graph = bundled();
    List<AnnNode> nodes = new ArrayList<>();
    for (AnnNode node : graph.nodes()) {
      if (node.name().equals("avgpool")) {
        String last = node.inputs().getFirst();
        nodes.add(AnnNode.of("quiet", quiet(64), last));
        nodes.add(AnnNode.of("quiet_relu", new Relu(), "quiet"));
        nodes.add(AnnNode.of("quiet_pool", new MaxPool(Window.square(3, 1, 1)), "quiet_relu"));
        nodes.add(AnnNode.of("joined", new Concat(), last, "quiet_relu", "quiet_pool"));
        nodes.add(AnnNode.of("avgpool", node.op(), "joined"));
      } else if (node.op() instanceof Linear l) {
        int width = 64 + 2 * QUIET;
        Tensor weight = filled(0.2f, 10, width);
        for (int c = 0; c < 10; c++) {
          System.arraycopy(l.weight().data(), c * 64, weight.data(), c * width, 64);
        }
        nodes.add(new AnnNode(node.name(), new Linear(weight, l.bias()), node.inputs()));
      } else {
        nodes.add(node);
      }
    }
    return new AnnGraph("quiet", nodes);
  }

  private String[] line(AnnGraph graph, Path model, String... more) throws IOException {
    Path onnx = OnnxOfGraph.of(graph).write(dir.resolve(graph.name() + ".onnx"));
    String[] line = Bundled.convert(model, more);
    line[1] = onnx.toString();
    return line;
  }

  private double accuracy(Path model, String preset) throws IOException {
    Path json = dir.resolve("run.json");
    List<String> line =
        new ArrayList<>(List.of("run", model.toString(), Bundled.IMAGES, "--limit", "60"));
    line.addAll(List.of("--json", json.toString(), "--force"));
    if (!preset.equals("few-spike")) {
      line.addAll(List.of("--steps", preset.equals("low-latency") ? "8" : "96"));
    }
    Bundled.execute(line.toArray(String[]::new)).ok();
    JsonNode at = new ObjectMapper().readTree(Files.readString(json)).get("accuracyAtStep");
    double last = 0;
    for (JsonNode accuracy : at) {
      last = accuracy.asDouble();
    }
    return last;
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"s-resnet", "low-latency", "few-spike", "exact"})
  void aPieceThatNeverFiresConvertsAndChangesNothingMuch(String preset) throws IOException {
    Path model = dir.resolve("m.snn");
    Bundled.Done done =
        Bundled.execute(
                line(besideOthers(), model, "--preset", preset, "--limit-calibration", "100"))
            .ok();
    String said = done.out() + done.err();
    assertTrue(said.contains("population quiet_relu never fires on the calibration images"), said);
    double accuracy = accuracy(model, preset);
    assertTrue(accuracy >= 0.95, "accuracy " + accuracy);
  }

  @Test
  void anOutputThatNoImageReachesIsRefused() throws IOException {
    AnnGraph graph = bundled();
    List<AnnNode> nodes = new ArrayList<>(graph.nodes().subList(0, 1));
    nodes.add(AnnNode.of("quiet", quiet(1), graph.nodes().getFirst().name()));
    nodes.add(AnnNode.of("relu", new Relu(), "quiet"));
    nodes.add(AnnNode.of("out", new Linear(filled(1, 10, QUIET * 784), filled(1, 10)), "relu"));
    Path model = dir.resolve("m.snn");
    for (String preset : List.of("s-resnet", "few-spike")) {
      Bundled.Done done =
          Bundled.execute(line(new AnnGraph("none", nodes), model, "--preset", preset));
      assertEquals(Category.BAD_DATA.exitCode(), done.code(), done.err());
      assertTrue(
          done.error().contains("population relu: the largest activation")
              && done.error().contains("check them and --mean/--std"),
          done.error());
    }
  }
}
