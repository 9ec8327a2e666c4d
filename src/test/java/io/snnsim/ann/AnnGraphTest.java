// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a graph must satisfy however it was built; GraphJsonTest has the rules of its operators. */
class AnnGraphTest {
  private static final AnnNode INPUT = AnnNode.of("i", new Input(new MapShape(2, 5, 6)));

  private static void refused(String part, AnnNode... nodes) {
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> new AnnGraph("net", List.of(nodes)));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().startsWith("graph net"), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static AnnNode relu(String name, String... inputs) {
    return AnnNode.of(name, new Relu(), inputs);
  }

  @Test
  void structureIsChecked() {
    refused("first node must be the Input");
    refused("first node must be the Input", relu("r", "i"));
    refused("node r: a second Input", INPUT, AnnNode.of("r", new Input(new MapShape(1, 1, 1))));
    refused(
        "node i: input 'i' is no earlier node",
        AnnNode.of("i", new Input(new MapShape(1, 1, 1)), "i"));
    refused("node r: input 'x' is no earlier node", INPUT, relu("r", "x"));
    refused("node r: input 'r' is no earlier node", INPUT, relu("r", "r"));
    refused("node r: input 's' is no earlier node", INPUT, relu("r", "s"), relu("s", "r"));
    refused("node i: the name is used twice", INPUT, relu("i", "i"));
    refused("node r: its output is used by no node", INPUT, relu("r", "i"), relu("s", "i"));
    assertEquals(
        new MapShape(2, 5, 6),
        new AnnGraph("net", List.of(INPUT, AnnNode.of("d", new Add(), "i", "i"))).outputShape());
  }

  @Test
  void poolsArePaddedByHalfTheirKernelAtMost() {
    for (boolean average : new boolean[] {true, false}) {
      for (Window w :
          List.of(
              Window.square(2, 1, 2),
              Window.square(3, 1, 2),
              new Window(4, 1, 1, 1, 2, 1, 1, 1),
              new Window(3, 3, 1, 1, 3, 1, 2, 2))) {
        refused(
            "node p: found " + w.text() + ", expected a pool's padding of at most half its kernel",
            INPUT,
            AnnNode.of("p", average ? new AvgPool(w) : new MaxPool(w), "i"));
      }
      for (Window w :
          List.of(
              Window.square(2, 2, 1),
              Window.square(3, 1, 1),
              new Window(4, 1, 1, 1, 2, 0, 1, 1),
              new Window(3, 3, 1, 1, 2, 2, 2, 2))) {
        AnnOp pool = average ? new AvgPool(w) : new MaxPool(w);
        new AnnGraph("net", List.of(INPUT, AnnNode.of("p", pool, "i")));
      }
    }
    new AnnGraph("n", List.of(INPUT, AnnNode.of("c", conv(Window.square(1, 1, 2)), "i")));
  }

  private static AnnOp conv(Window w) {
    Tensor weight = Tensor.of(new float[4], 2, 2, w.kernelH(), w.kernelW());
    return new Conv2d(weight, null, w, 1);
  }

  @Test
  void mapsAreLimited() {
    AnnNode id = AnnNode.of("d", new Identity(), "i");
    MapShape largest = new MapShape(1, 1 << 14, 1 << 14);
    AnnNode in = AnnNode.of("i", new Input(largest));
    assertEquals(largest, new AnnGraph("net", List.of(in, id)).outputShape());
    for (MapShape s :
        List.of(
            new MapShape(1, 1 << 14, (1 << 14) + 1),
            new MapShape(1 << 20, 1 << 20, 1 << 24),
            new MapShape(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE))) {
      refused("node i: found a map of " + s, AnnNode.of("i", new Input(s)), id);
    }
    for (MapShape s : List.of(new MapShape(0, 1, 1), new MapShape(1, 1, -1))) {
      refused("expected channels, height and width >= 1", AnnNode.of("i", new Input(s)), id);
    }
  }

  @Test
  void shapesFollowTheOperators() {
    AnnGraph g =
        new AnnGraph(
            "net",
            List.of(
                INPUT,
                AnnNode.of(
                    "c",
                    new Conv2d(
                        new Tensor(new int[] {4, 1, 3, 2}, new float[24]),
                        null,
                        new Window(3, 2, 2, 1, 1, 0, 1, 3),
                        2),
                    "i"),
                AnnNode.of("z", new ZeroPadShortcut(2, 1, 2), "c"),
                AnnNode.of("f", new Flatten(), "z")));
    assertEquals(new MapShape(4, 3, 3), g.shape(1));
    assertEquals(new MapShape(7, 2, 2), g.shape(2));
    assertEquals(new MapShape(28, 1, 1), g.outputShape());
    assertEquals(List.of(List.of(1), List.of(2), List.of(3), List.of()), g.consumers());
    assertEquals(List.of("c.weight"), List.copyOf(g.parameters().keySet()));
    assertEquals(2, g.indexOf("z"));
    assertThrows(IllegalArgumentException.class, () -> g.indexOf("y"));
  }

  @Test
  void windowsThatDoNotFitGiveNoOutput() {
    assertEquals(0, Window.square(3, 2, 0).outHeight(2));
    assertEquals(1, Window.square(3, 2, 0).outHeight(3));
    assertEquals(16, Window.square(3, 2, 1).outWidth(32));
    assertEquals(0, new Window(3, 3, 1, 1, 0, 0, 1 << 30, 1 << 30).outHeight(1 << 30));
    assertEquals(
        Integer.MAX_VALUE,
        new Window(1, 1, 1, 1, Integer.MAX_VALUE, 0, 1, 1).outHeight(Integer.MAX_VALUE));
  }

  @Test
  void tensorsHoldWhatTheirShapeSays() {
    assertThrows(IllegalArgumentException.class, () -> new Tensor(new int[] {2, 3}, new float[5]));
    assertEquals(1, new Tensor(new int[0], new float[1]).size());
    assertEquals(0, Tensor.of(new float[0], 0, 7).size());
  }
}
