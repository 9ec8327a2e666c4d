// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.op.TapShift;
import io.snnsim.convert.scheme.TermSum;
import io.snnsim.geometry.ConvGeometry;
import java.util.Arrays;

/**
 * Dense convolution of spikes in 16-bit integers, for weights and sums that fit them: twice as many
 * lanes as {@link TermSum} has. Partial sums may wrap, which the end result does not show. Keeps
 * scratch memory; confined to one thread.
 */
final class ShortConvolution {
  private static final int TILE = 1024;

  private final ConvGeometry geometry;
  private final short[] weights;
  private final short[][] columns;
  private final short[] sums = new short[TILE];
  private final short[] sums2 = new short[TILE];

  /** A convolution with OIHW weights, each within 16 bits. */
  ShortConvolution(ConvGeometry geometry, int[] oihw) {
    this.geometry = geometry;
    weights = new short[oihw.length];
    for (int i = 0; i < oihw.length; i++) {
      weights[i] = (short) oihw[i];
    }
    columns = new short[geometry.inPerGroup() * geometry.taps()][TILE];
  }

  /**
   * Adds its sums over the first {@code n} images.
   *
   * @param x [source channel][image * plane + position]
   * @param out [target channel][image * plane + position]
   */
  void add(short[][] x, int n, int[][] out) {
    ConvGeometry g = geometry;
    int positions = n * g.outHeight() * g.outWidth();
    int k = columns.length;
    for (int group = 0; group < g.groups(); group++) {
      int last = (group + 1) * g.outPerGroup();
      for (int p = 0; p < positions; p += TILE) {
        int count = Math.min(TILE, positions - p);
        gather(x, group * g.inPerGroup(), p, count);
        for (int oc = group * g.outPerGroup(); oc < last; oc += 2) {
          boolean pair = oc + 1 < last;
          Arrays.fill(sums, 0, count, (short) 0);
          Arrays.fill(sums2, 0, count, (short) 0);
          multiply(oc * k, pair ? (oc + 1) * k : oc * k, count);
          addRow(sums, out[oc], p, count);
          if (pair) {
            addRow(sums2, out[oc + 1], p, count);
          }
        }
      }
    }
  }

  private static void addRow(short[] row, int[] out, int at, int n) {
    for (int i = 0; i < n; i++) {
      out[at + i] += row[i];
    }
  }

  private void multiply(int a, int b, int count) {
    int r = 0;
    short[] w = weights;
    for (; r + 4 <= columns.length; r += 4) {
      add4(
          sums,
          sums2,
          columns[r],
          columns[r + 1],
          columns[r + 2],
          columns[r + 3],
          w[a + r],
          w[a + r + 1],
          w[a + r + 2],
          w[a + r + 3],
          w[b + r],
          w[b + r + 1],
          w[b + r + 2],
          w[b + r + 3],
          count);
    }
    for (; r < columns.length; r++) {
      add1(sums, sums2, columns[r], w[a + r], w[b + r], count);
    }
  }

  // Whole arrays, the loop variable as the only index: C2 makes 32 lanes of it (42 GMAC/s).
  private static void add4(
      short[] s,
      short[] t,
      short[] c0,
      short[] c1,
      short[] c2,
      short[] c3,
      short a0,
      short a1,
      short a2,
      short a3,
      short b0,
      short b1,
      short b2,
      short b3,
      int n) {
    for (int i = 0; i < n; i++) {
      s[i] = (short) (s[i] + a0 * c0[i] + a1 * c1[i] + a2 * c2[i] + a3 * c3[i]);
      t[i] = (short) (t[i] + b0 * c0[i] + b1 * c1[i] + b2 * c2[i] + b3 * c3[i]);
    }
  }

  private static void add1(short[] s, short[] t, short[] c, short a, short b, int n) {
    for (int i = 0; i < n; i++) {
      s[i] = (short) (s[i] + a * c[i]);
      t[i] = (short) (t[i] + b * c[i]);
    }
  }

  /** Row (ic, ky, kx) gets what output positions p .. p + count - 1 see there. */
  private void gather(short[][] x, int firstIc, int p, int count) {
    ConvGeometry g = geometry;
    if (TapShift.serves(g)) {
      shift(x, firstIc, p, count);
      return;
    }
    for (int done = 0; done < count; ) {
      int ox = (p + done) % g.outWidth();
      int oy = (p + done) / g.outWidth() % g.outHeight();
      int image = (p + done) / (g.outWidth() * g.outHeight());
      int run = Math.min(g.outWidth() - ox, count - done);
      for (int ky = 0; ky < g.kernelH(); ky++) {
        int iy = oy * g.window().strideH() - g.window().padH() + ky * g.window().dilationH();
        boolean inside = iy >= 0 && iy < g.inHeight();
        int base = (image * g.inHeight() + iy) * g.inWidth();
        for (int kx = 0; kx < g.kernelW(); kx++) {
          int ix = ox * g.window().strideW() - g.window().padW() + kx * g.window().dilationW();
          int before = Math.clamp(Math.ceilDiv(-ix, g.window().strideW()), 0, run);
          int end =
              Math.clamp(
                  Math.floorDiv(g.inWidth() - 1 - ix, g.window().strideW()) + 1, before, run);
          if (!inside) {
            end = before;
          }
          for (int ic = 0; ic < g.inPerGroup(); ic++) {
            short[] row = columns[(ic * g.kernelH() + ky) * g.kernelW() + kx];
            copy(x[firstIc + ic], base + ix, g.window().strideW(), row, done, before, end, run);
          }
        }
      }
      done += run;
    }
  }

  private void shift(short[][] x, int firstIc, int p, int count) {
    ConvGeometry g = geometry;
    int plane = g.outWidth() * g.outHeight();
    for (int done = 0; done < count; ) {
      int first = (p + done) % plane;
      int last = Math.min(plane, first + count - done);
      int base = p + done - first;
      for (int ic = 0; ic < g.inPerGroup(); ic++) {
        for (int tap = 0; tap < g.taps(); tap++) {
          short[] row = columns[ic * g.taps() + tap];
          TapShift.move(x[firstIc + ic], g, base, tap, first, last, row, done);
        }
      }
      done += last - first;
    }
  }

  private static void copy(
      short[] from, int base, int stride, short[] row, int at, int before, int end, int run) {
    for (int i = 0; i < before; i++) {
      row[at + i] = 0;
    }
    if (stride == 1 && end > before) {
      System.arraycopy(from, base + before, row, at + before, end - before);
    } else {
      for (int i = before; i < end; i++) {
        row[at + i] = from[base + i * stride];
      }
    }
    for (int i = end; i < run; i++) {
      row[at + i] = 0;
    }
  }
}
