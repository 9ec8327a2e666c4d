// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.dump.layers.Value;
import io.snnsim.dump.layers.Zeros;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Nodes that move, merge, drop and join dimensions of values of the image. Used by one thread. */
final class ShapeLayers {
  private final Scope scope;

  ShapeLayers(Scope scope) {
    this.scope = scope;
  }

  /** Sizes with the batch. */
  private int[] dims(Activation in) {
    int[] dims = in.dims();
    int[] all = new int[dims.length + 1];
    all[0] = scope.batch();
    System.arraycopy(dims, 0, all, 1, dims.length);
    return all;
  }

  Known shape(OnnxNode node) {
    int[] all = dims(scope.sliced(node, 0));
    int from = bound(node.integer("start", 0), all.length);
    int to = Math.max(from, bound(node.integer("end", all.length), all.length));
    return Constant.of(Arrays.stream(Arrays.copyOfRange(all, from, to)).asLongStream().toArray());
  }

  private static int bound(long at, int rank) {
    return Math.clamp(at < 0 ? at + rank : at, 0, rank);
  }

  Known reshape(OnnxNode node) {
    Activation in = scope.activation(node, 0);
    long[] wanted = scope.constant(node, 1, "a shape").list("a shape");
    return regrouped(node, in, Axes.reshaped(wanted, dims(in), !node.flag("allowzero", false)));
  }

  Known flatten(OnnxNode node) {
    Activation in = scope.activation(node, 0);
    int rank = in.rank();
    long axis = node.integer("axis", 1);
    boolean batchFirst = axis == 1 || axis == 1 - rank;
    if (!batchFirst) {
      throw new NoLayer("found axis " + axis + ", expected 1", "");
    }
    int all = Arrays.stream(in.dims()).reduce(1, Math::multiplyExact);
    return regrouped(node, in, new int[] {scope.batch(), all});
  }

  Known squeeze(OnnxNode node) {
    Activation in = scope.activation(node, 0);
    int[] dims = dims(in);
    long[] given = axes(node);
    int[] axes =
        given == null
            // One image is one of a batch nevertheless.
            ? IntStream.range(1, dims.length).filter(d -> dims[d] == 1).toArray()
            : Axes.of(given, dims.length);
    return regrouped(node, in, Axes.squeezed(dims, axes));
  }

  Known unsqueeze(OnnxNode node) {
    Activation in = scope.activation(node, 0);
    long[] axes = axes(node);
    if (axes == null) {
      throw new NoLayer("found no axes, expected some", "");
    }
    return regrouped(node, in, Axes.unsqueezed(dims(in), axes));
  }

  /** Axes as an attribute or, in later opsets, an input; null if they are not stated. */
  private long[] axes(OnnxNode node) {
    return node.has(1) ? scope.constant(node, 1, "axes").list("axes") : node.integers("axes");
  }

  /** Other dimensions of the same values. */
  private Activation regrouped(OnnxNode node, Activation in, int[] dims) {
    if (dims.length < 1 || dims[0] != scope.batch()) {
      throw new NoLayer(
          "found the new shape "
              + Arrays.toString(dims)
              + ", expected the batch ("
              + scope.batch()
              + ") as the first dimension",
          "export with a batch of any size");
    }
    int[] rest = Arrays.copyOfRange(dims, 1, dims.length);
    Activation result = in.reshaped(rest);
    if (result == null) {
      throw new NoLayer(
          "found the new shape "
              + Arrays.toString(rest)
              + " of dimensions "
              + in.shape()
              + ", which splits channels, rows or columns, expected them whole or flattened",
          "");
    }
    // A single pixel is flat already, but the file says so and a description shows it.
    if (rest.length == 1 && in.rank() > 2 && result.places() == null) {
      Value value = scope.graph().add(Names.node(node), new Flatten(), in.value());
      return Activation.usual(value, 2);
    }
    return result;
  }

  Known transpose(OnnxNode node) {
    Activation in = scope.activation(node, 0);
    int[] perm = Axes.permutation(node.integers("perm"), in.rank());
    if (perm[0] != 0) {
      throw new NoLayer("found the batch moved, expected it first", "");
    }
    int[] from = new int[perm.length - 1];
    Arrays.setAll(from, i -> perm[i + 1] - 1);
    return in.transposed(from);
  }

