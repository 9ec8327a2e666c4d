// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;
import io.snnsim.geometry.Window;
import java.util.Arrays;

/**
 * What becomes of each channel of a map: scale * x + offset. Immutable; the arrays are not copied.
 */
record Affine(double[] scale, double[] offset) {
  /** What a batch norm does: scale = gamma / sqrt(var + eps). */
  static Affine of(BatchNorm bn) {
    int n = bn.gamma().size();
    double[] scale = new double[n];
    double[] offset = new double[n];
    for (int c = 0; c < n; c++) {
      scale[c] = bn.factor(c);
      offset[c] = bn.beta().data()[c] - bn.mean().data()[c] * scale[c];
    }
    return new Affine(scale, offset);
  }

  int channels() {
    return scale.length;
  }

  /** This first, then another one. */
  Affine then(Affine next) {
    double[] s = new double[channels()];
    double[] t = new double[channels()];
    for (int c = 0; c < s.length; c++) {
      s[c] = scale[c] * next.scale[c];
      t[c] = offset[c] * next.scale[c] + next.offset[c];
    }
    return new Affine(s, t);
  }

  Affine withoutOffset() {
    return new Affine(scale, new double[channels()]);
  }

  boolean hasOffset() {
    return Arrays.stream(offset).anyMatch(t -> t != 0);
  }

  boolean keepsOrder() {
    return Arrays.stream(scale).allMatch(s -> s >= 0);
  }

  /** Of a map flattened: each channel's for all {@code plane} values of it. */
  Affine flattened(int plane) {
    double[] s = new double[channels() * plane];
    double[] t = new double[s.length];
    for (int i = 0; i < s.length; i++) {
      s[i] = scale[i / plane];
      t[i] = offset[i / plane];
    }
    return new Affine(s, t);
  }

  /** The same as an operator: a 1 x 1 convolution of each channel by itself. */
  Conv2d convolution() {
    int n = channels();
    return new Conv2d(
        Tensor.of(floats(scale), n, 1, 1, 1), bias(offset), Window.square(1, 1, 0), n);
  }

  /** Weights [out][...] of what is before this, with the scale in them. */
  Tensor rows(Tensor w) {
    int per = w.size() / w.shape()[0];
    float[] data = new float[w.size()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) (w.data()[i] * scale[i / per]);
    }
    return new Tensor(w.shape(), data);
  }

  /** What reads this after it has it in its weights; the bias not. */
  Weighted before(Weighted w, int per) {
    float[] data = w.weight().data().clone();
    int out = w.weight().shape()[0];
    int row = data.length / out;
    int in = row / per;
    int outputs = out / w.groups();
    for (int oc = 0; oc < out; oc++) {
      int first = oc / outputs * in;
      for (int k = 0; k < row; k++) {
        data[oc * row + k] = (float) (data[oc * row + k] * scale[first + k / per]);
      }
    }
    return w.with(new Tensor(w.weight().shape(), data), w.bias());
  }

  /** What a window's taps make of the offsets: [out][tap]. */
  double[][] offsets(Weighted w, int per) {
    int out = w.weight().shape()[0];
    int row = w.weight().size() / out;
    int in = row / per;
    int outputs = out / w.groups();
    double[][] result = new double[out][per];
    for (int oc = 0; oc < out; oc++) {
      int first = oc / outputs * in;
      for (int k = 0; k < row; k++) {
        result[oc][k % per] += w.weight().data()[oc * row + k] * offset[first + k / per];
      }
    }
    return result;
  }

  static float[] floats(double[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) values[i];
    }
    return result;
  }

  /** A bias of these values; none if all are 0. */
  static Tensor bias(double[] values) {
    return Arrays.stream(values).allMatch(v -> v == 0)
        ? null
        : Tensor.of(floats(values), values.length);
  }
}
