// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.Weighted;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Moves batch norms, and convolutions without a ReLU behind them, to where weights can take them,
 * wherever that is exact: a batch norm behind a ReLU goes into what reads it, one over a sum into
 * each addend, one of several readers into a convolution of its own; of two linear layers in a row
 * one with 1 x 1 windows goes into the other. What it cannot move it leaves for folding to refuse.
 * Used once, by one thread.
 *
 * <p>An offset that a zero-padded convolution reads is not one bias, since it is missing where the
 * window leaves the map: it is added by a convolution of its own over a map of ones, a ReLU's,
 * which ends where the map does.
 */
final class AffineMoving {
  /** A node of the new network and what is still to be done to its channels; null if nothing. */
  private record Value(String node, Affine rest) {}

  private final AnnGraph graph;
  private final List<String> notes;
  private final List<List<Integer>> consumers;
  private final Rewritten to;
  private final LinearMerge merge;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, MapShape> shapes = new HashMap<>();
  private final Map<String, String> ones = new HashMap<>();

  private AffineMoving(AnnGraph graph, List<String> notes) {
    this.graph = graph;
    this.notes = notes;
    consumers = graph.consumers();
    to = new Rewritten(graph);
    merge = new LinearMerge(to);
  }

  /** The same function with batch norms where folding takes them. */
  static AnnGraph move(AnnGraph graph, List<String> notes) {
    AffineMoving moving = new AffineMoving(graph, notes);
    for (int i = 0; i < graph.nodes().size(); i++) {
      AnnNode node = graph.nodes().get(i);
      moving.shapes.put(node.name(), graph.shape(i));
      moving.values.put(node.name(), moving.valueOf(node));
    }
    Value last = moving.values.get(graph.nodes().getLast().name());
    return moving.to.finish(
        last.rest() == null
            ? last.node()
            : moving.to.put(moving.to.unused(last.node()), last.rest().convolution(), last.node()));
  }

  private Value valueOf(AnnNode node) {
    List<Value> in = node.inputs().stream().map(values::get).toList();
    return switch (node.op()) {
      case BatchNorm bn -> batchNorm(node, bn, in.getFirst());
      case Weighted w -> weighted(node, w, in.getFirst());
      case Identity _ -> in.getFirst();
      case MaxPool _ -> pooled(node, in.getFirst(), true);
      case AvgPool p -> pooled(node, in.getFirst(), !p.window().padded());
      case GlobalAvgPool _ ->
          merge.averaged(node, in.getFirst().node())
              ? new Value(node.name(), null)
              : pooled(node, in.getFirst(), true);
      case Flatten _ -> {
        Value v = in.getFirst();
        int plane = shapes.get(node.inputs().getFirst()).plane();
        Affine rest = v.rest() == null ? null : v.rest().flattened(plane);
        yield new Value(to.put(node.name(), node.op(), v.node()), rest);
      }
      case Add _, Relu _, ZeroPadShortcut _, Input _ -> same(node, in);
      case Concat _, Upsample _ -> throw new IllegalStateException(node.name() + " was not split");
    };
  }

  /** The node as it is, over inputs that are done. */
  private Value same(AnnNode node, List<Value> in) {
    String[] inputs = in.stream().map(v -> done(node, v)).toArray(String[]::new);
    return new Value(to.put(node.name(), node.op(), inputs), null);
  }

  /** A node that has a value with all that is to be done to it. */
  private String done(AnnNode reader, Value v) {
    return v.rest() == null
        ? v.node()
        : to.put(to.unused(reader.name()), v.rest().convolution(), v.node());
  }

  private Value batchNorm(AnnNode node, BatchNorm bn, Value v) {
    if (merge.isSum(v.node())) {
      boolean add = to.node(v.node()).op() instanceof Add;
      boolean shortcut = to.node(v.node()).op() instanceof ZeroPadShortcut;
      if (!add && !shortcut && readOnce(node)) {
        return same(node, List.of(v)); // Which folding takes.
      }
      notes.add("batch norm " + node.name() + " moved into every layer of the sum before it");
      return new Value(merge.scaled(node.name(), v.node(), Affine.of(bn)), null);
    }
    notes.add("batch norm " + node.name() + " moved into the layers that read it");
    Affine affine = Affine.of(bn);
    return new Value(v.node(), v.rest() == null ? affine : v.rest().then(affine));
  }

