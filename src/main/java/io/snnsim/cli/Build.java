// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.kernel.KernelProvider;
import io.snnsim.parts.Version;
import io.snnsim.report.Host;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import picocli.CommandLine;

/** Which program this is and what it runs on. Stateless. */
public final class Build implements CommandLine.IVersionProvider {
  /** Version of the program. */
  public static String version() {
    return Version.program();
  }

  /** Name, version and build: jars are reproducible, so equal sums mean equal programs. */
  public static String program() {
    return "snnsim " + version() + " (build " + build() + ")";
  }

  private static String build() {
    try {
      Path from = Path.of(Build.class.getProtectionDomain().getCodeSource().getLocation().toURI());
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

  /** The kernels that {@code --kernel auto} takes here, and why. */
  static String kernel() {
    return KernelProvider.vectorAvailable()
        ? "vector"
            + KernelProvider.vectorBits()
            + " ("
            + KernelProvider.describeVector()
            + "): the Vector API is available"
        : "scalar: this JVM has no Vector API; add " + KernelProvider.FLAG;
  }

  @Override
  public String[] getVersion() {
    Host host = Host.here();
    return new String[] {
      program(),
      "jdk     " + host.jdk(),
      "machine " + host.os() + ", " + host.processors() + " processors, " + host.cpu(),
      "simd    "
          + (host.cpuFeatures().isEmpty() ? "unknown" : String.join(" ", host.cpuFeatures())),
      "kernel  " + kernel()
    };
  }
}
