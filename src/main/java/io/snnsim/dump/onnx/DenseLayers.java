// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.layers.Value;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Nodes that are fully connected layers, and batch norm. Used by one thread. */
final class DenseLayers {
  private final Scope scope;

  DenseLayers(Scope scope) {
    this.scope = scope;
  }

  Known gemm(OnnxNode node) {
    if (node.flag("transA", false)) {
      throw new NoLayer("found transA = 1, expected 0", "");
    }
    Activation in = scope.activation(node, 0);
    Constant b = scope.constant(node, 1, "weights");
    boolean transposed = node.flag("transB", false);
    float alpha = node.number("alpha", 1);
    float beta = node.number("beta", 1);
    if (b.rank() != 2) {
      throw new NoLayer("found weights of shape " + b.shape() + ", expected two dimensions", "");
    }
    Constant rows = transposed ? b : scope.folding().transposed(b, new int[] {1, 0});
    float[] bias = null;
    if (node.has(2)) {
      int out = rows.dims()[0];
      Constant c = scope.constant(node, 2, "a bias");
      float[] given = c.finite("a bias");
      if (c.size() != 1 && (c.size() != out || c.dims()[c.rank() - 1] != out)) {
        throw new NoLayer("found a bias of shape " + c.shape() + ", expected [" + out + "]", "");
      }
      bias = given.length == out && beta == 1 ? given : scope.folding().room(out);
      for (int i = 0; bias != given && i < out; i++) {
        bias[i] = beta * given[given.length == 1 ? 0 : i];
      }
    }
    return linear(node, in, scaled(rows, alpha), bias);
  }

  private Constant scaled(Constant rows, float alpha) {
    return alpha == 1 ? rows : scope.folding().mapped(rows, v -> alpha * (float) v);
  }

  Known matMul(OnnxNode node) {
    if (scope.isConstant(node, 0)) {
      throw new NoLayer(
          "found a constant multiplied by a value, expected the value first",
          "write it as a linear layer");
    }
    Activation in = scope.activation(node, 0);
    Constant b = scope.constant(node, 1, "a second factor");
    while (b.rank() > 2 && b.dims()[0] == 1) {
      b = b.shaped(Arrays.copyOfRange(b.dims(), 1, b.rank()));
    }
    if (b.rank() != 2) {
      throw new NoLayer("found weights of shape " + b.shape() + ", expected two dimensions", "");
    }
    return linear(node, in, scope.folding().transposed(b, new int[] {1, 0}), null);
  }

  /**
   * A fully connected layer over the last dimension.
   *
   * @param rows weights, [out][in]
   */
  private Activation linear(OnnxNode node, Activation in, Constant rows, float[] bias) {
    int last = in.axes().size() - 1;
    if (last < 0) {
      throw new NoLayer("reads values without dimensions, expected some", "");
    }
    String name = Names.layer(node, 1);
    rows.finite("weights");
    Tensor weight = new Tensor(rows.dims(), rows.floats());
    Tensor offset = bias == null ? null : Tensor.of(bias, bias.length);
    boolean others = in.axes().subList(0, last).stream().anyMatch(axis -> !axis.isEmpty());
    if (others) {
      return pixelwise(node, in, weight, offset);
    }
    int[] places = in.places();
    if (places != null && rows.dims()[1] == places.length) {
      int[] columns = new int[places.length];
      for (int i = 0; i < places.length; i++) {
        columns[places[i]] = i;
      }
      int k = columns.length;
      Constant moved = scope.folding().pick(rows, rows.dims(), i -> i / k * k + columns[i % k]);
      weight = new Tensor(moved.dims(), moved.floats());
    }
    Value out = scope.graph().add(name, new Linear(weight, offset), in.value());
    List<List<Integer>> axes = new ArrayList<>(in.axes().subList(0, last));
    axes.add(out.shape().channels() > 1 ? List.of(Activation.CHANNELS) : List.of());
    return new Activation(out, List.copyOf(axes));
  }

  /** A fully connected layer over the channels of each pixel is a convolution of one tap. */
  private Activation pixelwise(OnnxNode node, Activation in, Tensor weight, Tensor bias) {
    int last = in.axes().size() - 1;
    if (!in.isChannels(last)) {
      throw new NoLayer(
          "found a product along the last of dimensions "
              + in.shape()
              + ", expected one over"
              + " channels or over all values",
          "flatten before it");
    }
    int[] w = weight.shape();
    Conv2d conv =
        new Conv2d(
            new Tensor(new int[] {w[0], w[1], 1, 1}, weight.data()),
            bias,
            Window.square(1, 1, 0),
            1);
    Value out = scope.graph().add(Names.layer(node, 1), conv, in.value());
    List<List<Integer>> axes = new ArrayList<>(in.axes().subList(0, last));
    axes.add(w[0] > 1 ? List.of(Activation.CHANNELS) : List.of());
    return new Activation(out, List.copyOf(axes));
  }

  Known batchNorm(OnnxNode node) {
    if (node.flag("training_mode", false) || !node.flag("spatial", true)) {
      throw NoLayer.ever(
          "found a batch norm that measures its batch, expected one of inference",
          "call eval() on the network before the export");
    }
    Activation in = flattened(node, scope.activation(node, 0));
    if (in.axes().isEmpty() || !in.isChannels(0)) {
      throw new NoLayer(
          "found it along another dimension than channels, of "
              + in.shape()
              + ", expected N, C, H, W",
          "export with channels first");
    }
    Tensor[] parts = new Tensor[4];
    String[] names = {"scale", "bias", "mean", "variance"};
    for (int i = 0; i < 4; i++) {
      float[] values = scope.constant(node, i + 1, "a " + names[i]).finite("a " + names[i]);
      parts[i] = Tensor.of(values, values.length);
    }
    float eps = node.number("epsilon", 1e-5f);
    BatchNorm bn = new BatchNorm(parts[0], parts[1], parts[2], parts[3], eps);
    return in.with(scope.graph().add(Names.layer(node, 1), bn, in.value()));
  }

  /** The same in a map of its own if it is flattened, so that each value has a channel. */
  Activation flattened(OnnxNode node, Activation in) {
    if (in.rank() != 2 || in.isUsual()) {
      return in;
    }
    if (in.places() != null) {
      throw new NoLayer(
          "reads values that were flattened with channels last, expected a linear layer there",
          "put it before the flattening, or export with channels first");
    }
    Value flat = scope.graph().add(Names.node(node) + ".flatten", new Flatten(), in.value());
    return Activation.usual(flat, 2);
  }
}
