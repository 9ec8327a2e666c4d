// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.Arrays;

/** How the pixels of an image lie in an array. */
enum ImageLayout {
  CHANNELS_FIRST,
  CHANNELS_LAST;

  /** Where a pixel's channel lies in an image, counted in values. */
  int place(MapShape shape, int channel, int pixel) {
    return this == CHANNELS_LAST
        ? pixel * shape.channels() + channel
        : channel * shape.plane() + pixel;
  }

  /**
   * The layout of an array.
   *
   * @param shape of the array, images first
   * @param expected by the network; a flat one (height and width 1) takes pixels as they lie
   * @param where the array is, for messages
   * @throws SnnsimException (bad data) if the shape fits in no way, or in none for sure
   */
  static ImageLayout of(int[] shape, MapShape expected, String where) {
    int c = expected.channels();
    int h = expected.height();
    int w = expected.width();
    if (fits(shape, h, w, c)) {
      return CHANNELS_LAST;
    }
    if (fits(shape, c, h, w) || (c == 1 && (fits(shape, h, w) || fits(shape, h * w)))) {
      return CHANNELS_FIRST;
    }
    if (h == 1 && c > 1 && w > 1 && c != w && (fits(shape, c, w) || fits(shape, w, c))) {
      return fits(shape, c, w) ? CHANNELS_FIRST : CHANNELS_LAST; // Signals.
    }
    if (h == 1 && w == 1 && valuesEach(shape) == c) {
      return CHANNELS_FIRST; // A network without maps was trained on images flattened as they lay.
    }
    String found = where + ": found shape " + Arrays.toString(shape) + ", expected ";
    String maps = "[N, " + h + ", " + w + ", " + c + "] or [N, " + c + ", " + h + ", " + w + "]";
    if (c > 1 && fits(shape, c * h * w)) {
      throw SnnsimException.badData(
          found
              + maps
              + ", since rows of colour images may be either; use .reshape(-1, "
              + (c + ", " + h + ", " + w)
              + ") where channels lie one after another, as in CIFAR's files, else .reshape(-1, "
              + (h + ", " + w + ", " + c)
              + ")");
    }
    throw SnnsimException.badData(
        found
            + maps
            + (c == 1 ? " or [N, " + h + ", " + w + "] or [N, " + h * w + "]" : "")
            + "; resize, reshape or transpose the images");
  }

  private static boolean fits(int[] shape, int... each) {
    return shape.length == each.length + 1
        && Arrays.equals(shape, 1, shape.length, each, 0, each.length);
  }

  private static long valuesEach(int[] shape) {
    long n = shape.length > 1 ? 1 : 0;
    for (int d = 1; d < shape.length; d++) {
      n = Math.multiplyFull((int) Math.min(n, Integer.MAX_VALUE), shape[d]);
    }
    return n;
  }
}
