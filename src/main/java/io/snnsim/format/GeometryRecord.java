// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.format.Layout.INT;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.lang.foreign.MemorySegment;

/** The fifteen sizes of a geometry as they lie in a .snn file. Stateless. */
final class GeometryRecord {
  private static final int SIZES = 15;

  /** Small enough that products of four sizes cannot overflow a long. */
  private static final int LARGEST = 1 << 20;

  private static final int MOST_WEIGHTS = 1 << 29;

  private GeometryRecord() {}

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
   * @throws IllegalArgumentException saying what is impossible
   */
  static ConvGeometry read(MemorySegment s, long at) {
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
    Window window = new Window(v[6], v[7], v[8], v[9], v[10], v[11], v[12], v[13]);
    ConvGeometry g = new ConvGeometry(in, out, window, v[14]);
    if (g.inChannels() % g.groups() != 0
        || g.outChannels() % g.groups() != 0
        || (double) g.outChannels() * g.inPerGroup() * g.kernelH() * g.kernelW() > MOST_WEIGHTS) {
      throw new IllegalArgumentException("impossible groups or weight count");
    }
    return g;
  }
}
