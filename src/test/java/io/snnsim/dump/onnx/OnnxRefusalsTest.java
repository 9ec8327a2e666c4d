// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import static io.snnsim.fixture.DumpFiles.allocated;
import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static io.snnsim.fixture.OnnxBytes.number;
import static io.snnsim.fixture.OnnxBytes.numbers;
import static io.snnsim.fixture.OnnxBytes.real;
import static io.snnsim.fixture.OnnxBytes.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.dump.NetworkFile;
import io.snnsim.error.Category;
import io.snnsim.fixture.OnnxBytes;
import io.snnsim.fixture.Proto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of ONNX files that cannot be imported: which layer, and what to do. */
class OnnxRefusalsTest {
  @TempDir Path dir;

  private String refusedFile(OnnxBytes onnx, String... parts) throws IOException {
    Path file = onnx.write(dir.resolve("net.onnx"));
    String line = refused(() -> NetworkFile.read(file, null), parts);
    assertTrue(line.startsWith(file.toString()), line);
    return line;
  }

  /** A layer x of an image of 2 x 6 x 6, and a ReLU behind it. */
  private static OnnxBytes layer(int opset, String op, String inputs, Proto... attributes) {
    return OnnxBytes.of(opset, 2, 6, 6)
        .tensor("w", new int[] {2, 2, 3, 3}, new float[36])
        .tensor("v", new int[] {2, 2}, new float[4])
        .tensor("seven", new int[] {7}, new float[7])
        .tensor("minus", new int[0], -1)
        .tensor("nan", new int[] {2}, Float.NaN, 0)
        .longs("pads", 0, 0, 0, 0, 0, 0, 0, -1)
        .longs("start", 1)
        .longs("end", 5)
        .longs("axis", 2)
        .longs("split", -1, 2, 3, 12)
        .node(op, inputs, "x", attributes)
        .node("Relu", "x", "r")
        .output("r");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          LeakyRelu | activation function LeakyRelu | ReLU in its place
          Elu | activation function Elu | ReLU in its place
          HardSwish | activation function HardSwish | ReLU in its place
          Erf | GELU (Erf) | ReLU in its place
          Sigmoid | found it within the network | ReLU in its place
          Softmax | found it within the network | ReLU in its place
          LayerNormalization | normalisation LayerNormalization | batch norm in its place
          InstanceNormalization | normalisation InstanceNormalization | batch norm
          LSTM | found LSTM, expected a network without recurrence | simulate
          If | found If | onnxsim
          Resize | found no factors for 4 dimensions, expected one for each |
          ConvTranspose | operator ConvTranspose | leave it off
          QLinearConv | a quantised network (1 such nodes) | before it is quantised
          DequantizeLinear | a quantised network | before it is quantised
          ReduceMean | over all dimensions, expected over rows and columns |
          Transpose | found the batch moved |
          """)
  void operatorsAreNamed(String op, String found, String advice) throws IOException {
    String line = refusedFile(layer(13, op, "image"), "layer x (", found);
    assertTrue(advice == null || line.contains(advice), line);
  }

  @Test
  void namesWithLineBreaksStayInOneLine() throws IOException {
    refusedFile(
        layer(13, "Wish\n\u0085ful", "image"),
        "layer x (Wish \\u0085ful): found the operator Wish \\u0085ful");
  }

  @Test
  void layersThatDoNotFitAreNamed() throws IOException {
    refusedFile(layer(13, "Conv", "image v"), "layer x (Conv): found weights of shape [2, 2] for");
    refusedFile(layer(13, "Conv", "image image"), "weights that is computed from the image");
    refusedFile(
        layer(13, "Conv", "image w", number("group", 2)), "layer x: weight shape [2, 2, 3, 3]");
    refusedFile(layer(13, "Conv", "image w", number("group", -1L << 40)), "sizes that are too");
    refusedFile(layer(13, "Conv", "image w", numbers("strides", 1)), "found strides of 1 numbers");
    refusedFile(layer(13, "Conv", "image w", numbers("strides", 0, 1)), "dilation 0, expected 1");
    refusedFile(layer(13, "Conv", "image w", numbers("pads", 0, 0, 0, -1)), "found pads -1");
    refusedFile(
        layer(13, "Conv", "image w", text("auto_pad", "SAME")), "found auto_pad of another kind");
    refusedFile(
        layer(13, "Conv", "image w", real("group", 1)), "attribute group of type 1, expected type");
    refusedFile(layer(13, "Conv", "image w nan"), "a bias with the value NaN at element 0");
    refusedFile(layer(13, "Conv", "image"), "layer x (Conv): found no input 2");
    refusedFile(layer(13, "Conv", "image -"), "layer x (Conv): found no input 2");
    refusedFile(layer(13, "MatMul", "image v"), "a product along the last of dimensions [2, 6, 6]");
    refusedFile(layer(13, "MatMul", "v image"), "a constant multiplied by a value");
    refusedFile(layer(13, "Gemm", "image v", number("transA", 1)), "found transA = 1");
    refusedFile(
        layer(13, "Add", "image seven"), "a constant of shape [7] for dimensions [2, 6, 6]");
    refusedFile(layer(13, "Mul", "image image"), "a product of two values", "attention");
    refusedFile(layer(13, "Div", "v image"), "a division by a value of the image");
    refusedFile(layer(13, "Sub", "image image"), "a difference of two values");
    refusedFile(layer(13, "Max", "image image"), "the larger of two values");
    refusedFile(layer(13, "Clip", "image minus"), "clipped to -1.0..Infinity");
    refusedFile(layer(13, "Pad", "image pads"), "found pads -1, expected 0..");
    refusedFile(layer(13, "Pad", "image pads", text("mode", "reflect")), "padding of another kind");
    refusedFile(layer(13, "Reshape", "image split"), "splits channels, rows or columns");
    refusedFile(layer(13, "Slice", "image start end axis"), "a part of dimensions [2, 6, 6] cut");
    refusedFile(layer(13, "Concat", "image image", number("axis", 2)), "joins dimensions");
    refusedFile(
        layer(13, "Concat", "image image", number("axis", 9)), "found axis 9, expected one of 4");
    refusedFile(layer(13, "Cast", "image", number("to", 7)), "values cast to int64");
    refusedFile(layer(13, "Flatten", "image", number("axis", 2)), "found axis 2, expected 1");
    refusedFile(layer(13, "AveragePool", "image"), "found no kernel_shape");
    refusedFile(
        layer(
            13, "AveragePool", "image", numbers("kernel_shape", 3, 3), numbers("pads", 1, 1, 1, 1)),
        "divides by fewer values at the edge",
        "set count_include_pad = 1");
    refusedFile(
        layer(13, "Dropout", "image minus minus"),
        "a dropout that is still training",
        "call eval()");
    refusedFile(
        layer(14, "BatchNormalization", "image", number("training_mode", 1)),
        "measures its batch",
        "call eval()");
  }

  @Test
  void gatesAreNamedOnce() throws IOException {
    OnnxBytes silu =
        OnnxBytes.of(13, 2)
            .node("Sigmoid", "image", "s")
            .node("Mul", "image s", "m")
            .node("Relu", "m", "r");
    String line = refusedFile(silu.output("r"), "layer s (Sigmoid): ", "SiLU (Sigmoid and Mul)");
    assertTrue(!line.contains("more cannot"), line);
    OnnxBytes gate =
        OnnxBytes.of(13, 2)
            .tensor("w", new int[] {2, 2}, new float[4])
            .node("MatMul", "image w", "e")
            .node("Sigmoid", "e", "s")
            .node("Mul", "image s", "m")
            .node("Gelu", "m", "g");
    refusedFile(
        gate.output("g"), "squeeze-and-excitation", "; 1 more cannot be imported: g (Gelu)");
  }

  @Test
  void filesWithoutOneInputAndOneOutputAreRefused() throws IOException {
    OnnxBytes two = OnnxBytes.of(13, 2).input("other", "n", "2").node("Add", "image other", "a");
    refusedFile(two.output("a"), "found 2 inputs (image, other), expected one");
    OnnxBytes out = OnnxBytes.of(13, 2).node("Relu", "image", "a").node("Relu", "a", "b");
    refusedFile(out.output("a").output("b"), "found 2 outputs (a, b)", "extract_model");
    refusedFile(OnnxBytes.of(13, 2).node("Relu", "image", "a"), "found 0 outputs");
    refusedFile(OnnxBytes.of(13, 2).output("a"), "found no input that the output depends on");
    OnnxBytes constant = OnnxBytes.of(13, 2).node("Shape", "image", "s").output("s");
    refusedFile(constant, "found the output s, which no node computes from the image");
  }

  @Test
  void outputsInAnotherOrderThanClassesAreRefused() throws IOException {
    OnnxBytes last =
        OnnxBytes.of(13, 2, 3, 3)
            .node("Relu", "image", "r")
            .node("Transpose", "r", "t", numbers("perm", 0, 2, 3, 1))
            .node("Flatten", "t", "f");
    refusedFile(last.output("f"), "layer output: found values flattened with channels last");
    OnnxBytes part =
        OnnxBytes.of(10, 2, 3, 3).longs("s", 0).longs("e", 9).longs("a", 2).longs("t", 2);
    refusedFile(
        part.node("Slice", "image s e a t", "x").output("x"),
        "layer output: found a part of a map");
  }

  @Test
  void sizesThatAreNotFixedAreNamedWithHowToFixThem() throws IOException {
    OnnxBytes open = OnnxBytes.opset(13).input("x", "n", "3", "height", "width");
    refusedFile(
        open.node("Relu", "x", "r").output("r"),
        "found the input x [n, 3, height, width], expected fixed sizes",
        "make_dynamic_shape_fixed");
    OnnxBytes deep = OnnxBytes.opset(13).input("x", "1", "3", "4", "5", "6");
    refusedFile(deep.node("Relu", "x", "r").output("r"), "found the input x [1, 3, 4, 5, 6]");
    OnnxBytes large = OnnxBytes.opset(13).input("x", "1", "3", "400000", "500000");
    refusedFile(large.node("Relu", "x", "r").output("r"), "expected at most");
    OnnxBytes fixed = OnnxBytes.opset(13).input("x", "8", "4");
    fixed.longs("to", 1, 32).node("Reshape", "x to", "r");
    refusedFile(fixed.output("r"), "expected the batch (8) as the first dimension");
  }

  @Test
  void oldAndForeignOperatorsAreRefused() throws IOException {
    refusedFile(layer(6, "Relu", "image"), "found opset 6, expected 7", "version_converter");
    OnnxBytes fused = OnnxBytes.of(13, 2).foreign("com.microsoft", "FusedConv", "image", "x");
    refusedFile(fused.output("x"), "operator FusedConv of the domain com.microsoft");
  }

  @Test
  void cyclesAndMissingTensorsAreNamed() throws IOException {
    OnnxBytes cycle = OnnxBytes.of(13, 2).node("Add", "image b", "a").node("Relu", "a", "b");
    refusedFile(
        cycle.output("b"),
        "layer a (Add): reads b, which no earlier node gives",
        "without a cycle");
    Proto empty = new Proto().text(1, "value").number(20, 4);
    OnnxBytes nothing = OnnxBytes.of(13, 2).node("Constant", "", "c", empty);
    refusedFile(nothing.node("Add", "image c", "a").output("a"), "layer c (Constant): found the");
    refusedFile(layer(13, "Conv", "image gone"), "reads gone, which no earlier node gives");
    OnnxBytes twice = OnnxBytes.of(13, 2).node("Relu", "image", "a").node("Relu", "a", "a");
    refusedFile(twice.output("a"), "found the value a twice");
  }

  private OnnxBytes tensor(Proto tensor) {
    return OnnxBytes.of(13, 2).tensor(tensor).node("Gemm", "image w", "g").output("g");
  }

  @Test
  void tensorsWhoseSizesLieAreRefusedWithoutMemory() throws IOException {
    int huge = Integer.MAX_VALUE;
    Proto lies = OnnxBytes.values("w", 1, huge, huge).bytes(9, new byte[8]);
    Path file = tensor(lies).write(dir.resolve("net.onnx"));
    long bytes = allocated(() -> refused(() -> NetworkFile.read(file, null), "[w]: found 8 bytes"));
    assertTrue(bytes < 4 << 20, bytes + " bytes");
    refusedFile(tensor(OnnxBytes.values("w", 1, 2, 2)), "[w]: found 0 bytes");
    refusedFile(
        tensor(OnnxBytes.values("w", 1, 2, 2).bytes(9, new byte[20])),
        "found 20 bytes, expected 16");
    refusedFile(
        tensor(OnnxBytes.values("w", 1, 2, 2).bytes(4, new byte[15])), "a value that is cut off");
    refusedFile(tensor(OnnxBytes.values("w", 1, 2, 2).bytes(4, new byte[20])), "found more values");
    refusedFile(tensor(OnnxBytes.values("w", 8, 2, 2)), "the tensor w string, expected float32");
    refusedFile(tensor(OnnxBytes.values("w", 17, 2, 2)), "the tensor w of type 17");
    Proto negative = new Proto().number(1, -2).number(2, 1).text(8, "w").bytes(9, new byte[8]);
    refusedFile(tensor(negative), "[w]: found the size -2");
    OnnxBytes twice = tensor(OnnxBytes.values("w", 1, 1).bytes(9, new byte[4]));
    refusedFile(
        twice.tensor(OnnxBytes.values("w", 1, 1).bytes(9, new byte[4])), "two tensors named w");
  }

  private static Proto outside(String location, String offset, String length) {
    Proto t = OnnxBytes.values("w", 1, 2, 2).number(14, 1);
    t.message(13, new Proto().text(1, "location").text(2, location));
    t.message(13, new Proto().text(1, "offset").text(2, offset));
    return t.message(13, new Proto().text(1, "length").text(2, length));
  }

  @Test
  void weightsBesideTheFileStayBesideIt() throws IOException {
    Files.write(dir.resolve("w.bin"), new byte[24]);
    Path sound = tensor(outside("w.bin", "8", "16")).write(dir.resolve("net.onnx"));
    assertEquals(2, NetworkFile.read(sound, null).graph().nodes().size());
    Path dotted = tensor(outside("./w.bin", "8", "16")).write(dir.resolve("net.onnx"));
    assertEquals(2, NetworkFile.read(dotted, null).graph().nodes().size());
    for (String elsewhere :
        new String[] {"../w.bin", "/w.bin", "a/../w.bin", "a\\w.bin", "", " "}) {
      refusedFile(
          tensor(outside(elsewhere, "0", "16")), "[w]: found weights in the file '", "one beside");
    }
    refusedFile(tensor(outside("w.bin", "16", "16")), "bytes 16 to 16 + 16 of", "some of its 24");
    refusedFile(tensor(outside("w.bin", "9e1", "16")), "found offset '9e1' of external data");
    refusedFile(tensor(outside("w.bin", "-8", "16")), "found offset '-8' of external data");
    refusedFile(tensor(outside("w.bin", "0", "20")), "found 20 bytes, expected 16 bytes");
    Path file = tensor(outside("gone.bin", "0", "16")).write(dir.resolve("net.onnx"));
    refused(
        Category.INPUT_MISSING,
        () -> NetworkFile.read(file, null),
        "gone.bin: no such file, expected weights of " + file);
    Path broken = tensor(outside("li\nne.bin", "0", "16")).write(dir.resolve("net.onnx"));
    refused(
        Category.INPUT_MISSING, () -> NetworkFile.read(broken, null), "li ne.bin: no such file");
  }

  /** A checksum is optional, but holds where it is stated; the file is named to whoever asks. */
  @Test
  void aStatedChecksumOfTheWeightsBesideIsChecked() throws IOException {
    Path weights = Files.write(dir.resolve("w.bin"), new byte[16]);
    String zeros = "e129f27c5103bc5cc44bcdf0a15e160d445066ff";
    for (String checksum : List.of(zeros, zeros.toUpperCase(Locale.ROOT), "", "crc:12")) {
      Path file = tensor(outside("w.bin", checksum)).write(dir.resolve("net.onnx"));
      assertEquals(
          List.of(weights.toAbsolutePath()), NetworkFile.read(file, null).beside(), checksum);
    }
    Files.write(weights, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    Path file = tensor(outside("w.bin", zeros)).write(dir.resolve("net.onnx"));
    refused(
        () -> NetworkFile.read(file, null), "w.bin: found the SHA-1 ", "expected " + zeros, "copy");
  }

  private static Proto outside(String location, String checksum) {
    return outside(location, "0", "16")
        .message(13, new Proto().text(1, "checksum").text(2, checksum));
  }

  @Test
  void tensorsThatShareBytesCannotBeMany() throws IOException {
    Files.write(dir.resolve("w.bin"), new byte[64 * 64 * 4]);
    OnnxBytes onnx = OnnxBytes.of(13, 64);
    String at = "image";
    for (int i = 0; i < 1_000; i++) {
      Proto t = OnnxBytes.values("w" + i, 1, 64, 64).number(14, 1);
      onnx.tensor(t.message(13, new Proto().text(1, "location").text(2, "w.bin")));
      onnx.node("Gemm", at + " w" + i, "g" + i, number("transB", 1));
      at = "g" + i;
    }
    refusedFile(onnx.output(at), "found tensors of more bytes than the files have");
  }

  @Test
  void aFileOfThatNameIsReadUnlessItIsKnownAsAnother() throws IOException {
    // Fields in another order are allowed, though no exporter writes them so.
    byte[] sound = layer(13, "Conv", "image w").bytes();
    int graph = new String(sound, StandardCharsets.ISO_8859_1).indexOf(58);
    byte[] turned = new byte[sound.length];
    System.arraycopy(sound, graph, turned, 0, sound.length - graph);
    System.arraycopy(sound, 0, turned, sound.length - graph, graph);
    Path file = Files.write(dir.resolve("net.ONNX"), turned);
    assertEquals(3, NetworkFile.read(file, null).graph().nodes().size());
    Path other = Files.write(dir.resolve("net"), turned);
    refused(() -> NetworkFile.read(other, null), "found a file of an unknown kind, expected ONNX");
    Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8, 0});
    refused(() -> NetworkFile.read(file, null), "found gzip, expected ONNX");
    Files.write(file, "no protobuf".getBytes(StandardCharsets.UTF_8));
    refused(() -> NetworkFile.read(file, null), file + ": found ", "expected ONNX (a protobuf");
  }

  @Test
  void damagedProtobufIsRefused() throws IOException {
    Path file = dir.resolve("net.onnx");
    byte[][] bodies = {
      new Proto().bytes(7, new byte[] {10, 100}).bytes(),
      new Proto().raw(7 << 3 | 2).raw(-1).bytes(),
      new Proto().raw(7 << 3 | 2).raw(1L << 40).bytes(),
      new Proto().number(7, 3).bytes(),
      new Proto().raw(0).raw(0).bytes(),
      new Proto().raw(9 << 3 | 7).bytes(),
      new Proto().bytes(7, new byte[0]).bytes(7, new byte[0]).bytes(),
      {58, (byte) 0xff, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
    };
    for (byte[] body : bodies) {
      Proto model = new Proto().number(1, 8).text(2, "test");
      model.message(8, new Proto().text(1, "").number(2, 13));
      byte[] head = model.bytes();
      byte[] all = Arrays.copyOf(head, head.length + body.length);
      System.arraycopy(body, 0, all, head.length, body.length);
      Files.write(file, all);
      refused(() -> NetworkFile.read(file, null), file + ": found ", "expected");
    }
  }

  @Test
  void smallFilesCannotAskForMuch() throws IOException {
    // Each node makes the constant 1000 times as large.
    OnnxBytes onnx = OnnxBytes.of(13, 2).tensor("c0", new int[] {1000, 1}, new float[1000]);
    for (int i = 0; i < 4; i++) {
      onnx.node("Transpose", "c" + i, "t" + i).node("Mul", "c" + i + " t" + i, "c" + (i + 1));
    }
    Path file = onnx.node("MatMul", "image c4", "m").output("m").write(dir.resolve("net.onnx"));
    long bytes =
        allocated(() -> refused(() -> NetworkFile.read(file, null), "constants that need"));
    assertTrue(bytes < 50 << 20, bytes + " bytes");
    OnnxBytes zeros = OnnxBytes.of(13, 2).longs("shape", 1L << 20, 1L << 10);
    zeros.node("ConstantOfShape", "shape", "z").node("MatMul", "image z", "m");
    refusedFile(zeros.output("m"), "layer z (ConstantOfShape): found constants that need");
    OnnxBytes many = OnnxBytes.of(13, 2);
    for (int i = 0; i < 400_000; i++) {
      many.node("", "", "");
    }
    refusedFile(many, "more than 1048576 names, nodes and attributes");
  }

  @Test
  void longFilesTakeNoTime() throws IOException {
    OnnxBytes onnx = OnnxBytes.of(13, 2);
    String at = "image";
    for (int i = 0; i < 60_000; i++) {
      String next = "s" + i;
      onnx.node(i % 2 == 0 ? "Sigmoid" : "Add", i % 2 == 0 ? at : at + " " + at, next);
      at = next;
    }
    Path file = onnx.output(at).write(dir.resolve("net.onnx"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> refused(() -> NetworkFile.read(file, null), "; 29999 more cannot be imported"));
  }

  @Test
  void anArchitectureIsNotNeeded() {
    refused(
        Category.USAGE,
        () -> NetworkFile.read(fixture("onnx/lenet.onnx"), "resnet-cifar"),
        "--arch resnet-cifar: found it with",
        "which holds its graph",
        "leave it out");
  }
}
