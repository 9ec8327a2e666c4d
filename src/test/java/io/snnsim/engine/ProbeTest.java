// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.engine.plan.Work;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.metrics.ImageEvent;
import io.snnsim.metrics.InferenceEvent;
import io.snnsim.metrics.ModelOpenEvent;
import io.snnsim.metrics.PlanSwitchEvent;
import io.snnsim.metrics.PopulationTurnEvent;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.WeightType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a session and a batch tell of their work, and that telling it changes nothing. */
class ProbeTest {
  private static final int STEPS = 10;

  @TempDir Path dir;

  /**
   * 3 channels that fire in every step on a 4x4 map, a 3x3 convolution and a shortcut to 70
   * channels, a full connection to 2.
   */
  private static Network network() {
    MapShape first = new MapShape(3, 4, 4);
    MapShape second = new MapShape(70, 4, 4);
    int[] wide = new int[70 * 3 * 9];
    Arrays.fill(wide, 5);
    ConvGeometry conv =
        new ConvGeometry(
            new MapShape(3, 4, 4), new MapShape(70, 4, 4), new Window(3, 3, 1, 1, 1, 1, 1, 1), 1);
    ConvGeometry shortcut =
        new ConvGeometry(
            new MapShape(3, 4, 4), new MapShape(70, 4, 4), new Window(1, 1, 1, 1, 0, 0, 1, 1), 1);
    ConvGeometry full =
        new ConvGeometry(
            new MapShape(70, 4, 4), new MapShape(2, 1, 1), new Window(4, 4, 1, 1, 0, 0, 1, 1), 1);
    return new Network(
        "probed",
        Precision.I16,
        new InputStage(new MapShape(1, 1, 1), new float[1], new float[] {1}, List.of()),
        List.of(
            Nets.fire("a", first, false, 9, 0, 9),
            Nets.fire("b", second, false, 100, 0, 0),
            Nets.fire("out", new MapShape(2, 1, 1), false, 50, 0, 0)),
        List.of(
            ConvProjection.pack("conv", 0, 1, conv, WeightType.I16, wide),
            new ChannelwiseProjection("shortcut", 0, 1, shortcut, 0, new int[] {1, 2, 3}),
            ConvProjection.pack("full", 1, 2, full, WeightType.I16, new int[2 * 70 * 16])),
        2);
  }

  private static final class Recorder implements Probe {
    private final int[] turns = new int[3];
    private final int[] steps = new int[3];
    private int inputs;

    @Override
    public void input(long nanos) {
      inputs += nanos >= 0 ? 1 : 1000;
    }

    @Override
    public void turn(int population, int count, long nanos) {
      turns[population] += nanos >= 0 ? 1 : 1000;
      steps[population] += count;
    }
  }

  private static int runImage(Simulation session) {
    session.present(new float[1], 0);
    int blocks = 0;
    for (int t = 0; t < STEPS; blocks++) {
      t += session.runStepBlock(STEPS - t);
    }
    return blocks;
  }

  @Test
  void everyTurnIsToldAndNothingChanges() {
    for (KernelChoice kernel : KernelChoice.values()) {
      try (Simulator model = Simulator.of(network(), kernel);
          Simulation plain = model.newSimulation();
          Simulation probed = model.newSimulation()) {
        Recorder recorder = new Recorder();
        probed.profileWith(recorder);
        runImage(plain);
        int blocks = runImage(probed);
        blocks += runImage(probed);
        assertEquals(2, recorder.inputs);
        assertArrayEquals(new int[] {blocks, blocks, blocks}, recorder.turns);
        assertArrayEquals(new int[] {2 * STEPS, 2 * STEPS, 2 * STEPS}, recorder.steps);
        for (int p = 0; p < 3; p++) {
          assertArrayEquals(plain.potentials(p), probed.potentials(p), kernel + " " + p);
          assertEquals(plain.spikeTotal(p), probed.spikeTotal(p), kernel + " " + p);
        }
        probed.profileWith(null);
        runImage(probed);
        assertEquals(2, recorder.inputs);
      }
    }
  }

