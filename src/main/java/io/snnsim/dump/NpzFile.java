package io.snnsim.dump;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
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

  /** Deflate never expands more than 1032 times. */
  private static final long MOST_EXPANSION = 1032;

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
              + "), expected NumPy's .npz",
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
          path + ": " + ForeignFile.foundInZip(zip) + ", expected NumPy's .npz with .npy entries");
    }
  }

  /** Refuses paths that are no readable file. */
  static void requireFile(Path path) {
    if (!Files.exists(path)) {
      throw new SnnsimException(
          Category.INPUT_MISSING, path + ": no such file, expected an input file");
    }
    if (Files.isDirectory(path) || !Files.isReadable(path)) {
      throw new SnnsimException(
          Category.INPUT_MISSING,
          path
              + ": found "
              + (Files.isDirectory(path) ? "a folder" : "no permission to read")
              + ", expected a readable file");
    }
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
    String where = path + "[" + Text.oneLine(name) + "]";
    ZipEntry entry = names.contains(name) ? zip.getEntry(name + SUFFIX) : null;
    if (entry == null) {
      throw SnnsimException.badData(
          path + ": no array '" + Text.oneLine(name) + "', found " + Text.some(names, 8));
    }
    byte[] bytes = allocate(entry, where);
    try (InputStream in = zip.getInputStream(entry)) {
      int n = in.readNBytes(bytes, 0, bytes.length);
      if (n < bytes.length || in.read() >= 0) {
        throw SnnsimException.badData(
            where
                + ": found "
                + (n < bytes.length ? n : "more")
                + " bytes, expected the stated "
                + bytes.length
                + "; the file is damaged");
      }
    } catch (IOException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          where
              + ": found a zip entry that cannot be read ("
              + Text.oneLine(e.getMessage())
              + "), expected one stored or deflated; save it again with np.savez",
          e);
    }
    CRC32 crc = new CRC32();
    crc.update(bytes);
    if (crc.getValue() != entry.getCrc()) {
      throw SnnsimException.badData(
          where
              + ": found checksum "
              + Long.toHexString(crc.getValue())
              + ", expected the stated "
              + Long.toHexString(entry.getCrc())
              + "; the file is damaged, copy it again");
    }
    return NpyReader.read(bytes, where);
  }

  private byte[] allocate(ZipEntry entry, String where) {
    long stated = entry.getSize();
    if (stated < 0 || stated > MOST_BYTES) {
      throw SnnsimException.badData(
          where
              + ": found an array of "
              + Long.toUnsignedString(stated)
              + " bytes, expected less than 2 GiB; split it into several files");
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
