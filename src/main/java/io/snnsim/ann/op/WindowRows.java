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
    for (int done = 0; done < count; ) {
      int position = p + done;
      int ox = position % ow;
      int oy = position / ow % oh;
      int image = position / (ow * oh);
      if (shifts(g)) {
        int first = position % (ow * oh);
        int last = Math.min(ow * oh, first + count - done);
        for (int ic = 0; ic < icg; ic++) {
          float[] plane = x[group * icg + ic];
          for (int tap = 0; tap < g.taps(); tap++) {
            shift(plane, g, image * ow * oh, tap, first, last, rows[ic * g.taps() + tap], done);
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

  /** If what a tap sees of a map is the map itself, moved. */
  private static boolean shifts(ConvGeometry g) {
    Window w = g.window();
    return w.strideH() == 1
        && w.strideW() == 1
        && g.outWidth() == g.inWidth()
        && g.outHeight() == g.inHeight();
  }

  /**
   * What a tap sees from positions {@code first .. last - 1} of a map: one copy of it, in which the
   * ends of neighbouring lines lie where the padding should, so these are cleared afterwards.
   */
  private static void shift(
      float[] plane, ConvGeometry g, int base, int tap, int first, int last, float[] row, int at) {
    Window w = g.window();
    int width = g.outWidth();
    int dy = tap / w.kernelW() * w.dilationH() - w.padH();
    int dx = tap % w.kernelW() * w.dilationW() - w.padW();
    int to = at - first;
    int begin = Math.clamp(-(long) dy * width, first, last);
    int end = Math.clamp((g.outHeight() - (long) dy) * width, begin, last);
    Arrays.fill(row, at, to + begin, 0);
    Arrays.fill(row, to + end, to + last, 0);
    int shift = base + dy * width + dx;
    // Beyond the first and the last map there is nothing to copy.
    int from = Math.clamp(-(long) shift, begin, end);
    int until = Math.clamp((long) plane.length - shift, from, end);
    if (from < until) {
      System.arraycopy(plane, from + shift, row, to + from, until - from);
    }
    int left = Math.min(width, Math.max(0, -dx));
    int right = Math.max(0, width - Math.max(0, dx));
    for (int line = begin - begin % width; line < end && dx != 0; line += width) {
      clear(row, to, Math.max(line, begin), Math.min(line + left, end));
      clear(row, to, Math.max(line + right, begin), Math.min(line + width, end));
    }
  }

  // Mostly one value, for which a call costs more than it does.
  private static void clear(float[] row, int to, int from, int until) {
    for (int i = from; i < until; i++) {
      row[to + i] = 0;
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
