package io.snnsim.dump;

import io.snnsim.error.SnnsimException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code .npy} bytes: format versions 1 to 3, float16/32/64, all integers, bool, both byte
 * orders, C and Fortran order, single values. Stateless and thread-safe. Object, string and
 * structured arrays are refused. Source: NumPy's format description (numpy.lib.format).
 */
public final class NpyReader {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*('([^']*)'|[^,}]*)");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");

  private NpyReader() {}

  /**
   * Reads one array; the bytes are kept, not copied.
   *
   * @param where file and entry, for messages
   */
  public static NpyArray read(byte[] bytes, String where) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 10 || !b.slice(0, 6).equals(ByteBuffer.wrap(MAGIC))) {
      throw bad(where, "this is no NumPy array, expected the bytes \\x93NUMPY at its start");
    }
    int version = bytes[6];
    if (version < 1 || version > 3) {
      throw bad(where, "NumPy format version " + version + ", expected 1, 2 or 3");
    }
    int start = version == 1 ? 10 : 12;
    if (bytes.length < start) {
      throw bad(where, "the NumPy header is cut off");
    }
    long length = version == 1 ? b.getShort(8) & 0xffff : b.getInt(8) & 0xffffffffL;
    if (length > bytes.length - start) {
      throw bad(where, "the NumPy header is cut off: states " + length + " bytes");
    }
    String header =
        new String(
            bytes,
            start,
            (int) length,
            version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    return array(bytes, (int) (start + length), header, where);
  }

  private static NpyArray array(byte[] bytes, int offset, String header, String where) {
    Matcher descr = DESCR.matcher(header);
    Matcher order = ORDER.matcher(header);
    Matcher dims = SHAPE.matcher(header);
    if (!descr.find() || !order.find() || !dims.find()) {
      throw bad(where, "the NumPy header lacks descr, fortran_order or shape");
    }
    String type = descr.group(2);
    if (type == null) {
      throw bad(where, "a structured array, expected plain numbers");
    }
    if (type.contains("O")) {
      throw bad(
          where, "an object array (pickled Python), expected numbers; save it with a plain dtype");
    }
    if (!type.matches("[<>|=]?(f[248]|[iu][1248]|b1|\\?)")) {
      throw bad(where, "dtype '" + type + "', expected float16/32/64, an integer type or bool");
    }
    String code = type.replaceFirst("^[<>|=]", "");
    boolean bool = code.equals("b1") || code.equals("?");
    int item = bool ? 1 : code.charAt(1) - '0';
    NpyArray.Kind kind =
        bool
            ? NpyArray.Kind.BOOL
            : switch (code.charAt(0)) {
              case 'f' -> NpyArray.Kind.FLOAT;
              case 'i' -> NpyArray.Kind.SIGNED;
              default -> NpyArray.Kind.UNSIGNED;
            };
    int[] shape = shape(dims.group(1), where);
    long size = 1;
    for (int d : shape) {
      size *= d;
      if (size > Integer.MAX_VALUE / 8) {
        throw bad(where, "shape (" + dims.group(1) + ") is larger than this reader takes");
      }
    }
    long found = bytes.length - offset;
    if (found != size * item) {
      throw bad(
          where,
          "found "
              + found
              + " bytes of data, expected "
              + size * item
              + " for shape ("
              + dims.group(1)
              + ") of "
              + type);
    }
    ByteBuffer data =
        ByteBuffer.wrap(bytes, offset, (int) found)
            .order(type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    return new NpyArray(where, kind, item, shape, (int) size, order.group(1).equals("True"), data);
  }

  private static int[] shape(String text, String where) {
    String[] parts = text.isBlank() ? new String[0] : text.split(",");
    int n = parts.length;
    if (n > 32) {
      throw bad(where, "found " + n + " dimensions, expected at most 32");
    }
    int[] shape = new int[n];
    for (int i = 0; i < n; i++) {
      try {
        shape[i] = Integer.parseInt(parts[i].trim().replaceFirst("L$", ""));
      } catch (NumberFormatException e) {
        throw bad(where, "shape (" + text + ") is not a list of sizes");
      }
      if (shape[i] < 0) {
        throw bad(where, "shape (" + text + ") has a negative size");
      }
    }
    return shape;
  }

  private static SnnsimException bad(String where, String what) {
    return SnnsimException.badData(where + ": " + what);
  }
}
