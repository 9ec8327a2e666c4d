// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Upsample;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.NaiveAnn;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.fixture.UpsampledAnns;
import io.snnsim.fixture.WildAnns;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
      assertSame(ann, folded.graph(), seed);
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

  /** Networks that enlarge maps: the output is the same, and no layer does so any more. */
  @Test
  void upsamplingIsInTheWindowsOfWhatReadsIt() {
    int[] phases = new int[2];
    for (long seed = 1; seed <= 300; seed++) {
      RandomAnns.Case ann = UpsampledAnns.of(seed);
      AnnGraph folded = BatchNormFolding.fold(ann.graph()).graph();
      assertTrue(
          folded.nodes().stream().noneMatch(n -> n.op() instanceof Upsample), "seed=" + seed);
      assertSame(ann, folded, seed);
      assertTrue(new Lowering(folded).populations() > 1, "seed=" + seed);
      boolean enlarges = ann.graph().nodes().stream().anyMatch(n -> n.op() instanceof Upsample);
      phases[0] += enlarges ? 1 : 0;
      phases[1] += folded.nodes().stream().anyMatch(n -> n.name().contains("part")) ? 1 : 0;
    }
    assertTrue(phases[0] > 200 && phases[1] > 100, phases[0] + " enlarge, " + phases[1] + " split");
  }

  private static void assertSame(RandomAnns.Case ann, AnnGraph rewritten, long seed) {
    for (int image = 0; image < 2; image++) {
      double[] before = output(ann.graph(), ann.normalised(image));
      double[] after = output(rewritten, ann.normalised(image));
      double largest = 1;
      for (double v : before) {
        largest = Math.max(largest, Math.abs(v));
      }
      assertEquals(before.length, after.length, "seed=" + seed);
      for (int k = 0; k < before.length; k++) {
        assertEquals(before[k], after[k], 1e-5 * largest, "seed=" + seed + " value " + k);
      }
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          maxpool | node p: takes the largest of values that lie in several phases
          narrow  | node c: makes a map of 7 rows and 7 columns of what upsampling has enlarged
          output  | node r: gives a map that upsampling has enlarged
          much    | node u2: enlarges maps by 12x12 in all, expected a product of at most 64
          flat    | node n: reads what upsampling has enlarged and Flatten put into one dimension
          sum     | node g: averages c, whose output no ReLU makes non-negative
          """)
  void whatNoWindowsOverPhasesExpressIsNamed(String what, String message) {
    MapShape image = new MapShape(1, 4, 4);
    List<AnnNode> nodes = new ArrayList<>();
    nodes.add(AnnNode.of("input", new Input(image)));
    nodes.add(AnnNode.of("r0", new Relu(), "input"));
    nodes.add(AnnNode.of("u", new Upsample(2, 2), "r0"));
    Window window = what.equals("narrow") ? Window.square(2, 1, 0) : Window.square(3, 1, 1);
    Tensor weight = Tensor.of(new float[window.taps()], 1, 1, window.kernelH(), window.kernelW());
    nodes.add(AnnNode.of("c", new Conv2d(weight, null, window, 1), "u"));
    if (!what.equals("sum")) {
      nodes.add(AnnNode.of("r", new Relu(), "c"));
    }
    switch (what) {
      case "maxpool" -> nodes.add(AnnNode.of("p", new MaxPool(Window.square(2, 2, 0)), "r"));
      case "much" -> nodes.add(AnnNode.of("u2", new Upsample(6, 6), "r"));
      case "flat" -> {
        nodes.add(AnnNode.of("f", new Flatten(), "r"));
        Tensor one = Tensor.of(new float[64], 64);
        nodes.add(AnnNode.of("n", new BatchNorm(one, one, one, one, 1), "f"));
      }
      case "sum" -> nodes.add(AnnNode.of("g", new GlobalAvgPool(), "c"));
      default -> {}
    }
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> BatchNormFolding.fold(new AnnGraph("g", nodes)));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  private static double[] output(AnnGraph graph, double[] image) {
    double[][] values = NaiveAnn.run(graph, image);
    return values[values.length - 1];
  }
}
