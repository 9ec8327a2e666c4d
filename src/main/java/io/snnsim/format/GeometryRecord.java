// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.format.Layout.INT;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.lang.foreign.MemorySegment;

/**
 * The fifteen sizes of a geometry as they lie in a .snn file. The padding after a map does not: the
 * map that is made says it, so a window that has another one there is read with the least that
 * makes this map. Stateless.
 */
final class GeometryRecord {
  /** Of files in which the padding before and after a map may differ. */
  static final int VERSION = 4;

  private static final int SIZES = 15;

  /** Small enough that products of four sizes cannot overflow a long. */
  private static final int LARGEST = 1 << 20;

  private static final int MOST_WEIGHTS = 1 << 29;

  private GeometryRecord() {}

  /** The oldest version that holds a geometry. */
  static int version(ConvGeometry g) {
    return symmetric(g) ? Layout.VERSION : VERSION;
  }

  /** True if as much padding after the map as before it makes the map that is made. */
  private static boolean symmetric(ConvGeometry g) {
    Window w = g.window();
    return symmetric(g.inHeight(), g.outHeight(), w.kernelH(), w.strideH(), w.padH(), w.dilationH())
        && symmetric(g.inWidth(), g.outWidth(), w.kernelW(), w.strideW(), w.padW(), w.dilationW());
  }

  /** The same along one axis. */
  private static boolean symmetric(
      int in, int out, int kernel, int stride, int before, int dilation) {
    long room = in + 2L * before - dilation * (kernel - 1L) - 1;
    return Math.floorDiv(room, stride) + 1 == out;
  }

  static void write(MemorySegment s, long at, ConvGeometry g) {
    Window w = g.window();
    int[] sizes = {
      g.inChannels(),
      g.inHeight(),
      g.inWidth(),
      g.outChannels(),
      g.outHeight(),
      g.outWidth(),
      w.kernelH(),
      w.kernelW(),
      w.strideH(),
      w.strideW(),
      w.padH(),
      w.padW(),
      w.dilationH(),
      w.dilationW(),
      g.groups()
    };
    for (int i = 0; i < SIZES; i++) {
      s.set(INT, at + 4L * i, sizes[i]);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param version of the file
   * @throws IllegalArgumentException saying what is impossible
   */
  static ConvGeometry read(MemorySegment s, long at, int version) {
    int[] v = new int[SIZES];
    for (int i = 0; i < SIZES; i++) {
      v[i] = s.get(INT, at + 4L * i);
      boolean padding = i == 10 || i == 11;
      if (v[i] < (padding ? 0 : 1) || v[i] > LARGEST) {
        throw new IllegalArgumentException("geometry value " + i + " is " + v[i]);
      }
    }
    MapShape in = new MapShape(v[0], v[1], v[2]);
    MapShape out = new MapShape(v[3], v[4], v[5]);
    boolean even = version < VERSION;
    int bottom = even ? v[10] : after(in.height(), out.height(), v[6], v[8], v[10], v[12]);
    int right = even ? v[11] : after(in.width(), out.width(), v[7], v[9], v[11], v[13]);
    Window window = new Window(v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13], bottom, right);
    ConvGeometry g = new ConvGeometry(in, out, window, v[14]);
    if (g.inChannels() % g.groups() != 0
        || g.outChannels() % g.groups() != 0
        || (double) g.outChannels() * g.inPerGroup() * g.kernelH() * g.kernelW() > MOST_WEIGHTS) {
      throw new IllegalArgumentException("impossible groups or weight count");
    }
    return g;
  }

  /**
   * The padding after a map along one axis: as much as before it if that makes the map, else the
   * least that does. A tap of the last output must be left inside.
   */
  private static int after(int in, int out, int kernel, int stride, int before, int dilation) {
    if (symmetric(in, out, kernel, stride, before, dilation)) {
      return before;
    }
    long span = dilation * (kernel - 1L) + 1;
    long least = (out - 1L) * stride + span - before - in;
    return (int) Math.clamp(least, 0, span - 1);
  }
}
