// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.NaiveAnn;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folding alone: by hand, and the folded against the unfolded forward pass. */
class BatchNormFoldingTest {
  private static final AnnNode INPUT = AnnNode.of("in", new Input(new MapShape(1, 2, 2)));

  /** Multiplies by 4, after taking 0.5 away, and adds -1; in channel 1 by -4 without a shift. */
  private static final BatchNorm BN =
      new BatchNorm(
          Tensor.of(new float[] {2, -2}, 2),
          Tensor.of(new float[] {-1, 0}, 2),
          Tensor.of(new float[] {0.5f, 0}, 2),
          Tensor.of(new float[] {0.25f, 0.25f}, 2),
          0);

  private static Conv2d conv(Tensor bias) {
    return new Conv2d(
        Tensor.of(new float[] {3, 0.25f}, 2, 1, 1, 1), bias, Window.square(1, 1, 0), 1);
  }

  private static BatchNormFolding.Folded fold(AnnNode... nodes) {
    return BatchNormFolding.fold(new AnnGraph("net", List.of(nodes)));
  }

  @Test
  void convolutionWithAndWithoutBias() {
    BatchNormFolding.Folded f =
        fold(
            INPUT,
            AnnNode.of("conv", conv(Tensor.of(new float[] {1, 8}, 2)), "in"),
            AnnNode.of("bn", BN, "conv"),
            AnnNode.of("relu", new Relu(), "bn"));
    Conv2d c = (Conv2d) f.graph().node("conv").op();
    assertArrayEquals(new float[] {12, -1}, c.weight().data());
    assertArrayEquals(new float[] {(1 - 0.5f) * 4 - 1, -32}, c.bias().data());
    assertEquals(List.of("batch norm bn folded into conv"), f.notes());
    assertEquals(List.of("conv"), f.graph().node("relu").inputs());

    f =
        fold(
            INPUT,
            AnnNode.of("conv", conv(null), "in"),
            AnnNode.of("bn", BN, "conv"),
            AnnNode.of("relu", new Relu(), "bn"));
    c = (Conv2d) f.graph().node("conv").op();
    assertArrayEquals(new float[] {-3, 0}, c.bias().data());
  }