  Known concat(OnnxNode node) {
    List<Activation> parts = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      parts.add(scope.activation(node, i));
    }
    Activation first = parts.getFirst();
    int axis = Axes.of(node.integer("axis", 1), first.rank()) - 1;
    if (parts.size() == 1) {
      return first;
    }
    List<List<Integer>> axes = new ArrayList<>(first.axes());
    for (Activation part : parts) {
      boolean same = axis >= 0 && part.rank() == first.rank() && part.isChannels(axis);
      for (int a = 0; same && a < axes.size(); a++) {
        same = a == axis || part.axes().get(a).equals(first.axes().get(a));
      }
      if (!same) {
        throw new NoLayer(
            "joins dimensions "
                + first.shape()
                + " and "
                + part.shape()
                + " along axis "
                + (axis + 1)
                + ", expected channels of maps of one size",
            "");
      }
    }
    axes.set(axis, List.of(Activation.CHANNELS));
    Value[] maps = parts.stream().map(Activation::value).toArray(Value[]::new);
    return new Activation(
        scope.graph().add(Names.node(node), new Concat(), maps), List.copyOf(axes));
  }

  /** A mean, or the largest, over rows and columns. */
  Known reduce(OnnxNode node, boolean mean) {
    Activation in = scope.activation(node, 0);
    long[] given = axes(node);
    int rank = in.rank();
    if (given == null || given.length == 0) {
      throw new NoLayer("found it over all dimensions, expected over rows and columns", "");
    }
    int[] axes = Axes.of(given, rank);
    List<Integer> over = new ArrayList<>();
    List<List<Integer>> left = new ArrayList<>();
    for (int d = 1; d < rank; d++) {
      boolean reduced = Arrays.binarySearch(axes, d) >= 0;
      over.addAll(reduced ? in.axes().get(d - 1) : List.of());
      if (!reduced) {
        left.add(in.axes().get(d - 1));
      } else if (node.flag("keepdims", true)) {
        left.add(List.of());
      }
    }
    if (axes[0] == 0 || over.contains(Activation.CHANNELS)) {
      throw new NoLayer("found it over the batch or channels, expected rows and columns", "");
    }
    if (over.isEmpty()) {
      return in.withAxes(left);
    }
    MapShape map = in.value().shape();
    Window window =
        new Window(
            over.contains(Activation.ROWS) ? map.height() : 1,
            over.contains(Activation.COLUMNS) ? map.width() : 1,
            1,
            1,
            0,
            0,
            1,
            1);
    if (!in.value().zeros().equals(Zeros.NONE)) {
      throw new NoLayer("found zero padding before it, expected none", "leave it out");
    }
    boolean all = window.equals(Window.whole(map));
    var op = mean ? all ? new GlobalAvgPool() : new AvgPool(window) : new MaxPool(window);
    return in.withAxes(left).with(scope.graph().add(Names.node(node), op, in.value()));
  }

  /** Rows and columns taken in steps. */
  Known slice(OnnxNode node) {
    Activation in = scope.sliced(node, 0);
    int[] dims = dims(in);
    Slices slices = Slices.of(scope, node, dims.length);
    int stepH = in.stepH();
    int stepW = in.stepW();
    for (int i = 0; i < slices.axes().length; i++) {
      int d = slices.axes()[i];
      Axes.Range r = slices.range(i, dims[d]);
      if (r.isWhole(dims[d])) {
        continue;
      }
      boolean steps = d > 0 && r.start() == 0 && r.step() > 1;
      steps = steps && r.count() == (dims[d] - 1) / r.step() + 1;
      List<Integer> of = d > 0 ? in.axes().get(d - 1) : List.of();
      if (!steps || of.size() != 1 || of.getFirst() == Activation.CHANNELS) {
        throw NoLayer.ever(
            "found a part of dimensions "
                + in.shape()
                + " cut out, expected all, or every so many"
                + " rows and columns",
            "train the network without");
      }
      if (of.getFirst() == Activation.ROWS) {
        stepH = Math.multiplyExact(stepH, r.step());
      } else {
        stepW = Math.multiplyExact(stepW, r.step());
      }
    }
    return stepped(in, stepH, stepW);
  }

  /** Dimensions that became 1 have no axis any more. */
  private static Activation stepped(Activation in, int stepH, int stepW) {
    MapShape map = in.value().shape();
    // Of a single row or column every step takes all.
    int rows = map.height() == 1 ? stepW : stepH;
    int columns = map.width() == 1 ? stepH : stepW;
    Activation result = new Activation(in.value(), in.axes(), rows, columns);
    List<List<Integer>> axes = new ArrayList<>();
    for (List<Integer> axis : in.axes()) {
      axes.add(axis.stream().filter(d -> result.size(d) > 1).toList());
    }
    return result.withAxes(axes);
  }
}
