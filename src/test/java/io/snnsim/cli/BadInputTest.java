// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
import static io.snnsim.fixture.Bundled.NET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every refusal is one line that names the culprit, with its exit code, and leaves no file. */
class BadInputTest {
  @TempDir static Path shared;
  @TempDir Path dir;

  @BeforeAll
  static void convert() {
    Bundled.model(shared);
  }

  private static String model() {
    return shared.resolve("m.snn").toString();
  }

  private Path out() {
    return dir.resolve("out.snn");
  }

  private static String refused(int code, String... args) {
    Bundled.Done done = Bundled.execute(args);
    assertEquals(code, done.code(), done.err());
    assertEquals("", done.out());
    return done.error();
  }

  private static void says(String line, String... parts) {
    for (String part : parts) {
      assertTrue(line.contains(part), line);
    }
  }

  /** Options of {@code run}, a value that it must not take, and what it should take. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --steps     | 0            | found 0, expected 1..10000000
          --steps     | -3           | found -3
          --steps     | 10000001     | expected 1..10000000
          --steps     | many         | 'many' is not an int
          --steps     | 5000000000   | is not an int
          --limit     | 0            | found 0, expected 1..
          --threads   | 0            | found 0, expected 1..1024
          --threads   | 1025         | expected 1..1024
          --kernel    | fast         | found fast, expected auto, scalar, array, vector, vector64
          --parallel  | rows         | found rows, expected images or within
          --mode      | remote       | [RESIDENT, MAPPED]
          --input     | morse        | constant, bernoulli, poisson, ttfs
          --seed      | x            | 'x' is not a long
          --readout   | vote         | spikes+softmax, spikes or membrane
          """)
  void runRefusesValues(String option, String value, String expected) {
    List<String> args = new ArrayList<>(List.of("run", model(), IMAGES));
    if (!option.equals("--steps")) {
      args.addAll(List.of("--steps", "1"));
    }
    args.addAll(List.of(option, value));
    String line = refused(2, args.toArray(String[]::new));
    says(line, expected);
    assertTrue(line.contains(option) || line.contains("input coding"), line);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --mean              | 0,0,0    | found 3 values, expected 1
          --mean              | NaN      | expected finite
          --std               | 0        | expected numbers > 0
          --std               | Infinity | expected numbers > 0
          --percentile        | 0        | found 0.0
          --percentile        | 100.1    | at most 100
          --percentile        | NaN      | found NaN
          --v0                | 1.5      | expected 0..1
          --compensation      | 0.5      | expected auto or 1..4
          --compensation      | strong   | expected auto or 1..4
          --precision         | i4       | expected auto, i8, i16 or i32
          --tune-steps        | 0        | expected 1..
          --limit-calibration | 0        | expected 1..
          --threads           | -1       | expected 1..1024
          --arch              | alexnet  | resnet-cifar
          """)
  void convertRefusesValues(String option, String value, String expected) throws IOException {
    String line =
        refused(2, "convert", NET, "-o", out().toString(), "--calibration", IMAGES, option, value);
    says(line, expected);
    assertEquals(List.of(), Bundled.files(dir));
  }

  @Test
  void unknownOptionsAndCommandsSuggestWhatIsMeant() {
    says(refused(2, "run", model(), IMAGES, "--steps", "1", "--reccord", "x"), "--record");
    says(refused(2, "convrt"), "convert");
    says(refused(2, "run", model(), IMAGES), "--steps=T", "snnsim run --help");
    says(refused(2, "verify"), "MODEL", "snnsim verify --help");
    says(refused(2, "run", model(), IMAGES, "more", "--steps", "1"), "more");
  }

  @Test
  void noCommandShowsTheCommands() {
    Bundled.Done done = Bundled.execute();
    assertEquals(2, done.code());
    assertEquals("", done.out());
    says(done.err(), "demo", "convert", "doctor");
    says(done.error(), "expected one");
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    for (String command : List.of("verify", "info")) {
      says(refused(66, command, "none.snn"), "none.snn", "no such file");
    }
    says(refused(66, "run", "none.snn", IMAGES, "--steps", "1"), "none.snn");
    says(refused(66, "run", model(), "none.npz", "--steps", "1"), "none.npz");
    says(
        refused(65, "run", model(), dir.toString(), "--steps", "1"), dir.toString(), "no pictures");
    says(refused(66, "verify", dir.toString()), "not a regular file");
    String o = out().toString();
    says(refused(66, "convert", "none.npz", "-o", o, "--calibration", IMAGES), "none.npz");
    says(refused(66, "convert", NET, "-o", o, "--calibration", "none.npz"), "none.npz");
    assertEquals(List.of(), Bundled.files(dir));
  }

  /** Damage a model file in one way and let every command that reads one look at it. */
  private void damaged(byte[] bytes, String... expected) throws IOException {
    Path bad = dir.resolve("bad.snn");
    Files.write(bad, bytes);
    for (String[] args :
        new String[][] {
          {"run", bad.toString(), IMAGES, "--steps", "1"},
          {"run", bad.toString(), IMAGES, "--steps", "1", "--mode", "mapped"},
          {"info", bad.toString()},
          {"info", bad.toString(), "--json"},
          {"verify", bad.toString(), "--quiet"}
        }) {
      String line = refused(65, args);
      assertTrue(line.startsWith("snnsim: " + bad + ": "), line);
      says(line, expected);
    }
  }