  /** All by hand: 48 spikes a step; a corner is seen by 4 windows, an edge by 6, others by 9. */
  @Test
  void workByEventsIsCounted() {
    try (Simulator model = Simulator.of(network(), KernelChoice.SCALAR);
        Simulation session = model.newSimulation()) {
      runImage(session);
      long windows = 4 * 4 + 8 * 6 + 4 * 9;
      double[] ops = new double[3];
      for (int j = 0; j < 3; j++) {
        ops[j] = session.synapticOpsThrough(j) / (double) STEPS;
      }
      assertEquals(windows * 3 * 70, ops[0]);
      assertEquals(48, ops[1]);
      List<Work> work = model.work(ops, new boolean[3]);
      assertEquals(0, work.get(0).synapticOps());
      assertEquals(0, work.get(0).laneOps());
      Work b = work.get(1);
      assertEquals(UpdateMethod.EVENTS, b.method());
      assertEquals(windows * 3 * 70 + 48, b.synapticOps());
      assertEquals(Nets.synapticOpsInto(session, 1), STEPS * b.synapticOps());
      assertEquals(0, b.lookups());
      // Blocks of 64 and 6 channels, the second padded to 32 lanes; the shortcut's words are 2 x
      // 16.
      assertEquals(windows * 3 * 2 + 32, b.rows());
      assertEquals(windows * 3 * (64 + 32) + 32 * 48, b.laneOps());
      assertEquals(2, b.operandBytes());
      assertEquals(9 * 3 * 64 * 2, b.loopBytes());
      // Bias, sums, theta, V twice, sums twice: 7 maps; a spike word a block; rows and their
      // events.
      double expected = 7 * 16 * 96 * 2 + 16 * 2 * 8;
      expected += windows * 3 * (96 * 2 + 2 * 4);
      expected += 32 * 8 + 32 * 48 * 2 * 3;
      assertEquals(expected, b.bytes());
    }
  }

  @Test
  void workByLookupDependsOnSizesAlone() {
    UpdateMethod lookup = UpdateMethod.LOOKUP;
    Plan plan = new Plan(List.of(lookup, lookup, UpdateMethod.EVENTS), 4);
    try (Simulator model = Simulator.of(network(), KernelChoice.VECTOR, plan)) {
      Work quiet = model.work(new double[3], new boolean[3]).get(1);
      Work busy = model.work(new double[] {1000, 20, 0}, new boolean[3]).get(1);
      assertEquals(0, quiet.synapticOps());
      assertEquals(1020, busy.synapticOps());
      assertEquals(lookup, busy.method());
      assertTrue(busy.lookups() > 0);
      assertEquals(quiet.lookups(), busy.lookups());
      assertEquals(quiet.bytes(), busy.bytes());
      assertEquals(0, busy.rows());
      // Every neuron of 70 x 16 looks up each of the 9 taps at least once.
      assertTrue(busy.laneOps() >= 70 * 16 * 9, busy.toString());
      assertEquals(0, busy.laneOps() % busy.lookups());
      assertTrue(busy.loopBytes() > 0 && busy.loopBytes() <= model.tableBytes() * 2);
      // Tables are read once for four steps: their bytes, V and indices are a lower bound.
      assertTrue(busy.bytes() > model.tableBytes() / 4.0 + 70 * 16 * 2 / 2.0, busy.toString());
    }
  }

