// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.snnsim.api.Memory;
import io.snnsim.api.Model;
import io.snnsim.api.ModelOptions;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnWriter;
import io.snnsim.network.Network;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Sections that running does not need cost nothing until they are asked for, and no more than is
 * sensible then.
 */
class ExtraSectionsTest {
  private static final int LONG = (1 << 26) + 1;

  /** A small network with a section of zeros, off-heap. */
  private static MemorySegment with(Arena arena, String name, int length) {
    Network network = RandomNetworks.of(3).network();
    SnnWriter writer = new SnnWriter(new ModelContents(network, Map.of(name, new byte[length])));
    MemorySegment bytes = arena.allocate(writer.byteSize(), 64);
    writer.write(bytes);
    return bytes;
  }

  private static void refused(Runnable call, String section) {
    SnnsimException e = assertThrows(SnnsimException.class, call::run);
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().contains(", section " + section + ": found " + LONG), e.getMessage());
  }

  @Test
  void openingTakesNoHeapForThem() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = with(arena, "of somebody else", 8 << 20);
      // Once before, for what classes take.
      ModelStore.of(bytes, "memory", Mode.MAPPED).close();
      long before = threads.getCurrentThreadAllocatedBytes();
      ModelStore.of(bytes, "memory", Mode.MAPPED).close();
      long took = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(took < 4 << 20, "heap=" + took);
    }
  }

  @Test
  void whoAsksGetsACopy() {
    try (Arena arena = Arena.ofConfined();
        ModelFile file = ModelStore.of(with(arena, "ours", 5), "memory", Mode.RESIDENT)) {
      file.extra("ours")[0] = 1;
      assertArrayEquals(new byte[5], file.extra("ours"));
      assertNull(file.extra("others"));
    }
  }

  @Test
  void textOfImpossibleLengthIsRefusedWhereItIsReadAndNowhereElse() {
    ModelOptions mapped = ModelOptions.DEFAULT.with(Memory.MAPPED);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment provenance = with(arena, ModelContents.PROVENANCE, LONG);
      try (Model model = Model.open(provenance, mapped)) {
        refused(model::fittedSteps, ModelContents.PROVENANCE);
      }
      MemorySegment plan = with(arena, ModelContents.PLAN, LONG);
      refused(() -> Model.open(plan, mapped), ModelContents.PLAN);
    }
  }
}
