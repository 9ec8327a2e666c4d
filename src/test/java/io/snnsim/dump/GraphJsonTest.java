// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.OpKind;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graph files: every operator and field, and everything that can be wrong with one. */
class GraphJsonTest {
  @TempDir Path dir;

  private static final Map<String, Tensor> TENSORS = new LinkedHashMap<>();

  static {
    for (Object[] t :
        new Object[][] {
          {"c.weight", new int[] {4, 2, 3, 3}}, {"c.bias", new int[] {4}},
          {"g.weight", new int[] {4, 1, 3, 2}}, {"n.weight", new int[] {4}},
          {"n.bias", new int[] {4}}, {"n.running_mean", new int[] {4}},
          {"n.running_var", new int[] {4}}, {"f.weight", new int[] {3, 4}},
          {"f.bias", new int[] {3}}
        }) {
      int[] shape = (int[]) t[1];
      int size = 1;
      for (int d : shape) {
        size *= d;
      }
      float[] data = new float[size];
      java.util.Arrays.fill(data, 0.5f);
      TENSORS.put((String) t[0], new Tensor(shape, data));
    }
  }

  /** A graph over those of TENSORS that its text names, whole or by their node. */
  private static AnnGraph graph(String nodes) {
    return read("{'schemaVersion': 1, 'input': [2, 8, 8], 'nodes': [" + nodes + "]}");
  }

  private static AnnGraph read(String json) {
    Map<String, Tensor> used = new LinkedHashMap<>();
    TENSORS.forEach(
        (name, t) -> {
          String node = name.substring(0, name.indexOf('.'));
          if (json.contains("'name': '" + node + "'") || json.contains("'" + name + "'")) {
            used.put(name, t);
          }
        });
    return GraphJson.read(json.replace('\'', '"'), "g.json", "net.npz", used);
  }

  private static final String CONV = "{'name': 'c', 'op': 'conv2d'}";

  /** The operators that a sealed interface permits, and those that the interfaces among them do. */
  private static Set<Class<?>> operators(Class<?> sealed) {
    Set<Class<?>> all = new HashSet<>();
    for (Class<?> c : sealed.getPermittedSubclasses()) {
      all.addAll(c.isSealed() ? operators(c) : Set.of(c));
    }
    return all;
  }

  @Test
  void everyOperatorComputesWhatPyTorchComputes() {
    AnnGraph graph =
        GraphJson.read(fixture("operators.json"), WeightDump.read(fixture("operators.npz")));
    Set<Class<?>> ops = new HashSet<>();
    graph.nodes().forEach(n -> ops.add(n.op().getClass()));
    assertEquals(operators(AnnOp.class), ops);
    Set<String> labels = new HashSet<>();
    graph.nodes().forEach(n -> labels.add(n.op().label()));
    labels.add("relu6"); // Which is a relu, whatever it was called.
    Set<String> named = new HashSet<>(AnnOp.kinds().stream().map(OpKind::name).toList());
    named.add("input");
    assertEquals(named, labels, "every operator can be named in a description");
    int n = 2;
    AnnForward forward = new AnnForward(graph);
    AnnForward.Workspace ws = forward.newWorkspace(n);
    try (NpzFile npz = NpzFile.open(fixture("operators_expected.npz"))) {
      assertEquals(graph.nodes().size(), npz.names().size());
      forward.run(npz.get("input").toFloats(), n, ws);
      for (int i = 0; i < graph.nodes().size(); i++) {
        String name = graph.nodes().get(i).name();
        MapShape s = graph.shape(i);
        NpyArray a = npz.get(name);
        assertArrayEquals(new int[] {n, s.channels(), s.height(), s.width()}, a.shape(), name);
        float[] expected = a.toFloats();
        int plane = s.height() * s.width();
        for (int k = 0; k < expected.length; k++) {
          int image = k / s.size();
          int channel = k / plane % s.channels();
          float found = ws.activation(i)[channel][image * plane + k % plane];
          assertEquals(
              expected[k], found, 1e-5f * (1 + Math.abs(expected[k])), name + " element " + k);
        }
      }
    }
  }

