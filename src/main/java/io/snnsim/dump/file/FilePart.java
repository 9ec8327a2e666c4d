// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.file;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;

/**
 * Reads parts of foreign files: what they begin with, or what is known to be in them. Stateless.
 */
public final class FilePart {
  /** As long as any signature that is looked for. */
  private static final int HEAD = 64;

  private FilePart() {}

  /**
   * Refuses what is there but no file: reading a pipe may wait for ever, a device may never end.
   *
   * @throws SnnsimException (input missing)
   */
  public static void requireNoDevice(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
      throw new SnnsimException(
          Category.INPUT_MISSING,
          file + ": found a pipe or a device, expected a file; save it as one first");
    }
  }

  /**
   * The first bytes of a file, up to {@value #HEAD}.
   *
   * @throws SnnsimException (I/O) if it cannot be read
   */
  public static byte[] head(Path file) {
    requireNoDevice(file);
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(HEAD);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Bytes of a file.
   *
   * @throws SnnsimException (I/O) if it cannot be asked
   */
  public static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** True if a file begins so, each character a byte. */
  public static boolean begins(byte[] head, String with) {
    return new String(head, StandardCharsets.ISO_8859_1).startsWith(with);
  }

  /**
   * {@code n} bytes from {@code from} on, which the file has, lowest byte first.
   *
   * @throws SnnsimException (bad data) if there are 2 GiB or more, or the file became shorter
   */
  public static ByteBuffer read(FileChannel in, Path file, long from, long n) {
    if (n > Integer.MAX_VALUE - 64) {
      throw SnnsimException.badData(
          file + ": found a tensor or storage of " + n + " bytes, expected less than 2 GiB");
    }
    try {
      ByteBuffer b = ByteBuffer.allocate((int) n).order(ByteOrder.LITTLE_ENDIAN);
      while (b.hasRemaining() && in.read(b, from + b.position()) >= 0) {}
      if (b.hasRemaining()) {
        throw SnnsimException.badData(
            file + ": found an end where more was a moment ago, expected a file at rest");
      }
      return b.flip();
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * What is wrong with a zip file that failed to be read: damage, or the disk.
   *
   * @param expected who writes such files
   */
  public static SnnsimException unreadableZip(Path file, IOException e, String expected) {
    return e instanceof ZipException || e instanceof EOFException
        ? new SnnsimException(
            Category.BAD_DATA,
            file
                + ": found a zip file that cannot be read ("
                + Text.oneLine(e.getMessage())
                + "), expected "
                + expected
                + "; copy it again",
            e)
        : new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
  }
}
