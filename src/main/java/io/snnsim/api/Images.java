// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.engine.ImageReader;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Reads images into a session's input and refuses those that are no image of the model: each
 * refusal leaves what was presented before as it was. Confined to the session's thread; allocates
 * nothing.
 */
final class Images {
  private final MapShape shape;
  private final ImageReader reader;

  Images(MapShape shape, ImageReader reader) {
    this.shape = shape;
    this.reader = reader;
  }

  void read(float[] image, ImageFormat format) {
    if (format.valueBytes() != 4) {
      throw SnnsimException.badData(
          "image: an array of floats cannot be " + format + ", expected F32_CHW or F32_HWC");
    }
    checkLength(image.length * 4L, format);
    checkFinite(reader.read(image, format.channelsLast()));
  }

  void read(byte[] image, ImageFormat format) {
    if (format.valueBytes() != 1) {
      throw SnnsimException.badData(
          "image: an array of bytes cannot be "
              + format
              + ", expected U8_CHW or U8_HWC; wrap floats that lie in bytes in a ByteBuffer");
    }
    checkLength(image.length, format);
    reader.readBytes(image, format.channelsLast());
  }

  void read(ByteBuffer image, ImageFormat format) {
    checkLength(image.remaining(), format);
    if (format.valueBytes() == 1) {
      reader.readBytes(image, format.channelsLast());
      return;
    }
    int badValue = reader.readFloats(image, format.channelsLast());
    if (badValue >= 0) {
      throw SnnsimException.badData(
          notFinite(badValue)
              + "; it was read as "
              + image.order()
              + ", the buffer's order, which duplicate(), slice() and asReadOnlyBuffer() do not"
              + " keep: call order(...) on the buffer if its floats lie otherwise");
    }
  }

  void read(MemorySegment image, ImageFormat format) {
    if (!image.scope().isAlive() || !image.isAccessibleBy(Thread.currentThread())) {
      throw SnnsimException.badData(
          "image: the memory segment is "
              + (image.scope().isAlive() ? "confined to another thread" : "closed")
              + ", expected one that this thread may read");
    }
    checkLength(image.byteSize(), format);
    if (format.valueBytes() == 1) {
      reader.readBytes(image, format.channelsLast());
    } else {
      checkFinite(reader.readFloats(image, format.channelsLast()));
    }
  }

  /** Refuses a ring of another shape. */
  void checkShape(MapShape ring) {
    if (!ring.equals(shape)) {
      throw SnnsimException.badData(
          "ring: found frames of " + ring + ", expected " + shape + " (channels x height x width)");
    }
  }

  private void checkLength(long bytes, ImageFormat format) {
    if (bytes != (long) shape.size() * format.valueBytes()) {
      throw SnnsimException.badData(
          "image: found "
              + (bytes % format.valueBytes() == 0
                  ? bytes / format.valueBytes() + " values"
                  : bytes + " bytes")
              + " as "
              + format
              + ", expected "
              + shape.size()
              + " ("
              + shape
              + ", channels x height x width)");
    }
  }

  private static void checkFinite(int badValue) {
    if (badValue >= 0) {
      throw SnnsimException.badData(notFinite(badValue));
    }
  }

  private static String notFinite(int badValue) {
    return "image: value " + badValue + " is NaN or infinite, expected finite values";
  }
}
