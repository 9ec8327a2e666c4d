// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.NpzFile;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.ProgramProcess;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own shows: signals, full disks, missing JVM flags, broken stdout. */
@Tag("slow")
class ProcessTest {

  @TempDir static Path shared;
  @TempDir Path dir;
  private Path work;

  @BeforeAll
  static void convert() {
    Bundled.model(shared);
  }

  @BeforeEach
  void folder() throws IOException {
    work = Files.createDirectory(dir.resolve("work"));
  }

  private static String model() {
    return shared.resolve("m.snn").toString();
  }

  private String work(String name) {
    return work.resolve(name).toString();
  }

  private Bundled.Done run(List<String> flags, String... args) throws Exception {
    try (ProgramProcess child = ProgramProcess.start(dir, flags, args)) {
      return child.end();
    }
  }

  private static List<String> drawing() {
    List<String> flags = new ArrayList<>(ProgramProcess.ALL);
    flags.add("-Dsnnsim.terminal=true");
    return flags;
  }

  @Test
  void interruptedRunReportsWhatIsDoneInWholeFiles() throws Exception {
    try (ProgramProcess child =
        ProgramProcess.start(
            dir,
            drawing(),
            "run",
            model(),
            IMAGES,
            "--steps",
            "40000",
            "--threads",
            "2",
            "--json",
            work("r.json"),
            "--record",
            work("r.npz"))) {
      child.waitFor("run").signal("INT");
      Bundled.Done done = child.end();
      assertEquals(130, done.code(), done.err());
      assertTrue(done.out().startsWith("interrupted: "), done.out());
    }
    assertEquals(List.of("r.json", "r.npz"), Bundled.files(work));
    JsonNode json = new ObjectMapper().readTree(Path.of(work("r.json")).toFile());
    int samples = json.path("samples").asInt(-1);
    assertTrue(samples >= 0 && samples < 300, json.toString());
    assertEquals(300, json.path("samplesPlanned").asInt());
    int unfinished = 0;
    for (JsonNode prediction : json.path("predictions")) {
      unfinished += prediction.asInt() == -1 ? 1 : 0;
    }
    assertEquals(300 - samples, unfinished);
    try (NpzFile npz = NpzFile.open(Path.of(work("r.npz")))) {
      assertEquals(300, npz.get("predictions").size());
    }
  }

  @Test
  void interruptedConversionLeavesNothing() throws Exception {
    try (ProgramProcess child =
        ProgramProcess.start(
            dir,
            drawing(),
            Bundled.convert(
                work.resolve("m.snn"), "--tune-steps", "100000", "--report", work("r.json")))) {
      child.waitFor("choose").signal("INT");
      Bundled.Done done = child.end();
      assertEquals(130, done.code(), done.err());
      assertEquals("snnsim: interrupted; nothing was written", done.error());
      assertEquals("", done.out());
    }
    assertEquals(List.of(), Bundled.files(work));
  }

  @Test
  void terminationIsTreatedAsAnInterruptWithItsOwnCode() throws Exception {
    try (ProgramProcess child =
        ProgramProcess.start(
            dir, drawing(), "run", model(), IMAGES, "--steps", "40000", "--no-ann")) {
      child.waitFor("run").signal("TERM");
      Bundled.Done done = child.end();
      assertEquals(143, done.code(), done.err());
      assertTrue(done.out().startsWith("interrupted: "), done.out());
    }
  }

  /**
   * The kernels read weights where the file is mapped, and the system answers with a signal; where
   * threads share an image, in a thread that nobody catches anything in but the one it works for.
   */
  @Test
  void aMappedModelThatIsMadeShorterMeanwhileIsOneLine() throws Exception {
    String[][] hows = {
      {"scalar", "1", "images"}, {"vector", "1", "images"}, {"vector", "2", "within"}
    };
    for (String[] how : hows) {
      Path mapped = Files.copy(Path.of(model()), dir.resolve(String.join("-", how) + ".snn"));
      try (ProgramProcess child =
          ProgramProcess.start(
              dir,
              drawing(),
              "run",
              mapped.toString(),
              IMAGES,
              "--mode",
              "mapped",
              "--kernel",
              how[0],
              "--threads",
              how[1],
              "--parallel",
              how[2],
              "--steps",
              "40000",
              "--no-ann",
              "--json",
              work("r.json"),
              "--record",
              work("r.npz"))) {
        child.waitFor("run");
        try (FileChannel channel = FileChannel.open(mapped, StandardOpenOption.WRITE)) {
          channel.truncate(0);
        }
        Bundled.Done done = child.end();
        assertEquals(74, done.code(), String.join(" ", how) + done.err());
        assertTrue(done.error().contains("made shorter"), done.err());
        assertTrue(done.error().contains("--mode resident"), done.err());
        assertFalse(done.err().contains("\tat "), done.err());
        assertEquals("", done.out());
      }
      assertEquals(List.of(), Bundled.files(work));
    }
  }

