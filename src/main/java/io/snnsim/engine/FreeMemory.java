// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Asks the operating system how much memory may still be taken without another process losing its
 * own. Stateless.
 */
final class FreeMemory {
  private static final Path LINUX = Path.of("/proc/meminfo");
  private static final String AVAILABLE = "MemAvailable:";

  private FreeMemory() {}

  /** Bytes: what is free or holds copies of files, and no more than the container may have. */
  static long bytes() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long container = system.getTotalMemorySize();
    return Math.min(container, available(system.getFreeMemorySize()));
  }

  /** That of Linux, which knows what can be had back of copies of files; else {@code otherwise}. */
  private static long available(long otherwise) {
    try {
      for (String line : Files.readAllLines(LINUX)) {
        if (line.startsWith(AVAILABLE)) {
          String kilobytes = line.substring(AVAILABLE.length()).replace("kB", "").strip();
          return Long.parseLong(kilobytes) << 10;
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Not Linux, or without /proc.
    }
    return otherwise;
  }
}
