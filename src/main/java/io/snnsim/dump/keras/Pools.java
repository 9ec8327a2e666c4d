// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.dump.keras.Signal.Form;
import io.snnsim.dump.layers.Zeros;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;

/** Reads pools. Stateless. */
final class Pools {
  private Pools() {}

  private static Window window(Layer layer, Form form) {
    if (form == Form.SEQUENCE) {
      int k = layer.single("pool_size", 2);
      return new Window(1, k, 1, layer.single("strides", k), 0, 0, 1, 1);
    }
    int[] k = layer.pair("pool_size", 2);
    int[] s = layer.has("strides") ? layer.pair("strides", 1) : k;
    return new Window(k[0], k[1], s[0], s[1], 0, 0, 1, 1);
  }

  /** The largest value of each window; zeros of 'same' do not count. */
  static Signal max(Reading to, Layer layer, Signal in, Form form) {
    if (in.form() != form) {
      return to.wrongForm(layer, in, "it on a map, or its 1D form on a sequence");
    }
    Window w = window(layer, form);
    Zeros zeros = layer.same() ? Same.zeros(in.value(), w) : Zeros.NONE;
    return to.add(layer, new MaxPool(zeros.into(w)), in);
  }

  /**
   * The mean of each window; zeros of 'same' do not count, so that windows at edges are smaller.
   */
  static Signal average(Reading to, Layer layer, Signal in, Form form) {
    if (in.form() != form) {
      return to.wrongForm(layer, in, "it on a map, or its 1D form on a sequence");
    }
    Window w = window(layer, form);
    if (layer.same()) {
      Zeros zeros = Same.zeros(in.value(), w);
      MapShape s = in.value().shape();
      Span rows = Span.of(s.height(), w.kernelH(), w.strideH(), zeros.top(), zeros.bottom());
      Span columns = Span.of(s.width(), w.kernelW(), w.strideW(), zeros.left(), zeros.right());
      if (rows == null || columns == null || !in.value().zeros().equals(Zeros.NONE)) {
        return to.obstacle(
            layer,
            "found padding 'same' with which windows at edges are means of fewer values than"
                + " others, expected windows of one size",
            "use padding='valid', or a pool_size that divides the map",
            in);
      }
      w = new Window(rows.kernel, columns.kernel, rows.stride, columns.stride, 0, 0, 1, 1);
    }
    return to.add(layer, new AvgPool(w), in);
  }

  /** Where windows lie in one dimension without padding. */
  private record Span(int kernel, int stride) {
    /** The same windows without the padding, or null if they are not all of one size. */
    static Span of(int size, int kernel, int stride, int before, int after) {
      if (before == 0 && after == 0) {
        return new Span(kernel, stride);
      }
      // One window over all there is, or all but its end.
      return stride >= size ? new Span(Math.min(size, kernel - before), stride) : null;
    }
  }

  /** The mean or the largest value of a whole map. */
  static Signal global(Reading to, Layer layer, Signal in, Form form, boolean average) {
    if (in.form() != form) {
      return to.wrongForm(layer, in, "it on a map, or its 1D form on a sequence");
    }
    Signal pooled =
        to.add(
            layer,
            average ? new GlobalAvgPool() : new MaxPool(Window.whole(in.value().shape())),
            in);
    return layer.flag("keepdims", false) ? pooled : Signal.flat(pooled.value());
  }
}
