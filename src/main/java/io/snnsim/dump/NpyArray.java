// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.error.SnnsimException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One array of a NumPy file, in C order whatever the file's order was. Immutable once read; safe to
 * share between threads.
 */
public final class NpyArray {
  /** Kinds of elements. */
  public enum Kind {
    FLOAT,
    SIGNED,
    UNSIGNED,
    BOOL,
    /** Two bytes without a type: what NumPy makes of bfloat16, which it does not know. */
    RAW
  }

  private final String where;
  private final Kind kind;
  private final int itemBytes;
  private final int[] shape;
  private final int size;
  private final boolean fortran;
  private final ByteBuffer data;

  NpyArray(
      String where,
      Kind kind,
      int itemBytes,
      int[] shape,
      int size,
      boolean fortran,
      ByteBuffer data) {
    this.where = where;
    this.kind = kind;
    this.itemBytes = itemBytes;
    this.shape = shape;
    this.size = size;
    this.fortran = fortran && shape.length > 1;
    this.data = data;
  }

  /** Kind of the elements. */
  public Kind kind() {
    return kind;
  }

  /** Bytes an element. */
  public int itemBytes() {
    return itemBytes;
  }

  /** Dimensions; empty for a single value. */
  public int[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public int size() {
    return size;
  }

  /** NumPy's name of the type, such as {@code float32}. */
  public String typeName() {
    return switch (kind) {
      case FLOAT -> "float" + itemBytes * 8;
      case SIGNED -> "int" + itemBytes * 8;
      case UNSIGNED -> "uint" + itemBytes * 8;
      case BOOL -> "bool";
      case RAW -> "void" + itemBytes * 8;
    };
  }

  /** The file and entry it came from, for messages. */
  public String where() {
    return where;
  }

  /**
   * A copy as floats; doubles and large integers are rounded to nearest, doubles beyond the range
   * of floats become infinite; raw pairs of bytes are taken for bfloat16.
   */
  public float[] toFloats() {
    float[] out = new float[size];
    forEach((to, from) -> out[to] = number(from));
    return out;
  }

  /** A copy as longs, those of uint64 modulo 2^64; floats are refused. */
  public long[] toLongs() {
    if (kind == Kind.FLOAT || kind == Kind.RAW) {
      throw SnnsimException.badData(where + ": found " + typeName() + ", expected integers");
    }
    long[] out = new long[size];
    forEach((to, from) -> out[to] = integer(from));
    return out;
  }

  /** The first {@code rows} of at least that many, in C order; a copy. */
  NpyArray firstRows(int rows) {
    int[] cut = shape.clone();
    cut[0] = rows;
    int n = rows == 0 ? 0 : size / shape[0] * rows;
    ByteBuffer bytes = ByteBuffer.allocate(n * itemBytes).order(data.order());
    forEach(
        (to, from) -> {
          if (to < n) {
            bytes.put(to * itemBytes, data, data.position() + from * itemBytes, itemBytes);
          }
        });
    return new NpyArray(where, kind, itemBytes, cut, n, false, bytes);
  }

  /** The same array with its elements in C order; a copy only where they are not. */
  NpyArray inOrder() {
    return fortran ? firstRows(shape[0]) : this;
  }

  /** Element {@code i} of the file's order as {@link #toFloats} converts it. */
  float floatAt(int i) {
    return number(i);
  }

  /** Element {@code i} of the file's order, of uint8. */
  int unsignedByteAt(int i) {
    return data.get(data.position() + i) & 0xff;
  }

  /**
   * Refuses infinite values and such that are no number.
   *
   * @param expected what they should be and what to do, as the end of the message
   * @param first number of the first element, where the array is a part of another
   * @throws SnnsimException (bad data) naming the first one
   */
  void requireFinite(String expected, long first) {
    for (int i = 0; kind == Kind.FLOAT && i < size; i++) {
      float x = number(i);
      if (!Float.isFinite(x)) {
        throw SnnsimException.badData(
            where
                + ": found "
                + x
                + " at element "
                + (first + i)
                + ", expected finite "
                + expected);
      }
    }
  }

  private interface Copy {
    void element(int to, int from);
  }

  /** Calls back with the C-order index and the file's index of every element. */
  private void forEach(Copy copy) {
    if (!fortran) {
      for (int i = 0; i < size; i++) {
        copy.element(i, i);
      }
      return;
    }
    int[] at = new int[shape.length];
    int[] stride = new int[shape.length];
    int s = 1;
    for (int d = 0; d < shape.length; d++) {
      stride[d] = s;
      s *= shape[d];
    }
    for (int i = 0; i < size; i++) {
      int from = 0;
      for (int d = 0; d < shape.length; d++) {
        from += at[d] * stride[d];
      }
      copy.element(i, from);
      for (int d = shape.length - 1; d >= 0 && ++at[d] == shape[d]; d--) {
        at[d] = 0;
      }
    }
  }

  private float number(int i) {
    int at = data.position() + i * itemBytes;
    if (kind == Kind.RAW) {
      return TorchType.bfloat16(data.getShort(at));
    }
    if (kind != Kind.FLOAT) {
      long v = integer(i);
      // Halved for the sign's sake; the last bit stays, so that ties are rounded as they should.
      return kind == Kind.UNSIGNED && v < 0 ? (float) (v >>> 1 | v & 1) * 2 : (float) v;
    }
    return switch (itemBytes) {
      case 2 -> Float.float16ToFloat(data.getShort(at));
      case 4 -> data.getFloat(at);
      default -> (float) data.getDouble(at);
    };
  }

  private long integer(int i) {
    int at = data.position() + i * itemBytes;
    boolean signed = kind == Kind.SIGNED;
    return switch (itemBytes) {
      case 1 -> {
        byte b = data.get(at);
        yield kind == Kind.BOOL ? (b == 0 ? 0 : 1) : signed ? b : Byte.toUnsignedLong(b);
      }
      case 2 -> signed ? data.getShort(at) : Short.toUnsignedLong(data.getShort(at));
      case 4 -> signed ? data.getInt(at) : Integer.toUnsignedLong(data.getInt(at));
      default -> data.getLong(at);
    };
  }

  @Override
  public String toString() {
    return where + " " + typeName() + Arrays.toString(shape);
  }
}
