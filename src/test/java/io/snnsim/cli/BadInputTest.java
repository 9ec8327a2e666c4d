package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every refusal is one line that names the culprit, with its exit code, and leaves no file. */
class BadInputTest {
  private static final String NET = "weights/mnist_resnet8.npz";
  private static final String IMAGES = "weights/mnist_test_300.npz";

  @TempDir Path dir;

  private String refused(int code, String... args) {
    StringWriter err = new StringWriter();
    int found = Main.execute(new PrintWriter(new StringWriter()), new PrintWriter(err), args);
    String[] lines =
        err.toString().lines().filter(l -> l.startsWith("snnsim: ")).toArray(String[]::new);
    assertEquals(code, found, err.toString());
    assertEquals(1, lines.length, err.toString());
    return lines[0];
  }

  private String model() {
    Path file = dir.resolve("m.snn");
    PrintWriter quiet = new PrintWriter(new StringWriter());
    assertEquals(
        0,
        Main.execute(quiet, quiet, "convert", NET, "-o", file.toString(), "--calibration", IMAGES));
    return file.toString();
  }

  @Test
  void zeroStepsAndUnknownOptionsAreUsage() {
    assertTrue(refused(2, "run", "m.snn", IMAGES, "--steps", "0").contains("--steps"));
    assertTrue(refused(2, "run", "m.snn", IMAGES, "--stepz", "1").contains("--steps"));
  }

  @Test
  void missingFilesAreNamed() {
    assertTrue(refused(66, "verify", "none.snn").contains("none.snn"));
    assertTrue(
        refused(66, "convert", "none.npz", "-o", out(), "--calibration", IMAGES)
            .contains("none.npz"));
    assertFalse(Files.exists(Path.of(out())));
  }

  @Test
  void unknownArchListsTheKnownOnes() {
    String line = refused(2, "convert", NET, "-o", out(), "--calibration", IMAGES, "--arch", "vgg");
    assertTrue(line.contains("resnet-cifar"), line);
    assertFalse(Files.exists(Path.of(out())));
  }

  @Test
  void foreignModelSaysWhatItLooksLike() {
    assertTrue(refused(65, "run", NET, IMAGES, "--steps", "1").contains("npz"));
  }

  @Test
  void existingOutputIsKept() throws IOException {
    String model = model();
    byte[] before = Files.readAllBytes(Path.of(model));
    assertTrue(
        refused(74, "convert", NET, "-o", model, "--calibration", IMAGES).contains("--force"));
    assertEquals(before.length, Files.size(Path.of(model)));
  }

  @Test
  void wrongNumberOfMeansAndImpossiblePercentileAreUsage() {
    assertTrue(
        refused(2, "convert", NET, "-o", out(), "--calibration", IMAGES, "--mean", "0,0,0")
            .contains("--mean"));
    assertTrue(
        refused(2, "convert", NET, "-o", out(), "--calibration", IMAGES, "--percentile", "0")
            .contains("--percentile"));
  }

  @Test
  void aSoundModelVerifies() {
    PrintWriter quiet = new PrintWriter(new StringWriter());
    assertEquals(0, Main.execute(quiet, quiet, "verify", model()));
    assertEquals(0, Main.execute(quiet, quiet, "info", dir.resolve("m.snn").toString()));
  }

  private String out() {
    return dir.resolve("out.snn").toString();
  }
}
