package io.snnsim.cli;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes a result file all or nothing: to a temporary file beside it, then renamed. Stateless.
 * Existing files are refused before any work is done.
 */
final class OutputFile {
  /** What fills the file. */
  interface Filler {
    void fill(OutputStream out) throws IOException;
  }

  private OutputFile() {}

  /** Refuses a target that exists or whose folder does not. */
  static void check(Path target, boolean force) {
    if (target == null) {
      return;
    }
    if (Files.isDirectory(target)) {
      throw new SnnsimException(Category.IO, target + ": is a folder, expected a file to write");
    }
    if (!force && Files.exists(target)) {
      throw new SnnsimException(
          Category.IO, target + ": exists already; give --force to replace it");
    }
    Path folder = target.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new SnnsimException(Category.IO, target + ": no folder " + folder + "; make it first");
    }
    if (!Files.isWritable(folder)) {
      throw new SnnsimException(Category.IO, target + ": no permission to write in " + folder);
    }
  }

  static void write(Path target, Filler filler) {
    Path absolute = target.toAbsolutePath();
    Path temporary = null;
    try {
      temporary =
          Files.createTempFile(absolute.getParent(), "." + absolute.getFileName() + ".", ".tmp");
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
        filler.fill(out);
      }
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      temporary = null;
    } catch (IOException e) {
      throw new SnnsimException(
          Category.IO,
          target + ": cannot be written: " + e.getMessage() + "; nothing was changed",
          e);
    } finally {
      if (temporary != null) {
        temporary.toFile().delete();
      }
    }
  }
}
