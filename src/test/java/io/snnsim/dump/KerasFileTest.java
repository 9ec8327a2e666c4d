// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Tensor;
import io.snnsim.error.Category;
import io.snnsim.fixture.Mutations;
import io.snnsim.fixture.TestData;
import io.snnsim.fixture.Zip;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that Keras's layouts were written of (tools/make_keras_files.py), and a real one. */
class KerasFileTest {
  @TempDir Path dir;

  private static Path file(String name) {
    return fixture("keras/" + name);
  }

  private static Imported read(String name) {
    return NetworkFile.read(file(name), null);
  }

  /** Images as networks take them: of those channels last, which all others than these are. */
  private static float[] pixels(Tensor images, MapShape shape) {
    float[] from = images.data();
    int n = images.shape()[0];
    int[] each = Arrays.copyOfRange(images.shape(), 1, images.rank());
    boolean last = each[each.length - 1] == shape.channels() && shape.plane() > 1;
    if (!last) {
      return from;
    }
    float[] to = new float[from.length];
    for (int i = 0; i < from.length; i++) {
      int image = i / shape.size();
      int pixel = i % shape.size() / shape.channels();
      int c = i % shape.channels();
      to[(image * shape.channels() + c) * shape.plane() + pixel] = from[i];
    }
    assertEquals(from.length, n * shape.size());
    return to;
  }