  /** A file-size limit fails writes half-way as a full disk does. */
  private void fullDisk(String kilobytes, String... args) throws Exception {
    try (ProgramProcess child =
        ProgramProcess.start(dir, "ulimit -f " + kilobytes + "; ", "", ProgramProcess.ALL, args)) {
      Bundled.Done done = child.end();
      assertEquals(74, done.code(), done.err());
      assertTrue(done.error().contains("cannot be written"), done.err());
      assertTrue(done.error().contains("nothing was changed"), done.err());
    }
    assertEquals(List.of(), Bundled.files(work));
  }

  @Test
  void fullDiskLeavesNoHalfWrittenModel() throws Exception {
    fullDisk(
        "100",
        Bundled.convert(
            work.resolve("m.snn"), "--precision", "i8", "--limit-calibration", "20", "--quiet"));
  }

  @Test
  void fullDiskLeavesNoHalfWrittenJson() throws Exception {
    fullDisk(
        "4",
        "run",
        model(),
        IMAGES,
        "--steps",
        "2000",
        "--limit",
        "1",
        "--no-ann",
        "--json",
        work("r.json"));
  }

  @Test
  void fullDiskLeavesNoHalfWrittenRecord() throws Exception {
    fullDisk(
        "16",
        "run",
        model(),
        IMAGES,
        "--steps",
        "2",
        "--limit",
        "20",
        "--no-ann",
        "--record",
        work("r.npz"));
  }

  @Test
  void fullDiskLeavesNoHalfWrittenPicture() throws Exception {
    fullDisk(
        "4",
        "compare",
        model(),
        IMAGES,
        "--steps",
        "4",
        "--limit",
        "3",
        "--plot",
        work("layers.png"));
  }

  @Test
  void fullFileSystemLeavesNoHalfWrittenModel() throws Exception {
    // A real file system of 128 KB; where this user may not mount one the limits above have to do.
    String mount = "mount -t tmpfs -o size=128k none '" + work + "' || exit 99; ";
    Process probe = new ProcessBuilder("unshare", "-rm", "bash", "-c", mount).inheritIO().start();
    if (probe.waitFor() != 0) {
      return;
    }
    String[] args =
        Bundled.convert(
            work.resolve("m.snn"), "--precision", "i8", "--limit-calibration", "20", "--quiet");
    String shell =
        "exec unshare -rm bash -c '"
            + mount.replace("'", "'\\''")
            + "\"$0\" \"$@\"; code=$?; ls -A '\\''"
            + work
            + "'\\''; exit $code' \"$0\" \"$@\"; ";
    try (ProgramProcess child = ProgramProcess.start(dir, shell, "", ProgramProcess.ALL, args)) {
      Bundled.Done done = child.end();
      assertEquals(74, done.code(), done.err());
      assertTrue(done.error().contains("No space left on device"), done.err());
      assertEquals("", done.out(), "the file system must be empty");
    }
  }

  @Test
  void unwritableStdoutIsAnErrorAndABrokenPipeIsNot() throws Exception {
    try (ProgramProcess child =
        ProgramProcess.start(
            dir, "", " >/dev/full", ProgramProcess.ALL, "info", model(), "--json")) {
      Bundled.Done done = child.end();
      assertEquals(74, done.code(), done.err());
      assertTrue(done.error().startsWith("snnsim: stdout: cannot be written"), done.err());
    }
    try (ProgramProcess child =
        ProgramProcess.start(
            dir, "", " > >(true)", ProgramProcess.ALL, "info", model(), "--json")) {
      Bundled.Done done = child.end();
      assertFalse(done.err().contains("snnsim: "), done.err());
    }
  }

