// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.layers.Value;
import io.snnsim.dump.layers.Zeros;
import io.snnsim.geometry.Window;
import java.util.Arrays;

/** Nodes that slide windows over maps of one or two dimensions. Used by one thread. */
final class WindowLayers {
  private final Scope scope;

  WindowLayers(Scope scope) {
    this.scope = scope;
  }

  /**
   * A window as a node states it, padding apart.
   *
   * @param bare without padding
   * @param pads what is around the map, of either end
   */
  private record Stated(Window bare, Zeros pads) {
    Window padded() {
      return pads.into(bare);
    }

    /** True if no window reaches what is around the map. */
    boolean inside() {
      return pads.equals(Zeros.NONE);
    }
  }

  Known conv(OnnxNode node) {
    Activation in = maps(node);
    Constant w = scope.constant(node, 1, "weights");
    if (w.rank() != in.rank()) {
      throw new NoLayer(
          "found weights of shape "
              + w.shape()
              + " for dimensions "
              + in.shape()
              + ", expected as many dimensions",
          "");
    }
    int spatial = in.rank() - 2;
    int[] kernel = Arrays.copyOfRange(w.dims(), 2, w.rank());
    int[] stated = node.sizes("kernel_shape", spatial, 0);
    if (node.has("kernel_shape") && !Arrays.equals(stated, kernel)) {
      throw new NoLayer(
          "found kernel_shape "
              + Arrays.toString(stated)
              + " and weights of shape "
              + w.shape()
              + ", expected them to agree",
          "");
    }
    Stated window = window(node, in, kernel, false);
    int[] shape = spatial == 2 ? w.dims() : new int[] {w.dims()[0], w.dims()[1], 1, kernel[0]};
    Tensor weight = new Tensor(shape, w.finite("weights"));
    Tensor bias = null;
    if (node.has(2)) {
      float[] values = scope.constant(node, 2, "a bias").finite("a bias");
      bias = Tensor.of(values, values.length);
    }
    int groups = Math.toIntExact(node.integer("group", 1));
    Value padded = scope.graph().pad(in.value(), window.pads());
    AnnOp conv = new Conv2d(weight, bias, window.bare(), groups);
    return Activation.usual(scope.graph().add(Names.layer(node, 1), conv, padded), in.rank());
  }

  Known maxPool(OnnxNode node) {
    Activation in = maps(node);
    Stated window = window(node, in, kernel(node, in), node.flag("ceil_mode", false));
    // Its padding never wins, where zeros of a Pad might.
    return pooled(node, in, new MaxPool(window.padded()), in.value());
  }

  Known averagePool(OnnxNode node) {
    Activation in = maps(node);
    boolean ceil = node.flag("ceil_mode", false);
    int[] kernel = kernel(node, in);
    Stated window = window(node, in, kernel, ceil);
    boolean counts = node.flag("count_include_pad", false);
    boolean beyond = ceil && !window.equals(window(node, in, kernel, false));
    if (beyond || !(counts || window.inside())) {
      throw NoLayer.ever(
          "found an average pool that divides by fewer values at the edge, expected the same"
              + " number everywhere",
          "set count_include_pad = 1, or no padding, and ceil_mode = 0");
    }
    Value padded = scope.graph().pad(in.value(), window.pads());
    boolean whole =
        padded.zeros().equals(Zeros.NONE)
            && window.bare().kernelH() == in.size(Activation.ROWS)
            && window.bare().kernelW() == in.size(Activation.COLUMNS)
            && window.bare().dilationH() * window.bare().dilationW() == 1;
    AnnOp op = whole ? new GlobalAvgPool() : new AvgPool(window.bare());
    return pooled(node, in, op, padded);
  }

  private Activation pooled(OnnxNode node, Activation in, AnnOp op, Value read) {
    return Activation.usual(scope.graph().add(Names.node(node), op, read), in.rank());
  }

  private static int[] kernel(OnnxNode node, Activation in) {
    if (!node.has("kernel_shape")) {
      throw new NoLayer("found no kernel_shape, expected one", "");
    }
    return node.sizes("kernel_shape", in.rank() - 2, 0);
  }

  Known globalPool(OnnxNode node, boolean average) {
    Activation in = maps(node);
    if (!in.value().zeros().equals(Zeros.NONE)) {
      throw new NoLayer("found zero padding before it, expected none", "leave it out");
    }
    AnnOp op = average ? new GlobalAvgPool() : new MaxPool(Window.whole(in.value().shape()));
    return pooled(node, in, op, in.value());
  }

