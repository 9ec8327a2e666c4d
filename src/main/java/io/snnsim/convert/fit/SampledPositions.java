// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Positions of a population's map that fits look at: the same number of random ones in every image,
 * all of a small map. The same seed gives the same positions. Immutable.
 */
final class SampledPositions {
  private final MapShape shape;
  private final int[][] positions;

  /**
   * Draws positions.
   *
   * @param most number in an image at most
   */
  SampledPositions(MapShape shape, int images, int most, long seed) {
    this.shape = shape;
    int plane = shape.height() * shape.width();
    SplittableRandom random = new SplittableRandom(seed);
    int[] all = new int[plane];
    Arrays.setAll(all, i -> i);
    positions = new int[images][];
    for (int image = 0; image < images; image++) {
      if (plane <= most) {
        positions[image] = all;
        continue;
      }
      for (int i = 0; i < most; i++) {
        int j = i + random.nextInt(plane - i);
        int kept = all[i];
        all[i] = all[j];
        all[j] = kept;
      }
      int[] drawn = Arrays.copyOf(all, most);
      Arrays.sort(drawn);
      positions[image] = drawn;
    }
  }

  /** Positions in every image. */
  int perImage() {
    return positions[0].length;
  }

  /** Positions of an image, ascending. */
  int[] of(int image) {
    return positions[image];
  }

  /**
   * Copies one image's sampled values.
   *
   * @param plane [image * plane + position]
   * @param at index of the image in {@code plane}
   */
  void pick(float[] plane, int at, int image, float[] out, int first) {
    int base = at * shape.height() * shape.width();
    int[] drawn = positions[image];
    for (int i = 0; i < drawn.length; i++) {
      out[first + i] = plane[base + drawn[i]];
    }
  }

  /**
   * What the windows of one image's sampled positions see of input channels {@code firstIc ..
   * firstIc + channels - 1}: features (ic, ky, kx) from index {@code feature} on.
   *
   * @param x [source channel][image * plane + position]
   * @param at index of the image in {@code x}
   * @param rows [sample][feature], filled from sample {@code first} on
   */
  void rows(
      ConvGeometry g,
      float[][] x,
      int at,
      int image,
      int firstIc,
      int channels,
      float[][] rows,
      int first,
      int feature) {
    int base = at * g.inHeight() * g.inWidth();
    int[] drawn = positions[image];
    int[] seen = new int[g.taps()];
    for (int s = 0; s < drawn.length; s++) {
      float[] row = rows[first + s];
      boolean inside = seen(g, drawn[s], base, seen);
      int k = feature;
      for (int ic = firstIc; ic < firstIc + channels; ic++, k += seen.length) {
        float[] plane = x[ic];
        if (inside) {
          for (int tap = 0; tap < seen.length; tap++) {
            row[k + tap] = plane[seen[tap]];
          }
        } else {
          for (int tap = 0; tap < seen.length; tap++) {
            row[k + tap] = seen[tap] < 0 ? 0 : plane[seen[tap]];
          }
        }
      }
    }
  }

  /**
   * Where the window of a position looks, tap by tap; negative where that is padding.
   *
   * @return true if none of it is
   */
  private static boolean seen(ConvGeometry g, int position, int base, int[] seen) {
    Window w = g.window();
    int y0 = position / g.outWidth() * w.strideH() - w.padH();
    int x0 = position % g.outWidth() * w.strideW() - w.padW();
    boolean all = true;
    for (int tap = 0; tap < seen.length; tap++) {
      int iy = y0 + tap / w.kernelW() * w.dilationH();
      int ix = x0 + tap % w.kernelW() * w.dilationW();
      boolean in = iy >= 0 && iy < g.inHeight() && ix >= 0 && ix < g.inWidth();
      seen[tap] = in ? base + iy * g.inWidth() + ix : -1;
      all &= in;
    }
    return all;
  }

  /** What is at the positions of the first {@code images} images, [channel][image, position]. */
  float[][] picked(float[][] planes, int images, MapPool.Lease lease) {
    int per = perImage();
    float[][] out = lease.take(planes.length, images * per);
    for (int c = 0; c < out.length; c++) {
      for (int i = 0; i < images; i++) {
        pick(planes[c], i, i, out[c], i * per);
      }
    }
    return out;
  }
}
