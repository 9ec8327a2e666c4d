// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;

/**
 * Computes constants from constants, as exporters leave them to be: shapes, and weights that are
 * moved about. Owns a budget of values, so that small files cannot ask for large results. Used by
 * one thread.
 */
final class Folding {
  /** Values that may be made beside those that a file has. */
  private static final int FREE = 1 << 21;

  private long left = FREE;

  /**
   * Tells that a file had so many values, which may be copied twice each: to be rows, and in the
   * order of a map.
   */
  void read(int values) {
    left += 2L * values;
  }

  /**
   * Room for new values.
   *
   * @throws NoLayer if there have been too many
   */
  float[] room(long values) {
    left -= values;
    if (values < 0 || left < 0) {
      throw NoLayer.ever(
          "found constants that need more memory than the file's own, expected fewer",
          "simplify the model first (onnxsim)");
    }
    return new float[Math.toIntExact(values)];
  }

  private long[] wholeRoom(long values) {
    left -= values;
    if (values < 0 || left < 0) {
      room(values);
    }
    return new long[Math.toIntExact(values)];
  }

  /** A new constant whose element {@code i} is element {@code from(i)} of another. */
  Constant pick(Constant c, int[] dims, IntUnaryOperator from) {
    int n = size(dims);
    if (c.whole()) {
      long[] l = wholeRoom(n);
      Arrays.setAll(l, i -> c.longs()[from.applyAsInt(i)]);
      return Constant.of(dims, l);
    }
    float[] f = room(n);
    for (int i = 0; i < n; i++) {
      f[i] = c.floats()[from.applyAsInt(i)];
    }
    return Constant.of(dims, f);
  }

  private static int size(int[] dims) {
    long n = 1;
    for (int d : dims) {
      n *= d;
      if (n > Integer.MAX_VALUE) {
        throw new NoLayer(
            "found a constant of shape " + Arrays.toString(dims) + ", expected less", "");
      }
    }
    return (int) n;
  }

  /** Steps in memory from one element of each dimension to the next. */
  private static int[] strides(int[] dims) {
    int[] strides = new int[dims.length];
    int n = 1;
    for (int d = dims.length - 1; d >= 0; d--) {
      strides[d] = n;
      n *= Math.max(1, dims[d]);
    }
    return strides;
  }

  /** Where element {@code i} of a result lies, if moving along its dimensions makes such steps. */
  private static int place(int i, int[] dims, int[] steps) {
    int at = 0;
    for (int d = dims.length - 1; d >= 0; d--) {
      at += i % dims[d] * steps[d];
      i /= dims[d];
    }
    return at;
  }

  Constant transposed(Constant c, int[] perm) {
    int[] dims = new int[perm.length];
    int[] steps = new int[perm.length];
    int[] strides = strides(c.dims());
    for (int d = 0; d < perm.length; d++) {
      dims[d] = c.dims()[perm[d]];
      steps[d] = strides[perm[d]];
    }
    boolean matrix = perm.length == 2 && perm[0] == 1 && !c.whole();
    return matrix ? flipped(c) : pick(c, dims, i -> place(i, dims, steps));
  }

  /** Rows as columns; in tiles, since weights of linear layers may be larger than caches. */
  private Constant flipped(Constant c) {
    int rows = c.dims()[0];
    int columns = c.dims()[1];
    float[] from = c.floats();
    float[] to = room(c.size());
    int tile = 32;
    for (int top = 0; top < rows; top += tile) {
      int bottom = Math.min(rows, top + tile);
      for (int left = 0; left < columns; left += tile) {
        int right = Math.min(columns, left + tile);
        for (int column = left; column < right; column++) {
          for (int row = top; row < bottom; row++) {
            to[column * rows + row] = from[row * columns + column];
          }
        }
      }
    }
    return Constant.of(new int[] {columns, rows}, to);
  }

  /** Elements of one dimension, which becomes as long as there are of them. */
  Constant taken(Constant c, int axis, int[] indices) {
    int[] dims = c.dims().clone();
    int stride = strides(dims)[axis];
    int old = dims[axis];
    dims[axis] = indices.length;
    int block = stride * Math.max(1, indices.length);
    return pick(
        c,
        dims,
        i -> i / block * stride * old + indices[i / stride % indices.length] * stride + i % stride);
  }

