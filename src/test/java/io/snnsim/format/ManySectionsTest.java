// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
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
    MapShape map = new MapShape(1, 1, 1);
    List<Population> populations = new ArrayList<>();
    List<Projection> projections = new ArrayList<>();
    List<InputStage.AnalogProjection> analog = new ArrayList<>();
    for (int p = 0; p < POPULATIONS; p++) {
      populations.add(Nets.fire("p" + p, map, false, 5, 0, 1));
      analog.add(
          new InputStage.AnalogProjection(
              "a" + p, p, Nets.pointwise(map, 1), new float[1], new float[1], -5, 5));
      if (p > 0) {
        projections.add(
            ConvProjection.pack(
                "j" + p, p - 1, p, Nets.pointwise(map, 1), WeightType.I8, new int[] {3}));
      }
    }
    Network network = Nets.of(map, analog, populations, projections);
    MemorySegment file = Models.bytes(network);
    long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    Network read = SnnReader.read(file, "many").network();
    long millis =
        (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began) / 1_000_000;
    assertEquals(POPULATIONS, read.populations().size());
    assertTrue(millis < MOST_MILLIS, "it took " + millis + " ms of processor time");
  }
}
