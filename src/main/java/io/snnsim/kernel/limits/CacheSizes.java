// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.limits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Sizes of the data caches that one core sees. Immutable.
 *
 * @param bytes by level, memory not among them; a level that the processor lacks is absent
 * @param known as the operating system says; false if it says nothing and usual sizes are assumed
 */
record CacheSizes(Map<MemoryLevel, Long> bytes, boolean known) {
  private static final Path LINUX = Path.of("/sys/devices/system/cpu/cpu0/cache");

  /** Of this machine. */
  static CacheSizes here() {
    return of(LINUX);
  }

  /** As a folder laid out as Linux does says: {@code index*} with level, type and size. */
  public static CacheSizes of(Path folder) {
    Map<MemoryLevel, Long> bytes = new EnumMap<>(MemoryLevel.class);
    try (Stream<Path> caches = Files.list(folder)) {
      for (Path cache :
          caches.filter(c -> c.getFileName().toString().startsWith("index")).toList()) {
        int level = Integer.parseInt(read(cache, "level"));
        if (!read(cache, "type").equals("Instruction") && level >= 1 && level <= 3) {
          bytes.put(MemoryLevel.values()[level - 1], size(read(cache, "size")));
        }
      }
    } catch (IOException | NumberFormatException e) {
      bytes.clear();
    }
    if (bytes.containsKey(MemoryLevel.L1) && bytes.containsKey(MemoryLevel.L2)) {
      return new CacheSizes(bytes, true);
    }
    return new CacheSizes(
        Map.of(MemoryLevel.L1, 32L << 10, MemoryLevel.L2, 1L << 20, MemoryLevel.L3, 32L << 20),
        false);
  }

  private static String read(Path cache, String name) throws IOException {
    return Files.readString(cache.resolve(name)).strip();
  }

  private static long size(String text) {
    long unit = text.endsWith("K") ? 1 << 10 : text.endsWith("M") ? 1 << 20 : 1;
    return Long.parseLong(unit == 1 ? text : text.substring(0, text.length() - 1)) * unit;
  }
}
