package io.snnsim.dump;

import io.snnsim.error.SnnsimException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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

  /**
   * Reads one array; the bytes are kept, not copied.
   *
   * @param where file and entry, for messages
   * @throws SnnsimException (bad data) if the bytes are not exactly one array of numbers
   */
  public static NpyArray read(byte[] bytes, String where) {
    if (!looksLikeNpy(bytes)) {
      throw bad(where, "this is no NumPy array, expected the bytes \\x93NUMPY at its start");
    }
    if (bytes.length < 10) {
      throw bad(where, "the NumPy header is cut off after " + bytes.length + " bytes");
    }
    int version = bytes[6] & 0xff;
    if (version < 1 || version > 3) {
      throw bad(where, "found NumPy format version " + version + ", expected 1, 2 or 3");
    }
    int start = version == 1 ? 10 : 12;
    if (bytes.length < start) {
      throw bad(where, "the NumPy header is cut off after " + bytes.length + " bytes");
    }
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long length = version == 1 ? b.getShort(8) & 0xffff : b.getInt(8) & 0xffffffffL;
    if (length > bytes.length - start) {
      throw bad(
          where,
          "the NumPy header is cut off: it states "
              + length
              + " bytes, found "
              + (bytes.length - start));
    }
    String header =
        new String(
            bytes,
            start,
            (int) length,
            version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    return array(bytes, (int) (start + length), NpyHeader.parse(header, where), where);
  }

  private static NpyArray array(byte[] bytes, int offset, NpyHeader header, String where) {
    String type = header.descr();
    String code = type.replaceFirst("^[<>|=]", "");
    if (code.startsWith("O")) {
      throw bad(
          where,
          "found an object array (pickled Python), expected numbers; save it with a plain dtype");
    }
    if (!code.matches("f[248]|[iu][1248]|b1|\\?")) {
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
          default -> NpyArray.Kind.BOOL;
        };
    int item = kind == NpyArray.Kind.BOOL ? 1 : code.charAt(1) - '0';
    int found = bytes.length - offset;
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
    ByteBuffer data =
        ByteBuffer.wrap(bytes, offset, found)
            .order(type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    return new NpyArray(where, kind, item, shape, found / item, header.fortranOrder(), data);
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
