// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.report.Host;
import io.snnsim.report.Program;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code snnsim doctor}. */
@Command(
    name = "doctor",
    description = "Says what this machine and JVM offer, which kernels run and why.",
    footer = {"%nExample:", "  snnsim doctor"})
final class DoctorCommand extends SnnsimCommand {
  /** The start-up cache that the launcher offered to the JVM. */
  private static final String CACHE = "snnsim.cache";

  @Override
  public Integer call() {
    Host host = Host.here();
    line("program", Program.here().nameAndBuild());
    line("jdk", host.jdk() + ", " + System.getProperty("java.home"));
    line("machine", host.os() + ", " + host.processors() + " processors, " + host.cpu());
    line("simd", host.cpuFeatures().isEmpty() ? "unknown" : String.join(" ", host.cpuFeatures()));
    line("kernel", Version.kernel());
    line(
        "memory",
        String.format(
            Locale.ROOT,
            "heap up to %d MB; models and membrane potentials lie outside of it",
            Runtime.getRuntime().maxMemory() >> 20));
    String problem = ModelStore.mappingProblem();
    line("mapping", problem == null ? "works" : problem);
    line("start-up", startUp());
    return 0;
  }

  private void line(String name, String value) {
    out().printf("%-9s %s%n", name, value);
  }

  private static String startUp() {
    String cache = System.getProperty(CACHE);
    if (cache == null) {
      return "no cache (the launcher makes one where it can write)";
    }
    Path maps = Path.of("/proc/self/maps");
    try {
      if (Files.isReadable(maps)) {
        // The JVM says nothing when it refuses a cache; but what it uses it maps.
        return cache
            + (Files.readString(maps).contains(cache) ? " in use" : " refused by this JVM");
      }
    } catch (IOException e) {
      // As on systems that do not tell.
    }
    return cache + " offered";
  }
}
