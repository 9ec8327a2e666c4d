// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.fixture.NaiveAnn;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One logit told apart by its sign becomes two told apart by which is larger. */
class TwoClassesTest {
  private static Imported imported(int outputs, AnnNode... after) {
    float[] weights = new float[2 * outputs];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 1.5f - i;
    }
    Linear fc = new Linear(Tensor.of(weights, outputs, 2), Tensor.of(new float[outputs], outputs));
    List<AnnNode> nodes = new ArrayList<>();
    nodes.add(AnnNode.of("input", new Input(new MapShape(2, 1, 1))));
    nodes.add(AnnNode.of("fc", fc, "input"));
    nodes.addAll(List.of(after));
    return new Imported(new AnnGraph("n", nodes), "graph", false, List.of("first"));
  }

  @Test
  void theSecondOutputIsTheOneThatThereWas() {
    AnnNode drop = AnnNode.of("drop", new Identity(), "fc");
    AnnNode flat = AnnNode.of("flat", new Flatten(), "drop");
    Imported two = TwoClasses.of(imported(1, drop, flat));
    assertEquals(new MapShape(2, 1, 1), two.graph().outputShape());
    double[][] values = NaiveAnn.run(two.graph(), new double[] {3, 1});
    assertArrayEquals(new double[] {0, 1.5 * 3 + 0.5}, values[values.length - 1]);
    assertEquals("first", two.notes().getFirst());
    assertTrue(two.notes().getLast().startsWith("one output, taken as the logit of class 1"));
  }

  @Test
  void othersStayAsTheyAre() {
    Imported three = imported(3);
    assertSame(three, TwoClasses.of(three));
    // An output that is never negative has no sign to tell by.
    Imported rectified = imported(1, AnnNode.of("relu", new Relu(), "fc"));
    assertSame(rectified, TwoClasses.of(rectified));
  }
}