  Constant joined(List<Constant> parts, int axis) {
    Constant first = parts.getFirst();
    int[] dims = first.dims().clone();
    long length = 0;
    for (Constant p : parts) {
      int[] other = p.dims().clone();
      if (other.length != dims.length || p.whole() != first.whole()) {
        throw new NoLayer("found constants of different ranks or types to join", "");
      }
      length += other[axis];
      other[axis] = dims[axis];
      if (!Arrays.equals(other, dims)) {
        throw new NoLayer(
            "found constants of shapes " + first.shape() + " and " + p.shape() + " to join", "");
      }
    }
    dims[axis] = Math.toIntExact(Math.min(length, Integer.MAX_VALUE));
    int n = size(dims);
    Object to = first.whole() ? wholeRoom(n) : room(n);
    int inner = Math.max(1, strides(first.dims())[axis]);
    int row = dims[axis] * inner;
    int offset = 0;
    for (Constant p : parts) {
      int block = p.dims()[axis] * inner;
      Object from = p.whole() ? p.longs() : p.floats();
      for (int done = 0, at = offset; done < p.size(); done += block, at += row) {
        System.arraycopy(from, done, to, at, block);
      }
      offset += block;
    }
    return first.whole() ? Constant.of(dims, (long[]) to) : Constant.of(dims, (float[]) to);
  }

  /** Values of the one and the other, of which either may be spread over dimensions. */
  Constant combined(Constant a, Constant b, DoubleBinaryOperator real, LongBinaryOperator whole) {
    int rank = Math.max(a.rank(), b.rank());
    int[] dims = new int[rank];
    int[] stepsA = new int[rank];
    int[] stepsB = new int[rank];
    int[] stridesA = strides(a.dims());
    int[] stridesB = strides(b.dims());
    for (int d = 0; d < rank; d++) {
      int i = d - rank + a.rank();
      int j = d - rank + b.rank();
      int m = i < 0 ? 1 : a.dims()[i];
      int n = j < 0 ? 1 : b.dims()[j];
      if (m != n && m != 1 && n != 1) {
        throw new NoLayer(
            "found constants of shapes "
                + a.shape()
                + " and "
                + b.shape()
                + ", expected the same or 1 in each dimension",
            "");
      }
      dims[d] = m == 1 ? n : m;
      stepsA[d] = m == 1 ? 0 : stridesA[i];
      stepsB[d] = n == 1 ? 0 : stridesB[j];
    }
    int n = size(dims);
    if (a.whole() && b.whole()) {
      long[] l = wholeRoom(n);
      Arrays.setAll(
          l,
          i ->
              whole.applyAsLong(
                  a.longs()[place(i, dims, stepsA)], b.longs()[place(i, dims, stepsB)]));
      return Constant.of(dims, l);
    }
    float[] f = room(n);
    for (int i = 0; i < n; i++) {
      f[i] = (float) real.applyAsDouble(a.at(place(i, dims, stepsA)), b.at(place(i, dims, stepsB)));
    }
    return Constant.of(dims, f);
  }

  /** A function of each value. */
  Constant mapped(Constant c, DoubleUnaryOperator real) {
    if (c.whole()) {
      long[] l = wholeRoom(c.size());
      Arrays.setAll(l, i -> (long) real.applyAsDouble(c.longs()[i]));
      return Constant.of(c.dims(), l);
    }
    float[] f = room(c.size());
    for (int i = 0; i < f.length; i++) {
      f[i] = (float) real.applyAsDouble(c.floats()[i]);
    }
    return Constant.of(c.dims(), f);
  }

  /** As another type. */
  Constant cast(Constant c, boolean toFloat) {
    if (toFloat != c.whole()) {
      return c;
    }
    if (toFloat) {
      float[] f = room(c.size());
      for (int i = 0; i < f.length; i++) {
        f[i] = c.longs()[i];
      }
      return Constant.of(c.dims(), f);
    }
    long[] l = wholeRoom(c.size());
    Arrays.setAll(l, i -> (long) c.floats()[i]);
    return Constant.of(c.dims(), l);
  }

  /** A constant of one value everywhere. */
  Constant filled(long[] shape, Constant value) {
    int[] dims = new int[shape.length];
    for (int d = 0; d < dims.length; d++) {
      if (shape[d] < 0 || shape[d] > Integer.MAX_VALUE) {
        throw new NoLayer(
            "found the shape " + Arrays.toString(shape) + ", expected sizes >= 0", "");
      }
      dims[d] = (int) shape[d];
    }
    if (value.size() != 1) {
      throw new NoLayer("found a value of shape " + value.shape() + ", expected one value", "");
    }
    return pick(value, dims, i -> 0);
  }
}
