// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.metrics.PlanSwitchEvent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recording that names nothing gets of an embedded model, and what it must ask for. */
class FlightRecorderTest {
  private static final RandomNetworks.Case NET = RandomNetworks.of(3);

  @TempDir Path dir;

  private interface Work {
    void run() throws IOException;
  }

  private List<RecordedEvent> record(Recording recording, Work work) throws IOException {
    Path file = dir.resolve("r.jfr");
    try (recording) {
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    // A recording writes whole buffers as they are freed: its file is in no order of time.
    return RecordingFile.readAllEvents(file).stream()
        .sorted(Comparator.comparing(RecordedEvent::getStartTime))
        .toList();
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
  }

  @Test
  void opensAndInferencesAreThereWithoutBeingAskedFor() throws IOException {
    Path file = dir.resolve("m.snn");
    Files.write(file, Models.bytes(NET.network()).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    List<Long> answers = new java.util.ArrayList<>();
    long[] bytes = new long[1];
    List<RecordedEvent> all =
        record(
            new Recording(),
            () -> {
              try (Model model = Model.open(file);
                  Session session = model.newSession()) {
                bytes[0] = model.nativeBytes();
                answers.add((long) session.classify(NET.image(), RunOptions.steps(6)).answer());
                session.present(NET.image(), ImageFormat.F32_CHW);
                assertThrows(
                    SnnsimException.class,
                    () -> session.classify(new float[1], RunOptions.steps(9)));
                session.step();
                answers.add(
                    (long) session.run(RunOptions.steps(9).endingAtMargin(1e-9, 1)).answer());
                answers.add((long) session.run(RunOptions.steps(1000).within(1)).answer());
              }
            });
    List<RecordedEvent> opens = named(all, "io.snnsim.ModelOpen");
    assertEquals(1, opens.size());
    assertEquals(file.toString(), opens.getFirst().getString("file"));
    assertEquals(NET.network().name(), opens.getFirst().getString("network"));
    assertEquals("RESIDENT", opens.getFirst().getString("memory"));
    assertEquals(bytes[0], opens.getFirst().getLong("nativeBytes"));
    assertTrue(opens.getFirst().getDuration().toNanos() > 0);

    List<RecordedEvent> runs = named(all, "io.snnsim.Inference");
    assertEquals(3, runs.size(), "a call that was refused is no inference");
    List<String> ends = runs.stream().map(e -> e.getString("end")).toList();
    assertEquals("STEPS", ends.get(0));
    assertEquals("DEADLINE", ends.get(2));
    for (int i = 0; i < runs.size(); i++) {
      RecordedEvent e = runs.get(i);
      assertEquals(NET.network().name(), e.getString("network"));
      assertEquals(answers.get(i), (long) e.getInt("answer"));
      assertEquals(List.of(6, 9, 1000).get(i), e.getInt("stepsAsked"));
      assertTrue(e.getInt("steps") >= 1 && e.getInt("steps") <= e.getInt("stepsAsked"));
      if (i > 0) {
        assertTrue(!e.getStartTime().isBefore(runs.get(i - 1).getEndTime()), all.toString());
      }
    }
    assertEquals(0, named(all, "io.snnsim.PopulationTurn").size(), "turns must be asked for");
  }

  @Test
  void turnsOfPopulationsAreThereIfAskedFor() throws IOException {
    Recording recording = new Recording();
    recording.enable("io.snnsim.PopulationTurn");
    List<RecordedEvent> all =
        record(
            recording,
            () -> {
              try (Model model = Models.open(NET.network());
                  Session session = model.newSession()) {
                session.classify(NET.image(), RunOptions.steps(4));
              }
            });
    int steps =
        named(all, "io.snnsim.PopulationTurn").stream().mapToInt(e -> e.getInt("steps")).sum();
    assertEquals(4 * NET.network().populations().size(), steps);
  }

  @Test
  void planSwitches() throws IOException {
    List<RecordedEvent> all =
        record(new Recording(), () -> PlanSwitchEvent.emit("p", 7, "EVENTS", "LOOKUP"));
    List<RecordedEvent> found = named(all, "io.snnsim.PlanSwitch");
    assertEquals(1, found.size());
    assertEquals("p", found.getFirst().getString("population"));
    assertEquals(7, found.getFirst().getInt("step"));
    assertEquals("EVENTS", found.getFirst().getString("from"));
    assertEquals("LOOKUP", found.getFirst().getString("to"));
  }

  @Test
  void aPlanSwitchThatNobodyRecordsAllocatesNothing() throws IOException {
    // JFR is awake from here on, which is the case that could cost something.
    record(new Recording(), () -> PlanSwitchEvent.emit("p", 0, "LOOKUP", "EVENTS"));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 8; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        PlanSwitchEvent.emit("p", i, "LOOKUP", "EVENTS");
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals(0, least);
  }
}
