// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.snnsim.network.InputStage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * Reads an image from where its owner keeps it, normalises it and writes it once, as
 * [channel][y][x], to where the currents are computed from. Confined to the simulation's thread;
 * allocates only in the constructor.
 *
 * <p>Values are f32 as they are, or u8 divided by 255, in the order [channel][y][x], or
 * [y][x][channel] ({@code channelsLast}). The methods return -1, or the place (as they count it) of
 * the first value that is not finite; what was read before then stays unused. Lengths are the
 * caller's to check.
 */
public final class ImageReader {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Bits of the smallest size that is not finite. */
  private static final int INFINITE = 0x7f800000;

  private final int channels;
  private final int plane;
  private final float[] mean;
  private final float[] std;

  /** [channel][u8]: what becomes of a byte. */
  private final float[] ofByte;

  private final float[] normalised;

  ImageReader(InputStage stage, float[] normalised) {
    channels = stage.shape().channels();
    plane = stage.shape().height() * stage.shape().width();
    mean = stage.mean();
    std = stage.std();
    this.normalised = normalised;
    ofByte = new float[channels * 256];
    for (int c = 0; c < channels; c++) {
      for (int v = 0; v < 256; v++) {
        ofByte[c * 256 + v] = (v / 255f - mean[c]) / std[c];
      }
    }
  }

  /** Reads floats of an array. */
  public int read(float[] image, boolean channelsLast) {
    int largest = 0;
    for (int c = 0; c < channels; c++) {
      int to = c * plane;
      largest =
          Math.max(
              largest,
              channelsLast
                  ? strided(image, c, to, mean[c], std[c])
                  : plain(image, to, mean[c], std[c]));
    }
    if (largest < INFINITE) {
      return -1;
    }
    int i = 0;
    while (Float.isFinite(image[i])) {
      i++;
    }
    return i;
  }

  /** A loop that C2 turns into vectors: nothing but arrays and a maximum of integers. */
  private int plain(float[] image, int from, float mean, float std) {
    int largest = 0;
    for (int i = from; i < from + plane; i++) {
      float x = image[i];
      largest = Math.max(largest, Float.floatToRawIntBits(x) & Integer.MAX_VALUE);
      normalised[i] = (x - mean) / std;
    }
    return largest;
  }

  private int strided(float[] image, int from, int to, float mean, float std) {
    int largest = 0;
    for (int i = 0; i < plane; i++) {
      float x = image[from + i * channels];
      largest = Math.max(largest, Float.floatToRawIntBits(x) & Integer.MAX_VALUE);
      normalised[to + i] = (x - mean) / std;
    }
    return largest;
  }

  /** Reads floats, of any alignment, in the machine's byte order. */
  public int readFloats(MemorySegment image, boolean channelsLast) {
    int largest = 0;
    int step = channelsLast ? channels : 1;
    for (int c = 0; c < channels; c++) {
      long from = channelsLast ? c * 4L : c * plane * 4L;
      int to = c * plane;
      for (int i = 0; i < plane; i++) {
        float x = image.get(FLOAT, from + i * step * 4L);
        largest = Math.max(largest, Float.floatToRawIntBits(x) & Integer.MAX_VALUE);
        normalised[to + i] = (x - mean[c]) / std[c];
      }
    }
    if (largest < INFINITE) {
      return -1;
    }
    int i = 0;
    while (Float.isFinite(image.get(FLOAT, i * 4L))) {
      i++;
    }
    return i;
  }

  /** Reads bytes of an array; all are finite. */
  public void readBytes(byte[] image, boolean channelsLast) {
    int step = channelsLast ? channels : 1;
    for (int c = 0; c < channels; c++) {
      int from = channelsLast ? c : c * plane;
      int to = c * plane;
      for (int i = 0; i < plane; i++) {
        normalised[to + i] = ofByte[c * 256 + (image[from + i * step] & 0xff)];
      }
    }
  }

  /** Reads bytes; all are finite. */
  public void readBytes(MemorySegment image, boolean channelsLast) {
    int step = channelsLast ? channels : 1;
    for (int c = 0; c < channels; c++) {
      int from = channelsLast ? c : c * plane;
      int to = c * plane;
      for (int i = 0; i < plane; i++) {
        int x = image.get(JAVA_BYTE, (long) from + i * step) & 0xff;
        normalised[to + i] = ofByte[c * 256 + x];
      }
    }
  }

  /** Reads floats in the buffer's byte order from its position on, which does not move. */
  public int readFloats(ByteBuffer image, boolean channelsLast) {
    int largest = 0;
    int at = image.position();
    int step = channelsLast ? channels : 1;
    for (int c = 0; c < channels; c++) {
      int from = at + (channelsLast ? c : c * plane) * 4;
      int to = c * plane;
      for (int i = 0; i < plane; i++) {
        float x = image.getFloat(from + i * step * 4);
        largest = Math.max(largest, Float.floatToRawIntBits(x) & Integer.MAX_VALUE);
        normalised[to + i] = (x - mean[c]) / std[c];
      }
    }
    if (largest < INFINITE) {
      return -1;
    }
    int i = 0;
    while (Float.isFinite(image.getFloat(at + i * 4))) {
      i++;
    }
    return i;
  }

  /** Reads bytes from the buffer's position on, which does not move; all are finite. */
  public void readBytes(ByteBuffer image, boolean channelsLast) {
    int at = image.position();
    int step = channelsLast ? channels : 1;
    for (int c = 0; c < channels; c++) {
      int from = at + (channelsLast ? c : c * plane);
      int to = c * plane;
      for (int i = 0; i < plane; i++) {
        normalised[to + i] = ofByte[c * 256 + (image.get(from + i * step) & 0xff)];
      }
    }
  }
}
