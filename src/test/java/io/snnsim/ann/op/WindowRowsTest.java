// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** im2col against looking at each place: windows that keep a map's size, and those that do not. */
class WindowRowsTest {
  private static final int IMAGES = 3;

  @Test
  void everyTapSeesWhatIsThere() {
    SplittableRandom random = new SplittableRandom(7);
    for (int trial = 0; trial < 400; trial++) {
      int pad = random.nextInt(4);
      int dilation = 1 + random.nextInt(2);
      boolean same = random.nextBoolean();
      int kernel = same ? 1 + 2 * random.nextInt(3) : 1 + random.nextInt(4);
      int padding = same ? (kernel - 1) / 2 * dilation : pad;
      int stride = same ? 1 : 1 + random.nextInt(3);
      Window w = new Window(kernel, kernel, stride, stride, padding, padding, dilation, dilation);
      int height = 1 + random.nextInt(9);
      int width = 1 + random.nextInt(9);
      int reach = (kernel - 1) * dilation + 1;
      if (height + 2 * padding < reach || width + 2 * padding < reach) {
        continue;
      }
      MapShape in = new MapShape(4, height, width);
      int outHeight = (height + 2 * padding - reach) / stride + 1;
      int outWidth = (width + 2 * padding - reach) / stride + 1;
      compare(new ConvGeometry(in, new MapShape(2, outHeight, outWidth), w, 2), random);
    }
  }

  private static void wholeNumbersMoveAsWell(
      float[] floats, ConvGeometry g, int position, float[][] expected) {
    short[] x = new short[floats.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (short) floats[i];
    }
    int plane = g.outHeight() * g.outWidth();
    int first = position % plane;
    int last = Math.min(plane, first + expected[0].length);
    for (int tap = 0; tap < g.taps(); tap++) {
      short[] row = new short[last - first + 2];
      Arrays.fill(row, (short) -1);
      TapShift.move(x, g, position - first, tap, first, last, row, 1);
      for (int i = 0; i < last - first; i++) {
        assertEquals(expected[tap][i], row[1 + i], g + " tap " + tap + " position " + i);
      }
      assertEquals(-1, row[0]);
      assertEquals(-1, row[row.length - 1]);
    }
  }

  private static void compare(ConvGeometry g, SplittableRandom random) {
    int plane = g.inHeight() * g.inWidth();
    float[][] x = new float[4][IMAGES * plane];
    for (float[] row : x) {
      for (int i = 0; i < row.length; i++) {
        row[i] = 1 + random.nextInt(1000);
      }
    }
    int all = IMAGES * g.outHeight() * g.outWidth();
    int first = random.nextInt(all);
    int count = 1 + random.nextInt(all - first);
    float[][] rows = new float[2 * g.taps()][count];
    for (float[] row : rows) {
      Arrays.fill(row, Float.NaN);
    }
    WindowRows.gather(x, g, 1, first, count, rows);
    if (TapShift.serves(g)) {
      wholeNumbersMoveAsWell(x[2], g, first, rows);
    }
    Window w = g.window();
    for (int r = 0; r < rows.length; r++) {
      int tap = r % g.taps();
      for (int i = 0; i < count; i++) {
        int position = first + i;
        int ox = position % g.outWidth();
        int oy = position / g.outWidth() % g.outHeight();
        int image = position / (g.outWidth() * g.outHeight());
        int iy = oy * w.strideH() - w.padH() + tap / w.kernelW() * w.dilationH();
        int ix = ox * w.strideW() - w.padW() + tap % w.kernelW() * w.dilationW();
        boolean in = iy >= 0 && iy < g.inHeight() && ix >= 0 && ix < g.inWidth();
        float expected = in ? x[2 + r / g.taps()][image * plane + iy * g.inWidth() + ix] : 0;
        assertEquals(expected, rows[r][i], g + " row " + r + " position " + position);
      }
    }
  }
}
