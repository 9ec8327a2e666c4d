// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.network.Network;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A file of very many small parts is opened in time in proportion to its size. */
class ManySectionsTest {
  private static final int POPULATIONS = 30_000;

  /**
   * A third of a second where each part is found at once, more than ten where all are looked at.
   */
  private static final long MOST_MILLIS = 4000;

  @Tag("slow")
  @Test
  void openingIsLinearInTheNumberOfPopulations() {
    MemorySegment file = Models.bytes(Nets.chain(POPULATIONS));
    long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    Network read = SnnReader.read(file, "many").network();
    long millis =
        (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began) / 1_000_000;
    assertEquals(POPULATIONS, read.populations().size());
    assertTrue(millis < MOST_MILLIS, "it took " + millis + " ms of processor time");
  }
}
