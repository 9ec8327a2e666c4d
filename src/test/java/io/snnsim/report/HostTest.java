// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What Linux says of a processor is read right, and what nobody says is left out. */
class HostTest {
  @Test
  void x86NamesItsModelAndSimdExtensions() {
    Host h =
        Host.of(
            List.of(
                "processor\t: 0",
                "model\t\t: 85",
                "model name\t: Some CPU @ 3.50GHz",
                "flags\t\t: fpu sse4_2 avx avx2 avx512f avx512_bitalg avx2x"));
    assertEquals("Some CPU @ 3.50GHz", h.cpu());
    assertEquals(List.of("sse4_2", "avx", "avx2", "avx512f"), h.cpuFeatures());
  }

  @Test
  void armListsFeatures() {
    Host h = Host.of(List.of("processor\t: 0", "Features\t: fp asimd sve"));
    assertEquals("unknown", h.cpu());
    assertEquals(List.of("asimd", "sve"), h.cpuFeatures());
  }

  @Test
  void unknownMachinesAreNoError() {
    Host h = Host.of(List.of());
    assertEquals("unknown", h.cpu());
    assertEquals(List.of(), h.cpuFeatures());
    assertTrue(Host.here().processors() >= 1);
  }
}
