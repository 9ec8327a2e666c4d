// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Owns an open {@code .npz} file: named NumPy arrays in a zip, stored or deflated, zip64 included.
 * Not thread-safe; each array is read when asked for. What an entry states about its size is
 * checked against the file's length before memory is taken.
 */
public final class NpzFile implements AutoCloseable {
  private static final String SUFFIX = ".npy";

  /** Bytes that hold the header of every array that NumPy writes without structures. */
  private static final int USUAL_HEAD = 256;

  /** Deflate never expands more than 1032 times. */
  private static final long MOST_EXPANSION = 1032;

  /** More than any images deflate by; what claims more takes no room on a disk. */
  private static final long USUAL_EXPANSION = 200;

  /** Largest array that every JVM allocates. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 64;

  private final Path path;
  private final ZipFile zip;
  private final long fileBytes;
  private final Set<String> names = new LinkedHashSet<>();

  private NpzFile(Path path, ZipFile zip, long fileBytes) {
    this.path = path;
    this.zip = zip;
    this.fileBytes = fileBytes;
  }

  /**
   * Opens a file.
   *
   * @throws SnnsimException (input missing) if it is not there; (bad data) if it is no zip file,
   *     holds no array or two of one name
   */
  public static NpzFile open(Path path) {
    requireFile(path);
    try {
      NpzFile file = new NpzFile(path, new ZipFile(path.toFile()), Files.size(path));
      try {
        file.list();
        return file;
      } catch (Throwable t) {
        file.close();
        throw t;
      }
    } catch (ZipException | EOFException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          path
              + ": "
              + ForeignFile.found(path)
              + ", or an .npz that is cut off ("
              + Text.oneLine(e.getMessage())
              + "), expected NumPy's .npz (of weights also a PyTorch or Keras file); copy it again",
          e);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private void list() {
    for (ZipEntry e : (Iterable<ZipEntry>) zip.stream().map(z -> (ZipEntry) z)::iterator) {
      if (!e.getName().endsWith(SUFFIX)) {
        continue;
      }
      String name = e.getName().substring(0, e.getName().length() - SUFFIX.length());
      if (!names.add(name)) {
        throw SnnsimException.badData(
            path
                + ": found the array "
                + Text.oneLine(name)
                + " twice, expected names once each; save the arrays again with np.savez");
      }
    }
    if (names.isEmpty()) {
      throw SnnsimException.badData(
          path
              + ": "
              + ForeignFile.foundInZip(zip)
              + ", expected NumPy's .npz with .npy entries; save the arrays with np.savez, or the"
              + " whole model");
    }
  }

  /** Refuses paths that are no readable file. */
  static void requireFile(Path path) {
    if (!Files.exists(path)) {
      throw new SnnsimException(
          Category.INPUT_MISSING, path + ": no such file, expected an input file");
    }
    FilePart.requireNoDevice(path);
    if (Files.isDirectory(path) || !Files.isReadable(path)) {
      throw new SnnsimException(
          Category.INPUT_MISSING,
          path
              + ": found "
              + (Files.isDirectory(path) ? "a folder" : "no permission to read")
              + ", expected a readable file");
    }
  }

  /** The file, for messages. */
  Path path() {
    return path;
  }

  /** Names of the arrays in file order, without {@code .npy}. */
  public List<String> names() {
    return List.copyOf(names);
  }

  /**
   * Reads one array.
   *
   * @throws SnnsimException (bad data) if there is none of that name, or it cannot be used
   */
  public NpyArray get(String name) {
    return whole(entry(name), where(name));
  }

  /**
   * Reads the first {@code rows} rows of an array, or as many as there are; nothing behind them is
   * inflated where they lie together (C order). The array's header is checked whole, but then not
   * its checksum and not whether the rest can be read.
   *
   * @throws SnnsimException (bad data) if there is none of that name, or it cannot be used
   */
  NpyRows first(String name, int rows) {
    return first(name, rows, Long.MAX_VALUE);
  }

  /**
   * As {@link #first(String, int)}, but rows in C order that are more than {@link
   * NpyRows#MOST_KEPT} stay in a file, this one or a temporary one, so that arrays of any size can
   * be read. Their checksum is compared only where all of a deflated array is inflated.
   */
  NpyRows rows(String name, int rows) {
    return first(name, rows, NpyRows.MOST_KEPT);
  }

  private NpyRows first(String name, int rows, long mostKept) {
    ZipEntry entry = entry(name);
    String where = where(name);
    checkHeld(entry, where);
    try (InputStream in = zip.getInputStream(entry)) {
      long total = entry.getSize();
      byte[] begin = in.readNBytes((int) Math.min(total, USUAL_HEAD));
      NpyReader.Head head =
          begin.length < Math.min(total, USUAL_HEAD) ? null : NpyReader.head(begin, total, where);
      // Where anything is unusual the whole array is read, which also says what is wrong with it.
      if (head != null && !head.header().dimensions().isEmpty() && !head.header().fortranOrder()) {
        NpyReader.Layout layout = NpyReader.layout(head.header(), total - head.start(), where);
        int inFile = layout.shape()[0];
        int wanted = Math.min(rows, inFile);
        long each = inFile == 0 ? 0 : (total - head.start()) / inFile;
        if (wanted * each > mostKept && each <= MOST_BYTES) {
          return unkept(entry, head, layout, wanted, where);
        }
        if (wanted < inFile && head.start() + wanted * each <= MOST_BYTES) {
          int length = head.start() + (int) (wanted * each);
          byte[] bytes = Arrays.copyOf(begin, length);
          int have = Math.min(begin.length, length);
          int n = have + in.readNBytes(bytes, have, length - have);
          if (n < length) {
            throw cutShort(where, n, total);
          }
          NpyArray array = NpyReader.array(bytes, head, layout.first(wanted), where);
          return NpyRows.kept(array, layout.shape());
        }
      }
    } catch (IOException e) {
      throw unreadable(where, e);
    }
    return NpyRows.first(whole(entry, where), rows);
  }

  /** Rows that are not kept; deflated ones are inflated into a file, and all of them checked. */
  private NpyRows unkept(
      ZipEntry entry, NpyReader.Head head, NpyReader.Layout layout, int rows, String where)
      throws IOException {
    if (entry.getMethod() == ZipEntry.STORED) {
      return NpyRows.inFile(
          head, layout, rows, where, RowFile.stored(path, entry.getName(), head.start()));
    }
    long bytes = (entry.getSize() - head.start()) / layout.shape()[0] * rows;
    if (bytes > MOST_BYTES && entry.getSize() / USUAL_EXPANSION > entry.getCompressedSize()) {
      throw SnnsimException.badData(
          where
              + ": found "
              + entry.getCompressedSize()
              + " bytes that state to be "
              + entry.getSize()
              + ", expected images, which deflate to no less than a "
              + USUAL_EXPANSION
              + "th; save them with np.savez, which does not deflate");
    }
    CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
    try (in) {
      in.skipNBytes(head.start());
      NpyRows.Elements elements = RowFile.inflated(in, bytes, where);
      if (rows == layout.shape()[0]) {
        checkSum(entry, in.getChecksum().getValue(), where);
      }
      return NpyRows.inFile(head, layout, rows, where, elements);
    }
  }

  /** Bytes that an array is said to have when it is inflated. */
  long statedBytes(String name) {
    return entry(name).getSize();
  }

  private String where(String name) {
    return path + "[" + Text.oneLine(name) + "]";
  }

  private ZipEntry entry(String name) {
    ZipEntry entry = names.contains(name) ? zip.getEntry(name + SUFFIX) : null;
    if (entry == null) {
      throw SnnsimException.badData(
          path + ": no array '" + Text.oneLine(name) + "', found " + Text.some(names, 8));
    }
    return entry;
  }

  private static SnnsimException cutShort(String where, long found, long stated) {
    return SnnsimException.badData(
        where
            + ": found "
            + (found < stated ? found : "more")
            + " bytes, expected the stated "
            + stated
            + "; the file is damaged");
  }

  private static SnnsimException unreadable(String where, IOException e) {
    return new SnnsimException(
        Category.BAD_DATA,
        where
            + ": found a zip entry that cannot be read ("
            + Text.oneLine(e.getMessage())
            + "), expected one stored or deflated; save it again with np.savez",
        e);
  }

  private NpyArray whole(ZipEntry entry, String where) {
    byte[] bytes = allocate(entry, where);
    try (InputStream in = zip.getInputStream(entry)) {
      int n = in.readNBytes(bytes, 0, bytes.length);
      if (n < bytes.length || in.read() >= 0) {
        throw cutShort(where, n < bytes.length ? n : Long.MAX_VALUE, bytes.length);
      }
    } catch (IOException e) {
      throw unreadable(where, e);
    }
    CRC32 crc = new CRC32();
    crc.update(bytes);
    checkSum(entry, crc.getValue(), where);
    return NpyReader.read(bytes, where);
  }

  private static void checkSum(ZipEntry entry, long found, String where) {
    if (found != entry.getCrc()) {
      throw SnnsimException.badData(
          where
              + ": found checksum "
              + Long.toHexString(found)
              + ", expected the stated "
              + Long.toHexString(entry.getCrc())
              + "; the file is damaged, copy it again");
    }
  }

  /** Refuses sizes that this file cannot hold. */
  private void checkHeld(ZipEntry entry, String where) {
    long stated = entry.getSize();
    if (stated < 0) {
      throw tooLarge(stated, where);
    }
    long packed = Math.min(entry.getCompressedSize(), fileBytes);
    if (stated > (entry.getMethod() == ZipEntry.STORED ? packed : packed * MOST_EXPANSION)) {
      throw SnnsimException.badData(
          where
              + ": found "
              + packed
              + " bytes in the file, which cannot hold the stated "
              + stated
              + "; the file is damaged");
    }
  }

  private static SnnsimException tooLarge(long stated, String where) {
    return SnnsimException.badData(
        where
            + ": found an array of "
            + Long.toUnsignedString(stated)
            + " bytes, expected less than 2 GiB, or images in C order (np.ascontiguousarray);"
            + " split it into several files");
  }

  private byte[] allocate(ZipEntry entry, String where) {
    checkHeld(entry, where);
    long stated = entry.getSize();
    if (stated > MOST_BYTES) {
      throw tooLarge(stated, where);
    }
    try {
      return new byte[(int) stated];
    } catch (OutOfMemoryError e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          where
              + ": found an array of "
              + stated
              + " bytes, more than this Java heap of "
              + Runtime.getRuntime().maxMemory()
              + " holds; split the file or raise -Xmx",
          e);
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, path + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
