// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.geometry.Window;

/**
 * The operators one at a time, written as their definitions read: loops over one image [c][y][x]
 * with a bounds check at every tap. Shares nothing with AnnForward but the order of the sums that
 * its class comment promises, so results must be equal to the bit (batch norm aside).
 */
final class NaiveForward {
  private NaiveForward() {}

  static float[][][] conv(float[][][] x, Tensor weight, Tensor bias, Window w, int groups) {
    int oc = weight.shape()[0];
    int icg = weight.shape()[1];
    int oh = (x[0].length + 2 * w.padH() - w.dilationH() * (w.kernelH() - 1) - 1) / w.strideH() + 1;
    int ow =
        (x[0][0].length + 2 * w.padW() - w.dilationW() * (w.kernelW() - 1) - 1) / w.strideW() + 1;
    float[][][] out = new float[oc][oh][ow];
    for (int o = 0; o < oc; o++) {
      int first = o / (oc / groups) * icg;
      for (int y = 0; y < oh; y++) {
        for (int xx = 0; xx < ow; xx++) {
          float sum = bias == null ? 0 : bias.data()[o];
          for (int i = 0; i < icg; i++) {
            for (int ky = 0; ky < w.kernelH(); ky++) {
              for (int kx = 0; kx < w.kernelW(); kx++) {
                int iy = y * w.strideH() + ky * w.dilationH() - w.padH();
                int ix = xx * w.strideW() + kx * w.dilationW() - w.padW();
                int at = ((o * icg + i) * w.kernelH() + ky) * w.kernelW() + kx;
                sum += weight.data()[at] * at(x[first + i], iy, ix, 0);
              }
            }
          }
          out[o][y][xx] = sum;
        }
      }
    }
    return out;
  }

  private static float at(float[][] plane, int y, int x, float outside) {
    boolean inside = y >= 0 && y < plane.length && x >= 0 && x < plane[0].length;
    return inside ? plane[y][x] : outside;
  }

  static float[][][] pool(float[][][] x, Window w, boolean average) {
    int oh = (x[0].length + 2 * w.padH() - w.dilationH() * (w.kernelH() - 1) - 1) / w.strideH() + 1;
    int ow =
        (x[0][0].length + 2 * w.padW() - w.dilationW() * (w.kernelW() - 1) - 1) / w.strideW() + 1;
    float[][][] out = new float[x.length][oh][ow];
    for (int c = 0; c < x.length; c++) {
      for (int y = 0; y < oh; y++) {
        for (int xx = 0; xx < ow; xx++) {
          float sum = 0;
          float max = Float.NEGATIVE_INFINITY;
          for (int ky = 0; ky < w.kernelH(); ky++) {
            for (int kx = 0; kx < w.kernelW(); kx++) {
              int iy = y * w.strideH() + ky * w.dilationH() - w.padH();
              int ix = xx * w.strideW() + kx * w.dilationW() - w.padW();
              sum += at(x[c], iy, ix, 0);
              max = Math.max(max, at(x[c], iy, ix, Float.NEGATIVE_INFINITY));
            }
          }
          out[c][y][xx] = average ? sum / (w.kernelH() * w.kernelW()) : max;
        }
      }
    }
    return out;
  }

  static float[][][] linear(float[][][] x, Tensor weight, Tensor bias) {
    float[] flat = flat(x);
    float[][][] out = new float[weight.shape()[0]][1][1];
    for (int o = 0; o < out.length; o++) {
      float sum = bias == null ? 0 : bias.data()[o];
      for (int i = 0; i < flat.length; i++) {
        sum += weight.data()[o * flat.length + i] * flat[i];
      }
      out[o][0][0] = sum;
    }
    return out;
  }

  static float[] flat(float[][][] x) {
    float[] out = new float[x.length * x[0].length * x[0][0].length];
    int k = 0;
    for (float[][] plane : x) {
      for (float[] row : plane) {
        for (float v : row) {
          out[k++] = v;
        }
      }
    }
    return out;
  }

  static float[][][] zeroPad(float[][][] x, int stride, int before, int after) {
    int oh = (x[0].length + stride - 1) / stride;
    int ow = (x[0][0].length + stride - 1) / stride;
    float[][][] out = new float[before + x.length + after][oh][ow];
    for (int c = 0; c < x.length; c++) {
      for (int y = 0; y < oh; y++) {
        for (int xx = 0; xx < ow; xx++) {
          out[before + c][y][xx] = x[c][y * stride][xx * stride];
        }
      }
    }
    return out;
  }
}
