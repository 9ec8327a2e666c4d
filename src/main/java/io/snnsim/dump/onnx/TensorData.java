// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Reads values of tensors out of an ONNX file and out of files beside it, which it owns while it is
 * open. Used by one thread. Allocates what the values need, which is checked against the file
 * first.
 */
final class TensorData implements AutoCloseable {
  /** Bytes that are read at once; a multiple of every width. */
  private static final int CHUNK = 1 << 20;

  /** Whole numbers are shapes, axes and indices. */
  private static final int MOST_WHOLE = 1 << 18;

  private static final List<String> TYPES =
      List.of(
          "undefined",
          "float32",
          "uint8",
          "int8",
          "uint16",
          "int16",
          "int32",
          "int64",
          "string",
          "bool",
          "float16",
          "float64",
          "uint32",
          "uint64",
          "complex64",
          "complex128",
          "bfloat16");

  /** Widths in bytes by type, 0 for those that are not read. */
  private static final int[] WIDTHS = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 0, 0, 2};

  private static final int FLOAT16 = 10;
  private static final int DOUBLE = 11;
  private static final int BFLOAT16 = 16;

  private final Path file;
  private final FileChannel in;
  private final long size;
  private final OutsideTensors outside;

  /** Bytes that tensors took so far. */
  private long taken;

  TensorData(Path file, FileChannel in) throws IOException {
    this.file = file;
    this.in = in;
    this.outside = new OutsideTensors(file);
    this.size = in.size();
  }

  /** A type's name, for messages. */
  static String typeName(int type) {
    return type >= 0 && type < TYPES.size() ? TYPES.get(type) : "of type " + type;
  }

  /** True for types whose values become float32. */
  static boolean isFloat(int type) {
    return type == OnnxModel.FLOAT || type == FLOAT16 || type == DOUBLE || type == BFLOAT16;
  }

  /** Bytes of a tensor's values. */
  static long bytes(OnnxTensor t) {
    return t.raw() != null
        ? t.raw().length()
        : t.typed().stream().mapToLong(Wire.Span::length).sum();
  }

  /**
   * Reads a tensor.
   *
   * @throws SnnsimException (bad data, input missing) if its values are not there as it states
   * @throws NoLayer if its values are of another type than numbers
   */
  Constant read(OnnxTensor t) {
    if (t.type() < 1 || t.type() >= WIDTHS.length || WIDTHS[t.type()] == 0) {
      throw NoLayer.ever(
          "found the tensor "
              + Text.oneLine(t.name())
              + " "
              + typeName(t.type())
              + ", expected float32 or another float of 16, 32 or 64 bits",
          "export the network in float32");
    }
    int n = count(t);
    boolean floats = isFloat(t.type());
    if (!floats && n > MOST_WHOLE) {
      throw NoLayer.ever(
          "found the tensor "
              + Text.oneLine(t.name())
              + " of "
              + n
              + " whole numbers, expected"
              + " floats where there are so many",
          "export the network before it is quantised");
    }
    long bytes = t.external().isEmpty() ? bytes(t) : place(t).span().length();
    taken += bytes;
    // Twice, since some tensors may share their values.
    if (taken > 2 * (size + outside.size())) {
      throw sizes(t, "tensors of more bytes than the files have", "each value once");
    }
    float[] f = floats ? new float[n] : null;
    long[] l = floats ? null : new long[n];
    if (t.external().isEmpty() && t.raw() == null) {
      typed(t, f, l, n);
    } else {
      OutsideTensors.Place place = place(t);
      int width = WIDTHS[t.type()];
      if (place.span().length() != (long) n * width) {
        throw sizes(t, place.span().length() + " bytes", (long) n * width + " bytes");
      }
      raw(t.type(), place, f, l, n);
    }
    int[] dims = Arrays.stream(t.dims()).mapToInt(Math::toIntExact).toArray();
    return new Constant(dims, f, l);
  }

  /** The number of values, no more than the file has bytes for. */
  private int count(OnnxTensor t) {
    long most = t.external().isEmpty() ? bytes(t) : place(t).span().length();
    boolean empty = Arrays.stream(t.dims()).anyMatch(d -> d == 0);
    long n = 1;
    for (long d : t.dims()) {
      if (d < 0 || d > Integer.MAX_VALUE) {
        throw sizes(t, "the size " + d, "sizes >= 0");
      }
      n = empty ? 0 : d > most / n ? most + 1 : n * d;
    }
    if (n > most || n > Integer.MAX_VALUE - 64) {
      throw sizes(
          t, most + " bytes", "as many as a shape of " + Arrays.toString(t.dims()) + " has");
    }
    return (int) n;
  }

  private SnnsimException sizes(OnnxTensor t, String found, String expected) {
    return SnnsimException.badData(
        t.where(file)
            + ": found "
            + found
            + ", expected "
            + expected
            + "; the file is damaged, export the model again");
  }

  private static void raw(int type, OutsideTensors.Place place, float[] f, long[] l, int n) {
    int width = WIDTHS[type];
    int at = 0;
    for (long done = 0; done < place.span().length(); ) {
      int bytes = (int) Math.min(CHUNK, place.span().length() - done);
      ByteBuffer b = FilePart.read(place.in(), place.file(), place.span().offset() + done, bytes);
      done += bytes;
      if (type == OnnxModel.FLOAT) {
        b.asFloatBuffer().get(f, at, bytes / width);
        at += bytes / width;
        continue;
      }
      for (int i = 0; i < bytes; i += width, at++) {
        if (f != null) {
          f[at] = real(type, b);
        } else {
          l[at] = whole(type, b);
        }
      }
    }
  }

  private static float real(int type, ByteBuffer b) {
    return switch (type) {
      case FLOAT16 -> Float.float16ToFloat(b.getShort());
      case BFLOAT16 -> Float.intBitsToFloat(b.getShort() << 16);
      case DOUBLE -> (float) b.getDouble();
      default -> b.getFloat();
    };
  }

  private static long whole(int type, ByteBuffer b) {
    return switch (type) {
      case 2, 9 -> b.get() & 0xff;
      case 3 -> b.get();
      case 4 -> b.getShort() & 0xffff;
      case 5 -> b.getShort();
      case 6 -> b.getInt();
      case 12 -> b.getInt() & 0xffff_ffffL;
      default -> b.getLong();
    };
  }

  /**
   * Values of the fields for one type: packed floats and doubles, or numbers of the wire format.
   */
  private void typed(OnnxTensor t, float[] f, long[] l, int n) {
    int at = 0;
    for (Wire.Span span : t.typed()) {
      ByteBuffer b = FilePart.read(in, file, span.offset(), span.length());
      while (b.hasRemaining() && at < n) {
        int width =
            switch (t.typedField()) {
              case OnnxTensor.FLOAT_DATA -> 4;
              case OnnxTensor.DOUBLE_DATA -> 8;
              default -> 1;
            };
        if (b.remaining() < width) {
          throw sizes(t, "a value that is cut off", "whole values");
        }
        long bits =
            switch (t.typedField()) {
              case OnnxTensor.FLOAT_DATA -> b.getInt();
              case OnnxTensor.DOUBLE_DATA -> b.getLong();
              default -> varint(t, b);
            };
        if (f == null) {
          l[at++] = bits;
        } else {
          f[at++] = real(t, bits);
        }
      }
      if (b.hasRemaining()) {
        throw sizes(t, "more values", n + " of a shape of " + Arrays.toString(t.dims()));
      }
    }
    if (at < n) {
      throw sizes(t, at + " values", n + " of a shape of " + Arrays.toString(t.dims()));
    }
  }

  private static float real(OnnxTensor t, long bits) {
    return switch (t.type()) {
      case FLOAT16 -> Float.float16ToFloat((short) bits);
      case BFLOAT16 -> Float.intBitsToFloat((int) bits << 16);
      case DOUBLE -> (float) Double.longBitsToDouble(bits);
      default -> Float.intBitsToFloat((int) bits);
    };
  }

  private long varint(OnnxTensor t, ByteBuffer b) {
    long value = 0;
    for (int shift = 0; shift < 70 && b.hasRemaining(); shift += 7) {
      byte next = b.get();
      value |= (long) (next & 0x7f) << Math.min(shift, 63);
      if (next >= 0) {
        return value;
      }
    }
    throw sizes(t, "a number that is cut off", "whole numbers");
  }

  private OutsideTensors.Place place(OnnxTensor t) {
    return t.external().isEmpty() ? new OutsideTensors.Place(file, in, t.raw()) : outside.place(t);
  }

  /** Files beside the model that were opened, in that order. */
  List<Path> beside() {
    return outside.files();
  }

  @Override
  public void close() throws IOException {
    outside.close();
  }
}
