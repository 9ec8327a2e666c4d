// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.Nets;
import io.snnsim.network.Network;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collections;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A network of very many populations is made ready in time in proportion to their number. */
class ManyPopulationsTest {
  private static final int POPULATIONS = 60_000;

  /** About a second; more than twenty where for each part all are looked at. */
  private static final long MOST_MILLIS = 8000;

  @Tag("slow")
  @Test
  void makingReadyIsLinearInTheNumberOfPopulations() {
    Network network = Nets.chain(POPULATIONS);
    Plan plan = new Plan(Collections.nCopies(POPULATIONS, UpdateMethod.EVENTS), 1);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long began = threads.getCurrentThreadCpuTime();
    try (Simulator simulator = Simulator.of(network, KernelChoice.VECTOR, plan);
        Simulation simulation = simulator.newSimulation()) {
      assertSame(network, simulation.network());
      long millis = (threads.getCurrentThreadCpuTime() - began) / 1_000_000;
      assertTrue(millis < MOST_MILLIS, "it took " + millis + " ms of processor time");
    }
  }
}