  /** Batch norm that was trained without a factor or an addend, and says so. */
  @Test
  void batchNormsMayHaveNoGammaAndNoBeta() {
    Map<String, Tensor> t = new LinkedHashMap<>();
    t.put("b.running_mean", Tensor.of(new float[] {1, 2}, 2));
    t.put("b.running_var", Tensor.of(new float[] {4, 4}, 2));
    String json =
        "{\"schemaVersion\": 1, \"input\": [2, 1, 1], \"nodes\": ["
            + "{\"name\": \"b\", \"op\": \"batchnorm\", \"weight\": null%s}]}";
    BatchNorm bn =
        (BatchNorm) GraphJson.read(json.formatted(", \"bias\": null"), "g", "n", t).node("b").op();
    assertArrayEquals(new float[] {1, 1}, bn.gamma().data());
    assertArrayEquals(new float[2], bn.beta().data());
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> GraphJson.read(json.formatted(""), "g", "n", t));
    assertTrue(e.getMessage().contains("say \"bias\": null if there is none"), e.getMessage());
  }

  /** A weight without a height makes a window of one row, whatever is said of both axes. */
  @Test
  void signalsAreMapsOfOneRow() {
    Map<String, Tensor> t = Map.of("c.weight", Tensor.of(new float[12], 2, 2, 3));
    String json =
        "{\"schemaVersion\": 1, \"input\": [2, 1, 9], \"nodes\": [{\"name\": \"c\", \"op\":"
            + " \"conv2d\", \"stride\": 2, \"padding\": 1, \"dilation\": 2}]}";
    AnnGraph g = GraphJson.read(json, "g", "n", t);
    assertEquals(new MapShape(2, 1, 4), g.outputShape());
    assertEquals(new Window(1, 3, 1, 2, 0, 1, 1, 2), ((Conv2d) g.node("c").op()).window());
  }

  @Test
  void fieldsAndTheirDefaults() {
    AnnGraph g = graph(CONV);
    assertEquals("network", g.name());
    assertEquals(new MapShape(2, 8, 8), g.inputShape());
    Conv2d c = (Conv2d) g.node("c").op();
    assertEquals(Window.square(3, 1, 0), c.window());
    assertEquals(1, c.groups());
    assertEquals(List.of("input"), g.node("c").inputs());
    assertEquals(4, c.bias().size());

    g =
        graph(
            CONV
                + ", {'name': 'g', 'op': 'conv2d', 'inputs': ['c'], 'stride': [2, 1],"
                + " 'padding': 1, 'dilation': [1, 3], 'groups': 4, 'bias': null}");
    c = (Conv2d) g.node("g").op();
    assertEquals(new Window(3, 2, 2, 1, 1, 1, 1, 3), c.window());
    assertEquals(4, c.groups());
    assertNull(c.bias());
    assertEquals(List.of("c"), g.node("g").inputs());

    assertEquals(
        new MaxPool(Window.square(2, 2, 0)),
        graph(CONV + ", {'name': 'p', 'op': 'maxpool', 'kernel': 2}").node("p").op());
    assertEquals(
        new AvgPool(new Window(2, 3, 1, 1, 0, 1, 2, 1)),
        graph(
                CONV
                    + ", {'name': 'p', 'op': 'avgpool', 'kernel': [2, 3], 'stride': 1,"
                    + " 'padding': [0, 1], 'dilation': [2, 1]}")
            .node("p")
            .op());
    assertEquals(
        new ZeroPadShortcut(1, 0, 0),
        graph(CONV + ", {'name': 'z', 'op': 'zeropad-shortcut'}").node("z").op());
    assertEquals(
        1e-5f,
        ((BatchNorm) graph(CONV + ", {'name': 'n', 'op': 'batchnorm'}").node("n").op()).eps());
    assertEquals(
        0f,
        ((BatchNorm) graph(CONV + ", {'name': 'n', 'op': 'batchnorm', 'eps': 0}").node("n").op())
            .eps());
  }

  @Test
  void tensorsMayBeNamedAndShared() {
    AnnGraph g =
        graph(
            "{'name': 'a', 'op': 'conv2d', 'weight': 'c.weight', 'bias': 'c.bias'},"
                + " {'name': 'b', 'op': 'conv2d', 'inputs': ['input'], 'weight': 'c.weight',"
                + " 'bias': 'c.bias'}, {'name': 's', 'op': 'add', 'inputs': ['a', 'b']}");
    assertEquals(((Conv2d) g.node("a").op()).weight(), ((Conv2d) g.node("b").op()).weight());
  }

  @Test
  void theExampleOfTheDocumentIsAGraph() throws IOException {
    String page = Files.readString(Path.of("docs/schema/graph.md"));
    String json =
        page.lines()
            .filter(l -> l.startsWith("    "))
            .reduce("", (a, b) -> a + b.substring(4) + System.lineSeparator());
    Map<String, Tensor> t = new LinkedHashMap<>();
    t.put("conv1.weight", new Tensor(new int[] {4, 3, 3, 3}, new float[108]));
    t.put("conv2.weight", new Tensor(new int[] {4, 4, 3, 3}, new float[144]));
    for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
      t.put("bn1." + name, Tensor.of(new float[4], 4));
    }
    t.put("fc.weight", new Tensor(new int[] {10, 4}, new float[40]));
    t.put("fc.bias", Tensor.of(new float[10], 10));
    AnnGraph g = GraphJson.read(json, "docs/schema/graph.md", "net.npz", t);
    assertEquals("small", g.name());
    assertEquals(10, g.nodes().size());
    for (Class<?> op : operators(AnnOp.class)) {
      String word =
          op == ZeroPadShortcut.class
              ? "zeropad-shortcut"
              : op.getSimpleName().toLowerCase(java.util.Locale.ROOT);
      assertTrue(page.contains("`" + word + "`"), word + " is not described");
    }
  }

  @Test
  void whatIsWrittenIsReadBack() {
    AnnGraph graph =
        GraphJson.read(fixture("operators.json"), WeightDump.read(fixture("operators.npz")));
    String json = GraphJson.write(graph);
    AnnGraph again = GraphJson.read(json, "w", "t", graph.parameters());
    assertEquals(json, GraphJson.write(again));
    assertEquals(graph.name(), again.name());
    assertEquals(graph.nodes().toString(), again.nodes().toString());
    assertEquals(0.001f, ((BatchNorm) again.node("stem_bn").op()).eps());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                        ~ found nothing, expected an object
          null                                      ~ found null, expected an object
          []                                        ~ found array, expected an object
          {                                         ~ not JSON
          {'a': 1, 'a': 2}                          ~ Duplicate
          {} {}                                     ~ not JSON
          nodes                                     ~ not JSON
          {}                                        ~ found schemaVersion nothing, expected 1
          {'schemaVersion': 2}                      ~ found schemaVersion 2, expected 1
          {'schemaVersion': '1'}                    ~ schemaVersion: found "1", expected an integer
          {'schemaVersion': 1}                      ~ input: found nothing, expected [channels
          {'schemaVersion': 1, 'input': 3}          ~ input: found 3, expected [channels
          {'schemaVersion': 1, 'input': [3, 8]}     ~ input: found [3,8], expected [channels
          {'schemaVersion': 1, 'input': [3, 8, 0]}  ~ input: found [3,8,0], expected three sizes
          {'schemaVersion': 1, 'input': [3, 8, -8]} ~ input: found [3,8,-8], expected three sizes
          {'schemaVersion': 1, 'input': [3, 8, 8.5]} ~ input: found [3,8,8.5], expected three sizes
          {'schemaVersion': 1, 'input': [3, 8, 8]}  ~ nodes: found nothing, expected an array
          {'schemaVersion': 1, 'input': [3, 8, 8], 'nodes': {}} ~ nodes: found {}, expected an array
          {'schemaVersion': 1, 'input': [3, 8, 8], 'nodes': []} ~ nodes: found [], expected an array
          {'schemaVersion': 1, 'layers': []}        ~ found the field 'layers', expected only schema
          {'schemaVersion': 1, 'input': [3, 8, 8], 'nodes': [7]} ~ node 1: found number, expected
          {'schemaVersion': 1, 'input': [3, 8, 8], 'nodes': [{}]} ~ node 1: name: found nothing
          {'schemaVersion': 1, 'name': 3, 'input': [2, 8, 8], 'nodes': [{}]} ~ name: found 3, expected
          {'schemaVersion': 1, 'input': [99999, 99999, 9], 'nodes': [{'name': 'r', 'op': 'relu'}]} ~ at most 268435456 values
          """)
  void filesThatAreNoGraph(String json, String part) {
    refused(() -> read(json), "g.json", part);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          {'name': 7, 'op': 'relu'}                               ~ node 2: name: found 7, expected text
          {'name': '', 'op': 'relu'}                              ~ node 2: name: found "", expected text
          {'name': 'x'}                                           ~ node x: op: found nothing
          {'name': 'x', 'op': 3}                                  ~ node x: op: found 3
          {'name': 'x', 'op': 'gelu'}                             ~ found op 'gelu', expected conv2d, linear
          {'name': 'x', 'op': 'input'}                            ~ found op 'input', expected conv2d
          {'name': 'x', 'op': 'relu', 'stride': 1}                ~ node x: found the field 'stride', expected only name, op, inputs
          {'name': 'x', 'op': 'relu', 'input': ['c']}             ~ found the field 'input'
          {'name': 'c', 'op': 'relu'}                             ~ node c: found the name twice
          {'name': 'input', 'op': 'relu'}                         ~ node input: found the name twice
          {'name': 'x', 'op': 'relu', 'inputs': 'c'}              ~ inputs: found "c", expected an array
          {'name': 'x', 'op': 'relu', 'inputs': [1]}              ~ inputs: found [1], expected an array
          {'name': 'x', 'op': 'relu', 'inputs': []}               ~ node x: found 0 inputs, expected one
          {'name': 'x', 'op': 'relu', 'inputs': ['c', 'c']}       ~ node x: found 2 inputs, expected one
          {'name': 'x', 'op': 'add', 'inputs': ['c']}             ~ node x: found 1 inputs, expected two
          {'name': 'x', 'op': 'add', 'inputs': ['c', 'input']}    ~ adds maps of 4x6x6 and 2x8x8
          {'name': 'x', 'op': 'relu', 'inputs': ['nowhere']}      ~ node x: reads 'nowhere', which is no node, expected one of input, c
          {'name': 'x', 'op': 'relu', 'inputs': ['x']}            ~ node x: reads x, which is itself or comes later
          {'name': 'x', 'op': 'add', 'inputs': ['c', 'y']}, {'name': 'y', 'op': 'relu', 'inputs': ['x']} ~ node x: reads y, which is itself or comes later
          {'name': 'x', 'op': 'relu', 'inputs': ['input']}        ~ node c: its output is used by no node
          {'name': 'x', 'op': 'conv2d'}                           ~ node x: weight: found no tensor x.weight in net.npz
          {'name': 'x', 'op': 'linear', 'weight': 'y'}            ~ node x: weight: found no tensor y in net.npz
          {'name': 'x', 'op': 'conv2d', 'weight': 5}              ~ weight: found 5, expected text
          {'name': 'x', 'op': 'conv2d', 'weight': null}           ~ weight: found no tensor x.weight in net.npz (null is given)
          {'name': 'x', 'op': 'conv2d', 'weight': 'c.weight', 'bias': 'y'} ~ bias: found no tensor y
          {'name': 'x', 'op': 'batchnorm', 'weight': 'c.bias'}    ~ node x: bias: found no tensor x.bias
          {'name': 'n', 'op': 'batchnorm', 'var': 'v'}            ~ node n: var: found no tensor v
          {'name': 'n', 'op': 'batchnorm', 'eps': '1e-5'}         ~ eps: found "1e-5", expected a number
          {'name': 'n', 'op': 'batchnorm', 'eps': -1}             ~ node n: found eps -1.0, expected >= 0
          {'name': 'n', 'op': 'batchnorm', 'eps': 1e99}           ~ node n: found eps Infinity
          {'name': 'n', 'op': 'batchnorm', 'mean': 'f.bias'}      ~ node n: running mean has shape [3], expected [4]
          {'name': 'n', 'op': 'batchnorm', 'weight': 'f.weight'}  ~ node n: weight has shape [3, 4], expected [4]
          {'name': 'x', 'op': 'conv2d', 'weight': 'c.bias'}       ~ node x: weight has shape [4], expected [out channels
          {'name': 'x', 'op': 'conv2d', 'weight': 'c.weight'}     ~ expected 4 input channels a group for an input of 4x6x6
          {'name': 'g', 'op': 'conv2d', 'groups': 3}              ~ groups 3 must divide the channels in (4) and out (4)
          {'name': 'g', 'op': 'conv2d', 'groups': 0}              ~ groups 0 must divide
          {'name': 'g', 'op': 'conv2d', 'groups': 2.5}            ~ groups: found 2.5, expected an integer
          {'name': 'g', 'op': 'conv2d', 'groups': 2}              ~ expected 2 input channels a group
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'bias': 'f.bias'} ~ node g: bias has shape [3], expected [4]
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'stride': 0} ~ node g: found kernel 3x2, stride 0x0
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'stride': [1]} ~ stride: found [1], expected an integer or [height, width]
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'stride': '1'} ~ stride: found "1", expected an integer or
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'padding': -1} ~ padding -1x-1
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'padding': 2147483647} ~ padding 2147483647x2147483647, dilation 1x1, expected kernel
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'padding': 9999999999} ~ padding: found 9999999999, expected an integer
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'dilation': 0} ~ dilation 0x0
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'dilation': 4096} ~ dilation 4096x4096 does not fit into a map of 4x6x6
          {'name': 'g', 'op': 'conv2d', 'groups': 4, 'kernel': 3} ~ found the field 'kernel', expected only name
          {'name': 'x', 'op': 'maxpool'}                          ~ node x: found no kernel, expected
          {'name': 'x', 'op': 'maxpool', 'kernel': 0}             ~ node x: found kernel 0x0
          {'name': 'x', 'op': 'avgpool', 'kernel': 7}             ~ does not fit into a map of 4x6x6; add padding
          {'name': 'x', 'op': 'maxpool', 'kernel': 2, 'padding': 2} ~ at most half its kernel
          {'name': 'x', 'op': 'maxpool', 'kernel': 2, 'padding': 10, 'dilation': 20} ~ covers nothing but padding
          {'name': 'x', 'op': 'maxpool', 'kernel': 2, 'ceil_mode': true} ~ found the field 'ceil_mode'
          {'name': 'f', 'op': 'linear'}                           ~ node f: weight shape [3, 4], expected [out, 144] for an input of 4x6x6
          {'name': 'x', 'op': 'globalavgpool'}, {'name': 'f', 'op': 'linear', 'bias': 'c.bias'} ~ node f: bias has shape [4], expected [3]
          {'name': 'x', 'op': 'linear', 'weight': 'f.bias'}       ~ node x: weight shape [3], expected [out, 144]
          {'name': 'z', 'op': 'zeropad-shortcut', 'stride': 0}    ~ node z: found stride 0
          {'name': 'z', 'op': 'zeropad-shortcut', 'channelsAfter': -1} ~ node z: found stride 1, zero channels 0 and -1
          {'name': 'z', 'op': 'zeropad-shortcut', 'channelsBefore': 2147483647} ~ zero channels 2147483647 and 0, expected
          """)
  void nodesThatAreWrong(String nodes, String part) {
    refused(() -> graph(CONV + ", " + nodes), "g.json", part);
  }

  @Test
  void tensorsThatNoNodeUsesAreRefused() {
    Map<String, Tensor> tensors = new LinkedHashMap<>(TENSORS);
    String json =
        "{'schemaVersion': 1, 'input': [2, 8, 8], 'nodes': [" + CONV + "]}".replace('\'', '"');
    refused(
        () -> GraphJson.read(json.replace('\'', '"'), "g.json", "net.npz", tensors),
        "g.json: found 7 tensors of net.npz that no node uses (g.weight, n.weight, n.bias, ...)");
    tensors.keySet().removeIf(k -> !k.startsWith("c."));
    assertEquals(
        2, GraphJson.read(json.replace('\'', '"'), "g.json", "net.npz", tensors).nodes().size());
  }

  @Test
  void aBiasSaidToBeNoneIsUnusedIfThereIsOne() {
    refused(
        () -> graph("{'name': 'c', 'op': 'conv2d', 'bias': null}"),
        "found 1 tensors of net.npz that no node uses (c.bias)");
  }

  @Test
  void hugeAndDeepTextsAreRefused() {
    String deep = "[".repeat(100_000);
    refused(() -> read(deep), "g.json: not JSON");
    StringBuilder chain = new StringBuilder(CONV);
    for (int i = 0; i < 40; i++) {
      chain
          .append(", {'name': 'z")
          .append(i)
          .append("', 'op': 'zeropad-shortcut', 'channelsAfter': 4096}");
    }
    assertTrue(graph(chain.toString()).outputShape().channels() > 40 * 4096);
    String wide = chain.toString().replace(CONV, "{'name': 'i', 'op': 'identity'}");
    refused(
        () -> read("{'schemaVersion': 1, 'input': [1, 4096, 4096], 'nodes': [" + wide + "]}"),
        "node z",
        "at most 268435456 values");
  }

  @Test
  void filesThatAreNoText() throws IOException {
    WeightDump dump = new WeightDump(Path.of("net.npz"), TENSORS, List.of());
    refused(
        () -> GraphJson.read(fixture("tensors.npz"), dump),
        "tensors.npz: ",
        "a zip file",
        "JSON graph");
    Path utf16 =
        Files.write(dir.resolve("u.json"), "{\"nodes\": []}".getBytes(StandardCharsets.UTF_16));
    refused(() -> GraphJson.read(utf16, dump), "u.json: ");
    Path empty = Files.writeString(dir.resolve("e.json"), "");
    refused(() -> GraphJson.read(empty, dump), "e.json: found nothing");
    refused(
        Category.INPUT_MISSING,
        () -> GraphJson.read(dir.resolve("none.json"), dump),
        "none.json: no such file");
  }
}
