// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.NpzWriter;
import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code snnsim latency}: what it takes, writes and refuses; never how long something took. */
@Tag("slow")
class LatencyCommandTest {
  @TempDir static Path shared;
  @TempDir Path dir;

  @BeforeAll
  static void convert() {
    Bundled.model(shared);
  }

  private static Bundled.Done latency(String... more) {
    List<String> args =
        new ArrayList<>(List.of("latency", shared.resolve("m.snn").toString(), IMAGES));
    args.addAll(
        List.of("--steps", "4", "--limit", "8", "--duration", "300ms", "--warm-up", "100ms"));
    args.addAll(List.of(more));
    return Bundled.execute(args.toArray(String[]::new));
  }

  private static JsonNode json(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of(more));
    args.addAll(List.of("--json", "-"));
    return new ObjectMapper().readTree(latency(args.toArray(String[]::new)).ok().out());
  }

  @Test
  void aNumberOfArrivalsGivesAsManySamples() throws IOException {
    JsonNode j = json("--rate", "20");
    assertEquals(20, j.path("arrivalsPerSecond").asDouble());
    assertEquals(6, j.path("samples").asInt());
    assertTrue(j.path("boundMicros").isNull() && j.path("saturationPerSecond").isNull());
    assertTrue(j.path("capacityPerSecond").asDouble() > 0);
    assertEquals(2, j.path("deadlines").size(), "after 1 and 2 of 4 steps");
    assertEquals(1, j.path("deadlines").path(0).path("steps").asInt());
    for (String group : List.of("latencyMicros", "emptyTaskMicros")) {
      double before = 0;
      for (String p : List.of("p50", "p90", "p99", "p99_9", "p99_99", "max")) {
        double value = j.path(group).path(p).asDouble(-1);
        assertTrue(value >= before, group + " " + p);
        before = value;
      }
    }
    for (String stage : List.of("input", "steps", "readout")) {
      assertTrue(
          j.path("stagesMicros").path(stage).path("max").asDouble()
              <= j.path("latencyMicros").path("max").asDouble(),
          stage);
    }
  }

  @Test
  void aShareIsOfSaturation() throws IOException {
    JsonNode j = json("--rate", "50%", "--bound", "100000000");
    assertEquals(
        j.path("saturationPerSecond").asDouble() / 2, j.path("arrivalsPerSecond").asDouble(), 1e-6);
    assertTrue(j.path("saturationPerSecond").asDouble() <= j.path("capacityPerSecond").asDouble());
    JsonNode back = json("--rate", "25%");
    assertEquals(
        back.path("capacityPerSecond").asDouble() / 4,
        back.path("arrivalsPerSecond").asDouble(),
        1e-6);
  }

  @Test
  void aBoundThatNothingHoldsIsSaid() {
    Bundled.Done done = latency("--bound", "0.001");
    assertEquals(2, done.code(), done.out());
    assertTrue(done.error().contains("no rate's p99.9 holds it"), done.err());
    String text = latency("--bound", "0.001", "--rate", "20").ok().out();
    assertTrue(text.contains("no rate's p99.9 holds 0.0 us"), text);
  }

  @Test
  void arrivalsBeyondAllMeansAreWarnedOf() throws IOException {
    Bundled.Done done = latency("--rate", "1000000", "--json", "-").ok();
    JsonNode j = new ObjectMapper().readTree(done.out());
    assertEquals(300_000, j.path("samples").asInt());
    assertTrue(j.path("unserved").asInt() > 0);
    assertTrue(done.err().contains("arrivals were not answered"), done.err());
  }

  @Test
  void filesAppearWholeAndAreNotReplacedUnasked() throws IOException {
    String[] options = {
      "--rate",
      "50",
      "--hgrm",
      dir.resolve("a.hgrm").toString(),
      "--hlog",
      dir.resolve("a.hlog").toString(),
      "--plot",
      dir.resolve("a.png").toString(),
      "--json",
      dir.resolve("a.json").toString()
    };
    Bundled.Done done = latency(options).ok();
    assertTrue(done.out().contains("empty task"), done.out());
    assertEquals(List.of("a.hgrm", "a.hlog", "a.json", "a.png"), Bundled.files(dir));
    assertNotNull(ImageIO.read(dir.resolve("a.png").toFile()));
    String log = Files.readString(dir.resolve("a.hlog"));
    for (String tag : List.of("queue", "input", "steps", "readout")) {
      assertTrue(log.contains("\nTag=" + tag + ","), log);
    }
    Bundled.Done again = latency(options);
    assertEquals(74, again.code());
    assertTrue(again.error().contains("exists already; give --force"), again.err());
  }

  @Test
  void anInterruptBeforeTheLoadLeavesNothing() throws IOException {
    Interrupt interrupt = new AskedToStop();
    String[] line = {
      "latency",
      shared.resolve("m.snn").toString(),
      IMAGES,
      "--steps",
      "4",
      "--hgrm",
      dir.resolve("a.hgrm").toString()
    };
    Bundled.Done done =
        Bundled.capture((out, err) -> Main.execute(new Main(interrupt), out, err, line));
    assertEquals(130, done.code());
    assertEquals("", done.out());
    assertEquals(List.of(), Bundled.files(dir));
  }

  @ParameterizedTest
  @CsvSource({
    "--rate, 0, 'more than 0'",
    "--rate, fast, 'expected arrivals a second'",
    "--rate, NaN, 'expected arrivals a second'",
    "--rate, -5%, 'expected arrivals a second'",
    "--rate, 1001%, 'to 1000%'",
    "--duration, 20, 'for instance 20s'",
    "--duration, 0s, 'from 1ms to 24h'",
    "--duration, 25h, 'from 1ms to 24h'",
    "--warm-up, soon, 'from 1ms to 24h'",
    "--bound, 0, 'more than 0'",
    "--bound, NaN, 'more than 0'",
    "--steps, 0, 'expected 1..'",
    "--threads, 65, 'expected 1..64'",
    "--limit, 0, 'expected 1..'",
    "--readout, best, 'expected auto, spikes+softmax, spikes or membrane'",
    "--kernel, gpu, 'expected auto, scalar'",
  })
  void wrongOptionsAreOneLine(String option, String value, String expected) {
    Bundled.Done done =
        Bundled.execute(
            option.equals("--steps")
                ? new String[] {
                  "latency", shared.resolve("m.snn").toString(), IMAGES, "--steps", value
                }
                : new String[] {
                  "latency",
                  shared.resolve("m.snn").toString(),
                  IMAGES,
                  "--steps",
                  "4",
                  option + "=" + value
                });
    assertEquals(2, done.code(), done.err());
    assertTrue(done.error().startsWith("snnsim: " + option + ": found "), done.err());
    assertTrue(done.error().contains(expected), done.err());
  }

  @Test
  void unusableFilesAreRefused() throws IOException {
    assertEquals(66, Bundled.execute("latency", "none.snn", IMAGES, "--steps", "4").code());
    Bundled.Done same =
        latency("--hgrm", dir.resolve("a").toString(), "--hlog", dir.resolve("a").toString());
    assertEquals(2, same.code());
    assertTrue(same.error().contains("is also another file of this command"), same.err());
    Path empty = dir.resolve("empty.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(empty))) {
      w.begin("images", "|u1", 0, 28, 28);
    }
    Bundled.Done none =
        Bundled.execute(
            "latency", shared.resolve("m.snn").toString(), empty.toString(), "--steps", "4");
    assertEquals(65, none.code(), none.err());
    assertNotEquals("", none.error());
  }
}
