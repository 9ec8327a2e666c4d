// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Names of temporary files, which say whose they are, so that those of processes that were killed
 * can be told from those of processes at work and be taken away. Stateless and thread-safe.
 *
 * <pre>.NAME.snnsim-HOST-PROCESS-START-RANDOM.tmp</pre>
 *
 * <p>HOST stands for a boot of a machine and the container in it within which numbers of processes
 * mean something; START is when the process began, in seconds, since numbers are used again. Files
 * of other hosts, which may share the folder, and of earlier boots are left alone for a day after
 * the last change: nobody writes for that long without one.
 */
public final class Temporaries {
  private static final Pattern OURS =
      Pattern.compile("\\..*\\.snnsim-([0-9a-f]{8})-(\\d{1,18})-(\\d{1,18})-[0-9a-f]{1,16}\\.tmp");

  private static final Duration DAY = Duration.ofDays(1);

  /** The system's own reckoning of when a process began may differ by so much, in seconds. */
  private static final long TOLERANCE = 5;

  /** Names in a folder that are looked at; beyond that looking would cost more than it frees. */
  private static final int MOST_NAMES = 20_000;

  /** Bytes of a file's name that a temporary one shows, of the 255 that there may be. */
  private static final int SHOWN = 120;

  private static final SecureRandom RANDOM = new SecureRandom();

  private Temporaries() {}

  /** A new name for what will become {@code name}. */
  static String name(String name) {
    String stem = name;
    while (stem.getBytes(StandardCharsets.UTF_8).length > SHOWN) {
      stem = stem.substring(0, stem.offsetByCodePoints(stem.length(), -1));
    }
    ProcessHandle self = ProcessHandle.current();
    long start = start(self).orElse(0L);
    return "."
        + stem
        + ".snnsim-"
        + Host.ID
        + "-"
        + self.pid()
        + "-"
        + start
        + "-"
        + Integer.toHexString(RANDOM.nextInt())
        + ".tmp";
  }

  /**
   * A new folder for its owner only, where the system has its temporary files; those of killed
   * processes of this owner are deleted, with the files in them.
   *
   * @param name of what it is for
   */
  public static Path folder(String name) throws IOException {
    Path place = Path.of(System.getProperty("java.io.tmpdir"));
    FileAttribute<?>[] own = {};
    if (place.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      own =
          new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
          };
    }
    Path folder = Files.createDirectory(place.resolve(name(name)), own);
    UserPrincipal owner = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS);
    each(
        place,
        (path, ours) -> {
          // Others may write here too: what is theirs may lead anywhere.
          if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
              && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(owner)
              && abandoned(path, ours)) {
            delete(path);
          }
        });
    return folder;
  }

  /** Deletes a folder and the files in it. */
  public static void delete(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }

  /**
   * Deletes what killed processes have left in a folder, as far as it may be deleted.
   *
   * @return how many were
   */
  static int sweep(Path folder) {
    AtomicInteger swept = new AtomicInteger();
    each(
        folder,
        (path, ours) -> {
          if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && abandoned(path, ours)) {
            Files.deleteIfExists(path);
            swept.incrementAndGet();
          }
        });
    return swept.get();
  }

  /** What is done with a temporary file or folder of this program. */
  @FunctionalInterface
  private interface Visit {
    void to(Path path, Matcher ours) throws IOException;
  }

  /** All of this program's in a folder. */
  private static void each(Path folder, Visit visit) {
    int seen = 0;
    try (DirectoryStream<Path> names = Files.newDirectoryStream(folder)) {
      for (Path path : names) {
        if (++seen > MOST_NAMES) {
          return;
        }
        Matcher ours = OURS.matcher(path.getFileName().toString());
        if (ours.matches()) {
          visit(visit, path, ours);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // A folder that may be written in but not listed.
    }
  }

  private static void visit(Visit visit, Path path, Matcher ours) {
    try {
      visit.to(path, ours);
    } catch (IOException e) {
      // Another process sweeps too, or this one may not; then it stays until the next time.
    }
  }

  private static boolean abandoned(Path path, Matcher ours) throws IOException {
    if (!Host.ID.equals(ours.group(1)) || Host.ID.equals(Host.UNKNOWN)) {
      Instant changed = Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant();
      return changed.isBefore(Instant.now().minus(DAY));
    }
    Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(ours.group(2)));
    if (process.isEmpty() || !process.get().isAlive()) {
      return true;
    }
    long began = Long.parseLong(ours.group(3));
    Optional<Long> start = start(process.get());
    // Where it is not known, it may be the one.
    return began > 0 && start.isPresent() && Math.abs(start.get() - began) > TOLERANCE;
  }

  private static Optional<Long> start(ProcessHandle process) {
    return process.info().startInstant().map(Instant::getEpochSecond);
  }

  /** Asked once, when something is first written. */
  private static final class Host {
    static final String UNKNOWN = "00000000";
    static final String ID = id();

    private static String id() {
      try {
        String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"));
        Path space = Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        CRC32 crc = new CRC32();
        crc.update((boot + space).getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
      } catch (IOException | UnsupportedOperationException | SecurityException e) {
        // Not Linux: then age alone decides.
        return UNKNOWN;
      }
    }
  }
}
