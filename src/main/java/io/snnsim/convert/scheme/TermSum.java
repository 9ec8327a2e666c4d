// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.op.RowProduct;
import io.snnsim.ann.op.WindowRows;
import io.snnsim.geometry.ConvGeometry;
import java.util.Arrays;

/**
 * Adds up what the terms of a population make of their sources' maps, in float32; sums of whole
 * numbers are exact up to 2^24. Keeps scratch memory; confined to one thread.
 */
public final class TermSum {
  private static final int TILE = 512;

  /**
   * Weights in the type that products are computed in.
   *
   * @param weights as the term's; null if the bias alone counts
   * @param bias by target channel, or null
   */
  public record Weights(RealTerm term, float[] weights, float[] bias) {
    /** The term's own weights and biases, rounded to floats. */
    public static Weights of(RealTerm t) {
      return new Weights(t, floats(t.weights()), t.bias() == null ? null : floats(t.bias()));
    }

    private static float[] floats(double[] values) {
      float[] result = new float[values.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = (float) values[i];
      }
      return result;
    }
  }

  private final float[] sums = new float[TILE];
  private final float[] sums2 = new float[TILE];
  private float[][] rows = new float[0][];

  /**
   * Adds {@code w} applied to {@code n} images.
   *
   * @param x [source channel][image * plane + position]
   * @param from first image of x
   * @param out [target channel][image * plane + position]
   * @param to first image of out
   */
  public void add(Weights w, float[][] x, int from, int n, float[][] out, int to) {
    ConvGeometry g = w.term().geometry();
    int plane = g.outHeight() * g.outWidth();
    if (w.bias() != null) {
      for (int c = 0; c < w.bias().length; c++) {
        add(out[c], to * plane, n * plane, w.bias()[c]);
      }
    }
    if (w.weights() == null) {
      return;
    }
    if (w.term().channelwise()) {
      channelwise(w, x, from, n, out, to);
    } else {
      dense(w, x, from, n, out, to);
    }
  }

  private static void add(float[] out, int first, int n, float value) {
    for (int i = first; i < first + n; i++) {
      out[i] += value;
    }
  }

  private void dense(Weights w, float[][] x, int from, int n, float[][] out, int to) {
    ConvGeometry g = w.term().geometry();
    int plane = g.outHeight() * g.outWidth();
    int k = g.inPerGroup() * g.taps();
    if (rows.length < k) {
      rows = new float[k][TILE];
    }
    for (int group = 0; group < g.groups(); group++) {
      int last = (group + 1) * g.outPerGroup();
      for (int p = 0; p < n * plane; p += TILE) {
        int count = Math.min(TILE, n * plane - p);
        WindowRows.gather(x, g, group, from * plane + p, count, rows);
        for (int oc = group * g.outPerGroup(); oc < last; oc += 2) {
          boolean pair = oc + 1 < last;
          Arrays.fill(sums, 0, count, 0);
          Arrays.fill(sums2, 0, count, 0);
          int second = pair ? (oc + 1) * k : -1;
          RowProduct.add(sums, sums2, rows, k, w.weights(), oc * k, second, count);
          addRow(sums, out[oc], to * plane + p, count);
          if (pair) {
            addRow(sums2, out[oc + 1], to * plane + p, count);
          }
        }
      }
    }
  }

  private static void addRow(float[] row, float[] out, int at, int n) {
    for (int i = 0; i < n; i++) {
      out[at + i] += row[i];
    }
  }

  private static void channelwise(Weights w, float[][] x, int from, int n, float[][] out, int to) {
    RealTerm t = w.term();
    ConvGeometry g = t.geometry();
    for (int c = 0; c < g.inChannels(); c++) {
      for (int ky = 0; ky < g.kernelH(); ky++) {
        for (int kx = 0; kx < g.kernelW(); kx++) {
          float weight = w.weights()[c * g.taps() + ky * g.kernelW() + kx];
          for (int i = 0; i < n; i++) {
            tap(g, ky, kx, weight, x[c], from + i, out[c + t.offset()], to + i);
          }
        }
      }
    }
  }

  private static void tap(
      ConvGeometry g, int ky, int kx, float w, float[] x, int image, float[] out, int target) {
    int shiftX = kx * g.window().dilationW() - g.window().padW();
    int first = Math.max(0, Math.ceilDiv(-shiftX, g.window().strideW()));
    int last =
        Math.min(g.outWidth(), Math.floorDiv(g.inWidth() - 1 - shiftX, g.window().strideW()) + 1);
    for (int y = 0; y < g.outHeight(); y++) {
      int iy = y * g.window().strideH() - g.window().padH() + ky * g.window().dilationH();
      if (iy < 0 || iy >= g.inHeight()) {
        continue;
      }
      int in = (image * g.inHeight() + iy) * g.inWidth() + shiftX;
      int at = (target * g.outHeight() + y) * g.outWidth();
      for (int i = first; i < last; i++) {
        out[at + i] += w * x[in + i * g.window().strideW()];
      }
    }
  }

  /**
   * As {@link #add}, one term at a time in the order in which the input stage adds up (bias, then
   * ky, kx, ic), so that it rounds as that does. {@code out} is overwritten.
   */
  public static void inOrder(Weights w, float[][] x, int from, int n, float[][] out) {
    ConvGeometry g = w.term().geometry();
    int size = n * g.outHeight() * g.outWidth();
    int icg = g.inPerGroup();
    for (int oc = 0; oc < out.length; oc++) {
      Arrays.fill(out[oc], 0, size, w.bias()[oc]);
      int firstIc = oc / g.outPerGroup() * icg;
      for (int ky = 0; ky < g.kernelH(); ky++) {
        for (int kx = 0; kx < g.kernelW(); kx++) {
          for (int ic = 0; ic < icg; ic++) {
            float weight = w.weights()[(oc * icg + ic) * g.taps() + ky * g.kernelW() + kx];
            for (int i = 0; i < n; i++) {
              tap(g, ky, kx, weight, x[firstIc + ic], from + i, out[oc], i);
            }
          }
        }
      }
    }
  }
}
