// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

/**
 * Resizes one channel of a picture with a triangle filter that is widened where the picture
 * shrinks, so that no pixel is passed over: what Pillow and torchvision call bilinear with
 * antialiasing. Stateless.
 */
final class Resampling {
  private Resampling() {}

  /** Weights of the pixels {@code first} .. of a line that make one pixel of the new line. */
  private record Tap(int first, float[] weights) {}

  /** A channel of {@code height} rows of {@code width}, resized: first rows, then columns. */
  static byte[] resize(byte[] plane, int width, int height, int newWidth, int newHeight) {
    byte[] wide = plane;
    if (newWidth != width) {
      wide = new byte[newWidth * height];
      Tap[] taps = taps(width, newWidth);
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < newWidth; x++) {
          wide[y * newWidth + x] = sum(plane, y * width, 1, taps[x]);
        }
      }
    }
    if (newHeight == height) {
      return wide;
    }
    byte[] out = new byte[newWidth * newHeight];
    Tap[] taps = taps(height, newHeight);
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        out[y * newWidth + x] = sum(wide, x, newWidth, taps[y]);
      }
    }
    return out;
  }

  private static byte sum(byte[] from, int base, int stride, Tap tap) {
    float sum = 0.5f;
    int at = base + tap.first() * stride;
    for (float w : tap.weights()) {
      sum += w * (from[at] & 0xff);
      at += stride;
    }
    return (byte) Math.clamp((int) sum, 0, 255);
  }

  private static Tap[] taps(int from, int to) {
    double scale = (double) from / to;
    double reach = Math.max(1, scale);
    Tap[] taps = new Tap[to];
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * scale;
      int first = Math.max(0, (int) (centre - reach + 0.5));
      int end = Math.min(from, (int) (centre + reach + 0.5));
      double[] raw = new double[end - first];
      double sum = 0;
      for (int k = 0; k < raw.length; k++) {
        raw[k] = Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach);
        sum += raw[k];
      }
      float[] weights = new float[raw.length];
      for (int k = 0; k < raw.length; k++) {
        weights[k] = (float) (raw[k] / sum);
      }
      taps[i] = new Tap(first, weights);
    }
    return taps;
  }
}
