// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small networks that ask for much: refused before anything is allocated, and what helps helps. */
class LimitsTest {
  private static final Pattern ADVICE = Pattern.compile("--max-memory (\\d+)MB");

  /** A population that is as large as a file can say, and the output behind it. */
  private static Network wide(int side) {
    MapShape map = new MapShape(1, side, side);
    return Nets.of(
        List.of(
            Nets.fire("big", map, false, 100, 0, 1),
            // Index planes are half as large where they are of bytes.
            Nets.fire("as big", map, false, 100, 0, 1),
            Nets.fire("out", new MapShape(1, 1, 1), false, 100, 0, 1)),
        List.of());
  }

  private static Network gate(int source, int kernel) {
    MapShape in = new MapShape(1, source, source);
    int side = source - kernel + 1;
    MapShape out = new MapShape(1, side, side);
    ConvGeometry g = new ConvGeometry(in, out, Window.square(kernel, 1, 0), 1);
    return Nets.of(
        List.of(
            Nets.fire("in", in, false, 100, 0, 1),
            Nets.gate("gate", out),
            Nets.fire("out", new MapShape(1, 1, 1), false, 100, 0, 1)),
        List.of(new GateProjection("window", 0, 1, g)));
  }

  private static SnnsimException refused(Network network, KernelChoice kernel, Limits limits) {
    return assertThrows(
        SnnsimException.class, () -> Simulator.of(network, kernel, null, limits).close());
  }

  @ParameterizedTest
  @EnumSource(KernelChoice.class)
  void hugePopulationsAreRefused(KernelChoice kernel) {
    SnnsimException e = refused(wide(32768), kernel, Limits.DEFAULT);
    assertEquals(Category.LIMIT, e.category(), e.getMessage());
    switch (kernel) {
      case SCALAR, ARRAY -> {
        assertTrue(e.getMessage().startsWith("model by-hand: takes "), e.getMessage());
        assertTrue(ADVICE.matcher(e.getMessage()).find(), e.getMessage());
      }
      // No limit would help, so none is spoken of.
      case AUTO, VECTOR ->
          assertTrue(e.getMessage().contains("run --kernel array"), e.getMessage());
    }
  }

  @Test
  void groupedWeightsOfTheImageAreCountedAsTheyWillLie() {
    int n = 20_000;
    MapShape map = new MapShape(n, 1, 1);
    ConvGeometry g = new ConvGeometry(map, map, Window.square(1, 1, 0), n);
    var analog =
        new InputStage.AnalogProjection("w", 0, g, new float[n], new float[n], -1000, 1000);
    Network network =
        Nets.of(map, List.of(analog), List.of(Nets.fire("a", map, false, 100, 0, 0)), List.of());
    SnnsimException e = refused(network, KernelChoice.AUTO, Limits.DEFAULT);
    assertEquals(Category.LIMIT, e.category(), e.getMessage());
    Matcher asked = ADVICE.matcher(e.getMessage());
    assertTrue(asked.find() && Integer.parseInt(asked.group(1)) > 1500, e.getMessage());
  }

  @Test
  void workOfAStepIsBounded() {
    SnnsimException e = refused(gate(4096, 1024), KernelChoice.AUTO, Limits.DEFAULT);
    assertEquals(Category.LIMIT, e.category(), e.getMessage());
    assertTrue(
        e.getMessage()
            .contains("has 9,902,048,149,504 synapses, which one time step may all have to visit"),
        e.getMessage());
    assertTrue(e.getMessage().contains("--max-synapses 9902048149504"), e.getMessage());
    Limits more = new Limits(0, 9902048149504L, 0);
    SnnsimException memory = refused(gate(4096, 1024), KernelChoice.AUTO, more);
    assertTrue(memory.getMessage().contains("takes "), memory.getMessage());
  }

  /** As many taps as pixels, each a plane of its own: linear in them, where it was square. */
  @Test
  void aWindowOverAWholeLargeMapIsOpened() {
    try (Simulator model = Simulator.of(gate(256, 256), KernelChoice.AUTO, null, Limits.DEFAULT);
        Simulation simulation = model.newSimulation()) {
      simulation.present(new float[1], 0);
      simulation.runStepBlock(4);
      assertEquals(4, simulation.steps());
    }
  }

  @Test
  void whatTheMessageAsksForSuffices() {
    for (int seed = 0; seed < 8; seed++) {
      Network network = RandomNetworks.of(seed).network();
      SnnsimException e = refused(network, KernelChoice.AUTO, new Limits(1, 0, 3));
      Matcher asked = ADVICE.matcher(e.getMessage());
      assertTrue(asked.find(), e.getMessage());
      Limits given = new Limits(Long.parseLong(asked.group(1)) << 20, 0, 3);
      var each = new SimulationOptions(true, false, 1, false);
      try (Simulator model = Simulator.of(network, KernelChoice.AUTO, null, given);
          Simulation a = model.newSimulation(each);
          Simulation b = model.newSimulation(each);
          Simulation c = model.newSimulation(each)) {
        assertEquals(3, model.liveSimulations());
        assertEquals(0, a.steps() + b.steps() + c.steps());
      }
    }
  }

  @Test
  void simulationsShareTheLimitAndGiveBackWhatTheyTook() {
    Network network = wide(512);
    long each;
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO);
        Simulation s = model.newSimulation()) {
      each = model.nativeBytes() + s.nativeBytes();
    }
    Limits two = new Limits(each * 5 / 2, 0, 0);
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO, null, two)) {
      for (int i = 0; i < 3; i++) {
        try (Simulation a = model.newSimulation();
            Simulation b = model.newSimulation()) {
          SnnsimException e = assertThrows(SnnsimException.class, model::newSimulation);
          assertEquals(Category.LIMIT, e.category(), e.getMessage());
          assertTrue(e.getMessage().contains("to run in 3 threads"), e.getMessage());
          assertEquals(2, model.liveSimulations());
          assertEquals(0, a.steps() + b.steps());
        }
      }
    }
  }

  /** Allocations that nobody reckoned with are bounded by the arena itself. */
  @Test
  void arenasGoNoFurtherThanTheLimit() {
    MemoryGuard guard = new MemoryGuard(RandomNetworks.of(1).network(), new Limits(1000, 0, 0));
    try (CountingArena arena = new CountingArena(Arena.ofConfined(), guard)) {
      arena.allocate(900, 1);
      assertThrows(SnnsimException.class, () -> arena.allocate(101, 1));
      arena.allocate(100, 1);
    }
    try (CountingArena arena = new CountingArena(Arena.ofConfined(), guard)) {
      assertEquals(1000, arena.allocate(1000, 1).byteSize());
    }
  }

  @Test
  void theMachineHasSomeMemoryAndIsAskedForIt() {
    assertTrue(FreeMemory.bytes() > 100L << 20);
    MemoryGuard guard = new MemoryGuard(RandomNetworks.of(1).network(), Limits.OWN);
    SnnsimException e = assertThrows(SnnsimException.class, () -> guard.require(1L << 50, 0, 1));
    assertEquals(Category.NO_MEMORY, e.category());
    assertTrue(e.getMessage().contains("free on this machine"), e.getMessage());
    e = assertThrows(SnnsimException.class, () -> guard.require(0, 1L << 50, 1));
    assertTrue(e.getMessage().contains("SNNSIM_JAVA_OPTS=-Xmx"), e.getMessage());
  }
}
