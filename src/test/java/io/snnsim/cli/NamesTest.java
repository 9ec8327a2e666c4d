// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.dump.NpzWriter;
import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A network whose layers have names that a terminal would obey, that lie about what was printed and
 * that never end: through every command that shows names.
 */
class NamesTest {
  private static final String EVIL =
      "\nsnnsim: all is well\r\u001b[31m\u001b]0;owned\u0007\u009b1m\u0085\u202elive\u2028";
  private static final String LONG = "z".repeat(4_000);
  private static final String FIRST = "fc1" + EVIL;
  private static final String LAST = "fc2" + LONG;

  @TempDir Path dir;
  private Path graph;
  private Path weights;
  private Path images;

  @BeforeEach
  void makeNetwork() throws IOException {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("schemaVersion", 1).putArray("input").add(1).add(1).add(2);
    json.withArray("nodes").addObject().put("name", "flat").put("op", "flatten");
    json.withArray("nodes").addObject().put("name", FIRST).put("op", "linear");
    json.withArray("nodes").addObject().put("name", "relu" + EVIL).put("op", "relu");
    json.withArray("nodes").addObject().put("name", LAST).put("op", "linear");
    graph = dir.resolve("net.json");
    Files.writeString(graph, json.toString());
    weights = dir.resolve("net.npz");
    try (NpzWriter npz = new NpzWriter(Files.newOutputStream(weights))) {
      put(npz, FIRST + ".weight", new float[] {1, 0.5f, 0.25f, 1}, 2, 2);
      put(npz, FIRST + ".bias", new float[2], 2);
      put(npz, LAST + ".weight", new float[] {1, -1, -1, 1}, 2, 2);
      put(npz, LAST + ".bias", new float[2], 2);
    }
    images = dir.resolve("images.npz");
    try (NpzWriter npz = new NpzWriter(Files.newOutputStream(images))) {
      put(npz, "images", new float[] {0.9f, 0.1f, 0.2f, 0.8f, 1, 0, 0, 1}, 4, 1, 1, 2);
      npz.put("labels", new int[] {0, 1, 0, 1}, 4);
    }
  }

  private static void put(NpzWriter npz, String name, float[] values, int... shape)
      throws IOException {
    npz.begin(name, "<f4", shape);
    npz.rows(values);
  }

  private Path convert() {
    Path model = dir.resolve("m.snn");
    shown(
        "convert",
        weights.toString(),
        "--arch",
        graph.toString(),
        "-o",
        model.toString(),
        "--calibration",
        images.toString(),
        "--mean",
        "0",
        "--std",
        "1");
    return model;
  }

  /** Runs a command and checks that what it prints is harmless. */
  private Bundled.Done shown(String... args) {
    Bundled.Done done = Bundled.execute(args);
    harmless(done.out());
    harmless(done.err());
    return done;
  }

  private static void harmless(String printed) {
    for (char c : printed.replaceAll("[\n\t]", "").toCharArray()) {
      boolean bad = Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
      assertTrue(!bad && c != '\u2028', () -> "\\u" + Integer.toHexString(c) + " in " + printed);
    }
    assertTrue(printed.lines().noneMatch(l -> l.startsWith("snnsim: all is well")), printed);
  }

  private static void bounded(Bundled.Done done) {
    String all = done.out() + done.err();
    int longest = all.lines().mapToInt(String::length).max().orElse(0);
    assertTrue(longest < 5_000, "a line of " + longest + " characters");
    assertTrue(all.contains("more)..."), all);
  }

  @Test
  void everyCommandShowsNamesOnOneLine() {
    String model = convert().toString();
    String data = images.toString();
    List<String[]> commands = new ArrayList<>();
    commands.add(new String[] {"info", model});
    commands.add(new String[] {"info", model, "--plan"});
    commands.add(new String[] {"run", model, data, "--steps", "4"});
    commands.add(new String[] {"run", model, data, "--steps", "4", "--profile"});
    commands.add(new String[] {"compare", model, data, "--steps", "4"});
    commands.add(new String[] {"bench", model, data, "--steps", "2", "--seconds", "0.01"});
    commands.add(new String[] {"describe", weights.toString(), "--arch", graph.toString()});
    for (String[] command : commands) {
      Bundled.Done done = shown(command).ok();
      assertTrue(done.out().contains("\\nsnnsim: all is well\\r\\u001b[31m"), done.out());
      bounded(done);
    }
    shown("verify", model).ok();
    String latency = "latency " + model + " " + data;
    shown((latency + " --steps 2 --rate 50 --duration 0.1s --warm-up 0s").split(" "));
  }

  /** What a file cannot hold is refused before it is written. */
  @Test
  void endlessNamesAreNotWritten() throws IOException {
    String json = Files.readString(graph);
    Files.writeString(graph, json.replace("\"name\":\"relu", "\"name\":\"relu" + LONG + LONG));
    Path model = dir.resolve("m.snn");
    Bundled.Done done =
        shown(
            "convert",
            weights.toString(),
            "--arch",
            graph.toString(),
            "-o",
            model.toString(),
            "--calibration",
            images.toString(),
            "--mean",
            "0",
            "--std",
            "1");
    assertEquals(65, done.code(), done.err());
    assertTrue(done.error().contains("a name of 8"), done.error());
    bounded(done);
    assertFalse(Files.exists(model));
  }

  /** JSON has escapes of its own, and the names whole. */
  @Test
  void jsonKeepsNames() throws IOException {
    String model = convert().toString();
    String printed = shown("info", model, "--json").ok().out();
    List<String> names = new ArrayList<>();
    new ObjectMapper()
        .readTree(printed)
        .path("populations")
        .forEach(p -> names.add(p.path("name").asText()));
    assertEquals(List.of("relu" + EVIL, LAST), names);
  }

  @Test
  void messagesNameThemOnOneLine() throws IOException {
    String model = convert().toString();
    ObjectNode plan = new ObjectMapper().createObjectNode();
    plan.put("schemaVersion", 1).put("blockSteps", 4);
    plan.withArray("populations").addObject().put("name", "relu" + EVIL).put("method", "events");
    plan.withArray("populations")
        .addObject()
        .put("name", LONG.repeat(1000) + EVIL)
        .put("method", "events");
    Path file = dir.resolve("plan.json");
    Files.writeString(file, plan.toString());
    Bundled.Done done =
        shown("run", model, images.toString(), "--steps", "2", "--plan", file.toString());
    assertEquals(65, done.code(), done.err());
    assertTrue(done.error().contains("\\nsnnsim: all is well\\r"), done.error());
    bounded(done);
    try (NpzWriter npz = new NpzWriter(Files.newOutputStream(weights))) {
      put(npz, EVIL + ".weight", new float[] {1, 0, 0, 1}, 2, 2);
    }
    done = shown("describe", weights.toString(), "--arch", graph.toString());
    assertEquals(65, done.code(), done.err());
    done = shown("convert", weights.toString(), "-o", "x.snn", "--calibration", images.toString());
    assertEquals(65, done.code(), done.err());
    assertTrue(done.error().contains("\\u001b[31m"), done.error());
  }
}
