// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which networks rate coding can express, and what is said of the others. */
class LoweringTest {
  private static final AnnOp RELU = new Relu();
  private static final AnnOp CONV =
      new Conv2d(new Tensor(new int[] {2, 2, 1, 1}, new float[4]), null, Window.square(1, 1, 0), 1);
  private static final AnnOp AVERAGE = new AvgPool(Window.square(2, 2, 0));

  private static AnnGraph graph(AnnNode... nodes) {
    List<AnnNode> all = new ArrayList<>();
    all.add(AnnNode.of("in", new Input(new MapShape(2, 4, 4))));
    all.addAll(List.of(nodes));
    return new AnnGraph("net", all);
  }

  private static void refused(String expected, AnnNode... nodes) {
    SnnsimException e = assertThrows(SnnsimException.class, () -> new Lowering(graph(nodes)));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private static List<String> names(Lowering l) {
    return l.drafts().stream().map(Lowering.Draft::name).toList();
  }

  @Test
  void aValueThatNoReluMakesNonNegativeIsRefusedWhereItIsRead() {
    AnnNode conv = AnnNode.of("conv", CONV, "in");
    refused("node next: reads conv, whose output no ReLU", conv, AnnNode.of("next", CONV, "conv"));
    refused("node p: pools conv, whose output no ReLU", conv, AnnNode.of("p", AVERAGE, "conv"));
    refused(
        "node m: pools conv", conv, AnnNode.of("m", new MaxPool(Window.square(2, 2, 0)), "conv"));
    refused("node f: flattens conv", conv, AnnNode.of("f", new Flatten(), "conv"));
    refused(
        "node z: reads conv",
        conv,
        AnnNode.of("z", new ZeroPadShortcut(1, 0, 1), "conv"),
        AnnNode.of("relu", RELU, "z"));
  }

  @Test
  void poolsOfTheImageAreRefused() {
    refused("node p: pools the image itself", AnnNode.of("p", AVERAGE, "in"));
  }

  @Test
  void aConvolutionAfterFlattenIsRefused() {
    refused(
        "node conv2: a convolution after Flatten",
        AnnNode.of("relu", RELU, "in"),
        AnnNode.of("flat", new Flatten(), "relu"),
        AnnNode.of(
            "conv2",
            new Conv2d(
                new Tensor(new int[] {1, 32, 1, 1}, new float[32]),
                null,
                Window.square(1, 1, 0),
                1),
            "flat"));
  }

  @Test
  void aNetworkWithoutAPopulationIsRefused() {
    refused("the output must be the last population", AnnNode.of("f", new Flatten(), "in"));
  }

  @Test
  void aSecondReluAndAFlattenChangeNothing() {
    Lowering l =
        new Lowering(
            graph(
                AnnNode.of("conv", CONV, "in"),
                AnnNode.of("relu", RELU, "conv"),
                AnnNode.of("again", RELU, "relu"),
                AnnNode.of("p", AVERAGE, "again"),
                AnnNode.of("rectified", RELU, "p"),
                AnnNode.of("flat", new Flatten(), "rectified"),
                AnnNode.of(
                    "fc", new Linear(new Tensor(new int[] {3, 8}, new float[24]), null), "flat")));
    assertEquals(List.of("relu", "p", "fc"), names(l));
    assertEquals(1, l.drafts().get(2).terms().getFirst().source());
    assertEquals(new MapShape(2, 2, 2), l.drafts().get(2).terms().getFirst().sourceShape());
  }

  @Test
  void nestedSumsBecomeTheAddendsOfOnePopulation() {
    Lowering l =
        new Lowering(
            graph(
                AnnNode.of("a", RELU, "in"),
                AnnNode.of("conv", CONV, "a"),
                AnnNode.of("inner", new Add(), "conv", "a"),
                AnnNode.of("outer", new Add(), "inner", "in"),
                AnnNode.of("b", RELU, "outer")));
    assertEquals(List.of("a", "b"), names(l));
    List<Integer> sources = l.drafts().get(1).terms().stream().map(Lowering.Term::source).toList();
    assertEquals(List.of(0, 0, Lowering.IMAGE), sources);
  }

  @Test
  void whatTheImageDrivesIsCopiedAndReadersTakeTheMean() {
    Conv2d conv =
        new Conv2d(
            new Tensor(new int[] {2, 2, 1, 1}, new float[] {1, 2, 3, 4}),
            Tensor.of(new float[] {6, 8}, 2),
            Window.square(1, 1, 0),
            1);
    Lowering plain =
        new Lowering(
            graph(
                AnnNode.of("conv", CONV, "in"),
                AnnNode.of("first", RELU, "conv"),
                AnnNode.of("next", conv, "first"),
                AnnNode.of("sum", new Add(), "next", "first"),
                AnnNode.of("last", RELU, "sum"),
                AnnNode.of("out", CONV, "last")));
    Lowering copied = plain.copyFirst(2);
    assertEquals(List.of("first", "first.copy2", "last", "out"), names(copied));
    assertEquals(-0.25, copied.drafts().get(0).copy().ahead());
    assertEquals(0.25, copied.drafts().get(1).copy().ahead());
    assertEquals(0, copied.drafts().get(2).copy().ahead());
    List<Lowering.Term> terms = copied.drafts().get(2).terms();
    assertEquals(List.of(0, 1, 0, 1), terms.stream().map(Lowering.Term::source).toList());
    for (Lowering.Term t : terms.subList(0, 2)) {
      Link.Weights w = (Link.Weights) t.link();
      assertArrayEquals(new float[] {0.5f, 1, 1.5f, 2}, w.op().weight().data());
      assertArrayEquals(new float[] {3, 4}, w.op().bias().data());
    }
    for (Lowering.Term t : terms.subList(2, 4)) {
      assertEquals(new Link.Shortcut(1, 0, 0.5), t.link());
    }
    assertEquals(2, copied.drafts().get(3).terms().getFirst().source());
  }

  @Test
  void whatIsPooledOrEndsTheNetworkStaysAlone() {
    AnnNode conv = AnnNode.of("conv", CONV, "in");
    AnnNode first = AnnNode.of("first", RELU, "conv");
    AnnNode pool = AnnNode.of("pool", new MaxPool(Window.square(2, 2, 0)), "first");
    Lowering pooled = new Lowering(graph(conv, first, pool, AnnNode.of("out", CONV, "pool")));
    assertEquals(names(pooled), names(pooled.copyFirst(2)));
    Lowering single = new Lowering(graph(conv, first));
    assertEquals(List.of("first"), names(single.copyFirst(2)));
  }
}
