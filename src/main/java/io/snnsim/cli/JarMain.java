// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code java -jar} starts: the program, if its jars are there, which its manifest looks for
 * in {@code lib} beside it. Names nothing of them itself.
 */
public final class JarMain {
  /** As the launcher wants: the JVM keeps every jar open. */
  private static final long LEAST_FILES = 64;

  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Pattern OPEN_FILES = Pattern.compile("Max open files +(\\d+) .*");

  private JarMain() {}

  /** Runs the program and exits. */
  public static void main(String[] args) {
    try {
      requireOpenFiles();
      for (OptionalJar jar : OptionalJar.values()) {
        jar.require("the command line");
      }
    } catch (SnnsimException e) {
      System.err.println("snnsim: " + e.getMessage());
      System.exit(e.category().exitCode());
    }
    // jHDF logs, if it is let.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    Main.main(args);
  }

  /** With fewer the JVM would end in the stack of some class that is not found in its jar. */
  private static void requireOpenFiles() {
    try {
      for (String line : Files.readAllLines(LIMITS)) {
        Matcher m = OPEN_FILES.matcher(line);
        if (m.matches() && Long.parseLong(m.group(1)) < LEAST_FILES) {
          throw tooFew("only " + m.group(1));
        }
      }
    } catch (NoSuchFileException e) {
      // Not Linux, which alone tells.
    } catch (IOException e) {
      throw tooFew("too few");
    }
  }

  private static SnnsimException tooFew(String found) {
    return new SnnsimException(
        Category.IO,
        found
            + " files may be open at a time, expected "
            + LEAST_FILES
            + " or more; allow them by: ulimit -n 256");
  }
}
