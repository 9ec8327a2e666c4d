// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Publishes a file all or nothing: written under a temporary name beside its target, forced to
 * disk, moved to its name in one step, and the folder forced. Whatever fails, the target is the old
 * file or the new one, and no temporary file stays; those of processes that were killed are taken
 * away at the next publication in their folder ({@link Temporaries}). Stateless but for the list of
 * files under way; thread-safe.
 */
public final class AtomicFile {
  /** What fills the file. */
  @FunctionalInterface
  public interface Filler {
    /** Writes to {@code temporary}, an empty file. */
    void fill(Path temporary) throws IOException;
  }

  /** What fills the file as a stream. */
  @FunctionalInterface
  public interface StreamFiller {
    /** Writes to {@code out}, which the caller closes. */
    void fill(OutputStream out) throws IOException;
  }

  private static final Set<Path> UNDER_WAY = ConcurrentHashMap.newKeySet();

  private AtomicFile() {}

  /**
   * Refuses a target that cannot become a new file, so that long work is not done for nothing.
   *
   * @param force an existing regular file may be replaced
   * @throws SnnsimException (io) saying why
   */
  public static void check(Path target, boolean force) {
    Path folder = checkNames(target, force);
    try {
      // Asking for permission would not do: some file systems refuse even those who may.
      Files.delete(createTemporary(folder, target.getFileName().toString()));
    } catch (IOException e) {
      throw unwritable(target, e);
    }
  }

  /** The folder of a target that is free. */
  private static Path checkNames(Path target, boolean force) {
    if (Files.isDirectory(target)) {
      throw failure(target, "is a folder, expected a file to write");
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      if (!force) {
        throw failure(target, "exists already; give --force to replace it");
      }
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        throw failure(target, "is a device or a pipe, expected a file to write");
      }
    }
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw failure(target, "no folder " + folder + "; make it first");
    }
    return folder;
  }

  /**
   * Publishes a file.
   *
   * @param force replace an existing file
   * @throws SnnsimException (io) as {@link #check}, or if writing fails
   */
  public static void publish(Path target, boolean force, Filler filler) {
    checkNames(target, force);
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.getParent();
    Path temporary = null;
    Temporaries.sweep(folder);
    try {
      temporary = createTemporary(folder, absolute.getFileName().toString());
      UNDER_WAY.add(temporary);
      filler.fill(temporary);
      force(temporary, StandardOpenOption.WRITE);
      move(temporary, absolute, force);
      forceFolder(folder);
    } catch (FileAlreadyExistsException e) {
      throw failure(target, "exists already; give --force to replace it");
    } catch (IOException e) {
      throw unwritable(target, e);
    } finally {
      if (temporary != null) {
        try {
          delete(temporary);
        } finally {
          UNDER_WAY.remove(temporary);
        }
      }
    }
  }

  /** As {@link #publish}, through a buffered stream. */
  public static void write(Path target, boolean force, StreamFiller filler) {
    publish(
        target,
        force,
        temporary -> {
          try (OutputStream out =
              new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
            filler.fill(out);
          }
        });
  }

  /** Removes what is half-written, when the process ends without waiting for its writers. */
  public static void abandon() {
    for (Path p : UNDER_WAY) {
      delete(p);
    }
  }

  /** As far as it may be: what stays is swept some time. */
  private static void delete(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // Then there is a reason for it that was told already, or will be by the next publication.
    }
  }

  /** The error of a target that could not be written, for those who write beside it. */
  public static SnnsimException unwritable(Path target, IOException e) {
    Throwable first = e;
    while (first.getCause() instanceof IOException cause) {
      // What a library wraps says more than it does.
      first = cause;
    }
    String reason = String.valueOf(first.getMessage());
    if (e instanceof AccessDeniedException) {
      reason = "no permission to write in " + target.toAbsolutePath().getParent();
    } else if (e instanceof NoSuchFileException) {
      // The folder was there when it was looked for.
      reason = "no file can be made in " + target.toAbsolutePath().getParent();
    } else if (e instanceof FileSystemException f) {
      // Without the temporary name, which means nothing to the user.
      reason = f.getReason() == null ? "the system does not say why" : f.getReason();
    }
    return new SnnsimException(
        Category.IO, target + ": cannot be written: " + reason + "; nothing was changed", e);
  }

  /** With the permissions of an ordinary new file, not for its owner only. */
  private static Path createTemporary(Path folder, String name) throws IOException {
    FileAttribute<?>[] ordinary = {};
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      ordinary =
          new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-rw-rw-"))
          };
    }
    while (true) {
      try {
        return Files.createFile(folder.resolve(Temporaries.name(name)), ordinary);
      } catch (FileAlreadyExistsException e) {
        // As good as never: another random number.
      }
    }
  }

  private static void move(Path from, Path to, boolean force) throws IOException {
    if (!force) {
      try {
        // The one call that gives a name and fails if it is taken, whoever took it meanwhile.
        Files.createLink(to, from);
        return;
      } catch (FileAlreadyExistsException e) {
        throw e;
      } catch (UnsupportedOperationException | IOException e) {
        // A file system without hard links.
        if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
          throw new FileAlreadyExistsException(to.toString());
        }
      }
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void force(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  /** The file is there already; not every system lets a folder be forced (Windows does not). */
  private static void forceFolder(Path folder) {
    try {
      force(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      // Then the name reaches the disk when the system thinks fit.
    }
  }

  private static SnnsimException failure(Path target, String what) {
    return new SnnsimException(Category.IO, target + ": " + what);
  }
}