  /** Maps of one dimension or two. */
  private Activation maps(OnnxNode node) {
    Activation in = scope.activation(node, 0);
    if (in.rank() > 4) {
      throw NoLayer.ever(
          "found " + (in.rank() - 2) + " dimensions beside channels, expected one or two", "");
    }
    if (in.rank() < 3) {
      throw new NoLayer(
          "reads dimensions " + in.shape() + ", expected channels and one or two more", "");
    }
    return scope.usual(node, 0);
  }

  /** The window of a node over a map. */
  private Stated window(OnnxNode node, Activation in, int[] kernel, boolean ceil) {
    int spatial = kernel.length;
    int[] strides = node.sizes("strides", spatial, 1);
    int[] dilations = node.sizes("dilations", spatial, 1);
    int[] pads = node.sizes("pads", 2 * spatial, 0);
    for (int i = 0; i < spatial; i++) {
      if (kernel[i] < 1 || strides[i] < 1 || dilations[i] < 1) {
        throw new NoLayer("found kernel, stride or dilation 0, expected 1 or more", "");
      }
      int size = in.dims()[i + 1];
      int span = Math.addExact(Math.multiplyExact(dilations[i], kernel[i] - 1), 1);
      switch (node.text("auto_pad", "NOTSET")) {
        case "NOTSET", "" -> {}
        case "VALID" -> {
          pads[i] = 0;
          pads[i + spatial] = 0;
        }
        case "SAME_UPPER" -> same(pads, i, (size - 1) % strides[i] + 1, strides[i], span, false);
        case "SAME_LOWER" -> same(pads, i, (size - 1) % strides[i] + 1, strides[i], span, true);
        default ->
            throw new NoLayer(
                "found auto_pad of another kind, expected NOTSET, VALID, SAME_UPPER or SAME_LOWER",
                "");
      }
      if (ceil) {
        pads[i + spatial] += missing(size, pads[i], pads[i + spatial], span, strides[i]);
      }
    }
    boolean flat = spatial == 1;
    int y = 0;
    int x = spatial - 1;
    Window bare =
        new Window(
            flat ? 1 : kernel[y],
            kernel[x],
            flat ? 1 : strides[y],
            strides[x],
            0,
            0,
            flat ? 1 : dilations[y],
            dilations[x]);
    Zeros zeros =
        new Zeros(flat ? 0 : pads[y], pads[x], flat ? 0 : pads[y + spatial], pads[x + spatial]);
    return new Stated(bare, zeros);
  }

  /** Padding with which as many windows fit as there are strides. */
  private static void same(
      int[] pads, int i, int lastStride, int stride, int span, boolean moreBefore) {
    // The last window begins where the last stride does, of which the map has a part.
    int all = Math.max(0, span - lastStride);
    int less = all / 2;
    int spatial = pads.length / 2;
    pads[i] = moreBefore ? all - less : less;
    pads[i + spatial] = all - pads[i];
  }

  /** Rows to add at the end for one window more, where rounding up means one more. */
  private static int missing(int size, int before, int after, int span, int stride) {
    int room = size + before + after - span;
    if (room < 0 || room % stride == 0) {
      return 0;
    }
    int outputs = room / stride + 1;
    // A window must begin within the map or the padding before it.
    return outputs * stride >= size + before ? 0 : stride - room % stride;
  }

  /** Zeros around maps. */
  Known pad(OnnxNode node) {
    Activation in = scope.sliced(node, 0);
    int rank = in.rank();
    if (!node.text("mode", "constant").equals("constant")) {
      throw NoLayer.ever(
          "found padding of another kind than a constant, expected zeros", "pad with zeros");
    }
    boolean old = scope.opset() < 11;
    float value =
        old
            ? node.number("value", 0)
            : node.has(2) ? scope.constant(node, 2, "a value").single("a value") : 0;
    long[] given = old ? node.integers("pads") : scope.constant(node, 1, "pads").list("pads");
    long[] pads = new long[2 * rank];
    if (node.has(3)) {
      long[] axes = scope.constant(node, 3, "axes").list("axes");
      for (int i = 0; given.length == 2 * axes.length && i < axes.length; i++) {
        int d = Axes.of(axes[i], rank);
        pads[d] = given[i];
        pads[d + rank] = given[i + axes.length];
      }
    } else if (given != null && given.length == 2 * rank) {
      pads = given;
    } else {
      throw new NoLayer("found no pads for " + rank + " dimensions, expected two for each", "");
    }
    return new Padding(scope, node, in).of(pads, value);
  }
}
