// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads {@code .npy} bytes: format versions 1 to 3, float16/32/64, all integers, bool, both byte
 * orders, C and Fortran order, single values. Stateless and thread-safe. Object, string, complex
 * and structured arrays are refused. A header is believed only as far as the bytes that follow it
 * agree, so nothing is allocated on its word. Source: NumPy's format description
 * (numpy.lib.format).
 */
public final class NpyReader {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private NpyReader() {}

  /** True if the bytes begin as a {@code .npy} file does. */
  static boolean looksLikeNpy(byte[] bytes) {
    return bytes.length >= MAGIC.length
        && ByteBuffer.wrap(bytes, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
  }

  /** An array's header, and where its data begins. */
  record Head(NpyHeader header, int start) {}

  /**
   * Reads the header alone of an array whose first bytes are given.
   *
   * @param total bytes of the whole array
   * @return null if more bytes are needed to hold the header
   * @throws SnnsimException (bad data) if these are not the first bytes of an array
   */
  static Head head(byte[] bytes, long total, String where) {
    if (!looksLikeNpy(bytes)) {
      throw bad(where, "this is no NumPy array, expected the bytes \\x93NUMPY at its start");
    }
    if (total < 10) {
      throw bad(where, "the NumPy header is cut off after " + total + " bytes");
    }
    int version = bytes[6] & 0xff;
    if (version < 1 || version > 3) {
      throw bad(where, "found NumPy format version " + version + ", expected 1, 2 or 3");
    }
    int start = version == 1 ? 10 : 12;
    if (total < start) {
      throw bad(where, "the NumPy header is cut off after " + total + " bytes");
    }
    if (bytes.length < start) {
      return null;
    }
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long length = version == 1 ? b.getShort(8) & 0xffff : b.getInt(8) & 0xffffffffL;
    if (length > total - start) {
      throw bad(
          where,
          "the NumPy header is cut off: it states " + length + " bytes, found " + (total - start));
    }
    if (length > bytes.length - start) {
      return null;
    }
    String header =
        new String(
            bytes,
            start,
            (int) length,
            version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    return new Head(NpyHeader.parse(header, where), (int) (start + length));
  }

  /**
   * Reads one array; the bytes are kept, not copied.
   *
   * @param where file and entry, for messages
   * @throws SnnsimException (bad data) if the bytes are not exactly one array of numbers
   */
  public static NpyArray read(byte[] bytes, String where) {
    Head head = head(bytes, bytes.length, where);
    return array(bytes, head, layout(head.header(), bytes.length - head.start(), where), where);
  }

  /**
   * Reads the array of a {@code .npy} file.
   *
   * @throws SnnsimException (I/O) if it cannot be read; (bad data) as {@link #read(byte[], String)}
   */
  static NpyArray read(Path file) {
    try (FileChannel in = FileChannel.open(file)) {
      return read(FilePart.read(in, file, 0, in.size()).array(), file.toString());
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** What a header says of the data behind it, once that is known to fit it. */
  record Layout(NpyArray.Kind kind, int item, int[] shape) {
    int size() {
      int n = 1;
      for (int d : shape) {
        n *= d;
      }
      return n;
    }

    /** The same array cut to its first rows. */
    Layout first(int rows) {
      int[] cut = shape.clone();
      cut[0] = rows;
      return new Layout(kind, item, cut);
    }
  }

  /**
   * Checks type and shape of a header.
   *
   * @param found bytes of data
   * @throws SnnsimException (bad data) if elements cannot be used, or do not fill the data exactly
   */
  static Layout layout(NpyHeader header, long found, String where) {
    String type = header.descr();
    String code = type.replaceFirst("^[<>|=]", "");
    if (code.startsWith("O")) {
      throw bad(
          where,
          "found an object array (pickled Python), expected numbers; save it with a plain dtype,"
              + " and a dictionary of arrays with np.savez('net.npz', **dictionary)");
    }
    if (code.matches("[US]\\d*")) {
      throw bad(
          where,
          "found text (dtype '"
              + Text.oneLine(type)
              + "'), expected numbers; of names of classes np.unique(array, return_inverse=True)[1]"
              + " makes numbers, of digits .astype(int)");
    }
    if (!code.matches("f[248]|[iu][1248]|b1|\\?|V2")) {
      throw bad(
          where,
          "found dtype '"
              + Text.oneLine(type)
              + "', expected float16/32/64, an integer type or bool; convert it with"
              + " .astype('float32')");
    }
    NpyArray.Kind kind =
        switch (code.charAt(0)) {
          case 'f' -> NpyArray.Kind.FLOAT;
          case 'i' -> NpyArray.Kind.SIGNED;
          case 'u' -> NpyArray.Kind.UNSIGNED;
          case 'V' -> NpyArray.Kind.RAW;
          default -> NpyArray.Kind.BOOL;
        };
    int item = kind == NpyArray.Kind.BOOL ? 1 : code.charAt(1) - '0';
    long expected = bytes(header.dimensions(), item);
    if (found != expected) {
      throw bad(
          where,
          "found "
              + found
              + " bytes of data, expected "
              + (expected == TOO_MANY ? "more than 2^62" : String.valueOf(expected))
              + " for shape "
              + header.dimensions()
              + " of "
              + type
              + "; the file is damaged or cut off");
    }
    int[] shape = new int[header.dimensions().size()];
    for (int d = 0; d < shape.length; d++) {
      long size = header.dimensions().get(d);
      if (size > Integer.MAX_VALUE) { // Possible in an empty array alone.
        throw bad(where, "found shape " + header.dimensions() + ", expected sizes below 2^31");
      }
      shape[d] = (int) size;
    }
    return new Layout(kind, item, shape);
  }

  /** The array, or its first rows, whose bytes these are; they are kept, not copied. */
  static NpyArray array(byte[] bytes, Head head, Layout layout, String where) {
    NpyHeader header = head.header();
    ByteBuffer data =
        ByteBuffer.wrap(bytes, head.start(), bytes.length - head.start())
            .order(
                header.descr().charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    return new NpyArray(
        where,
        layout.kind(),
        layout.item(),
        layout.shape(),
        layout.size(),
        header.fortranOrder(),
        data);
  }

  private static final long TOO_MANY = Long.MAX_VALUE;

  /** Bytes that an array of the given sizes has, or TOO_MANY. */
  private static long bytes(List<Long> sizes, int item) {
    if (sizes.contains(0L)) {
      return 0;
    }
    long n = item;
    for (long size : sizes) {
      if (n > (1L << 62) / size) {
        return TOO_MANY;
      }
      n *= size;
    }
    return n;
  }

  private static SnnsimException bad(String where, String what) {
    return SnnsimException.badData(where + ": " + what);
  }
}