  @Test
  void linearLayerAndAnOutputThatIsABatchNorm() {
    Tensor weight = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4);
    BatchNormFolding.Folded f =
        fold(INPUT, AnnNode.of("fc", new Linear(weight, null), "in"), AnnNode.of("bn", BN, "fc"));
    Linear l = (Linear) f.graph().node("fc").op();
    assertArrayEquals(new float[] {4, 8, 12, 16, -20, -24, -28, -32}, l.weight().data());
    assertArrayEquals(new float[] {-3, 0}, l.bias().data());
    assertEquals("fc", f.graph().nodes().getLast().name());
  }

  @Test
  void twoBatchNormsAndDropoutBetween() {
    BatchNormFolding.Folded f =
        fold(
            INPUT,
            AnnNode.of("conv", conv(null), "in"),
            AnnNode.of("first", BN, "conv"),
            AnnNode.of("drop", new Identity(), "first"),
            AnnNode.of("second", BN, "drop"));
    Conv2d c = (Conv2d) f.graph().node("conv").op();
    assertEquals(2, f.graph().nodes().size());
    assertArrayEquals(new float[] {48, 4}, c.weight().data());
    assertArrayEquals(new float[] {(-3 - 0.5f) * 4 - 1, 0}, c.bias().data());
  }

  /** On random networks, at every node that holds the same value in both graphs. */
  @Test
  void foldedForwardPassIsTheUnfoldedOne() {
    int compared = 0;
    for (long seed = 1; seed <= 300; seed++) {
      RandomAnns.Case ann = RandomAnns.of(seed);
      AnnGraph folded = BatchNormFolding.fold(ann.graph()).graph();
      double[][] before = NaiveAnn.run(ann.graph(), ann.normalised(0));
      double[][] after = NaiveAnn.run(folded, ann.normalised(0));
      for (int i = 0; i < after.length; i++) {
        AnnNode node = folded.nodes().get(i);
        assertTrue(!(node.op() instanceof BatchNorm || node.op() instanceof Identity), node.name());
        int same = ann.graph().indexOf(node.name());
        boolean last = i == after.length - 1;
        // The value of a folded convolution is that of the batch norm after it.
        if (last || node.op().getClass() == ann.graph().nodes().get(same).op().getClass()) {
          boolean moved = node.op() instanceof Conv2d || node.op() instanceof Linear;
          if (moved && !last) {
            continue;
          }
          double[] expected = before[last ? before.length - 1 : same];
          for (int k = 0; k < expected.length; k++) {
            assertEquals(
                expected[k],
                after[i][k],
                2e-5 * (1 + Math.abs(expected[k])),
                "seed=" + seed + " node " + node.name() + " value " + k);
          }
          compared++;
        }
      }
    }
    assertTrue(compared > 1000, "compared " + compared);
  }

  /** Folding into the convolution that the sum reads too would change the sum, without a word. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void otherReadersOfTheConvolutionKeepIt(boolean dropout) {
    List<AnnNode> nodes = new ArrayList<>(List.of(INPUT));
    nodes.add(AnnNode.of("conv", conv(null), "in"));
    if (dropout) {
      nodes.add(AnnNode.of("drop", new Identity(), "conv"));
    }
    nodes.add(AnnNode.of("bn", BN, dropout ? "drop" : "conv"));
    nodes.add(AnnNode.of("sum", new Add(), "bn", "conv"));
    AnnGraph folded = fold(nodes.toArray(AnnNode[]::new)).graph();
    assertArrayEquals(new float[] {3, 0.25f}, ((Conv2d) folded.node("conv").op()).weight().data());
    assertArrayEquals(new float[] {12, -1}, ((Conv2d) folded.node("bn").op()).weight().data());
    assertEquals(List.of("bn", "conv"), folded.node("sum").inputs());
  }

  /** gamma 2 / 0.5 = 4 and beta -1 - 4 * 0.5 = -3 of channel 0, of which no window sees more. */
  @Test
  void aBatchNormBehindAReluGoesIntoWhatReadsIt() {
    Tensor weight = Tensor.of(new float[] {1, 10}, 1, 2, 1, 1);
    BatchNormFolding.Folded f =
        fold(
            INPUT,
            AnnNode.of("conv", conv(null), "in"),
            AnnNode.of("relu", new Relu(), "conv"),
            AnnNode.of("bn", BN, "relu"),
            AnnNode.of("last", new Conv2d(weight, null, Window.square(1, 1, 0), 1), "bn"));
    Conv2d last = (Conv2d) f.graph().node("last").op();
    assertArrayEquals(new float[] {4, -40}, last.weight().data());
    assertArrayEquals(new float[] {-3}, last.bias().data());
    assertEquals(List.of("relu"), f.graph().node("last").inputs());
    assertEquals(List.of("batch norm bn moved into the layers that read it"), f.notes());
  }

  @Test
  void aMaximumOfWhatIsTurnedAroundIsRefused() {
    SnnsimException e =
        assertThrows(
            SnnsimException.class,
            () ->
                fold(
                    INPUT,
                    AnnNode.of("conv", conv(null), "in"),
                    AnnNode.of("relu", new Relu(), "conv"),
                    AnnNode.of("bn", BN, "relu"),
                    AnnNode.of("pool", new MaxPool(Window.square(2, 1, 0)), "bn")));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().startsWith("node pool: "), e.getMessage());
    assertTrue(e.getMessage().contains("gamma is negative in channel 1"), e.getMessage());
  }

  @Test
  void aChainOfMaxPoolsMovesBehindTheRelu() {
    Window pair = new Window(1, 2, 1, 1, 0, 0, 1, 1);
    Window column = new Window(2, 1, 1, 1, 0, 0, 1, 1);
    AnnGraph graph =
        new AnnGraph(
            "net",
            List.of(
                INPUT,
                AnnNode.of("conv", conv(null), "in"),
                AnnNode.of("wide", new MaxPool(pair), "conv"),
                AnnNode.of("high", new MaxPool(column), "wide"),
                AnnNode.of("relu", new Relu(), "high"),
                AnnNode.of("fc", new Linear(Tensor.of(new float[2], 1, 2), null), "relu")));
    AnnGraph folded = BatchNormFolding.fold(graph).graph();
    assertInstanceOf(Relu.class, folded.node("wide").op());
    assertInstanceOf(MaxPool.class, folded.node("high").op());
    assertInstanceOf(MaxPool.class, folded.node("relu").op());
    double[] image = {-1, 2, -3, 4};
    int relu = graph.indexOf("relu");
    assertArrayEquals(
        NaiveAnn.run(graph, image)[relu], NaiveAnn.run(folded, image)[folded.indexOf("relu")]);
    assertEquals(4, new Lowering(folded).drafts().size());
    assertNull(((Conv2d) folded.node("conv").op()).bias());
  }
}
