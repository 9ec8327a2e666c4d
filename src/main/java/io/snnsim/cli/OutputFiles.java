// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.SnnsimException;
import io.snnsim.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;

/**
 * {@code --force}, and the files that a command writes: checked before its work begins, published
 * whole or not at all. One thread.
 */
final class OutputFiles {
  @Option(names = "--force", description = "Replace existing output files.")
  private boolean force;

  /** True if existing files are to be replaced. */
  boolean force() {
    return force;
  }

  /**
   * Refuses an output that would replace one of the other files of this command, or that cannot be
   * written.
   *
   * @param output null if it was not asked for
   * @param others those that it must not be; null where there is none
   * @throws SnnsimException (usage, io)
   */
  void check(String option, Path output, Path... others) {
    if (output == null) {
      return;
    }
    requireApart(option, output, others);
    AtomicFile.check(output, force);
  }

  /** As {@link #check}, without looking at what is there. */
  static void requireApart(String option, Path output, Path... others) {
    for (Path other : others) {
      if (output != null && other != null && same(output, other)) {
        throw SnnsimException.usage(
            option + " " + output + ": is also another file of this command; name a new one");
      }
    }
  }

  private static boolean same(Path a, Path b) {
    try {
      return Files.exists(a) && Files.exists(b)
          ? Files.isSameFile(a, b)
          : a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
    } catch (IOException e) {
      return false;
    }
  }

  /** Refuses names of pictures that are none. */
  static void requirePng(String option, Path file) {
    SnnsimCommand.require(
        file == null || file.toString().toLowerCase(Locale.ROOT).endsWith(".png"),
        option + ": found " + file + ", expected a name that ends in .png");
  }

  /** Publishes a file, if it was asked for. */
  void write(Path output, AtomicFile.StreamFiller filler) {
    if (output != null) {
      AtomicFile.write(output, force, filler);
    }
  }

  /** Publishes a text, if it was asked for. */
  void write(Path output, String text) {
    write(output, stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
