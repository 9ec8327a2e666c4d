// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.parts.Version;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The program that made a report or a model. Immutable.
 *
 * @param version such as 0.2.0
 */
public record Program(String version) {
  /** This program. */
  public static Program here() {
    return new Program(Version.program());
  }

  /** Name and version. */
  public String name() {
    return "snnsim " + version;
  }

  /** Name, version and build: jars are reproducible, so equal sums mean equal programs. */
  public String nameAndBuild() {
    return name() + " (build " + build() + ")";
  }

  private static String build() {
    try {
      Path from =
          Path.of(Program.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (!Files.isRegularFile(from)) {
        return "from classes";
      }
      CRC32C sum = new CRC32C();
      try (InputStream in = Files.newInputStream(from)) {
        byte[] part = new byte[1 << 16];
        for (int n = in.read(part); n >= 0; n = in.read(part)) {
          sum.update(part, 0, n);
        }
      }
      return String.format("%08x", sum.getValue());
    } catch (IOException | URISyntaxException | SecurityException e) {
      return "unknown";
    }
  }
}
