package io.snnsim.dump;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Owns an open {@code .npz} file: named NumPy arrays in a zip, stored or deflated, zip64 included.
 * Not thread-safe; each array is read when asked for.
 */
public final class NpzFile implements AutoCloseable {
  private final Path path;
  private final ZipFile zip;
  private final List<String> names = new ArrayList<>();

  private NpzFile(Path path, ZipFile zip) {
    this.path = path;
    this.zip = zip;
    zip.stream()
        .filter(e -> e.getName().endsWith(".npy"))
        .forEach(e -> names.add(e.getName().substring(0, e.getName().length() - 4)));
  }

  /**
   * Opens a file.
   *
   * @throws SnnsimException (input missing) if it is not there; (bad data) if it is no zip file
   */
  public static NpzFile open(Path path) {
    requireFile(path);
    try {
      NpzFile file = new NpzFile(path, new ZipFile(path.toFile()));
      if (file.names.isEmpty()) {
        file.close();
        throw SnnsimException.badData(path + ": holds no .npy entry, expected NumPy's .npz");
      }
      return file;
    } catch (ZipException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          path + ": not a .npz file, or cut off (" + e.getMessage() + "), expected NumPy's .npz",
          e);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, path + ": cannot be read: " + e.getMessage(), e);
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
    String where = path + "[" + name + "]";
    ZipEntry entry = zip.getEntry(name + ".npy");
    if (entry == null) {
      throw SnnsimException.badData(
          path + ": no array '" + name + "', found " + String.join(", ", names));
    }
    if (entry.getSize() > Integer.MAX_VALUE - 64) {
      throw SnnsimException.badData(
          where + ": states " + entry.getSize() + " bytes, expected less than 2 GB");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      long stated = entry.getSize();
      byte[] bytes =
          in.readNBytes(
              (int)
                  Math.min(
                      stated < 0 ? Integer.MAX_VALUE - 64 : stated + 1, Integer.MAX_VALUE - 64));
      if (stated >= 0 && bytes.length != stated) {
        throw SnnsimException.badData(
            where + ": found " + bytes.length + " bytes, expected the stated " + stated);
      }
      java.util.zip.CRC32 crc = new java.util.zip.CRC32();
      crc.update(bytes);
      if (entry.getCrc() != -1 && crc.getValue() != entry.getCrc()) {
        throw SnnsimException.badData(where + ": checksum differs, the file is damaged");
      }
      return NpyReader.read(bytes, where);
    } catch (IOException e) {
      throw new SnnsimException(
          Category.BAD_DATA, where + ": damaged zip entry (" + e.getMessage() + ")", e);
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