  /**
   * A gate of 2x2 windows over 3 channels compares 4 counts a neuron, whichever lanes hold them.
   */
  @Test
  void workOfGatesIsCounted() {
    MapShape pooled = new MapShape(3, 2, 2);
    ConvGeometry window =
        new ConvGeometry(
            new MapShape(3, 4, 4), new MapShape(3, 2, 2), new Window(2, 2, 2, 2, 0, 0, 1, 1), 1);
    ConvGeometry full =
        new ConvGeometry(
            new MapShape(3, 2, 2), new MapShape(2, 1, 1), new Window(2, 2, 1, 1, 0, 0, 1, 1), 1);
    Population gate = Nets.gate("gate", pooled);
    Network network =
        new Network(
            "gated",
            Precision.I16,
            network().input(),
            List.of(
                Nets.fire("a", new MapShape(3, 4, 4), false, 9, 0, 9),
                gate,
                Nets.fire("out", new MapShape(2, 1, 1), false, 50, 0, 0)),
            List.of(
                new GateProjection("gate", 0, 1, window),
                ConvProjection.pack("full", 1, 2, full, WeightType.I16, new int[2 * 3 * 4])),
            2);
    UpdateMethod lookup = UpdateMethod.LOOKUP;
    Plan plan = new Plan(List.of(lookup, lookup, UpdateMethod.EVENTS), 4);
    try (Simulator byLanesOfChannels = Simulator.of(network, KernelChoice.SCALAR);
        Simulator byLanesOfPixels = Simulator.of(network, KernelChoice.VECTOR, plan);
        Simulation session = byLanesOfPixels.newSimulation()) {
      runImage(session);
      assertEquals(48 * STEPS, session.synapticOpsThrough(0), "a gate's input is a synapse");
      double[] ops = {48, 0};
      Work channels = byLanesOfChannels.work(ops, new boolean[3]).get(1);
      assertEquals(4 * 4, channels.rows());
      assertEquals(4 * 4 * 32, channels.laneOps());
      assertEquals(48, channels.synapticOps());
      Work pixels = byLanesOfPixels.work(ops, new boolean[3]).get(1);
      assertEquals(48, pixels.synapticOps());
      assertEquals(0, pixels.lookups());
      double lanes = pixels.laneOps() / pixels.rows();
      assertEquals(4 * 3 * Math.ceil(4 / lanes), pixels.rows());
      assertTrue(pixels.bytes() > pixels.rows() * lanes * 2, pixels.toString());
      assertTrue(pixels.loopBytes() >= 16 * 2, pixels.toString());
    }
  }

