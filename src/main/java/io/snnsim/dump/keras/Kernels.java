// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.Tensor;

/** Turns weights as Keras lays them out into those of operators. Stateless. */
final class Kernels {
  private Kernels() {}

  /** Convolution: height, width, in, out to out, in, height, width. */
  static Tensor convolution(Tensor kernel) {
    int[] s = kernel.shape();
    return turned(kernel, new int[] {s[3], s[2], s[0], s[1]}, s[2] * s[3], s[3]);
  }

  /** One-dimensional convolution: length, in, out to out, in, 1, length. */
  static Tensor sequence(Tensor kernel) {
    int[] s = kernel.shape();
    return convolution(Tensor.of(kernel.data(), 1, s[0], s[1], s[2]));
  }

  /** Depthwise: height, width, channels, multiplier to channels * multiplier, 1, height, width. */
  static Tensor depthwise(Tensor kernel) {
    int[] s = kernel.shape();
    int out = s[2] * s[3];
    return convolution(Tensor.of(kernel.data(), s[0], s[1], 1, out));
  }

  /** In, out to out, in, where our input i is the one at {@code order[i]} in Keras. */
  static Tensor dense(Tensor kernel, int[] order) {
    int in = kernel.shape()[0];
    int out = kernel.shape()[1];
    float[] from = kernel.data();
    float[] to = new float[from.length];
    for (int i = 0; i < in; i++) {
      int row = (order == null ? i : order[i]) * out;
      for (int o = 0; o < out; o++) {
        to[o * in + i] = from[row + o];
      }
    }
    return Tensor.of(to, out, in);
  }

  /** One number a feature, in our order. */
  static float[] features(float[] from, int[] order) {
    if (order == null) {
      return from;
    }
    float[] to = new float[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = from[order[i]];
    }
    return to;
  }

  /** Where a tap's [in, out] has {@code size} values, of which {@code out} are of one input. */
  private static Tensor turned(Tensor kernel, int[] shape, int size, int out) {
    float[] from = kernel.data();
    float[] to = new float[from.length];
    int taps = size == 0 ? 0 : from.length / size;
    for (int tap = 0; tap < taps; tap++) {
      for (int k = 0; k < size; k++) {
        int in = k / out;
        int o = k % out;
        to[(o * (size / out) + in) * taps + tap] = from[tap * size + k];
      }
    }
    return new Tensor(shape, to);
  }
}
