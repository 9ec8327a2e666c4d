// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
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
import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snnsim run} on the bundled network: results, files, coding, interruption. */
class RunCommandTest {
  @TempDir static Path shared;
  @TempDir Path dir;

  private static String model() {
    return shared.resolve("m.snn").toString();
  }

  @BeforeAll
  static void convert() {
    Bundled.model(shared);
  }

  private static JsonNode json(String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("run", model(), IMAGES, "--steps", "96", "--limit", "40", "--json", "-"));
    args.addAll(List.of(more));
    Bundled.Done d = Bundled.execute(args.toArray(String[]::new));
    assertEquals(0, d.code(), d.err());
    return new ObjectMapper().readTree(d.out());
  }

  @Test
  void aShortRunSaysWhyItTakesArrayKernels() {
    List<String> args = List.of("run", model(), IMAGES, "--steps", "2", "--limit", "1");
    Bundled.Done d = Bundled.execute(args.toArray(String[]::new));
    assertTrue(d.out().contains("kernel array (a short run, which ends before"), d.out());
    List<String> asked = new ArrayList<>(args);
    asked.addAll(List.of("--kernel", "array"));
    d = Bundled.execute(asked.toArray(String[]::new));
    assertTrue(d.out().contains("kernel array (asked for)"), d.out());
  }

  @Tag("slow")
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

  @Tag("slow")
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

  @Tag("slow")
  @Test
  void randomInputDependsOnTheSeedAlone() throws IOException {
    JsonNode a = json("--input", "bernoulli", "--seed", "7", "--threads", "1");
    JsonNode b = json("--input", "bernoulli", "--seed", "7", "--threads", "2");
    JsonNode c = json("--input", "bernoulli", "--seed", "8");
    assertEquals(a.path("layers"), b.path("layers"));
    assertNotEquals(a.path("layers"), c.path("layers"));
  }

  @Tag("slow")
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
    String file = Bundled.unlabelled(dir).toString();
    Bundled.Done d = Bundled.execute("run", model(), file, "--steps", "4", "--json", "-");
    assertEquals(0, d.code(), d.err());
    JsonNode j = new ObjectMapper().readTree(d.out());
    assertTrue(j.path("accuracyAtStep").isNull());
    assertTrue(j.path("annAccuracy").isNull());
    assertEquals(300, j.path("predictions").size());
    Bundled.Done text = Bundled.execute("run", model(), file, "--steps", "4", "--limit", "2").ok();
    assertTrue(text.out().contains("the images have no labels"), text.out());
    assertTrue(text.out().contains("p99.9"), text.out());
  }

  @Test
  void labelsOutOfRangeAndWrongSizesAreRefused() throws IOException {
    Path labels = dir.resolve("labels.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(labels))) {
      w.begin("images", "|u1", 1, 28, 28);
      w.rows(new byte[28 * 28]);
      w.put("labels", new int[] {10}, 1);
    }
    Bundled.Done d = Bundled.execute("run", model(), labels.toString(), "--steps", "4");
    assertEquals(65, d.code());
    assertTrue(d.err().contains("found 10 at image 0, expected 0..9"), d.err());

    Path size = dir.resolve("size.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(size))) {
      w.begin("images", "|u1", 1, 32, 32, 3);
      w.rows(new byte[32 * 32 * 3]);
    }
    d = Bundled.execute("run", model(), size.toString(), "--steps", "4");
    assertEquals(65, d.code());
    assertTrue(d.err().contains("[1, 32, 32, 3]") && d.err().contains("28"), d.err());
  }

  @Test
  void silentPopulationsAreReportedInTextAndJson() throws IOException {
    Path black = dir.resolve("black.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(black))) {
      w.begin("images", "|u1", 2, 28, 28);
      w.rows(new byte[2 * 28 * 28]);
    }
    String[] args = {"run", model(), black.toString(), "--steps", "1", "--no-ann"};
    Bundled.Done d = Bundled.execute(args).ok();
    assertTrue(d.err().contains("warning: population linear never fired"), d.err());
    String line = d.out().lines().filter(l -> l.startsWith("linear ")).findFirst().orElseThrow();
    assertTrue(line.endsWith("never fired"), line);

    String[] quiet = Arrays.copyOf(args, args.length + 3);
    System.arraycopy(new String[] {"--quiet", "--json", "-"}, 0, quiet, args.length, 3);
    Bundled.Done q = Bundled.execute(quiet).ok();
    assertEquals("", q.err());
    List<String> silent = new ArrayList<>();
    for (JsonNode layer : new ObjectMapper().readTree(q.out()).path("silentLayers")) {
      silent.add(layer.asText());
    }
    assertTrue(silent.contains("linear"), silent.toString());
  }

  @Test
  void resultsGoToStdoutAndTalkToStderr() {
    Bundled.Done d = Bundled.execute("run", model(), IMAGES, "--steps", "64", "--limit", "20").ok();
    assertEquals("", d.err());
    assertTrue(d.out().startsWith("ResNet-8, 20 images, 64 steps, kernel "), d.out());
    for (String part : List.of("accuracy after step", "   ANN ", "ops/step", "p50 ", "p99.9 ")) {
      assertTrue(d.out().contains(part), d.out());
    }
  }

  @Test
  void jsonFileAndTextComeTogetherAndForceReplaces() throws IOException {
    Path file = Files.writeString(dir.resolve("r.json"), "old");
    Bundled.Done d =
        Bundled.execute(
            "run",
            model(),
            IMAGES,
            "--steps",
            "2",
            "--limit",
            "3",
            "--json",
            file.toString(),
            "--force");
    assertEquals(0, d.code(), d.err());
    assertTrue(d.out().startsWith("ResNet-8, 3 images"), d.out());
    assertEquals(3, new ObjectMapper().readTree(file.toFile()).path("samples").asInt());
  }

  @Tag("slow")
  @Test
  void recordOpensInNumPy() throws Exception {
    Path file = dir.resolve("r.npz");
    JsonNode j = json("--record", file.toString());
    // The same sums as our own reader's test, taken by NumPy, where there is one.
    String script =
        "import sys, numpy\n"
            + "z = numpy.load(sys.argv[1])\n"
            + "c = z['counts/relu1']\n"
            + "assert c.dtype == numpy.int32 and c.shape == (40, 16, 28, 28), (c.dtype, c.shape)\n"
            + "assert z['potentials/linear'].shape == (40, 10, 1, 1)\n"
            + "assert z['theta/linear'].shape == (10,)\n"
            + "print(' '.join(str(p) for p in z['predictions']), c.sum())\n";
    Process numpy;
    try {
      Process probe = new ProcessBuilder("/usr/bin/python3", "-c", "import numpy").start();
      if (probe.waitFor() != 0) {
        return;
      }
      numpy =
          new ProcessBuilder("/usr/bin/python3", "-c", script, file.toString())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      return;
    }
    String printed = new String(numpy.getInputStream().readAllBytes()).strip();
    assertEquals(0, numpy.waitFor(), printed);
    StringBuilder expected = new StringBuilder();
    for (JsonNode p : j.path("predictions")) {
      expected.append(p.asInt()).append(' ');
    }
    expected.append(
        Math.round(j.path("layers").get(0).path("spikesPerImageStep").asDouble() * 40 * 96));
    assertEquals(expected.toString(), printed);
  }

  @Test
  void calibrationOfZeroImagesIsRefusedWithoutAFile() throws IOException {
    Path black = dir.resolve("black.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(black))) {
      w.begin("images", "<f4", 0, 28, 28);
    }
    Path out = dir.resolve("x.snn");
    Bundled.Done d =
        Bundled.execute(
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
}