  @Test
  void truncatedModelsAreRefused() throws IOException {
    byte[] good = Files.readAllBytes(Path.of(model()));
    damaged(Arrays.copyOf(good, good.length - 1), "truncated", "found " + (good.length - 1));
    damaged(Arrays.copyOf(good, 127), "truncated", "found 127");
    damaged(Arrays.copyOf(good, 64 * 100), "truncated");
    damaged(new byte[0], "empty");
  }

  @Test
  void overLongModelsAreRefused() throws IOException {
    byte[] good = Files.readAllBytes(Path.of(model()));
    damaged(Arrays.copyOf(good, good.length + 1), "over-long", "expected " + good.length);
  }

  @Test
  void flippedBitsAreRefusedWithTheSectionThatTheyAreIn() throws IOException {
    byte[] good = Files.readAllBytes(Path.of(model()));
    byte[] header = good.clone();
    header[20] ^= 4;
    damaged(header, "header");
    byte[] table = good.clone();
    table[200] ^= 1;
    damaged(table, "section table");
    byte[] weights = good.clone();
    weights[good.length / 2] ^= 0x10;
    damaged(weights, "checksum differs");
    byte[] newer = good.clone();
    newer[8] = 5;
    damaged(newer, "format version 5, expected 1..4");
  }

  @Test
  void verifyListsTheSectionsOfADamagedModel() throws IOException {
    byte[] bytes = Files.readAllBytes(Path.of(model()));
    bytes[bytes.length - 100] ^= 1;
    Path bad = dir.resolve("bad.snn");
    Files.write(bad, bytes);
    Bundled.Done done = Bundled.execute("verify", bad.toString());
    assertEquals(65, done.code());
    assertEquals(
        List.of("provenance"),
        done.out().lines().filter(l -> l.endsWith("DAMAGED")).map(l -> l.split(" ")[0]).toList());
    says(done.error(), "section provenance");
  }

  @Test
  void foreignModelsAndImagesSayWhatTheyLookLike() throws IOException {
    damaged(Files.readAllBytes(Path.of(NET)), "npz", "snnsim convert");
    damaged("Not a model, but a letter to its author.".getBytes(), "not a .snn model");
    says(refused(65, "run", model(), model(), "--steps", "1"), "m.snn", "npz");
  }

  @Test
  void existingOutputsAreKept() throws IOException {
    Path kept = Files.writeString(dir.resolve("kept"), "mine");
    String o = kept.toString();
    says(refused(74, "convert", NET, "-o", o, "--calibration", IMAGES), o, "--force");
    says(
        refused(74, "convert", NET, "-o", out().toString(), "--calibration", IMAGES, "--report", o),
        o,
        "--force");
    says(refused(74, "run", model(), IMAGES, "--steps", "1", "--json", o), o, "--force");
    says(refused(74, "run", model(), IMAGES, "--steps", "1", "--record", o), o, "--force");
    assertEquals("mine", Files.readString(kept));
    assertEquals(List.of("kept"), Bundled.files(dir));
  }

  @Test
  void outputsThatCannotBeWrittenAreRefusedBeforeTheWork() throws IOException {
    String nowhere = dir.resolve("none/x").toString();
    says(refused(74, "run", model(), IMAGES, "--steps", "1", "--json", nowhere), "make it first");
    says(refused(74, "convert", NET, "-o", nowhere, "--calibration", IMAGES), "make it first");
    String folder = dir.toString();
    says(refused(74, "run", model(), IMAGES, "--steps", "1", "--record", folder), "is a folder");
    if (Files.isDirectory(Path.of("/proc"))) {
      // Nobody can make files there, not even root.
      says(
          refused(74, "run", model(), IMAGES, "--steps", "1", "--json", "/proc/snnsim.json"),
          "/proc/snnsim.json",
          "nothing was changed");
    }
    assertEquals(List.of(), Bundled.files(dir));
  }

  @Test
  void outputsThatWouldReplaceAnInputAreRefused() throws IOException {
    byte[] before = Files.readAllBytes(Path.of(model()));
    String same = dir.resolve("same").toString();
    says(
        refused(2, "run", model(), IMAGES, "--steps", "1", "--record", model(), "--force"),
        "--record");
    says(
        refused(2, "run", model(), IMAGES, "--steps", "1", "--json", same, "--record", same),
        "--json");
    says(refused(2, "convert", NET, "-o", NET, "--calibration", IMAGES, "--force"), "-o");
    assertArrayEquals(before, Files.readAllBytes(Path.of(model())));
  }

  @Test
  void theStackIsShownOnlyIfAskedFor() {
    assertFalse(Bundled.execute("verify", "none.snn").err().contains("\tat "));
    assertTrue(Bundled.execute("verify", "none.snn", "--debug").err().contains("\tat "));
    assertTrue(Bundled.execute("--debug", "verify", "none.snn").err().contains("\tat "));
  }

  @Test
  void interruptedConversionsAreNoErrorsOfTheInput() throws IOException {
    Main main = new Main(new AskedToStop());
    Bundled.Done done =
        Bundled.capture((out, err) -> Main.execute(main, out, err, Bundled.convert(out())));
    assertEquals(130, done.code(), done.err());
    assertEquals("snnsim: interrupted; nothing was written", done.error());
    assertEquals(List.of(), Bundled.files(dir));
  }
}
