// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;

/** What pools share. Stateless. */
final class Pooling {
  static final String[] FIELDS = {"kernel", "stride", "padding", "dilation"};

  private Pooling() {}

  static Window read(OpReader from) {
    if (!from.has("kernel")) {
      throw from.bad("found no kernel, expected a number or [height, width]");
    }
    int[] k = from.pair("kernel", 0);
    int[] s = from.has("stride") ? from.pair("stride", 1) : k;
    int[] p = from.paddings("padding");
    int[] d = from.pair("dilation", 1);
    return new Window(k[0], k[1], s[0], s[1], p[0], p[2], d[0], d[1], p[1], p[3]);
  }

  static void describe(Window w, OpWriter to) {
    to.pair("kernel", w.kernelH(), w.kernelW());
    steps(w, to);
  }

  /** A window but for its kernel. */
  static void steps(Window w, OpWriter to) {
    to.pair("stride", w.strideH(), w.strideW());
    if (w.symmetric()) {
      to.pair("padding", w.padH(), w.padW());
    } else {
      to.paddings("padding", w.padH(), w.padBottom(), w.padW(), w.padRight());
    }
    to.pair("dilation", w.dilationH(), w.dilationW());
  }

  /** More than half of a window before the map, or a whole one after it. */
  private static boolean tooMuch(int kernel, int dilation, int before, int after) {
    long span = dilation * (kernel - 1L) + 1;
    return 2L * before > span || after > before && after >= span;
  }

  /** Frameworks refuse more padding of a pool; a file that has it states something else. */
  static MapShape shape(MapShape s, Window w) {
    MapShape out = OpRules.windowed(s, s.channels(), w);
    if (tooMuch(w.kernelH(), w.dilationH(), w.padH(), w.padBottom())
        || tooMuch(w.kernelW(), w.dilationW(), w.padW(), w.padRight())) {
      throw SnnsimException.badData(
          "found "
              + w.text()
              + ", expected a pool's padding of at most half its kernel; use less padding, or a"
              + " convolution");
    }
    return out;
  }

  /** The mean of every window, or its largest value. */
  static void forward(OpRun run, int images, Window w, boolean average) {
    MapShape from = run.read();
    MapShape to = run.to();
    for (int c = 0; c < to.channels(); c++) {
      float[] x = run.x()[c];
      float[] out = run.out()[c];
      int k = 0;
      for (int image = 0; image < images; image++) {
        for (int oy = 0; oy < to.height(); oy++) {
          for (int ox = 0; ox < to.width(); ox++) {
            float sum = 0;
            float largest = Float.NEGATIVE_INFINITY;
            for (int ky = 0; ky < w.kernelH(); ky++) {
              int iy = oy * w.strideH() - w.padH() + ky * w.dilationH();
              if (iy < 0 || iy >= from.height()) {
                continue;
              }
              for (int kx = 0; kx < w.kernelW(); kx++) {
                int ix = ox * w.strideW() - w.padW() + kx * w.dilationW();
                if (ix < 0 || ix >= from.width()) {
                  continue;
                }
                float v = x[(image * from.height() + iy) * from.width() + ix];
                sum += v;
                largest = Math.max(largest, v);
              }
            }
            out[k++] = average ? sum / w.taps() : largest;
          }
        }
      }
    }
  }
}
