// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Identity;
import io.snnsim.fixture.NaiveAnn;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.fixture.WildAnns;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is rewritten before lowering computes the same, and lowering takes it. */
class RewritingTest {
  /** Networks of every pattern: the output is the same, and nothing is left that cannot lower. */
  @Test
  void theFunctionStaysTheSame() {
    List<String> notes = new ArrayList<>();
    for (long seed = 1; seed <= 400; seed++) {
      RandomAnns.Case ann = WildAnns.of(seed);
      BatchNormFolding.Folded folded = BatchNormFolding.fold(ann.graph());
      for (AnnNode node : folded.graph().nodes()) {
        boolean left =
            node.op() instanceof BatchNorm
                || node.op() instanceof Concat
                || node.op() instanceof Identity;
        assertTrue(!left, "seed=" + seed + " node " + node.name());
      }
      notes.addAll(folded.notes());
      for (int image = 0; image < 2; image++) {
        double[] before = output(ann.graph(), ann.normalised(image));
        double[] after = output(folded.graph(), ann.normalised(image));
        double largest = 1;
        for (double v : before) {
          largest = Math.max(largest, Math.abs(v));
        }
        assertEquals(before.length, after.length, "seed=" + seed);
        for (int k = 0; k < before.length; k++) {
          assertEquals(before[k], after[k], 1e-5 * largest, "seed=" + seed + " value " + k);
        }
      }
      assertTrue(new Lowering(folded.graph()).populations() > 1, "seed=" + seed);
    }
    for (String what :
        List.of(
            "split: what reads it reads its pieces",
            "moved into every layer of the sum before it",
            "moved into the layers that read it",
            "merged with the linear layers before it")) {
      assertTrue(notes.stream().filter(n -> n.contains(what)).count() > 30, what);
    }
  }

  /** Nothing is changed that folding has always taken. */
  @Test
  void plainNetworksStayAsTheyAre() {
    for (long seed = 1; seed <= 200; seed++) {
      AnnGraph graph = RandomAnns.of(seed).graph();
      List<String> notes = new ArrayList<>();
      AnnGraph moved = AffineMoving.move(ConcatSplitting.split(graph, notes), notes);
      assertEquals(List.of(), notes, "seed=" + seed);
      List<AnnNode> expected =
          graph.nodes().stream().filter(n -> !(n.op() instanceof Identity)).toList();
      assertEquals(
          expected.stream().map(AnnNode::name).toList(),
          moved.nodes().stream().map(AnnNode::name).toList());
      for (AnnNode node : expected) {
        assertEquals(node.op(), moved.node(node.name()).op());
      }
    }
  }

  private static double[] output(AnnGraph graph, double[] image) {
    double[][] values = NaiveAnn.run(graph, image);
    return values[values.length - 1];
  }
}