  private static void assertLogits(AnnGraph graph, String expected) {
    WeightDump numPy = WeightDump.read(file(expected + "_expected.npz"));
    Tensor logits = numPy.tensors().get("logits");
    int n = logits.shape()[0];
    AnnForward forward = new AnnForward(graph);
    AnnForward.Workspace ws = forward.newWorkspace(n);
    forward.run(pixels(numPy.tensors().get("images"), graph.inputShape()), n, ws);
    float[][] found = ws.activation(graph.nodes().size() - 1);
    int classes = logits.shape()[1];
    assertEquals(new MapShape(classes, 1, 1), graph.outputShape());
    for (int c = 0; c < classes; c++) {
      for (int i = 0; i < n; i++) {
        assertEquals(logits.data()[i * classes + c], found[c][i], 1e-4f, "image " + i + ", " + c);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "residual2.h5",
        "plain2.h5",
        "first2.h5",
        "sequence3.h5",
        "early212.keras",
        "branches3.keras",
        "grey3.keras",
        "operators2.keras",
        "operators3.keras",
        "enlarged3.keras"
      })
  void modelsGiveTheLogitsOfNumPy(String name) {
    Imported model = read(name);
    assertEquals("keras", model.arch());
    assertLogits(model.graph(), name.replaceFirst("\\..*", ""));
  }

  @Test
  void layersKeepTheirNamesAndWhatWasLeftOutIsSaid() {
    Imported model = read("residual2.h5");
    assertEquals(
        List.of(
            "input",
            "conv2d",
            "batch_normalization",
            "activation",
            "depthwise_conv2d",
            "batch_normalization_1",
            "add",
            "re_lu",
            "separable_conv2d_depthwise",
            "separable_conv2d",
            "separable_conv2d_activation",
            "max_pooling2d",
            "flatten",
            "dense"),
        model.graph().nodes().stream().map(AnnNode::name).toList());
    assertEquals(
        List.of(
            "left off softmax (dense_activation) at the end: classes are the same without it",
            "optimizer_weights ignored, as of training"),
        model.notes());
    List<String> inner =
        read("branches3.keras").graph().nodes().stream().map(AnnNode::name).toList();
    assertTrue(inner.contains("encoder/depthwise_conv2d"), inner.toString());
  }

  /** A file with another configuration. */
  private AnnGraph edited(String name, UnaryOperator<String> edit) throws IOException {
    try (ZipFile zip = new ZipFile(file(name).toFile())) {
      byte[] config = zip.getInputStream(zip.getEntry("config.json")).readAllBytes();
      byte[] weights = zip.getInputStream(zip.getEntry("model.weights.h5")).readAllBytes();
      String other = edit.apply(new String(config, StandardCharsets.UTF_8));
      byte[] bytes =
          Zip.plain()
              .stored("config.json", other.getBytes(StandardCharsets.UTF_8))
              .stored("model.weights.h5", weights)
              .bytes();
      return NetworkFile.read(Files.write(dir.resolve("edited.keras"), bytes), null).graph();
    }
  }

  @Test
  void rowsOfPixelsThatTheModelReshapesAreImages() throws IOException {
    String reshape =
        "{\"class_name\": \"Reshape\", \"name\": \"reshape\","
            + " \"config\": {\"target_shape\": [8, -1, 2]},"
            + " \"inbound_nodes\": [[[\"input_1\", 0, 0, {}]]]}, ";
    AnnGraph graph =
        edited(
            "early212.keras",
            config -> {
              String rows =
                  config
                      .replace("[null, 8, 8, 2]", "[null, 128]")
                      .replace("[[[\"input_1\", 0, 0, {}]]]", "[[[\"reshape\", 0, 0, {}]]]");
              int first = rows.indexOf("{\"class_name\": \"Conv2D\"");
              return rows.substring(0, first) + reshape + rows.substring(first);
            });
    assertEquals(new MapShape(2, 8, 8), graph.inputShape());
    assertLogits(graph, "early212");
  }

  @Test
  void aLayerThatIsUsedTwiceHasItsWeightsOnce() throws IOException {
    AnnGraph graph =
        edited(
            "early212.keras",
            config ->
                config
                    .replace("[null, 8, 8, 2]", "[null, 10, 10, 2]")
                    .replace(
                        "[[[\"conv2d\", 0, 0, {}]]]",
                        "[[[\"conv2d\", 0, 0, {}]], [[\"conv2d_1\", 0, 0, {}]]]")
                    .replace("[[[\"conv2d_1\", 0, 0, {}]]]", "[[[\"conv2d_1\", 1, 0, {}]]]"));
    Conv2d first = (Conv2d) graph.node("conv2d_1").op();
    AnnNode second = graph.node("conv2d_1_2");
    assertEquals(List.of("conv2d_1_activation"), second.inputs());
    assertSame(first.weight(), ((Conv2d) second.op()).weight());
  }

  @Test
  void whoScalesImagesByItselfIsNamed() {
    for (String name : List.of("plain2.h5", "operators2.keras", "operators3.keras")) {
      String notes = String.join("\n", read(name).notes());
      assertTrue(notes.contains("scales images by itself: give --normalize u8"), notes);
    }
    String notes = String.join("\n", read("branches3.keras").notes());
    assertFalse(notes.contains("scales images by itself"), notes);
  }

  @Test
  void aGraphThatIsGivenBesideAModelIsRefused() {
    refused(
        Category.USAGE,
        () -> NetworkFile.read(file("grey3.keras"), "resnet-cifar"),
        "--arch resnet-cifar",
        "which holds its graph",
        "leave it out");
  }

  private static final String GRAPH =
      """
      {"schemaVersion": 1, "input": [1, 28, 28], "nodes": [
       {"name": "c", "op": "conv2d", "padding": 1, "weight": "conv2d.conv2d.kernel:0",
        "bias": "conv2d.conv2d.bias:0"},
       {"name": "b", "op": "batchnorm", "eps": 1e-3,
        "weight": "batch_normalization.batch_normalization.gamma:0",
        "bias": "batch_normalization.batch_normalization.beta:0",
        "mean": "batch_normalization.batch_normalization.moving_mean:0",
        "var": "batch_normalization.batch_normalization.moving_variance:0"},
       {"name": "r", "op": "relu"}, {"name": "f", "op": "flatten"},
       {"name": "d", "op": "linear", "weight": "dense.dense.kernel:0",
        "bias": "dense.dense.bias:0"}]}
      """;

  @ParameterizedTest
  @ValueSource(strings = {"weights2.h5", "stub2.h5"})
  void weightsAloneAreAPlainChainOrReadByAGraphFile(String name) throws IOException {
    Imported chain = read(name);
    assertTrue(chain.guessed());
    assertLogits(chain.graph(), "weights2");
    String said = String.join("\n", chain.notes());
    assertTrue(
        said.contains(
            "no model in the file: taken for 1 convolutions (padding 'same') and 1 dense layers"),
        said);
    Path graph = Files.writeString(dir.resolve("graph.json"), GRAPH);
    Imported named = NetworkFile.read(file(name), graph.toString());
    assertLogits(named.graph(), "weights2");
    assertTrue(
        named.notes().contains("d reads the flattened map 2x28x28 channels last, as Keras does"));
    assertEquals(
        name.startsWith("stub"),
        chain.notes().contains("1 tensors of optimizer_weights/ ignored, as of training"));
  }

  @Test
  void numberedWeightsAloneAreAPlainChain() {
    assertLogits(read("dense3.weights.h5").graph(), "dense3");
  }

  @Test
  void weightsAloneThatAreNoPlainChainAreRefusedWithHowToSave() throws IOException {
    byte[] sound = Files.readAllBytes(file("dense3.weights.h5"));
    // Another name of the same length.
    Path renamed = dir.resolve("named.weights.h5");
    Files.write(renamed, replaced(sound, "dense_1", "logit_1"));
    refused(
        () -> NetworkFile.read(renamed, null),
        renamed.toString(),
        "layers.logit_1.vars.0",
        "model.save('net.keras')");
  }

  @Test
  void theImagesSayWhetherConvolutionsPad() {
    Path file = file("weights2.h5");
    Imported same = NetworkFile.read(file, null, new int[] {28, 28});
    assertEquals(new MapShape(1, 28, 28), same.graph().inputShape());
    Imported valid = NetworkFile.read(file, null, new int[] {30, 30});
    assertEquals(new MapShape(1, 30, 30), valid.graph().inputShape());
    refused(
        () -> NetworkFile.read(file, null, new int[] {56, 56}),
        file.toString(),
        "a dense layer of 1568 inputs, which is no map that convolutions alone make of images of"
            + " 56x56; pools and strides are not among weights",
        "model.save('net.keras')");
  }

  private static byte[] replaced(byte[] bytes, String from, String to) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(from));
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void theRealModelIsRead() {
    Path data = TestData.dir();
    Imported model = NetworkFile.read(data.resolve("models/mlperf_tiny_resnet8.h5"), null);
    AnnGraph graph = model.graph();
    assertEquals(new MapShape(3, 32, 32), graph.inputShape());
    assertEquals(9, graph.nodes().stream().filter(n -> n.op().label().equals("conv2d")).count());
    assertEquals(
        List.of(
            "left off softmax (dense_activation) at the end: classes are the same without it",
            "optimizer_weights ignored, as of training"),
        model.notes());
    // Stride 2 over 32 rows: a row of zeros below, none above.
    Conv2d halving = (Conv2d) graph.node("conv2d_3").op();
    assertEquals(new Window(3, 3, 2, 2, 0, 0, 1, 1, 1, 1), halving.window());
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"residual2.h5, 500", "early212.keras, 500", "weights2.h5, 300"})
  void damagedFilesAreRefusedOrRead(String name, int rounds) throws IOException {
    byte[] sound = Files.readAllBytes(file(name));
    Path damaged = dir.resolve(name);
    Mutations done =
        new Mutations(path -> NetworkFile.read(path, null))
            .run(sound, Integer.getInteger("snnsim.mutations", rounds), damaged);
    assertTrue(
        done.refused() > rounds / 8 && done.read() > rounds / 8,
        done.refused() + " " + done.read());
  }
}
