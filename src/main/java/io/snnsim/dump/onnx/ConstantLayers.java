// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;

/** Nodes whose inputs are all constant: what exporters compute shapes with. Used by one thread. */
final class ConstantLayers {
  private final Scope scope;
  private final Folding folding;

  ConstantLayers(Scope scope) {
    this.scope = scope;
    this.folding = scope.folding();
  }

  /** What a node gives, or null if it is not known how. */
  Constant of(OnnxNode node) {
    return switch (node.op()) {
      case "Constant" -> constant(node);
      case "ConstantOfShape" -> {
        OnnxTensor t = node.tensor("value");
        Constant value = t == null ? Constant.of(new int[0], new float[1]) : scope.read(t);
        yield folding.filled(in(node, 0).list("a shape"), value);
      }
      case "Identity", "Dropout" -> in(node, 0);
      case "Shape" -> shape(node);
      case "Cast" -> folding.cast(in(node, 0), TensorData.isFloat((int) node.integer("to", 0)));
      case "Reshape" -> {
        long[] wanted = in(node, 1).list("a shape");
        boolean copies = !node.flag("allowzero", false);
        yield in(node, 0).shaped(Axes.reshaped(wanted, in(node, 0).dims(), copies));
      }
      case "Squeeze" -> squeeze(node);
      case "Unsqueeze" -> {
        long[] axes = axes(node);
        yield axes == null ? null : in(node, 0).shaped(Axes.unsqueezed(in(node, 0).dims(), axes));
      }
      case "Transpose" -> {
        Constant c = in(node, 0);
        yield folding.transposed(c, Axes.permutation(node.integers("perm"), c.rank()));
      }
      case "Gather" -> gather(node);
      case "Slice" -> slice(node);
      case "Concat" -> concat(node);
      case "Add" -> combined(node, Double::sum, Long::sum);
      case "Sub" -> combined(node, (a, b) -> a - b, (a, b) -> a - b);
      case "Mul" -> combined(node, (a, b) -> a * b, (a, b) -> a * b);
      case "Div" -> combined(node, (a, b) -> a / b, ConstantLayers::divided);
      case "Neg" -> folding.mapped(in(node, 0), v -> -v);
      case "Sqrt" -> folding.mapped(in(node, 0), Math::sqrt);
      case "Reciprocal" -> folding.mapped(in(node, 0), v -> 1 / v);
      case "Floor" -> folding.mapped(in(node, 0), Math::floor);
      case "Ceil" -> folding.mapped(in(node, 0), Math::ceil);
      default -> null;
    };
  }

  private static long divided(long a, long b) {
    if (b == 0) {
      throw new NoLayer("found a division by 0, expected another divisor", "");
    }
    return a / b;
  }

  private Constant in(OnnxNode node, int i) {
    return scope.constant(node, i, "an input");
  }

  private Constant combined(OnnxNode node, DoubleBinaryOperator real, LongBinaryOperator whole) {
    return folding.combined(in(node, 0), in(node, 1), real, whole);
  }

  private Constant constant(OnnxNode node) {
    if (node.tensor("value") instanceof OnnxTensor t) {
      return scope.read(t);
    }
    if (node.has("value_float")) {
      return Constant.of(new int[0], new float[] {node.number("value_float", 0)});
    }
    if (node.has("value_int")) {
      return Constant.of(new int[0], new long[] {node.integer("value_int", 0)});
    }
    if (node.has("value_floats")) {
      float[] values = node.numbers("value_floats");
      return Constant.of(new int[] {values.length}, values);
    }
    return node.has("value_ints") ? Constant.of(node.integers("value_ints")) : null;
  }

  private Constant shape(OnnxNode node) {
    return Constant.of(Arrays.stream(in(node, 0).dims()).asLongStream().toArray());
  }

  private long[] axes(OnnxNode node) {
    return node.has(1) ? in(node, 1).list("axes") : node.integers("axes");
  }

  private Constant squeeze(OnnxNode node) {
    Constant c = in(node, 0);
    long[] given = axes(node);
    int[] axes =
        given == null
            ? IntStream.range(0, c.rank()).filter(d -> c.dims()[d] == 1).toArray()
            : Axes.of(given, c.rank());
    return c.shaped(Axes.squeezed(c.dims(), axes));
  }

  private Constant gather(OnnxNode node) {
    Constant c = in(node, 0);
    Constant indices = in(node, 1);
    int axis = Axes.of(node.integer("axis", 0), c.rank());
    long[] given = indices.list("indices");
    int[] at = new int[given.length];
    for (int i = 0; i < at.length; i++) {
      at[i] = Axes.of(given[i], c.dims()[axis]);
    }
    Constant taken = folding.taken(c, axis, at);
    // One index takes the dimension away.
    return indices.rank() == 0
        ? taken.shaped(Axes.squeezed(taken.dims(), new int[] {axis}))
        : taken;
  }

  private Constant slice(OnnxNode node) {
    Constant c = in(node, 0);
    Slices slices = Slices.of(scope, node, c.rank());
    for (int i = 0; i < slices.axes().length; i++) {
      int axis = slices.axes()[i];
      Axes.Range r = slices.range(i, c.dims()[axis]);
      if (c.size() == 0) {
        return null; // Its other sizes may be any.
      }
      int[] at = new int[r.count()];
      Arrays.setAll(at, k -> r.start() + k * r.step());
      c = folding.taken(c, axis, at);
    }
    return c;
  }

  private Constant concat(OnnxNode node) {
    List<Constant> parts = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      parts.add(in(node, i));
    }
    return folding.joined(parts, Axes.of(node.integer("axis", 0), parts.getFirst().rank()));
  }
}
