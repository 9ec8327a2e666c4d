// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.Window;
import java.util.Arrays;

/** im2col: lays out what a convolution's windows see. Stateless, allocates nothing. */
public final class WindowRows {
  private WindowRows() {}

  /**
   * Row (ic, ky, kx) gets the input values of output positions {@code p .. p + count - 1}, counted
   * over all images; positions outside the map are 0.
   *
   * @param x [channel][image * plane + position]
   * @param group of channels that is read
   * @param rows at least as many as a group has inputs and taps, of at least {@code count} values
   */
  public static void gather(
      float[][] x, ConvGeometry g, int group, int p, int count, float[][] rows) {
    Window w = g.window();
    int icg = g.inPerGroup();
    int oh = g.outHeight();
    int ow = g.outWidth();
    boolean shifted = TapShift.serves(g);
    for (int done = 0; done < count; ) {
      int position = p + done;
      int ox = position % ow;
      int oy = position / ow % oh;
      int image = position / (ow * oh);
      if (shifted) {
        int first = position % (ow * oh);
        int last = Math.min(ow * oh, first + count - done);
        int base = image * ow * oh;
        for (int ic = 0; ic < icg; ic++) {
          for (int tap = 0; tap < g.taps(); tap++) {
            float[] row = rows[ic * g.taps() + tap];
            TapShift.move(x[group * icg + ic], g, base, tap, first, last, row, done);
          }
        }
        done += last - first;
        continue;
      }
      int run = Math.min(ow - ox, count - done);
      for (int ky = 0; ky < w.kernelH(); ky++) {
        int iy = oy * w.strideH() - w.padH() + ky * w.dilationH();
        boolean inside = iy >= 0 && iy < g.inHeight();
        for (int kx = 0; kx < w.kernelW(); kx++) {
          int ix = ox * w.strideW() - w.padW() + kx * w.dilationW();
          int base = (image * g.inHeight() + iy) * g.inWidth();
          for (int ic = 0; ic < icg; ic++) {
            float[] row = rows[(ic * w.kernelH() + ky) * w.kernelW() + kx];
            if (inside) {
              copyRun(x[group * icg + ic], base, ix, w.strideW(), g.inWidth(), row, done, run);
            } else {
              Arrays.fill(row, done, done + run, 0);
            }
          }
        }
      }
      done += run;
    }
  }

  private static void copyRun(
      float[] plane, int base, int ix, int stride, int width, float[] row, int at, int run) {
    if (stride == 1) {
      int before = Math.clamp(-(long) ix, 0, run);
      int after = Math.clamp((long) ix + run - width, 0, run);
      int middle = Math.max(0, run - before - after);
      // Borders are mostly one value wide, for which a call costs more than it does.
      for (int i = 0; i < before; i++) {
        row[at + i] = 0;
      }
      System.arraycopy(plane, middle == 0 ? 0 : base + ix + before, row, at + before, middle);
      for (int i = before + middle; i < run; i++) {
        row[at + i] = 0;
      }
      return;
    }
    for (int i = 0; i < run; i++) {
      int xx = ix + i * stride;
      row[at + i] = xx >= 0 && xx < width ? plane[base + xx] : 0;
    }
  }
}