  @Test
  void withoutTheVectorApiOneWarningNamesTheFlag() throws Exception {
    Bundled.Done done =
        run(List.of(), "run", model(), IMAGES, "--steps", "8", "--limit", "2", "--no-ann");
    assertEquals(0, done.code(), done.err());
    List<String> warnings =
        done.err().lines().filter(l -> l.startsWith("warning: ") && l.contains("scalar")).toList();
    assertEquals(1, warnings.size(), done.err());
    assertTrue(warnings.getFirst().endsWith("add --add-modules=jdk.incubator.vector"), done.err());
    assertTrue(done.out().contains("kernel scalar"), done.out());

    Bundled.Done forced =
        run(List.of(), "run", model(), IMAGES, "--steps", "8", "--kernel", "vector");
    assertEquals(69, forced.code(), forced.err());
    assertTrue(forced.error().contains("--add-modules=jdk.incubator.vector"), forced.err());

    Bundled.Done version = run(List.of(), "--version");
    assertEquals(0, version.code(), version.err());
    assertTrue(
        version.out().contains("scalar: this JVM has no Vector API; add --add-modules="),
        version.out());
  }

  @Test
  void withoutTheFlagsOfChronicleBytesModelsRunAndConvertNamesTheFlags() throws Exception {
    run(ProgramProcess.VECTOR, "run", model(), IMAGES, "--steps", "2", "--limit", "1").ok();
    run(
            ProgramProcess.VECTOR,
            "run",
            model(),
            IMAGES,
            "--steps",
            "2",
            "--limit",
            "1",
            "--mode",
            "mapped")
        .ok();
    Bundled.Done convert =
        run(
            ProgramProcess.VECTOR,
            Bundled.convert(
                work.resolve("m.snn"), "--precision", "i8", "--limit-calibration", "20"));
    assertEquals(74, convert.code(), convert.err());
    assertTrue(convert.error().contains("--add-opens=java.base"), convert.err());
    assertEquals(List.of(), Bundled.files(work));
  }

  @Test
  void tooSmallAHeapSaysHowToGetALargerOne() throws Exception {
    List<String> flags = new ArrayList<>(ProgramProcess.ALL);
    flags.add("-Xmx24m");
    Bundled.Done done =
        run(flags, "run", model(), IMAGES, "--steps", "10000000", "--limit", "1", "--no-ann");
    assertEquals(1, done.code(), done.err());
    assertTrue(done.error().contains("SNNSIM_JAVA_OPTS=-Xmx"), done.err());
  }

  @Test
  void anImpossibleVectorWidthIsRefusedByName() throws Exception {
    List<String> flags = new ArrayList<>(ProgramProcess.ALL);
    flags.add("-Dsnnsim.vectorBits=96");
    Bundled.Done done = run(flags, "run", model(), IMAGES, "--steps", "1");
    assertEquals(2, done.code(), done.err());
    assertTrue(done.error().contains("64, 128, 256 or 512"), done.err());
  }

  @Test
  void helpHasNoEscapesWhereThereIsNoTerminal() throws Exception {
    Bundled.Done done = run(ProgramProcess.VECTOR, "run", "--help").ok();
    assertFalse(done.out().contains("\033"), done.out());
    assertTrue(done.out().contains("snnsim run resnet20.snn test.npz"), done.out());
  }

  /** As {@code java -jar} starts it, without the launcher, which asks the shell. */
  @Test
  void theJarNamesTooFewOpenFilesToo() throws Exception {
    for (String files : List.of("12", "16", "40", "63")) {
      String said =
          ProgramProcess.oneLine(
              dir,
              74,
              "bash",
              "-c",
              "ulimit -n " + files + "; exec \"$0\" \"$@\"",
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "io.snnsim.cli.JarMain",
              "info",
              "none.snn");
      assertTrue(said.contains("files may be open at a time, expected 64 or more"), said);
    }
  }

  /** The JVM would end in a class that it does not find. */
  @Test
  void theLauncherNamesTooFewOpenFiles() throws Exception {
    String said =
        ProgramProcess.oneLine(dir, 74, "bash", "-c", "ulimit -n 12; exec ./snnsim info none.snn");
    assertTrue(said.startsWith("snnsim: only 12 files may be open"), said);
  }
}
