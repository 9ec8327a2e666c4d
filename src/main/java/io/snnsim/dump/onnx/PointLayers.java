// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.Relu;
import io.snnsim.dump.layers.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Nodes that take values one by one: rectifiers, sums, and arithmetic with constants. One thread.
 */
final class PointLayers {
  private static final String ATTENTION =
      "gates and attention cannot be imported; train the network without";

  private final Scope scope;
  private final DenseLayers dense;

  PointLayers(Scope scope, DenseLayers dense) {
    this.scope = scope;
    this.dense = dense;
  }

  Known relu(OnnxNode node) {
    return scope.add(node, new Relu(), scope.activation(node, 0));
  }

  /** One that also lets a share of negative values through, if the share is 0. */
  Known leaky(OnnxNode node) {
    boolean plain = true;
    if (node.op().equals("PRelu")) {
      for (float slope : scope.constant(node, 1, "slopes").finite("slopes")) {
        plain &= slope == 0;
      }
    } else {
      plain = node.number("alpha", 0.01f) == 0;
    }
    if (plain) {
      return relu(node);
    }
    throw Refused.activation(node.op());
  }

  Known clip(OnnxNode node) {
    boolean old = scope.opset() < 11;
    float least =
        old
            ? node.number("min", -Float.MAX_VALUE)
            : node.has(1) ? bound(node, 1) : Float.NEGATIVE_INFINITY;
    float most =
        old
            ? node.number("max", Float.MAX_VALUE)
            : node.has(2) ? bound(node, 2) : Float.POSITIVE_INFINITY;
    return clipped(node, scope.activation(node, 0), least, most);
  }

  private float bound(OnnxNode node, int i) {
    return scope.constant(node, i, "a bound").single("a bound");
  }

  private Activation clipped(OnnxNode node, Activation in, float least, float most) {
    boolean above = most >= Float.MAX_VALUE;
    boolean below = least <= -Float.MAX_VALUE;
    if (above && below) {
      return in;
    }
    // Of values that are never negative a bound below does nothing.
    boolean rectifies = least == 0 || (least <= 0 && scope.graph().rectified(in.value()));
    if (!rectifies || !(most > 0)) {
      throw NoLayer.ever(
          "found values clipped to " + least + ".." + most + ", expected 0 and a bound above it",
          "train the network with ReLU or ReLU6");
    }
    return scope.add(node, above ? new Relu() : new Relu(most), in);
  }

  /** The larger, or smaller, of a value and a constant. */
  Known bounded(OnnxNode node, boolean largest) {
    int of = node.inputs().size() == 2 && scope.isConstant(node, 0) ? 1 : 0;
    if (node.inputs().size() != 2 || scope.isConstant(node, of)) {
      throw NoLayer.ever("found " + node.inputs().size() + " inputs, expected two", "");
    }
    if (!scope.isConstant(node, 1 - of)) {
      throw NoLayer.ever(
          "found the "
              + (largest ? "larger" : "smaller")
              + " of two values of the image,"
              + " expected a constant",
          "train the network with ReLU");
    }
    float bound = bound(node, 1 - of);
    Activation in = scope.activation(node, of);
    return largest
        ? clipped(node, in, bound, Float.POSITIVE_INFINITY)
        : clipped(node, in, Float.NEGATIVE_INFINITY, bound);
  }

  /** A sum of values and constants. */
  Known sum(OnnxNode node) {
    List<Activation> values = new ArrayList<>();
    List<Constant> constants = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (scope.known(node, i) instanceof Constant c) {
        constants.add(c);
      } else {
        values.add(scope.activation(node, i));
      }
    }
    Activation first = values.getFirst();
    Activation sum = first;
    if (values.size() > 1) {
      for (Activation v : values) {
        if (!v.axes().equals(first.axes())) {
          throw new NoLayer(
              "adds dimensions "
                  + first.shape()
                  + " and "
                  + v.shape()
                  + " that lie otherwise in their maps, expected the same",
              "");
        }
      }
      Value[] maps = values.stream().map(Activation::value).toArray(Value[]::new);
      sum = first.with(scope.graph().add(Names.node(node), new Add(), maps));
    }
    for (Constant c : constants) {
      sum = affine(node, sum, null, c);
    }
    return sum;
  }

  Known difference(OnnxNode node) {
    boolean constantFirst = scope.isConstant(node, 0);
    if (!constantFirst && !scope.isConstant(node, 1)) {
      throw NoLayer.ever(
          "found a difference of two values of the image, expected a constant in it",
          "train the network with sums");
    }
    if (constantFirst) {
      return affine(
          node, scope.activation(node, 1), one(-1), scope.constant(node, 0, "a constant"));
    }
    Constant c = scope.constant(node, 1, "a constant");
    return affine(node, scope.activation(node, 0), null, scope.folding().mapped(c, v -> -v));
  }

  Known product(OnnxNode node) {
    int of = scope.isConstant(node, 0) ? 1 : 0;
    if (!scope.isConstant(node, 1 - of)) {
      throw new NoLayer(
          "found a product of two values of the image, expected a constant in it", ATTENTION);
    }
    return affine(node, scope.activation(node, of), scope.constant(node, 1 - of, "a factor"), null);
  }

  Known quotient(OnnxNode node) {
    if (!scope.isConstant(node, 1)) {
      throw new NoLayer(
          "found a division by a value of the image, expected a constant divisor", ATTENTION);
    }
    Constant c = scope.constant(node, 1, "a divisor");
    return affine(node, scope.activation(node, 0), scope.folding().mapped(c, v -> 1 / v), null);
  }

  Known negative(OnnxNode node) {
    return affine(node, scope.activation(node, 0), one(-1), null);
  }

  /** Less an offset, times a scale, as pipelines of scikit-learn have them. */
  Known scaler(OnnxNode node) {
    float[] offsets = node.numbers("offset");
    float[] scales = node.numbers("scale");
    Activation in = scope.activation(node, 0);
    if (offsets == null || scales == null || offsets.length == 0 || scales.length == 0) {
      throw new NoLayer("found no offset or no scale, expected both", "");
    }
    Constant offset = Constant.of(new int[] {offsets.length}, offsets);
    Constant scale = Constant.of(new int[] {scales.length}, scales);
    Constant moved = scope.folding().combined(offset, scale, (o, s) -> -o * s, (o, s) -> -o * s);
    return affine(node, in, scale, moved);
  }

  private static Constant one(float value) {
    return Constant.of(new int[0], new float[] {value});
  }

  private Activation affine(OnnxNode node, Activation in, Constant factor, Constant addend) {
    boolean single =
        (factor == null || factor.size() == 1) && (addend == null || addend.size() == 1);
    Activation flat = single ? in : dense.flattened(node, in);
    float[] factors = factor == null ? null : perChannel(flat, factor);
    float[] addends = addend == null ? null : perChannel(flat, addend);
    return flat.with(scope.graph().affine(Names.node(node), factors, addends, flat.value()));
  }

  /** A constant's values, one for each channel or one for all. */
  private static float[] perChannel(Activation in, Constant c) {
    float[] values = c.finite("a constant");
    if (values.length == 1) {
      return values;
    }
    int[] dims = in.dims();
    for (int d = 0; d < c.rank(); d++) {
      int axis = d - c.rank() + dims.length;
      int size = c.dims()[d];
      boolean channels = axis >= 0 && in.isChannels(axis) && size == dims[axis];
      if (size != 1 && !channels) {
        throw new NoLayer(
            "found a constant of shape "
                + c.shape()
                + " for dimensions "
                + in.shape()
                + ", expected one value, or one for each channel",
            "");
      }
    }
    return values;
  }
}
