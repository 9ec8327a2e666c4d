// SPDX-License-Identifier: Apache-2.0
package io.snnsim.export;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.Window;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights of a convolution as NIR has them, [out][in of the group][row][column], with as much
 * padding at either end: where a projection has other padding, its kernel is made larger by zeros.
 * Stateless.
 */
final class Kernel {
  /** A weight by its place; channels of the whole maps. */
  interface Weights {
    float at(int oc, int ic, int ky, int kx);
  }

  private Kernel() {}

  /**
   * Fields of a Conv2d.
   *
   * @param groups of channels, as NIR counts them
   */
  static Map<String, Object> fields(ConvGeometry g, int groups, Weights weights, float[] bias) {
    Window w = g.window();
    boolean even = w.padH() == w.padBottom() && w.padW() == w.padRight();
    // Zeros between and around the taps take the place of dilation and of one end's padding.
    int padH = Math.max(w.padH(), w.padBottom());
    int padW = Math.max(w.padW(), w.padRight());
    int stepH = even ? 1 : w.dilationH();
    int stepW = even ? 1 : w.dilationW();
    int firstH = padH - w.padH();
    int firstW = padW - w.padW();
    int rows = stepH * (w.kernelH() - 1) + 1 + firstH + padH - w.padBottom();
    int columns = stepW * (w.kernelW() - 1) + 1 + firstW + padW - w.padRight();
    int each = g.inChannels() / groups;
    int outEach = g.outChannels() / groups;
    float[][][][] k = new float[g.outChannels()][each][rows][columns];
    for (int oc = 0; oc < k.length; oc++) {
      int firstIn = oc / outEach * each;
      for (int i = 0; i < each; i++) {
        for (int ky = 0; ky < w.kernelH(); ky++) {
          for (int kx = 0; kx < w.kernelW(); kx++) {
            k[oc][i][firstH + ky * stepH][firstW + kx * stepW] =
                weights.at(oc, firstIn + i, ky, kx);
          }
        }
      }
    }
    Map<String, Object> f = new LinkedHashMap<>();
    f.put("input_shape", pair(g.inHeight(), g.inWidth()));
    f.put("weight", k);
    f.put("bias", bias);
    f.put("stride", pair(w.strideH(), w.strideW()));
    f.put("padding", pair(padH, padW));
    f.put("dilation", even ? pair(w.dilationH(), w.dilationW()) : pair(1, 1));
    f.put("groups", (long) groups);
    return f;
  }

  /** True if a window sees its whole source once, so that it is a fully connected layer. */
  static boolean covers(ConvGeometry g) {
    Window w = g.window();
    return g.outHeight() == 1
        && g.outWidth() == 1
        && g.groups() == 1
        && w.kernelH() == g.inHeight()
        && w.kernelW() == g.inWidth()
        && w.padH() + w.padBottom() + w.padW() + w.padRight() == 0
        && (w.dilationH() == 1 || w.kernelH() == 1)
        && (w.dilationW() == 1 || w.kernelW() == 1);
  }

  /** Fields of an Affine over a whole map that is flattened. */
  static Map<String, Object> affine(ConvGeometry g, Weights weights, float[] bias) {
    int plane = g.inHeight() * g.inWidth();
    float[][] w = new float[g.outChannels()][g.inChannels() * plane];
    for (int oc = 0; oc < w.length; oc++) {
      for (int i = 0; i < w[oc].length; i++) {
        int at = i % plane;
        w[oc][i] = weights.at(oc, i / plane, at / g.inWidth(), at % g.inWidth());
      }
    }
    Map<String, Object> f = new LinkedHashMap<>();
    f.put("weight", w);
    f.put("bias", bias);
    return f;
  }

  static long[] pair(int height, int width) {
    return new long[] {height, width};
  }
}
