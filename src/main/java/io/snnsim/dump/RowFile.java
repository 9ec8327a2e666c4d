// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Ways to reach the elements of an array anywhere in a file without holding them: in a plain file,
 * as an entry of a zip file that is stored as it is, or, since what is deflated can only be read
 * from its beginning, in a temporary file that has no name and goes with the process. Stateless.
 */
final class RowFile {
  private static final int PIECE = 1 << 16;

  private RowFile() {}

  /**
   * The elements behind a header in a file of their own.
   *
   * @param start bytes before the first
   */
  static NpyRows.Elements plain(Path file, long start) throws IOException {
    return plain(new RandomAccessFile(file.toFile(), "r"), start);
  }

  // An interrupted thread closes a channel for all others, but not this.
  private static NpyRows.Elements plain(RandomAccessFile open, long start) {
    return (from, into) -> {
      synchronized (open) {
        open.seek(start + from);
        open.readFully(into);
      }
    };
  }

  /** The elements behind a header in an entry of a zip file that is not deflated. */
  static NpyRows.Elements stored(Path file, String entryName, long start) throws IOException {
    ZipFile zip = new ZipFile(file.toFile()); // Closed when it is no longer reachable.
    ZipEntry entry = zip.getEntry(entryName);
    return (from, into) -> {
      try (InputStream in = zip.getInputStream(entry)) {
        in.skipNBytes(start + from); // Moves a position; nothing is read.
        if (in.readNBytes(into, 0, into.length) < into.length) {
          throw new EOFException("its end came first");
        }
      }
    };
  }

  /**
   * Inflates elements into a temporary file.
   *
   * @param in at the first of them
   * @param bytes of them
   * @throws SnnsimException (input or output) if they do not fit there
   */
  static NpyRows.Elements inflated(InputStream in, long bytes, String where) throws IOException {
    Path file;
    RandomAccessFile open;
    try {
      file = Files.createTempFile("snnsim-images-", ".tmp");
      open = new RandomAccessFile(file.toFile(), "rw");
    } catch (IOException e) {
      throw full(where, bytes, Path.of(System.getProperty("java.io.tmpdir"), "snnsim-images-"), 0);
    }
    try {
      long free = Files.getFileStore(file).getUsableSpace();
      Files.delete(file);
      if (free < bytes) {
        throw full(where, bytes, file, free);
      }
      byte[] piece = new byte[PIECE];
      for (long left = bytes; left > 0; ) {
        int n = in.readNBytes(piece, 0, (int) Math.min(left, PIECE));
        if (n == 0) {
          throw SnnsimException.badData(
              where
                  + ": found "
                  + (bytes - left)
                  + " bytes, expected "
                  + bytes
                  + "; the file is damaged");
        }
        try {
          open.write(piece, 0, n);
        } catch (IOException e) {
          throw full(where, bytes, file, bytes - left);
        }
        left -= n;
      }
      return plain(open, 0);
    } catch (Throwable t) {
      open.close();
      throw t;
    }
  }

  private static SnnsimException full(String where, long bytes, Path file, long free) {
    return new SnnsimException(
        Category.IO,
        where
            + ": found "
            + bytes
            + " deflated bytes, expected room for them in "
            + Text.oneLine(String.valueOf(file.getParent()))
            + ", which has "
            + free
            + "; save them with np.savez instead of np.savez_compressed, or name another folder by"
            + " SNNSIM_JAVA_OPTS=-Djava.io.tmpdir=FOLDER");
  }
}
