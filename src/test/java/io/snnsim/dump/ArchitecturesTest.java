// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.error.Category;
import io.snnsim.fixture.TestData;
import io.snnsim.geometry.MapShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Known families: what is recognised, what it computes, and what does not fit. */
class ArchitecturesTest {
  @TempDir Path dir;

  /** Tensors of a ResNet for small images, named as in the usual PyTorch code, all values small. */
  private static Map<String, Tensor> resNet(
      int n, int channels, boolean projections, int... widths) {
    Map<String, Tensor> t = new LinkedHashMap<>();
    convBn(t, "conv1", "bn1", widths[0], channels, 3);
    int in = widths[0];
    for (int stage = 1; stage <= widths.length; stage++) {
      int out = widths[stage - 1];
      for (int k = 0; k < n; k++) {
        String b = "layer" + stage + "." + k + ".";
        convBn(t, b + "conv1", b + "bn1", out, in, 3);
        convBn(t, b + "conv2", b + "bn2", out, out, 3);
        if (projections && k == 0 && stage > 1) {
          convBn(t, b + "shortcut.0", b + "shortcut.1", out, in, 1);
        }
        in = out;
      }
    }
    put(t, "linear.weight", 10, in);
    put(t, "linear.bias", 10);
    return t;
  }

  private static void convBn(
      Map<String, Tensor> t, String conv, String bn, int out, int in, int kernel) {
    put(t, conv + ".weight", out, in, kernel, kernel);
    for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
      put(t, bn + "." + part, out);
    }
  }

  private static void put(Map<String, Tensor> t, String name, int... shape) {
    float[] data = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Arrays.fill(data, 0.5f);
    t.put(name, new Tensor(shape, data));
  }

  private static WeightDump dump(Map<String, Tensor> tensors) {
    return new WeightDump(Path.of("net.npz"), tensors, List.of());
  }

  /** Refuses a ResNet-8 after a change to its tensors. */
  private static String refusedAfter(Consumer<Map<String, Tensor>> change, String... parts) {
    Map<String, Tensor> t = resNet(1, 3, false, 4, 8, 16);
    change.accept(t);
    String line = refused(() -> Architectures.build(dump(t), null), parts);
    assertTrue(line.startsWith("net.npz"), line);
    return line;
  }

  @Test
  void everyDepthOf6nPlus2IsRecognisedWithBothOptions() {
    for (int n = 1; n <= 18; n++) {
      for (boolean projections : new boolean[] {false, true}) {
        Imported net = Architectures.build(dump(resNet(n, 3, projections, 4, 8, 16)), null);
        assertTrue(net.guessed());
        assertEquals("resnet-cifar", net.arch());
        assertEquals("ResNet-" + (6 * n + 2), net.graph().name());
        assertEquals(
            List.of(
                "resnet-cifar: ResNet-"
                    + (6 * n + 2)
                    + ", widths 4-8-16, option "
                    + (projections ? "B" : "A")
                    + " shortcuts, images 3x32x32, 10 classes, batch norm eps 1.0E-5"),
            net.notes());
        assertEquals(6 * n + 2 + (projections ? 2 : 0), layersOf(net.graph()));
        assertEquals(3 * n, count(net.graph(), Add.class));
        assertEquals(projections ? 0 : 2, count(net.graph(), ZeroPadShortcut.class));
        assertEquals(new MapShape(3, 32, 32), net.graph().inputShape());
        assertEquals(new MapShape(10, 1, 1), net.graph().outputShape());
      }
    }
  }

  private static long layersOf(AnnGraph g) {
    return count(g, Conv2d.class) + count(g, Linear.class);
  }

  private static long count(AnnGraph g, Class<? extends AnnOp> op) {
    return g.nodes().stream().filter(n -> op.isInstance(n.op())).count();
  }

  @Test
  void stridesAndZeroChannelsAreWhereTheyBelong() {
    AnnGraph g = Architectures.build(dump(resNet(2, 3, false, 4, 8, 16)), null).graph();
    assertEquals(new ZeroPadShortcut(2, 2, 2), g.node("layer2.0.shortcut").op());
    assertEquals(new ZeroPadShortcut(2, 4, 4), g.node("layer3.0.shortcut").op());
    for (AnnNode node : g.nodes()) {
      if (node.op() instanceof Conv2d c) {
        boolean down = node.name().matches("layer[23]\\.0\\.conv1");
        assertEquals(down ? 2 : 1, c.window().strideH(), node.name());
      }
    }
    assertEquals(new MapShape(16, 8, 8), g.shape(g.indexOf("layer3.1.relu2")));
    assertEquals(List.of("layer1.1.bn2", "layer1.0.relu2"), g.node("layer1.1.add").inputs());
  }

  @Test
  void oneChannelIsMnist() {
    Imported net = Architectures.build(dump(resNet(1, 1, false, 4, 8, 16)), null);
    assertEquals("resnet-mnist", net.arch());
    assertEquals(new MapShape(1, 28, 28), net.graph().inputShape());
    assertTrue(net.notes().getFirst().contains("images 1x28x28"), net.notes().toString());
  }

  @Test
  void aNamedFamilyIsNoGuessAndIsHeldToItsChannels() {
    assertFalse(Architectures.build(dump(resNet(1, 3, true, 4, 8, 16)), "resnet-cifar").guessed());
    refused(
        () -> Architectures.build(dump(resNet(1, 1, false, 4, 8, 16)), "resnet-cifar"),
        "net.npz[conv1.weight]: found shape [4, 1, 3, 3], expected [4, 3, 3, 3] in resnet-cifar");
    refused(
        () -> Architectures.build(dump(resNet(1, 3, false, 4, 8, 16)), "resnet-mnist"),
        "net.npz[conv1.weight]: found shape [4, 3, 3, 3], expected [4, 1, 3, 3] in resnet-mnist");
  }

  @ParameterizedTest
  @CsvSource({
    "resnet14_a, ResNet-14, option A", "resnet8_b, ResNet-8, option B",
    "resnet8_torchvision_names, ResNet-8, option B", "resnet8_mnist, ResNet-8, option A"
  })
  void logitsAreThoseOfPyTorch(String name, String model, String option) {
    Imported net = Architectures.build(WeightDump.read(fixture(name + ".npz")), null);
    assertEquals(model, net.graph().name());
    assertTrue(net.notes().getLast().contains(option), net.notes().toString());
    assertTrue(net.notes().getFirst().contains("num_batches_tracked counters ignored"));
    assertLogits(net, name);
  }

  /** Those that take images of any size take them as they are. */
  @ParameterizedTest
  @CsvSource({
    "resnet18_small, resnet, ResNet-18, 'basic blocks, widths 2-3-4-6, images 3x32x32'",
    "resnext_small, resnet, ResNeXt-17, 'bottlenecks of 2 groups, widths 4-8-8-12, images 3x64x96'",
    "vgg_norm, vgg, VGG-7, '3 max pools of 2x2, images 3x32x32, 5 classes'",
    "vgg_plain, vgg, VGG-4, '2 max pools of 2x2, images 3x4x4, 5 classes'",
    "mobilenet_large, mobilenet-v1, MobileNet-28, 'stride 2 in the first convolution, 2 in the"
        + " blocks 2, 4, 13'",
    "mobilenet_small, mobilenet-v1, MobileNet-10, '4 blocks, widths 3-4-6-6-8, images 3x32x32, 5"
        + " classes'",
    "mlp, mlp, MLP-3, '3 fully connected layers of 30-12-7-5 values'"
  })
  void otherFamiliesAreRecognised(String name, String family, String model, String note) {
    Path images = fixture(name + "_expected.npz");
    int[] size = ImageSet.size(images, ImageOptions.first(1));
    Imported net = NetworkFile.read(fixture(name + ".npz"), null, size);
    assertEquals(family, net.arch());
    assertEquals(model, net.graph().name());
    assertTrue(net.notes().getLast().contains(note), net.notes().toString());
    assertLogits(net, name);
    Imported named = NetworkFile.read(fixture(name + ".npz"), family, size);
    assertEquals(GraphJson.write(net.graph()), GraphJson.write(named.graph()));
  }

  /** Under prefixes, and with names sorted as HDF5 sorts them, 10 before 2. */
  @Test
  void mobileNetsAreRecognisedInAnyOrderOfNames() {
    for (String name : List.of("mobilenet_large", "mobilenet_small")) {
      int[] size = {32, 48};
      Path file = fixture(name + ".npz");
      String expected = GraphJson.write(NetworkFile.read(file, null, size).graph());
      Map<String, Tensor> sorted = new TreeMap<>();
      WeightDump.read(file).tensors().forEach((n, t) -> sorted.put("module." + n, t));
      Imported net = Architectures.build(dump(sorted), null, size);
      assertEquals("mobilenet-v1", net.arch());
      assertEquals(expected, GraphJson.write(net.graph()));
      assertTrue(net.notes().getFirst().contains("prefix 'module.' removed"), net.notes() + "");
      assertTrue(net.notes().getLast().contains("weights do not tell: stride 1 in the first"));
    }
    Map<String, Tensor> t = new LinkedHashMap<>();
    convBn(t, "a", "an", 4, 3, 3);
    convBn(t, "b", "bn", 4, 1, 3);
    convBn(t, "c", "cn", 8, 5, 1);
    put(t, "d.weight", 10, 8);
    refused(
        () -> Architectures.build(dump(t), "mobilenet-v1"),
        "found no chain of a convolution, pairs of a depthwise and a 1x1 convolution",
        "export the network to ONNX");
  }

  private static void assertLogits(Imported net, String name) {
    Path file = fixture(name + "_expected.npz");
    ImageSet images = images(file, net.graph().inputShape());
    float[] pixels = new float[2 * net.graph().inputShape().size()];
    for (int i = 0; i < 2; i++) {
      float[] one = new float[pixels.length / 2];
      images.read(i, one);
      System.arraycopy(one, 0, pixels, i * one.length, one.length);
    }
    AnnForward forward = new AnnForward(net.graph());
    AnnForward.Workspace ws = forward.newWorkspace(2);
    forward.run(pixels, 2, ws);
    float[][] found = ws.activation(net.graph().nodes().size() - 1);
    try (NpzFile npz = NpzFile.open(file)) {
      NpyArray logits = npz.get("logits");
      assertArrayEquals(new int[] {2, found.length}, logits.shape());
      float[] expected = logits.toFloats();
      for (int i = 0; i < expected.length; i++) {
        float f = found[i % found.length][i / found.length];
        assertEquals(expected[i], f, 2e-5f * (1 + Math.abs(expected[i])), "logit " + i);
      }
    }
  }

  private static ImageSet images(Path file, MapShape shape) {
    return ImageSet.read(file, shape);
  }

  @Test
  void npzAndHdf5OfTheSameNetGiveTheSameGraph() {
    Path data = TestData.dir();
    assertSameGraph(
        Architectures.build(WeightDump.read(data.resolve("resnet20_cifar10.npz")), null),
        Architectures.build(WeightDump.read(data.resolve("resnet20_cifar10.h5")), null));
  }

  /** Equal in every operator, window and bit of every tensor. */
  private static void assertSameGraph(Imported a, Imported b) {
    assertEquals(a.notes(), b.notes());
    assertEquals(a.graph().name(), b.graph().name());
    assertEquals(GraphJson.write(a.graph()), GraphJson.write(b.graph()));
    Map<String, Tensor> p = a.graph().parameters();
    Map<String, Tensor> q = b.graph().parameters();
    assertEquals(List.copyOf(p.keySet()), List.copyOf(q.keySet()));
    assertEquals(97, p.size());
    p.forEach(
        (name, t) -> {
          assertArrayEquals(t.shape(), q.get(name).shape(), name);
          for (int i = 0; i < t.size(); i++) {
            assertEquals(
                Float.floatToRawIntBits(t.data()[i]),
                Float.floatToRawIntBits(q.get(name).data()[i]),
                name);
          }
        });
  }

  @Test
  void everyMissingTensorIsNamed() {
    for (String name : resNet(1, 3, true, 4, 8, 16).keySet()) {
      Map<String, Tensor> t = resNet(1, 3, true, 4, 8, 16);
      t.remove(name);
      if (name.equals("conv1.bias")) {
        continue;
      }
      String line = refused(() -> Architectures.build(dump(t), null), "net.npz: ");
      assertTrue(line.contains("found no tensor " + name + ", expected one in resnet-cifar"), line);
    }
  }

  @Test
  void everyMisShapedTensorIsNamed() {
    for (Map.Entry<String, Tensor> e : resNet(1, 3, true, 4, 8, 16).entrySet()) {
      Map<String, Tensor> t = resNet(1, 3, true, 4, 8, 16);
      int[] shape = e.getValue().shape().clone();
      shape[shape.length - 1]++;
      put(t, e.getKey(), shape);
      refused(
          () -> Architectures.build(dump(t), null),
          "net.npz[" + e.getKey() + "]: found shape " + Arrays.toString(shape) + ", expected [");
      put(t, e.getKey(), 1, 1, 1, 1, 1);
      refused(
          () -> Architectures.build(dump(t), null),
          "net.npz[" + e.getKey() + "]: found shape [1, 1, 1, 1, 1], expected ");
    }
  }

  @Test
  void extraTensorsAreNamed() {
    refusedAfter(t -> put(t, "aux.weight", 3), "found 1 tensors", "(aux.weight)", "resnet-cifar");
    refusedAfter(
        t -> List.of("p", "q", "r", "s").forEach(name -> put(t, name, 1)),
        "found 4 tensors",
        "(p, q, r, ...)");
  }

  @Test
  void stagesOfDifferentLengthAreAnIncompleteDump() {
    Map<String, Tensor> t = resNet(2, 3, false, 4, 8, 16);
    t.keySet().removeIf(k -> k.startsWith("layer3.1."));
    refused(
        () -> Architectures.build(dump(t), null),
        "net.npz: found 1 blocks in layer3 and 2 in layer1");
    Map<String, Tensor> gap = resNet(3, 3, false, 4, 8, 16);
    gap.keySet().removeIf(k -> k.startsWith("layer2.1."));
    refused(() -> Architectures.build(dump(gap), null), "found no tensor layer2.1.conv1.weight");
    refusedAfter(
        x -> x.keySet().removeIf(k -> k.startsWith("layer3.")),
        "found no tensor layer3.0.conv1.weight");
  }

  @Test
  void optionAIsOnlyTakenWhereItIsDefined() {
    for (int[] widths : new int[][] {{4, 12, 24}, {4, 4, 8}, {4, 8, 8}}) {
      refused(
          () -> Architectures.build(dump(resNet(1, 3, false, widths)), null),
          "net.npz: found ",
          "shortcut.0.weight",
          "option-A");
      assertEquals(
          "ResNet-8", Architectures.build(dump(resNet(1, 3, true, widths)), null).graph().name());
    }
  }

  @Test
  void otherFamiliesAreNotTakenForTheseOnes() {
    // Without projections it is none of torchvision's, and with four stages none of the small ones.
    refusedAfter(
        t -> put(t, "layer4.0.conv1.weight", 32, 16, 3, 3),
        "found no shortcut where layer2.0.conv1 changes the map",
        "layer2.0.downsample.0.weight");
    Map<String, Tensor> stages = new LinkedHashMap<>();
    for (int i = 0; i < 6; i++) {
      put(stages, "stages." + i + ".weight", 8, 8, 3, 3);
    }
    refused(
        () -> Architectures.build(dump(stages), null),
        "net.npz: found tensors such as stages.0.weight, ",
        ", ..., expected those of a known family (resnet-cifar, resnet-mnist, resnet, vgg,"
            + " mobilenet-v1, mlp)",
        "--arch");
    refused(() -> Architectures.build(dump(Map.of()), null), "net.npz: found no tensors");
  }

  @Test
  void aVarianceThatIsNoneIsRefused() {
    refusedAfter(
        t -> t.get("layer2.0.bn2.running_var").data()[3] = -0.25f,
        "net.npz: ",
        "node layer2.0.bn2: found running variance -0.25 of channel 3");
  }

  @Test
  void archIsANameOrAFile() throws IOException {
    WeightDump dump = dump(resNet(1, 3, false, 4, 8, 16));
    for (String name : new String[] {"alexnet", "", "ResNet-CIFAR", "a\u0000b"}) {
      refused(
          Category.USAGE,
          () -> Architectures.build(dump, name),
          "--arch ",
          "resnet-cifar, resnet-mnist");
    }
    String none = dir.resolve("none.json").toString();
    refused(Category.INPUT_MISSING, () -> Architectures.build(dump, none), none);
    refused(Category.INPUT_MISSING, () -> Architectures.build(dump, dir.toString()), "a folder");
    Path file =
        Files.writeString(
            dir.resolve("graph"), GraphJson.write(Architectures.build(dump, null).graph()));
    Imported net = Architectures.build(dump, file.toString());
    assertEquals("ResNet-8", net.graph().name());
    assertFalse(net.guessed());
    assertEquals(file.toString(), net.arch());
  }
}
