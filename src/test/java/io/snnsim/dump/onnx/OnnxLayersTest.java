// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import static io.snnsim.fixture.OnnxBytes.number;
import static io.snnsim.fixture.OnnxBytes.numbers;
import static io.snnsim.fixture.OnnxBytes.real;
import static io.snnsim.fixture.OnnxBytes.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.dump.Imported;
import io.snnsim.dump.NetworkFile;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.OnnxBytes;
import io.snnsim.fixture.Proto;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nodes become, opset by opset. */
class OnnxLayersTest {
  @TempDir Path dir;

  private Imported read(OnnxBytes onnx) throws IOException {
    return NetworkFile.read(onnx.write(dir.resolve("net.onnx")), null);
  }

  private AnnGraph graph(OnnxBytes onnx, String output) throws IOException {
    return read(onnx.output(output)).graph();
  }

  private static AnnOp op(AnnGraph graph, String node) {
    return graph.node(node).op();
  }

  private static float[] counted(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = i;
    }
    return values;
  }

  /** A convolution of one channel, 3x3, on an image of 7x8. */
  private AnnGraph conv(Proto... attributes) throws IOException {
    OnnxBytes onnx = OnnxBytes.of(11, 1, 7, 8).tensor("w", new int[] {2, 1, 3, 3}, counted(18));
    return graph(onnx.node("Conv", "image w", "c", attributes), "c");
  }

  private static Window window(AnnGraph graph) {
    return ((Conv2d) op(graph, "c")).window();
  }

  @Test
  void paddingsOfConvolutions() throws IOException {
    assertEquals(Window.square(3, 1, 0), window(conv()));
    AnnGraph g = conv(numbers("pads", 1, 0, 2, 1), numbers("strides", 2, 1));
    assertEquals(new Window(3, 3, 2, 1, 1, 0, 1, 1, 2, 1), window(g));
    g = conv(text("auto_pad", "SAME_UPPER"), numbers("strides", 2, 2));
    assertEquals(new Window(3, 3, 2, 2, 1, 0, 1, 1, 1, 1), window(g));
    assertEquals(new MapShape(2, 4, 4), g.outputShape());
    g = conv(text("auto_pad", "SAME_LOWER"), numbers("strides", 2, 2));
    assertEquals(new Window(3, 3, 2, 2, 1, 1, 1, 1, 1, 0), window(g));
    g = conv(text("auto_pad", "SAME_UPPER"), numbers("dilations", 2, 1));
    assertEquals(new Window(3, 3, 1, 1, 2, 1, 2, 1, 2, 1), window(g));
    g = conv(text("auto_pad", "VALID"), numbers("pads", 1, 1, 1, 1));
    assertEquals(Window.square(3, 1, 0), window(g));
  }

  @Test
  void weightsOfLinearLayers() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(13, 2)
            .tensor("w", new int[] {2, 3}, counted(6))
            .tensor("b", new int[] {1, 3}, 1, 2, 3)
            .node("Gemm", "image w b", "a", real("alpha", 2), real("beta", 10))
            .tensor("v", new int[] {2, 3}, counted(6))
            .tensor("one", new int[0], 7)
            .node("Gemm", "a v one", "g", number("transB", 1))
            .tensor("u", new int[] {1, 2, 3}, counted(6))
            .node("MatMul", "g u", "m");
    AnnGraph g = graph(onnx, "m");
    assertArrayEquals(new float[] {0, 3, 1, 4, 2, 5}, ((Linear) op(g, "m")).weight().data());
    Linear a = (Linear) op(g, "a");
    assertArrayEquals(new int[] {3, 2}, a.weight().shape());
    assertArrayEquals(new float[] {0, 6, 2, 8, 4, 10}, a.weight().data());
    assertArrayEquals(new float[] {10, 20, 30}, a.bias().data());
    Linear b = (Linear) op(g, "g");
    assertArrayEquals(counted(6), b.weight().data());
    assertArrayEquals(new float[] {7, 7}, b.bias().data());
  }

  @Test
  void productsOverChannelsOfPixelsAreConvolutions() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(13, 2, 2, 3)
            .node("Transpose", "image", "last", numbers("perm", 0, 2, 3, 1))
            .tensor("w", new int[] {2, 4}, counted(8))
            .node("MatMul", "last w", "m")
            .node("Transpose", "m", "t", numbers("perm", 0, 3, 1, 2))
            .node("GlobalAveragePool", "t", "p");
    AnnGraph g = graph(onnx, "p");
    Conv2d conv = (Conv2d) op(g, "m");
    assertEquals(new MapShape(4, 2, 3), g.shape(g.indexOf("m")));
    assertArrayEquals(new float[] {0, 4, 1, 5, 2, 6, 3, 7}, conv.weight().data());
  }

  @Test
  void columnsFollowHowAMapWasFlattened() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(13, 2, 1, 3)
            .node("Relu", "image", "r")
            .node("Transpose", "r", "last", numbers("perm", 0, 2, 3, 1))
            .longs("flat", 0, -1)
            .node("Reshape", "last flat", "f")
            .tensor("w", new int[] {6, 2}, counted(12))
            .node("MatMul", "f w", "m");
    Linear linear = (Linear) op(graph(onnx, "m"), "m");
    // Pixel by pixel in the file, channel by channel here.
    assertArrayEquals(new float[] {0, 4, 8, 2, 6, 10, 1, 5, 9, 3, 7, 11}, linear.weight().data());
  }

  @ParameterizedTest
  @CsvSource({"10, 0, 6", "10, 0, 3.5e38", "11, 0, 6", "11, 0, ''", "13, 0, 1e39"})
  void clips(int opset, float min, String max) throws IOException {
    OnnxBytes onnx = OnnxBytes.of(opset, 2);
    boolean old = opset < 11;
    float most = max.isEmpty() ? 0 : Float.parseFloat(max);
    if (old) {
      onnx.node("Clip", "image", "c", real("min", min), real("max", most));
    } else {
      onnx.tensor("min", new int[0], min).tensor("max", new int[0], most);
      onnx.node("Clip", max.isEmpty() ? "image min" : "image min max", "c");
    }
    assertEquals(max.equals("6") ? new Relu(6) : new Relu(), op(graph(onnx, "c"), "c"));
  }

  @Test
  void boundsOfRectifiedValues() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(13, 2)
            .tensor("zero", new int[0], 0)
            .tensor("six", new int[] {1}, 6)
            .node("Max", "zero image", "max")
            .node("Min", "max six", "min")
            .node("Clip", "min", "nothing")
            .node("LeakyRelu", "nothing", "leaky", real("alpha", 0));
    AnnGraph g = graph(onnx, "leaky");
    assertEquals(4, g.nodes().size());
    assertEquals(new Relu(), op(g, "max"));
    assertEquals(new Relu(6), op(g, "min"));
  }

  @Test
  void arithmeticWithConstants() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(13, 2, 2, 2)
            .tensor("c", new int[] {2, 1, 1}, 2, 4)
            .tensor("s", new int[0], 8)
            .node("Sub", "image c", "sub")
            .node("Sub", "s sub", "from")
            .node("Div", "from c", "div")
            .node("Mul", "s div", "mul")
            .node("Neg", "mul", "neg")
            .node("Sum", "neg c s", "sum");
    AnnGraph g = graph(onnx, "sum");
    assertAffine(g, "sub", new float[] {1, 1}, new float[] {-2, -4});
    assertAffine(g, "from", new float[] {-1, -1}, new float[] {8, 8});
    assertAffine(g, "div", new float[] {0.5f, 0.25f}, new float[] {0, 0});
    assertAffine(g, "mul", new float[] {8, 8}, new float[] {0, 0});
    assertAffine(g, "neg", new float[] {-1, -1}, new float[] {0, 0});
    assertAffine(g, "sum", new float[] {1, 1}, new float[] {2, 4});
    assertAffine(g, "sum_2", new float[] {1, 1}, new float[] {8, 8});
  }

  private static void assertAffine(AnnGraph g, String node, float[] factor, float[] addend) {
    BatchNorm bn = (BatchNorm) op(g, node);
    assertArrayEquals(factor, bn.gamma().data(), node);
    assertArrayEquals(addend, bn.beta().data(), node);
  }

  @Test
  void poolsThatRoundUp() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(11, 1, 6, 7)
            .node("Relu", "image", "r")
            .node(
                "MaxPool",
                "r",
                "p",
                numbers("kernel_shape", 3, 3),
                numbers("strides", 2, 2),
                number("ceil_mode", 1));
    AnnGraph g = graph(onnx, "p");
    assertEquals(new MaxPool(new Window(3, 3, 2, 2, 0, 0, 1, 1, 1, 0)), op(g, "p"));
    assertEquals(new MapShape(1, 3, 3), g.outputShape());
  }

  @Test
  void aWindowThatWouldBeginBehindTheMapIsNone() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(11, 1, 3, 4)
            .node(
                "MaxPool",
                "image",
                "p",
                numbers("kernel_shape", 1, 1),
                numbers("strides", 3, 3),
                number("ceil_mode", 1));
    AnnGraph g = graph(onnx, "p");
    assertEquals(new MapShape(1, 1, 2), g.outputShape());
    assertEquals(0, ((MaxPool) op(g, "p")).window().padBottom());
  }

  @Test
  void meansOverRowsAndColumns() throws IOException {
    for (int opset : new int[] {13, 18}) {
      OnnxBytes onnx = OnnxBytes.of(opset, 2, 3, 4).node("Relu", "image", "r");
      if (opset < 18) {
        onnx.node("ReduceMean", "r", "m", numbers("axes", -1, 2), number("keepdims", 0));
      } else {
        onnx.longs("axes", 3, 2).node("ReduceMean", "r axes", "m", number("keepdims", 0));
      }
      onnx.tensor("w", new int[] {2, 2}, 1, 1, 1, 1).node("MatMul", "m w", "l");
      AnnGraph g = graph(onnx, "l");
      assertEquals("globalavgpool", op(g, "m").label());
      assertEquals(new MapShape(2, 1, 1), g.outputShape());
    }
  }

  @Test
  void everyOtherPixelWithZeroChannelsIsAShortcut() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(11, 2, 6, 6)
            .node("Relu", "image", "r")
            .longs("start", 0)
            .longs("end", Long.MAX_VALUE)
            .longs("rows", 2)
            .longs("columns", -1)
            .longs("step", 2)
            .node("Slice", "r start end rows step", "s1")
            .node("Slice", "s1 start end columns step", "s2")
            .longs("pads", 0, 1, 0, 0, 0, 3, 0, 0)
            .node("Pad", "s2 pads", "p");
    AnnGraph g = graph(onnx, "p");
    assertEquals(new ZeroPadShortcut(2, 1, 3), op(g, "p"));
    assertEquals(new MapShape(6, 3, 3), g.outputShape());
    // Opset 9 has them as attributes, and a convolution may read the slice itself.
    onnx =
        OnnxBytes.of(9, 2, 6, 6)
            .node("Slice", "image", "s", numbers("starts", 0, 0), numbers("ends", 9, 2))
            .node("Relu", "s", "r");
    assertEquals(2, graph(onnx, "r").nodes().size());
  }

  @Test
  void shapesThatAreComputed() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(9, 2, 3, 3)
            .node("Relu", "image", "r")
            .node("Shape", "r", "shape")
            .node("Constant", "", "zero", new Proto().text(1, "value").message(5, scalar(0)))
            .node("Gather", "shape zero", "n", number("axis", 0))
            .node("Unsqueeze", "n", "n1", numbers("axes", 0))
            .longs("rest", -1)
            .node("Concat", "n1 rest", "to", number("axis", 0))
            .node("Reshape", "r to", "flat")
            .tensor("w", new int[] {2, 18}, counted(36))
            .node("Gemm", "flat w", "m", number("transB", 1));
    AnnGraph g = graph(onnx, "m");
    assertEquals("flatten", op(g, "flat").label());
    assertArrayEquals(counted(36), ((Linear) op(g, "m")).weight().data());
  }

  private static Proto scalar(long value) {
    return OnnxBytes.values("", OnnxBytes.INT64).bytes(9, Proto.longs(value));
  }

  @Test
  void weightsThatAreMovedAboutAreFolded() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(13, 3)
            .tensor("w", new int[] {2, 3}, counted(6))
            .node("Transpose", "w", "t")
            .node("Mul", "t t", "tt")
            .longs("two", 1, 0)
            .node("Gather", "tt two", "g", number("axis", 1))
            .node("MatMul", "image g", "m");
    Linear linear = (Linear) op(graph(onnx, "m"), "m");
    assertArrayEquals(new float[] {9, 16, 25, 0, 1, 4}, linear.weight().data());
  }

  @Test
  void imagesInTheOrdersThatFilesHave() throws IOException {
    float[] w = counted(9 * 3);
    OnnxBytes last =
        OnnxBytes.of(13, 7, 8, 3)
            .tensor("mean", new int[] {3}, 1, 2, 3)
            .node("Sub", "image mean", "s")
            .node("Transpose", "s", "t", numbers("perm", 0, 3, 1, 2))
            .tensor("w", new int[] {1, 3, 3, 3}, w)
            .node("Conv", "t w", "c");
    assertEquals(new MapShape(3, 7, 8), graph(last, "c").inputShape());
    OnnxBytes flat =
        OnnxBytes.of(13, 27)
            .longs("map", -1, 3, 3, 3)
            .node("Reshape", "image map", "r")
            .tensor("w", new int[] {1, 3, 3, 3}, w)
            .node("Conv", "r w", "c");
    assertEquals(new MapShape(3, 3, 3), graph(flat, "c").inputShape());
    OnnxBytes scaled =
        OnnxBytes.of(13, 27)
            .tensor("max", new int[0], 255)
            .node("Div", "image max", "d")
            .longs("map", -1, 3, 3, 3)
            .node("Reshape", "d map", "r")
            .tensor("w", new int[] {1, 3, 3, 3}, w)
            .node("Conv", "r w", "c");
    assertEquals(new MapShape(3, 3, 3), graph(scaled, "c").inputShape());
    OnnxBytes flatLast =
        OnnxBytes.of(13, 60)
            .longs("map", -1, 4, 5, 3)
            .node("Reshape", "image map", "r")
            .node("Transpose", "r", "t", numbers("perm", 0, 3, 1, 2))
            .tensor("w", new int[] {1, 3, 3, 3}, w)
            .node("Conv", "t w", "c");
    assertEquals(new MapShape(3, 4, 5), graph(flatLast, "c").inputShape());
    OnnxBytes grey = OnnxBytes.of(13, 4, 5).node("Flatten", "image", "f").node("Relu", "f", "r");
    assertEquals(new MapShape(1, 4, 5), graph(grey, "r").inputShape());
    OnnxBytes signal =
        OnnxBytes.of(13, 9, 2)
            .node("Transpose", "image", "t", numbers("perm", 0, 2, 1))
            .tensor("w", new int[] {1, 2, 3}, counted(6))
            .node("Conv", "t w", "c");
    assertEquals(new MapShape(2, 1, 9), graph(signal, "c").inputShape());
    OnnxBytes grown =
        OnnxBytes.of(13, 9, 2)
            .longs("one", 1)
            .node("Unsqueeze", "image one", "u")
            .node("Transpose", "u", "t", numbers("perm", 0, 3, 1, 2))
            .tensor("w", new int[] {1, 2, 1, 3}, counted(6))
            .node("Conv", "t w", "c");
    assertEquals(new MapShape(2, 1, 9), graph(grown, "c").inputShape());
  }

  @Test
  void aClassifierOfScikitLearn() throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(13, 2)
            .node(
                "Scaler",
                "image",
                "s",
                new Proto().text(1, "offset").real(7, 1).real(7, 2).number(20, 6),
                new Proto().text(1, "scale").real(7, 4).number(20, 6))
            .node("Cast", "s", "x", number("to", OnnxBytes.FLOAT))
            .tensor("w", new int[] {2, 3}, counted(6))
            .tensor("b", new int[] {1, 3}, 1, 2, 3)
            .node("MatMul", "x w", "m")
            .node("Add", "m b", "a")
            .node("Softmax", "a", "p", number("axis", 1))
            .node("ArgMax", "p", "best", number("axis", 1))
            .foreign("ai.onnx.ml", "ArrayFeatureExtractor", "best best", "label")
            .foreign("ai.onnx.ml", "ZipMap", "p", "probabilities")
            .output("label", OnnxBytes.INT64);
    Imported net = read(onnx.output("probabilities", 0));
    assertEquals(3, net.graph().nodes().size());
    assertAffine(net.graph(), "s", new float[] {4, 4}, new float[] {-4, -8});
    assertArrayEquals(new float[] {1, 2, 3}, ((Linear) op(net.graph(), "m")).bias().data());
    assertEquals("onnx", net.arch());
    assertEquals(
        List.of(
            "of the outputs label, probabilities only probabilities is imported",
            "left off Softmax (p) at the end: classes are the same without it"),
        net.notes());
  }

  @Test
  void floatsOfEveryWidthAndForm() throws IOException {
    short half = Float.floatToFloat16(1.5f);
    Proto bits = new Proto().raw(half & 0xffff).raw(half & 0xffff);
    long one = Double.doubleToLongBits(1.5);
    List<Proto> forms =
        List.of(
            OnnxBytes.values("b", 1, 2).bytes(4, Proto.floats(1.5f, 1.5f)),
            OnnxBytes.values("b", 1, 2).real(4, 1.5f).real(4, 1.5f),
            OnnxBytes.values("b", 10, 2).bytes(5, bits.bytes()),
            OnnxBytes.values("b", 16, 2).packed(5, 0x3fc0, 0x3fc0),
            OnnxBytes.values("b", 11, 2).bytes(10, Proto.longs(one, one)),
            OnnxBytes.values("b", 11, 2).bytes(9, Proto.longs(one, one)),
            OnnxBytes.values("b", 10, 2).bytes(9, new byte[] {0, 0x3e, 0, 0x3e}),
            OnnxBytes.values("b", 16, 2)
                .bytes(9, new byte[] {(byte) 0xc0, 0x3f, (byte) 0xc0, 0x3f}));
    for (Proto form : forms) {
      OnnxBytes onnx =
          OnnxBytes.of(13, 2)
              .tensor("w", new int[] {2, 2}, counted(4))
              .tensor(form)
              .node("Gemm", "image w b", "g");
      assertArrayEquals(
          new float[] {1.5f, 1.5f}, ((Linear) op(graph(onnx, "g"), "g")).bias().data());
    }
  }

  private AnnGraph resized(int opset, String inputs, Proto... attributes) throws IOException {
    OnnxBytes onnx =
        OnnxBytes.of(opset, 2, 3, 4)
            .tensor("two", new int[] {4}, 1, 1, 2, 2)
            .tensor("wide", new int[] {4}, 1, 1, 1, 3)
            .tensor("half", new int[] {4}, 1, 1, 0.5f, 1)
            .tensor("more", new int[] {4}, 1, 2, 1, 1)
            .tensor("last", new int[] {2}, 2, 3)
            .longs("sizes", 1, 2, 6, 12);
    return graph(onnx.node("Resize", inputs, "r", attributes), "r");
  }

  @Test
  void mapsAreEnlargedByTheNearestValue() throws IOException {
    Proto floor = text("nearest_mode", "floor");
    Proto asymmetric = text("coordinate_transformation_mode", "asymmetric");
    assertEquals(new Upsample(2, 2), op(resized(10, "image two"), "r"));
    assertEquals(new Upsample(2, 2), op(resized(13, "image - two"), "r"));
    assertEquals(new Upsample(2, 2), op(resized(13, "image - two", floor, asymmetric), "r"));
    assertEquals(new Upsample(1, 3), op(resized(13, "image - wide"), "r"));
    assertEquals(new Upsample(2, 3), op(resized(13, "image - - sizes"), "r"));
    assertEquals(new Upsample(2, 3), op(resized(18, "image - last", numbers("axes", 2, -1)), "r"));
    assertEquals(new MapShape(2, 6, 12), resized(13, "image - - sizes").outputShape());
    OnnxBytes onnx =
        OnnxBytes.of(9, 2, 3, 4)
            .node("Transpose", "image", "t", numbers("perm", 0, 2, 3, 1))
            .tensor("s", new int[] {4}, 1, 2, 3, 1)
            .node("Upsample", "t s", "u", text("mode", "nearest"))
            .node("Transpose", "u", "out", numbers("perm", 0, 3, 1, 2));
    assertEquals(new Upsample(2, 3), op(graph(onnx, "out"), "u"));
    onnx = OnnxBytes.of(9, 2, 1, 1).tensor("s", new int[] {4}, 1, 1, 3, 2);
    onnx.node("Upsample", "image s", "u").node("GlobalAveragePool", "u", "p");
    assertEquals(new MapShape(2, 3, 2), graph(onnx, "p").shape(1));
  }

  /** Where values would be taken from other places than a repetition takes them. */
  @Test
  void otherWaysToResizeAreRefused() {
    Proto ceil = text("nearest_mode", "ceil");
    Proto floor = text("nearest_mode", "floor");
    Proto asymmetric = text("coordinate_transformation_mode", "asymmetric");
    Proto corners = text("coordinate_transformation_mode", "align_corners");
    assertRefused("output 2 takes value 0 (half_pixel, floor)", 13, "image - two", floor);
    assertRefused("output 2 takes value 1 (asymmetric, round", 13, "image - wide", asymmetric);
    assertRefused("(align_corners, ceil)", 13, "image - two", corners, ceil);
    assertRefused("mode linear, expected nearest", 13, "image - two", text("mode", "linear"));
    assertRefused("0.5 times as large", 13, "image - half");
    assertRefused("rows and columns only", 13, "image - more");
    assertRefused("found 2 factors for 4 dimensions", 13, "image - last");
    assertRefused("found no factors", 13, "image");
    assertRefused("nearest_mode up", 13, "image - two", text("nearest_mode", "up"));
  }

  private void assertRefused(String part, int opset, String inputs, Proto... attributes) {
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> resized(opset, inputs, attributes));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
