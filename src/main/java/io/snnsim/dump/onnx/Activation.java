// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.layers.Value;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A value that is computed from the image: a layer's map, and how the graph's dimensions lie in it.
 * Files move, merge and split dimensions freely, while a map stays channels x rows x columns; what
 * reads a map in another order has its weights permuted instead. Immutable.
 *
 * @param axes for each dimension after the batch the map's own that it is made of ({@link
 *     #CHANNELS}, {@link #ROWS}, {@link #COLUMNS}), outermost first; those of size 1 are left out
 * @param stepH every how many rows of the map are taken, as a slice with steps does
 * @param stepW the same of columns
 */
record Activation(Value value, List<List<Integer>> axes, int stepH, int stepW) implements Known {
  static final int CHANNELS = 0;
  static final int ROWS = 1;
  static final int COLUMNS = 2;

  /** What maps of a rank are in ONNX: N C, N C W, N C H W. */
  static final int[][] USUAL = {{}, {}, {CHANNELS}, {CHANNELS, COLUMNS}, {CHANNELS, ROWS, COLUMNS}};

  Activation(Value value, List<List<Integer>> axes) {
    this(value, axes, 1, 1);
  }

  /** A map as convolutions of a rank give it, batch included. */
  static Activation usual(Value value, int rank) {
    Activation result = new Activation(value, List.of());
    return result.withAxes(result.usualAxes(rank));
  }

  private List<List<Integer>> usualAxes(int rank) {
    List<List<Integer>> usual = new ArrayList<>();
    for (int d : USUAL[rank]) {
      usual.add(size(d) > 1 ? List.of(d) : List.of());
    }
    return usual;
  }

  /** Dimensions, the batch included. */
  int rank() {
    return axes.size() + 1;
  }

  /** Size of a dimension of the map, with its zeros and without the rows that are not taken. */
  int size(int dimension) {
    MapShape s = value.shape();
    return switch (dimension) {
      case CHANNELS -> s.channels();
      case ROWS -> (s.height() + value.zeros().top() + value.zeros().bottom() + stepH - 1) / stepH;
      default -> (s.width() + value.zeros().left() + value.zeros().right() + stepW - 1) / stepW;
    };
  }

  /** Sizes as the graph has them, without the batch. */
  int[] dims() {
    return axes.stream()
        .mapToInt(axis -> axis.stream().mapToInt(this::size).reduce(1, Math::multiplyExact))
        .toArray();
  }

  /** As in messages. */
  String shape() {
    return Arrays.toString(dims());
  }

  /** True if dimensions lie as convolutions of this rank have them. */
  boolean isUsual() {
    return rank() >= 2 && rank() <= 4 && axes.equals(usualAxes(rank())) && spans();
  }

  /** True if every dimension of the map larger than 1 is one of the graph's. */
  private boolean spans() {
    List<Integer> all = order();
    return (size(CHANNELS) == 1 || all.contains(CHANNELS))
        && (size(ROWS) == 1 || all.contains(ROWS))
        && (size(COLUMNS) == 1 || all.contains(COLUMNS));
  }

  /** The same dimensions of another map of the same shape. */
  Activation with(Value other) {
    return new Activation(other, axes, stepH, stepW);
  }

  Activation withAxes(List<List<Integer>> other) {
    return new Activation(value, List.copyOf(other), stepH, stepW);
  }

  /** The map's dimensions, outermost first. */
  List<Integer> order() {
    return axes.stream().flatMap(List::stream).toList();
  }

  /** Moved dimensions: the new one {@code i} is the old one {@code from[i]}, without the batch. */
  Activation transposed(int[] from) {
    List<List<Integer>> moved = new ArrayList<>();
    for (int f : from) {
      moved.add(axes.get(f));
    }
    return withAxes(moved);
  }

  /** Other dimensions of the same values, or null if one of the map's would have to be split. */
  Activation reshaped(int[] dims) {
    List<Integer> order = order();
    List<List<Integer>> result = new ArrayList<>();
    int next = 0;
    for (int d : dims) {
      List<Integer> axis = new ArrayList<>();
      long size = 1;
      while (size < d && next < order.size()) {
        size *= size(order.get(next));
        axis.add(order.get(next++));
      }
      if (size != d) {
        return null;
      }
      result.add(List.copyOf(axis));
    }
    return next == order.size() ? withAxes(result) : null;
  }

  /** The axis of channels; where a single channel has none, the usual one. */
  int channelAxis() {
    for (int a = 0; a < axes.size(); a++) {
      if (axes.get(a).contains(CHANNELS)) {
        return a;
      }
    }
    boolean last = !axes.isEmpty() && !axes.getFirst().isEmpty() && axes.getLast().isEmpty();
    return last ? axes.size() - 1 : 0;
  }

  /** True if an axis is all of the channels and nothing else. */
  boolean isChannels(int axis) {
    return axis == channelAxis()
        && (axes.get(axis).isEmpty() || axes.get(axis).equals(List.of(CHANNELS)));
  }

  /**
   * Where in the map the elements of the axis that is flattened last lie, or null if they are in
   * order: element {@code i} of it is {@code result[i]} of the map.
   */
  int[] places() {
    List<Integer> order = order();
    if (order.equals(order.stream().sorted().toList())) {
      return null;
    }
    int[] strides = {size(ROWS) * size(COLUMNS), size(COLUMNS), 1};
    int[] places = {0};
    for (int d : order) {
      int n = size(d);
      int[] more = new int[Math.multiplyExact(places.length, n)];
      for (int i = 0; i < more.length; i++) {
        more[i] = places[i / n] + i % n * strides[d];
      }
      places = more;
    }
    return places;
  }
}