  private boolean readOnce(AnnNode node) {
    AnnNode at = node;
    do {
      int input = graph.indexOf(at.inputs().getFirst());
      if (consumers.get(input).size() != 1) {
        return false;
      }
      at = graph.nodes().get(input);
    } while (at.op() instanceof Identity);
    return true;
  }

  private Value weighted(AnnNode node, Weighted w, Value v) {
    if (merge.isSum(v.node())) {
      if (merge.mixed(node, w, v.node(), shapes.get(node.inputs().getFirst()))) {
        notes.add("layer " + node.name() + " merged with the linear layers before it");
        return new Value(node.name(), null);
      }
      return same(node, List.of(v));
    }
    if (v.rest() == null) {
      return same(node, List.of(v));
    }
    MapShape from = shapes.get(node.inputs().getFirst());
    int per = w instanceof Linear ? from.plane() : w.windowOver(from).taps();
    double[][] offsets = v.rest().offsets(w, per);
    Weighted scaled = v.rest().before(w, per);
    Window window = w.windowOver(from);
    if (!v.rest().hasOffset() || !window.padded()) {
      double[] bias = new double[offsets.length];
      for (int oc = 0; oc < bias.length; oc++) {
        double own = w.bias() == null ? 0 : w.bias().data()[oc];
        bias[oc] = own + Arrays.stream(offsets[oc]).sum();
      }
      Weighted op = scaled.with(scaled.weight(), Affine.bias(bias));
      return new Value(to.put(node.name(), op, v.node()), null);
    }
    int out = offsets.length;
    float[] taps = new float[out * per];
    for (int i = 0; i < taps.length; i++) {
      taps[i] = (float) offsets[i / per][i % per];
    }
    Tensor weight = Tensor.of(taps, out, 1, window.kernelH(), window.kernelW());
    String main = to.put(to.unused(node.name()), scaled, v.node());
    String offset =
        to.put(to.unused(node.name()), new Conv2d(weight, null, window, 1), ones(v.node(), from));
    return new Value(to.put(node.name(), new Add(), main, offset), null);
  }

  /** A map of ones as large as a node's. */
  private String ones(String node, MapShape shape) {
    return ones.computeIfAbsent(
        node,
        n -> {
          Tensor nothing = Tensor.of(new float[shape.channels()], 1, shape.channels(), 1, 1);
          Tensor one = Tensor.of(new float[] {1}, 1);
          Conv2d constant = new Conv2d(nothing, one, Window.square(1, 1, 0), 1);
          return to.put(to.unused(n), new Relu(), to.put(to.unused(n), constant, n));
        });
  }

  private Value pooled(AnnNode node, Value v, boolean keepsOffsets) {
    if (v.rest() == null) {
      return same(node, List.of(v));
    }
    if (!keepsOffsets && v.rest().hasOffset()) {
      throw SnnsimException.badData(
          "node "
              + node.name()
              + ": averages over padding what a batch norm behind a ReLU has shifted, so that no"
              + " weights can take the shift; leave the padding out, or put the batch norm before"
              + " the ReLU, and retrain");
    }
    if (node.op() instanceof MaxPool && !v.rest().keepsOrder()) {
      throw SnnsimException.badData(
          "node "
              + node.name()
              + ": a maximum of what a batch norm behind a ReLU has turned around (its gamma is"
              + " negative in channel "
              + firstNegative(v.rest())
              + "); put the batch norm behind the pool, or before the ReLU, and retrain");
    }
    return new Value(to.put(node.name(), node.op(), v.node()), v.rest());
  }

  private static int firstNegative(Affine a) {
    int c = 0;
    while (a.scale()[c] >= 0) {
      c++;
    }
    return c;
  }
}
