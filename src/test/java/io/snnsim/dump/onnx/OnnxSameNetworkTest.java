// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.GraphJson;
import io.snnsim.dump.NetworkFile;
import io.snnsim.fixture.OnnxOfGraph;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.fixture.TestData;
import io.snnsim.fixture.UpsampledAnns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network written as ONNX is read as the same network. */
class OnnxSameNetworkTest {
  @TempDir Path dir;

  private AnnGraph asOnnx(AnnGraph graph) throws IOException {
    Path file = OnnxOfGraph.of(graph).write(dir.resolve(graph.name() + ".onnx"));
    return NetworkFile.read(file, null).graph();
  }

  private static void assertSame(AnnGraph expected, AnnGraph found) {
    assertEquals(GraphJson.write(expected), GraphJson.write(found));
    Map<String, Tensor> tensors = found.parameters();
    assertEquals(List.copyOf(expected.parameters().keySet()), List.copyOf(tensors.keySet()));
    expected
        .parameters()
        .forEach((name, t) -> assertArrayEquals(t.data(), tensors.get(name).data(), name));
  }

  @Test
  void theBundledNetwork() throws IOException {
    AnnGraph graph = NetworkFile.read(Path.of("weights/mnist_resnet8.npz"), null).graph();
    assertSame(graph, asOnnx(graph));
  }

  @Test
  void theRealNetwork() throws IOException {
    AnnGraph graph = NetworkFile.read(TestData.dir().resolve("resnet20_cifar10.npz"), null).graph();
    assertSame(graph, asOnnx(graph));
  }

  @Test
  void randomNetworksOfEveryOperator() throws IOException {
    for (int seed = 0; seed < Integer.getInteger("snnsim.seeds", 150); seed++) {
      RandomAnns.Case made = seed % 5 == 4 ? UpsampledAnns.of(seed) : RandomAnns.of(seed);
      int n = made.pixels().size();
      int size = made.graph().inputShape().size();
      float[] images = new float[n * size];
      for (int i = 0; i < n; i++) {
        System.arraycopy(made.pixels().get(i), 0, images, i * size, size);
      }
      String what = "-Dsnnsim.seeds=" + (seed + 1) + ", seed " + seed;
      float[][] expected = logits(made.graph(), images, n);
      float[][] found = logits(asOnnx(made.graph()), images, n);
      assertEquals(expected.length, found.length, what);
      for (int c = 0; c < expected.length; c++) {
        assertArrayEquals(expected[c], found[c], what + ", channel " + c);
      }
    }
  }

  private static float[][] logits(AnnGraph graph, float[] images, int n) {
    AnnForward forward = new AnnForward(graph);
    AnnForward.Workspace ws = forward.newWorkspace(n);
    forward.run(images, n, ws);
    return ws.activation(graph.nodes().size() - 1);
  }
}
