// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sums of sums are written out where that is possible, and refused where they double. */
class AddendsTest {
  private final List<AnnNode> nodes = new ArrayList<>();

  private AddendsTest() {
    nodes.add(new AnnNode("input", new Input(new MapShape(1, 2, 2)), List.of()));
  }

  private String conv(String name, String from) {
    Tensor one = Tensor.of(new float[] {0.5f}, 1, 1, 1, 1);
    nodes.add(new AnnNode(name, new Conv2d(one, null, Window.square(1, 1, 0), 1), List.of(from)));
    return name;
  }

  private String add(String name, String a, String b) {
    nodes.add(new AnnNode(name, new Add(), List.of(a, b)));
    return name;
  }

  /** x + conv(x) again and again: two, four, eight ... ways from the beginning to the end. */
  @Test
  void sumsThatDoubleAreRefusedBeforeTheyAreWrittenOut() {
    String x = "input";
    for (int i = 0; i < 60; i++) {
      x = add("sum" + i, x, conv("conv" + i, x));
    }
    AnnGraph graph = new AnnGraph("tower", nodes);
    refused(
        () -> BatchNormFolding.fold(graph),
        "sum10: found a sum of more than 1024 addends",
        "put a ReLU behind some of the sums before it");
  }

  /** As pre-activation networks have it: one addend more a block, however deep. */
  @Test
  void aStreamThatEveryBlockAddsToIsOneSum() {
    String x = conv("stem", "input");
    for (int i = 0; i < 300; i++) {
      nodes.add(new AnnNode("relu" + i, new Relu(), List.of(x)));
      x = add("sum" + i, x, conv("conv" + i, "relu" + i));
    }
    assertTrue(BatchNormFolding.fold(new AnnGraph("stream", nodes)).graph().nodes().size() > 600);
  }
}
