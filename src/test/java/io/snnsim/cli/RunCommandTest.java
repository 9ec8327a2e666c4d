package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.NpyArray;
import io.snnsim.dump.NpzFile;
import io.snnsim.dump.NpzWriter;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snnsim run} on the bundled network: results, files, coding, interruption. */
class RunCommandTest {
  private static final String IMAGES = "weights/mnist_test_300.npz";

  @TempDir static Path shared;
  @TempDir Path dir;

  private record Done(int code, String out, String err) {}

  private static Done execute(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.execute(new PrintWriter(out), new PrintWriter(err), args);
    return new Done(code, out.toString(), err.toString());
  }

  private static String model() {
    return shared.resolve("m.snn").toString();
  }

  @BeforeAll
  static void convert() {
    Done d =
        execute(
            "convert",
            "weights/mnist_resnet8.npz",
            "-o",
            model(),
            "--calibration",
            IMAGES,
            "--mean",
            "0.1307",
            "--std",
            "0.3081",
            "--precision",
            "i8");
    assertEquals(0, d.code(), d.err());
  }

  private static JsonNode json(String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("run", model(), IMAGES, "--steps", "96", "--limit", "40", "--json", "-"));
    args.addAll(List.of(more));
    Done d = execute(args.toArray(String[]::new));
    assertEquals(0, d.code(), d.err());
    return new ObjectMapper().readTree(d.out());
  }

  @Test
  void jsonHasAccuracyAnnAndLayers() throws IOException {
    JsonNode j = json();
    assertEquals(1, j.path("schemaVersion").asInt());
    assertEquals(40, j.path("samples").asInt());
    assertEquals(96, j.path("accuracyAtStep").size());
    assertTrue(j.path("accuracyAtStep").get(95).asDouble() >= 0.95, j.toString());
    assertEquals(1.0, j.path("annAccuracy").asDouble(), 0.026);
    assertEquals(9, j.path("layers").size());
    double sum = 0;
    for (JsonNode l : j.path("layers")) {
      sum += l.path("spikesPerImageStep").asDouble();
      assertTrue(l.path("firingRate").asDouble() > 0, l.toString());
    }
    assertEquals(sum, j.path("spikesPerImageStep").asDouble(), 1e-6);
  }

  @Test
  void kernelsThreadsAndModesAgree() throws IOException {
    JsonNode reference = json("--kernel", "scalar", "--threads", "1");
    assertEquals("scalar", reference.path("kernel").asText());
    for (String[] other :
        new String[][] {{"--kernel", "vector"}, {"--threads", "2"}, {"--mode", "mapped"}}) {
      JsonNode j = json(other);
      for (String field : List.of("predictions", "accuracyAtStep", "layers")) {
        assertEquals(reference.path(field), j.path(field), String.join(" ", other));
      }
    }
  }

  @Test
  void randomInputDependsOnTheSeedAlone() throws IOException {
    JsonNode a = json("--input", "bernoulli", "--seed", "7", "--threads", "1");
    JsonNode b = json("--input", "bernoulli", "--seed", "7", "--threads", "2");
    JsonNode c = json("--input", "bernoulli", "--seed", "8");
    assertEquals(a.path("layers"), b.path("layers"));
    assertNotEquals(a.path("layers"), c.path("layers"));
  }

  @Test
  void recordHoldsCountsThatAddUpToTheReport() throws IOException {
    Path file = dir.resolve("r.npz");
    JsonNode j = json("--record", file.toString());
    try (NpzFile npz = NpzFile.open(file)) {
      for (JsonNode layer : j.path("layers")) {
        NpyArray counts = npz.get("counts/" + layer.path("name").asText());
        assertEquals(40, counts.shape()[0]);
        long sum = 0;
        for (long v : counts.toLongs()) {
          sum += v;
        }
        assertEquals(layer.path("spikesPerImageStep").asDouble() * 40 * 96, sum, 1e-3);
      }
      assertArrayEquals(new int[] {40, 10, 1, 1}, npz.get("potentials/linear").shape());
    }
    try (var files = Files.list(dir)) {
      assertEquals(1, files.count(), "no temporary file stays");
    }
  }

  @Test
  void withoutLabelsThereIsNoAccuracy() throws IOException {
    Path file = dir.resolve("nolabels.npz");
    try (NpzFile npz = NpzFile.open(Path.of(IMAGES));
        NpzWriter w = new NpzWriter(Files.newOutputStream(file))) {
      w.begin("images", "|u1", 300, 28, 28);
      w.rows(npz.get("images").toUnsignedBytes());
    }
    Done d = execute("run", model(), file.toString(), "--steps", "4", "--json", "-");
    assertEquals(0, d.code(), d.err());
    JsonNode j = new ObjectMapper().readTree(d.out());
    assertTrue(j.path("accuracyAtStep").isNull());
    assertEquals(300, j.path("predictions").size());
  }

  @Test
  void labelsOutOfRangeAndWrongSizesAreRefused() throws IOException {
    Path labels = dir.resolve("labels.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(labels))) {
      w.begin("images", "|u1", 1, 28, 28);
      w.rows(new byte[28 * 28]);
      w.put("labels", new int[] {10}, 1);
    }
    Done d = execute("run", model(), labels.toString(), "--steps", "4");
    assertEquals(65, d.code());
    assertTrue(d.err().contains("found 10 at image 0, expected 0..9"), d.err());

    Path size = dir.resolve("size.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(size))) {
      w.begin("images", "|u1", 1, 32, 32, 3);
      w.rows(new byte[32 * 32 * 3]);
    }
    d = execute("run", model(), size.toString(), "--steps", "4");
    assertEquals(65, d.code());
    assertTrue(d.err().contains("[1, 32, 32, 3]") && d.err().contains("28"), d.err());
  }

  @Test
  void aBlackImageSetWarnsOfSilentPopulationsOnly() throws IOException {
    Path black = dir.resolve("black.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(black))) {
      w.begin("images", "|u1", 2, 28, 28);
      w.rows(new byte[2 * 28 * 28]);
    }
    Done d = execute("run", model(), black.toString(), "--steps", "1", "--no-ann");
    assertEquals(0, d.code(), d.err());
    assertTrue(d.err().contains("warning: population linear never fired"), d.err());
  }

  @Test
  void calibrationOfZeroImagesIsRefusedWithoutAFile() throws IOException {
    Path black = dir.resolve("black.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(black))) {
      w.begin("images", "<f4", 0, 28, 28);
    }
    Path out = dir.resolve("x.snn");
    Done d =
        execute(
            "convert",
            "weights/mnist_resnet8.npz",
            "-o",
            out.toString(),
            "--calibration",
            black.toString());
    assertEquals(65, d.code());
    assertTrue(d.err().contains("0 images"), d.err());
    assertFalse(Files.exists(out));
  }

  @Test
  void interruptPrintsThePartialResult() throws Exception {
    List<String> command = new ArrayList<>();
    // Where this test runs in the background SIGINT may be ignored, and the child would inherit it.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path"),
            "io.snnsim.cli.Main",
            "run",
            model(),
            IMAGES,
            "--steps",
            "1000000",
            "--threads",
            "1",
            "--no-ann"));
    File out = dir.resolve("out.txt").toFile();
    Process child =
        new ProcessBuilder(command)
            .redirectOutput(out)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Thread.sleep(4000);
      assertTrue(child.isAlive(), "the run must still be under way");
      new ProcessBuilder("kill", "-INT", String.valueOf(child.pid())).start().waitFor();
      assertTrue(child.waitFor(60, TimeUnit.SECONDS), "it must end soon after");
      assertEquals(130, child.exitValue());
      assertTrue(
          Files.readString(out.toPath()).startsWith("interrupted: 0 of 300 images"),
          Files.readString(out.toPath()));
    } finally {
      child.destroyForcibly();
    }
  }
}
