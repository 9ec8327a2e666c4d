// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.layers;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerGraphTest {
  private final LayerGraph layers = new LayerGraph("net.x");
  private final Value image = layers.input(new MapShape(1, 4, 4));

  private static Conv2d conv(int out, int in, int kernel) {
    float[] weights = new float[out * in * kernel * kernel];
    return new Conv2d(
        Tensor.of(weights, out, in, kernel, kernel), null, Window.square(kernel, 1, 0), 1);
  }

  private static Linear linear(int out, int in) {
    return new Linear(Tensor.of(new float[out * in], out, in), null);
  }

  private AnnGraph finished(Value output) {
    layers.output(output);
    return layers.finish("x");
  }

  private static List<String> names(AnnGraph graph) {
    return graph.nodes().stream().map(n -> n.name()).toList();
  }

  @Test
  void paddingGoesIntoTheNextWindow() {
    Value padded = layers.pad(layers.pad(image, Zeros.even(1, 0)), Zeros.even(0, 1));
    Value relu = layers.add("relu", new Relu(), layers.add("conv", conv(2, 1, 3), padded));
    Value pool = new MaxPoolOn(layers, 3).of(layers.pad(relu, new Zeros(0, 1, 1, 0)));
    AnnGraph graph = finished(pool);
    assertEquals(new MapShape(2, 4, 4), graph.shape(1));
    assertEquals(new MaxPool(new Window(3, 3, 1, 1, 0, 1, 1, 1, 1, 0)), graph.node("pool").op());
    assertEquals(1, ((Conv2d) graph.node("conv").op()).window().padW());
  }

  /** A max pool of stride 1 on a value. */
  private record MaxPoolOn(LayerGraph layers, int kernel) {
    Value of(Value in) {
      return layers.add("pool", new MaxPool(Window.square(kernel, 1, 0)), in);
    }
  }

  @Test
  void paddingThatNothingTakesOverIsAnObstacle() {
    // A zero could be the largest of negative values.
    Value conv = layers.add("conv", conv(2, 1, 3), image);
    new MaxPoolOn(layers, 2).of(layers.pad(conv, Zeros.even(1, 1)));
    layers.add("relu", new Relu(), layers.pad(conv, Zeros.even(0, 1)));
    layers.output(layers.pad(conv, Zeros.even(1, 1)));
    assertEquals(
        List.of("pool", "relu", "conv"), layers.obstacles().stream().map(Obstacle::layer).toList());
    refused(
        () -> layers.finish("x"),
        "net.x, layer pool: found zero padding (1 rows above, 1 below, 1 columns left, 1 right)",
        "; 2 more cannot be imported: relu, conv");
  }

  @Test
  void constantsAfterALayerWithoutBiasAreItsBias() {
    Value a = layers.add("a", linear(2, 3), linearInput());
    Value sum = layers.affine("sum", null, new float[] {1, 2}, a);
    Value again = layers.affine("again", null, new float[] {3}, sum);
    Value scaled = layers.affine("scaled", new float[] {2}, null, again);
    AnnGraph graph = finished(scaled);
    assertArrayEquals(new float[] {1, 2}, ((Linear) graph.node("a").op()).bias().data());
    BatchNorm bn = (BatchNorm) graph.node("again").op();
    assertArrayEquals(new float[] {3, 3}, bn.beta().data());
    assertEquals(List.of("a"), graph.node("again").inputs());
    assertArrayEquals(new float[] {2, 2}, ((BatchNorm) graph.node("scaled").op()).gamma().data());
  }

  @Test
  void halvesOfAShortcutAreOne() {
    Value strided = layers.add("strided", new ZeroPadShortcut(2, 0, 0), image);
    Value padded = layers.add("padded", new ZeroPadShortcut(1, 2, 3), strided);
    AnnGraph graph = finished(padded);
    assertEquals(List.of("input", "strided"), names(graph));
    assertEquals(new ZeroPadShortcut(2, 2, 3), graph.node("strided").op());
    assertEquals(new MapShape(6, 2, 2), graph.outputShape());
  }

  @Test
  void aSmallFactorOfTheImageIsSaid() {
    Value scaled = layers.affine("scale", new float[] {1 / 255f}, null, image);
    layers.affine("again", new float[] {1 / 255f}, null, scaled);
    assertEquals(1, layers.notes().size());
    assertTrue(
        layers.notes().getFirst().startsWith("scale scales images by itself"),
        layers.notes().toString());
  }

  @Test
  void constantsOfManyChannelsTakeNoMemory() {
    LayerGraph wide = new LayerGraph("net.x");
    Value at = wide.input(new MapShape(1 << 20, 1, 1));
    for (int i = 0; i < 1_000; i++) {
      at = wide.affine("x", new float[] {2}, null, at);
    }
    wide.output(at);
    refused(() -> wide.finish("x"), "found constants of 1048576 channels, expected fewer");
  }

  private Value linearInput() {
    Value flat = layers.add("flatten", new Flatten(), image);
    return layers.add("first", linear(3, 16), flat);
  }

  @Test
  void constantsAfterALayerThatOthersReadStay() {
    Value a = layers.add("a", linear(2, 3), linearInput());
    Value sum = layers.affine("sum", null, new float[] {1, 2}, a);
    AnnGraph graph = finished(layers.add("both", new Add(), a, sum));
    assertEquals(List.of("input", "flatten", "first", "a", "sum", "both"), names(graph));
  }

  @Test
  void softmaxAtTheEndIsLeftOffAndElsewhereAnObstacle() {
    Value logits = layers.add("logits", linear(2, 3), linearInput());
    Value end = layers.end("softmax", "Softmax", logits);
    AnnGraph graph = finished(layers.add("flat", new Flatten(), end));
    assertEquals(List.of("input", "flatten", "first", "logits", "flat"), names(graph));
    assertEquals(
        List.of("left off Softmax (softmax) at the end: classes are the same without it"),
        layers.notes());
    LayerGraph other = new LayerGraph("net.x");
    Value gate = other.end("gate", "Sigmoid", other.input(new MapShape(1, 1, 1)));
    other.output(other.add("relu", new Relu(), gate));
    refused(
        () -> other.finish("x"),
        "net.x, layer gate (Sigmoid): found it within the network, expected it at the end only");
  }

  @Test
  void everyObstacleIsNamedButForWhatMayFollowFromOthers() {
    Value odd = layers.obstacle("crop (Crop)", "found a crop", "leave it out", image);
    Value conv = layers.add("conv", conv(2, 3, 3), odd);
    Value gelu = layers.obstacle("gelu", "found GELU", "", conv);
    Value wrong = layers.add("wrong", conv(2, 3, 3), image);
    layers.output(layers.add("sum", new Add(), gelu, wrong));
    assertEquals(
        List.of("crop (Crop)", "gelu", "wrong"),
        layers.obstacles().stream().map(Obstacle::layer).toList());
    refused(
        () -> layers.finish("x"),
        "net.x, layer crop (Crop): found a crop; leave it out; 2 more cannot be imported: gelu,"
            + " wrong");
  }

  @Test
  void namesAreThoseOfTheFileWhereTheyCanBe() {
    Value a = layers.add("input", new Relu(), image);
    Value b = layers.add("", new Relu(), a);
    Value c = layers.add("x_2", new Relu(), b);
    Value d = layers.add("x", new Relu(), c);
    Value e = layers.add("x", new Relu(), d);
    Value f = layers.add("li\nne", new Relu(), e);
    layers.add("unread", new Relu(), a);
    assertEquals(
        List.of("input", "input_2", "relu", "x_2", "x", "x_3", "li ne"), names(finished(f)));
  }

  @Test
  void manyLayersOfOneNameTakeNoTime() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          Value at = image;
          for (int i = 0; i < 50_000; i++) {
            at = layers.add("x", new Add(), at, at);
          }
          layers.output(at);
          assertEquals(50_001, layers.finish("x").nodes().size());
        });
  }

  @Test
  void aNetworkMayBeNothingButItsImage() {
    assertEquals(List.of("input"), names(finished(layers.end("softmax", "Softmax", image))));
  }

  @Test
  void inputComesOnceAndHasASize() {
    assertThrows(IllegalStateException.class, () -> layers.input(new MapShape(1, 1, 1)));
    refused(
        () -> new LayerGraph("net.x").input(new MapShape(0, 1, 1)),
        "net.x: input: found a map of 0x1x1");
  }
}
