// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.kernel.limits.HostLimits.Operation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the limits of the host rest on: cache sizes, and loops that do the work they are said to.
 */
class HostLimitsTest {
  @TempDir Path dir;

  private void cache(int index, String level, String type, String size) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("index" + index));
    Files.writeString(folder.resolve("level"), level + "\n");
    Files.writeString(folder.resolve("type"), type + "\n");
    Files.writeString(folder.resolve("size"), size + "\n");
  }

  @Test
  void cacheSizesAreReadAsLinuxLaysThemOut() throws IOException {
    cache(0, "1", "Data", "48K");
    cache(1, "1", "Instruction", "64K");
    cache(2, "2", "Unified", "1024K");
    Files.createDirectories(dir.resolve("power"));
    CacheSizes two = CacheSizes.of(dir);
    assertEquals(Map.of(MemoryLevel.L1, 49152L, MemoryLevel.L2, 1L << 20), two.bytes());
    assertTrue(two.known());
    cache(3, "3", "Unified", "32M");
    assertEquals(32L << 20, CacheSizes.of(dir).bytes().get(MemoryLevel.L3));
  }

  @Test
  void cacheSizesAreAssumedWhereNothingUsableIsSaid() throws IOException {
    CacheSizes none = CacheSizes.of(dir.resolve("missing"));
    assertFalse(none.known());
    assertEquals(32L << 10, none.bytes().get(MemoryLevel.L1));
    cache(0, "1", "Data", "48K");
    cache(1, "2", "Unified", "lots");
    assertEquals(none, CacheSizes.of(dir));
    cache(1, "2", "Instruction", "1024K");
    assertEquals(none, CacheSizes.of(dir));
  }

  /** With ones everywhere lane 0 sums up to the additions done, which the rate counts. */
  @ParameterizedTest
  @EnumSource(Operation.class)
  void loopsDoTheWorkThatIsCounted(Operation o) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(3 * 4096, 64);
      for (long i = 4096; i < 2 * 4096; i += o.bytes()) {
        switch (o.bytes()) {
          case 1 -> data.set(ValueLayout.JAVA_BYTE, i, (byte) 1);
          case 2 -> data.set(ValueLayout.JAVA_SHORT, i, (short) 1);
          default -> data.set(ValueLayout.JAVA_INT, i, 1);
        }
      }
      assertEquals(LimitLoops.vectors(o, 4096), LimitLoops.run(o, data, 4096, 4096, 1));
      assertEquals(5 * LimitLoops.vectors(o, 4096), LimitLoops.run(o, data, 0, 3 * 4096, 5));
      assertEquals(0, LimitLoops.run(o, data, 2 * 4096, 4096, 1));
    }
  }

  @Tag("slow")
  @Test
  void everyLevelHasEveryLimit() {
    CacheSizes small = new CacheSizes(Map.of(MemoryLevel.L1, 16384L, MemoryLevel.L2, 65536L), true);
    HostLimits limits = LimitMeter.measure(small, 20, 0);
    assertEquals(List.of(MemoryLevel.L1, MemoryLevel.L2, MemoryLevel.MEMORY), limits.levels());
    assertEquals(64L << 20, limits.bytes(MemoryLevel.MEMORY));
    for (MemoryLevel level : limits.levels()) {
      for (Operation o : Operation.values()) {
        assertTrue(limits.laneGops(o, level) > 0, o + " " + level);
      }
    }
  }

  @Test
  void levelsAndBandwidthFollowFromWhatWasMeasured() {
    Map<MemoryLevel, Map<Operation, Double>> gops = new EnumMap<>(MemoryLevel.class);
    for (MemoryLevel level : MemoryLevel.values()) {
      Map<Operation, Double> here = new EnumMap<>(Operation.class);
      for (Operation o : Operation.values()) {
        here.put(o, 8.0 / (level.ordinal() + 1));
      }
      gops.put(level, here);
    }
    CacheSizes sizes =
        new CacheSizes(
            Map.of(MemoryLevel.L1, 1000L, MemoryLevel.L2, 2000L, MemoryLevel.L3, 3000L), true);
    HostLimits limits = new HostLimits(sizes, 4000, gops, true);
    assertEquals(MemoryLevel.L1, limits.levelOf(1000));
    assertEquals(MemoryLevel.L2, limits.levelOf(1001));
    assertEquals(MemoryLevel.L3, limits.levelOf(3000));
    assertEquals(MemoryLevel.MEMORY, limits.levelOf(3001));
    assertEquals(4, limits.laneGops(Operation.ADD_I16, MemoryLevel.L2));
    // 32-bit adds take in most, lookups reuse what they load.
    assertEquals(4 * 8, limits.gigabytesPerSecond(MemoryLevel.L1));
  }

  @Test
  void operationsAreFoundByKindAndSize() {
    assertEquals(Operation.ADD_I8, Operation.of(false, 1));
    assertEquals(Operation.LOOKUP_I32, Operation.of(true, 4));
    assertThrows(IllegalArgumentException.class, () -> Operation.of(true, 1));
  }
}
