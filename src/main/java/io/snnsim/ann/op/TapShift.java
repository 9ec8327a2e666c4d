// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.Window;

/**
 * What a tap sees of a map where a window keeps the map's size: the map itself, moved. One copy
 * brings it, in which ends of neighbouring lines lie where the padding should, so these are cleared
 * afterwards. Stateless, allocates nothing.
 */
public final class TapShift {
  private TapShift() {}

  /** True if windows of this geometry see moved maps. */
  public static boolean serves(ConvGeometry g) {
    Window w = g.window();
    return w.strideH() == 1
        && w.strideW() == 1
        && g.outWidth() == g.inWidth()
        && g.outHeight() == g.inHeight();
  }

  /** Lines that a tap lies below the position. */
  private static int down(ConvGeometry g, int tap) {
    Window w = g.window();
    return tap / w.kernelW() * w.dilationH() - w.padH();
  }

  /** Columns that a tap lies to the right of the position. */
  private static int right(ConvGeometry g, int tap) {
    Window w = g.window();
    return tap % w.kernelW() * w.dilationW() - w.padW();
  }

  /**
   * Writes what a tap sees from positions {@code first .. last - 1} of an image.
   *
   * @param plane of a channel, [image * plane + position]
   * @param base where the image's map begins
   * @param row gets it from index {@code at} on
   */
  public static void move(
      float[] plane, ConvGeometry g, int base, int tap, int first, int last, float[] row, int at) {
    move(plane, plane.length, g, base, tap, first, last, row, at);
  }

  /**
   * As the other, for whole numbers.
   *
   * @param base where the image's map begins
   * @param row gets it from index {@code at} on
   */
  public static void move(
      short[] plane, ConvGeometry g, int base, int tap, int first, int last, short[] row, int at) {
    move(plane, plane.length, g, base, tap, first, last, row, at);
  }

  /** Of arrays of either type. */
  private static void move(
      Object plane,
      int length,
      ConvGeometry g,
      int base,
      int tap,
      int first,
      int last,
      Object row,
      int at) {
    int width = g.outWidth();
    int down = down(g, tap);
    int right = right(g, tap);
    int to = at - first;
    int begin = Math.clamp(-(long) down * width, first, last);
    int end = Math.clamp((g.outHeight() - (long) down) * width, begin, last);
    clear(row, to, first, begin);
    clear(row, to, end, last);
    int shift = base + down * width + right;
    // Beyond the first and the last map there is nothing to copy.
    int from = Math.clamp(-(long) shift, begin, end);
    int until = Math.clamp((long) length - shift, from, end);
    if (from < until) {
      System.arraycopy(plane, from + shift, row, to + from, until - from);
    }
    int before = Math.min(width, Math.max(0, -right));
    int behind = Math.max(0, width - Math.max(0, right));
    for (int line = begin - begin % width; line < end && right != 0; line += width) {
      clear(row, to, Math.max(line, begin), Math.min(line + before, end));
      clear(row, to, Math.max(line + behind, begin), Math.min(line + width, end));
    }
  }

  // Mostly one value, for which a call of Arrays.fill costs more than it does.
  private static void clear(Object row, int to, int from, int until) {
    if (row instanceof float[] floats) {
      for (int i = from; i < until; i++) {
        floats[to + i] = 0;
      }
    } else {
      short[] whole = (short[]) row;
      for (int i = from; i < until; i++) {
        whole[to + i] = 0;
      }
    }
  }
}
