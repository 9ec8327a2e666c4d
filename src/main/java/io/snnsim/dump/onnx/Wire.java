// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * Reads protobuf's wire format from a file through a buffer of its own, field by field; large
 * values are stepped over and stay in the file. Lengths are checked against the message around them
 * before anything is allocated, and so is the number of values. Used by one thread; does not own
 * the file.
 */
final class Wire {
  /** A value's place in the file. */
  record Span(long offset, long length) {}

  /** Types of fields. */
  private static final int VARINT = 0;

  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /** More messages, names and single numbers than networks have. */
  private static final int MOST_VALUES = 1 << 20;

  private final FileChannel in;
  private final Path file;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN).limit(0);

  /** Where the buffer's first byte lies in the file. */
  private long start;

  /** End of the message that is read. */
  private long limit;

  private int type;
  private int values;

  /** The whole file is one message. */
  Wire(FileChannel in, Path file, long size) {
    this.in = in;
    this.file = file;
    this.limit = size;
  }

  /** Calls {@code field} with the number of each field up to the end; it takes or skips it. */
  void fields(IntConsumer field) {
    while (position() < limit) {
      long tag = rawVarint();
      type = (int) (tag & 7);
      long number = tag >>> 3;
      if (number < 1 || number > Integer.MAX_VALUE >> 2) {
        throw bad("found a field " + number);
      }
      field.accept((int) number);
    }
  }

  /** Reads the message of this field: calls {@code field} as {@link #fields} does. */
  void message(IntConsumer field) {
    long end = length();
    long outer = limit;
    limit = end;
    fields(field);
    limit = outer;
  }

  /** The whole number of this field. */
  long varint() {
    require(type == VARINT);
    count();
    return rawVarint();
  }

  /** The float of this field. */
  float fixed32() {
    require(type == FIXED32);
    count();
    need(4);
    return buffer.getFloat();
  }

  /** The text of this field. */
  String text() {
    long end = length();
    byte[] bytes = new byte[Math.toIntExact(end - position())];
    for (int at = 0; at < bytes.length; ) {
      need(1);
      int n = Math.min(bytes.length - at, buffer.remaining());
      buffer.get(bytes, at, n);
      at += n;
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Whole numbers of this field, alone or packed. */
  void varints(LongConsumer each) {
    if (type == VARINT) {
      each.accept(varint());
      return;
    }
    packed(
        () -> {
          count();
          each.accept(rawVarint());
        });
  }

  /** Floats of this field, alone or packed. */
  void floats(Consumer<Float> each) {
    if (type == FIXED32) {
      each.accept(fixed32());
      return;
    }
    packed(
        () -> {
          count();
          need(4);
          each.accept(buffer.getFloat());
        });
  }

  private void packed(Runnable one) {
    long end = length();
    long outer = limit;
    limit = end;
    while (position() < limit) {
      one.run();
    }
    limit = outer;
  }

  /** Where the bytes of this field are, whatever they mean; steps over them. */
  Span span() {
    long end;
    long from;
    if (type == BYTES) {
      end = length();
      from = position();
    } else {
      count();
      from = position();
      end = end(from);
    }
    if (end > limit) {
      throw bad("found a number that is cut off");
    }
    position(end);
    return new Span(from, end - from);
  }

  /** Where a number ends that begins at {@code from}. */
  private long end(long from) {
    return switch (type) {
      case VARINT -> {
        rawVarint();
        yield position();
      }
      case FIXED64 -> from + 8;
      case FIXED32 -> from + 4;
      default -> throw bad("found a field of the unknown type " + type);
    };
  }

  /** Steps over this field. */
  void skip() {
    values--; // What is not kept does not count.
    span();
  }

  /** Where the bytes of this field end. */
  private long length() {
    require(type == BYTES);
    count();
    long n = rawVarint();
    long left = limit - position();
    if (n < 0 || n > left) {
      throw bad("found " + Long.toUnsignedString(n) + " bytes stated where " + left + " are left");
    }
    return position() + n;
  }

  private void count() {
    if (++values > MOST_VALUES) {
      throw SnnsimException.badData(
          file
              + ": found more than "
              + MOST_VALUES
              + " names, nodes and attributes, expected fewer"
              + " in a network");
    }
  }

  private long rawVarint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      need(1);
      byte b = buffer.get();
      value |= (long) (b & 0x7f) << Math.min(shift, 63);
      if (b >= 0) {
        return value;
      }
    }
    throw bad("found a number of more than ten bytes");
  }

  private long position() {
    return start + buffer.position();
  }

  private void position(long to) {
    if (to <= start + buffer.limit()) {
      buffer.position((int) (to - start));
    } else {
      start = to;
      buffer.position(0).limit(0);
    }
  }

  /** Sees to it that the message and the buffer have {@code n} more bytes. */
  private void need(int n) {
    if (limit - position() < n) {
      throw bad("found an end within a value");
    }
    if (buffer.remaining() >= n) {
      return;
    }
    start = position();
    buffer.compact();
    try {
      while (buffer.position() < n) {
        if (in.read(buffer, start + buffer.position()) < 0) {
          throw bad("found an end where more was a moment ago");
        }
      }
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
    buffer.flip();
  }

  private void require(boolean rightType) {
    if (!rightType) {
      throw bad("found a field of another type (" + type + ")");
    }
  }

  private SnnsimException bad(String found) {
    return SnnsimException.badData(
        file
            + ": "
            + found
            + " at byte "
            + position()
            + ", expected ONNX (a protobuf ModelProto); the file is damaged or cut off, copy or"
            + " export it again");
  }
}
