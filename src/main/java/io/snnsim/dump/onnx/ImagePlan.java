// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.layers.Value;
import io.snnsim.geometry.MapShape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Finds which of the input's dimensions are channels, rows and columns: files do not say, but what
 * they do first with the image tells. Immutable.
 *
 * @param dims sizes, without the batch
 */
record ImagePlan(Scope scope, String input, int[] dims) {
  /** What may be done to an image before its dimensions are moved. */
  private static final Set<String> POINTWISE =
      Set.of("Identity", "Cast", "Sub", "Mul", "Div", "Add", "Clip", "Relu", "Pad");

  private static final Set<String> WINDOWED =
      Set.of("Conv", "MaxPool", "AveragePool", "BatchNormalization", "GlobalAveragePool");

  private static final List<Integer> CHANNELS_LAST =
      List.of(Activation.ROWS, Activation.COLUMNS, Activation.CHANNELS);

  /** Adds the input to a network. */
  Activation add(LayerGraph graph) {
    OnnxNode first = first();
    int rank = dims.length + 1;
    int[] map = dims;
    List<Integer> axes = Arrays.stream(Activation.USUAL[rank]).boxed().toList();
    if (rank == 4 && channelsLast(first)) {
      map = new int[] {dims[2], dims[0], dims[1]};
      axes = CHANNELS_LAST;
    } else if (rank == 3) {
      if (moves(first, 0, 2, 1)) {
        map = new int[] {dims[1], 1, dims[0]};
        axes = List.of(Activation.COLUMNS, Activation.CHANNELS);
      } else if (first != null && WINDOWED.contains(first.op())) {
        map = new int[] {dims[0], 1, dims[1]};
      } else {
        map = new int[] {1, dims[0], dims[1]};
        axes = List.of(Activation.ROWS, Activation.COLUMNS);
      }
    } else if (rank == 2) {
      map = new int[] {dims[0], 1, 1};
    }
    int[] shaped = rank < 4 ? reshaped(first) : null;
    if (shaped != null) {
      // Another shape of the same values, in which the first layer wants them.
      boolean last = shaped.length == 3 && moves(next(first), 0, 3, 1, 2);
      List<Integer> order =
          last
              ? CHANNELS_LAST
              : Arrays.stream(Activation.USUAL[shaped.length + 1]).boxed().toList();
      Activation same = placed(graph, sizes(order, shaped), order).reshaped(dims);
      if (same == null) {
        throw new NoLayer(
            "found the image brought from "
                + Arrays.toString(dims)
                + " into "
                + Arrays.toString(shaped)
                + ", expected dimensions merged or split only",
            "");
      }
      return same;
    }
    return placed(graph, map, axes);
  }

  /** Channels, rows and columns of dimensions that lie so. */
  private static int[] sizes(List<Integer> order, int[] dims) {
    int[] map = {1, 1, 1};
    for (int d = 0; d < dims.length; d++) {
      map[order.get(d)] = dims[d];
    }
    return map;
  }

  private static Activation placed(LayerGraph graph, int[] map, List<Integer> axes) {
    Value image = graph.input(new MapShape(map[0], map[1], map[2]));
    Activation all = new Activation(image, List.of());
    return all.withAxes(
        axes.stream().map(d -> all.size(d) > 1 ? List.of(d) : List.<Integer>of()).toList());
  }

  /** What first does more to the image than to change each value, or null. */
  private OnnxNode first() {
    return after(input);
  }

  private OnnxNode next(OnnxNode node) {
    return node.outputs().isEmpty() ? null : after(node.outputs().getFirst());
  }

  private OnnxNode after(String value) {
    String at = value;
    for (int i = 0; i < 16; i++) {
      List<OnnxNode> readers = scope.readersOf(at);
      if (readers.isEmpty()) {
        return null;
      }
      OnnxNode node = readers.getFirst();
      if (!POINTWISE.contains(node.op()) || node.outputs().isEmpty()) {
        return node;
      }
      at = node.outputs().getFirst();
    }
    return null;
  }

  private boolean channelsLast(OnnxNode first) {
    if (moves(first, 0, 3, 1, 2)) {
      return true;
    }
    boolean windowed = first != null && WINDOWED.contains(first.op());
    // Where it is flattened or reshaped at once, nothing but the sizes tells.
    return !windowed && (dims[2] == 1 || dims[2] == 3) && dims[0] > 4;
  }

  private static boolean moves(OnnxNode node, long... perm) {
    return node != null
        && node.op().equals("Transpose")
        && Arrays.equals(attribute(node, "perm"), perm);
  }

  private static long[] attribute(OnnxNode node, String name) {
    OnnxNode.Attribute a = node.attributes().get(name);
    return a == null ? null : a.ints();
  }

  /** Two or three dimensions that flat values are first brought into, or null. */
  private int[] reshaped(OnnxNode first) {
    if (first == null || !(first.op().equals("Reshape") || first.op().equals("Unsqueeze"))) {
      return null;
    }
    try {
      long[] given = first.has(1) ? constant(first.inputs().get(1)) : attribute(first, "axes");
      if (given == null) {
        return null;
      }
      int[] from = new int[dims.length + 1];
      from[0] = scope.batch();
      System.arraycopy(dims, 0, from, 1, dims.length);
      int[] to =
          first.op().equals("Reshape")
              ? Axes.reshaped(given, from, true)
              : Axes.unsqueezed(from, given);
      if (to[0] != scope.batch() || to.length < 3 || to.length > 4) {
        return null;
      }
      return Arrays.copyOfRange(to, 1, to.length);
    } catch (NoLayer | ArithmeticException e) {
      return null; // Whose node says so itself.
    }
  }

  private long[] constant(String name) {
    Constant c = scope.constantBefore(name);
    return c == null ? null : c.list("a shape");
  }
}