  private List<RecordedEvent> record(boolean turns) throws IOException {
    Path file = dir.resolve("r" + turns + ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable(ImageEvent.class);
      if (turns) {
        recording.enable(PopulationTurnEvent.class);
      }
      recording.start();
      try (Simulator model = Simulator.of(network(), KernelChoice.AUTO)) {
        BatchRunner.run(
            model,
            new ImageSource() {
              @Override
              public int count() {
                return 3;
              }

              @Override
              public void read(int index, float[] into) {}
            },
            new BatchOptions(STEPS, 1, 5, 3, null, false, () -> false),
            new BatchObserver() {});
      }
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  @Test
  void flightRecorderGetsImagesAndTurnsIfAsked() throws IOException {
    List<RecordedEvent> all = record(true);
    List<RecordedEvent> images = named(all, "io.snnsim.Image");
    assertEquals(3, images.size());
    for (int i = 0; i < 3; i++) {
      RecordedEvent e = images.get(i);
      assertEquals("probed", e.getString("network"));
      assertEquals(5 + i, e.getLong("image"));
      assertEquals(STEPS, e.getInt("steps"));
      assertTrue(e.getLong("spikes") >= 48 * STEPS);
      assertEquals(images.get(0).getLong("synapticOps"), e.getLong("synapticOps"));
      if (i > 0) {
        // The same event object is used again: its times must be those of its own image.
        assertTrue(!e.getStartTime().isBefore(images.get(i - 1).getEndTime()), all.toString());
      }
    }
    List<RecordedEvent> turns = named(all, "io.snnsim.PopulationTurn");
    int steps = 0;
    Set<String> populations = new TreeSet<>();
    for (RecordedEvent e : turns) {
      steps += e.getInt("steps");
      populations.add(e.getString("population"));
      assertTrue(e.getInt("firstStep") >= 0 && e.getInt("firstStep") < STEPS);
      assertTrue(Set.of("EVENTS", "LOOKUP", "PATTERNS").contains(e.getString("method")));
    }
    assertEquals(3 * 3 * STEPS, steps);
    assertEquals(Set.of("a", "b", "out"), populations);
    List<RecordedEvent> few = record(false);
    assertEquals(3, named(few, "io.snnsim.Image").size());
    assertEquals(0, named(few, "io.snnsim.PopulationTurn").size(), "turns are off by default");
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
  }

  @Test
  void everyEventAndFieldHasALabelAndACategory() {
    for (Class<? extends Event> c :
        List.of(
            ImageEvent.class,
            InferenceEvent.class,
            ModelOpenEvent.class,
            PlanSwitchEvent.class,
            PopulationTurnEvent.class)) {
      EventType type = EventType.getEventType(c);
      assertEquals(List.of("snnsim"), type.getCategoryNames());
      assertTrue(type.getLabel() != null && type.getDescription() != null);
      for (ValueDescriptor field : type.getFields()) {
        assertTrue(field.getLabel() != null, c + " " + field.getName());
      }
    }
  }

  @Tag("slow")
  @Test
  void runningAllocatesNothingWhetherRecordedOrNot() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    AtomicLong told = new AtomicLong();
    Probe probe =
        new Probe() {
          @Override
          public void input(long nanos) {
            told.addAndGet(1);
          }

          @Override
          public void turn(int population, int count, long nanos) {
            told.addAndGet(1);
          }
        };
    List<String> found = new ArrayList<>();
    try (Simulator model = Simulator.of(network(), KernelChoice.SCALAR);
        Simulation session = model.newSimulation()) {
      for (String kind : new String[] {"plain", "probe", "flight recorder"}) {
        session.profileWith(kind.equals("probe") ? probe : null);
        Recording recording = null;
        if (kind.equals("flight recorder")) {
          recording = new Recording();
          recording.enable(PopulationTurnEvent.class);
          recording.start();
        }
        // The recorder itself may allocate when it changes buffers: the best of some rounds counts.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 8; round++) {
          runImage(session);
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < 50; i++) {
            session.step();
          }
          least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        found.add(kind + " " + least);
        if (recording != null) {
          recording.close();
        }
      }
    }
    assertEquals(List.of("plain 0", "probe 0", "flight recorder 0"), found);
    assertTrue(told.get() > 0);
  }

  /** Everything of a session is in its arena; what its populations must keep is a lower bound. */
  @Test
  void nativeBytesCountEveryAllocation() {
    CountingArena arena =
        new CountingArena(
            Arena.ofConfined(), new MemoryGuard(RandomNetworks.of(1).network(), Limits.DEFAULT));
    arena.allocate(100, 64);
    arena.allocate(ValueLayout.JAVA_INT, 5);
    assertEquals(100 + 5 * 4, arena.bytes());
    arena.close();
    assertFalse(arena.scope().isAlive());
    try (Simulator model = Simulator.of(network(), KernelChoice.VECTOR);
        Simulation plain = model.newSimulation();
        Simulation counted = model.newSimulation(true)) {
      assertTrue(model.nativeBytes() >= model.tableBytes());
      long potentials = (3 + 70) * 16 * 2;
      assertTrue(plain.nativeBytes() > potentials, plain.nativeBytes() + " bytes");
      // Counts of every neuron: 32 bits each.
      assertTrue(counted.nativeBytes() >= plain.nativeBytes() + 2 * potentials);
      long before = plain.nativeBytes();
      runImage(plain);
      assertEquals(before, plain.nativeBytes(), "running allocates nothing");
    }
  }
}
