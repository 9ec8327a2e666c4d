// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import io.snnsim.dump.NpzFile;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.Npy;
import io.snnsim.fixture.ProgramProcess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An embedder with nothing but snnsim and the one jar that it needs: on the class path, on the
 * module path, and in an image of its own. It opens a model with a plan and classifies.
 */
@Tag("slow")
class LightCoreTest {
  private static final String VECTOR = "--add-modules=jdk.incubator.vector";
  private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector";

  private static final String EMBEDDER =
      """
      package embedder;

      import io.snnsim.api.*;
      import java.nio.file.*;
      import java.time.Duration;

      public class Main {
        public static void main(String[] args) throws Exception {
          Path file = Path.of(args[0]);
          byte[] pixels = Files.readAllBytes(Path.of(args[1]));
          float[] image = new float[pixels.length];
          for (int i = 0; i < pixels.length; i++) {
            image[i] = (pixels[i] & 0xff) / 255f;
          }
          for (Memory memory : Memory.values()) {
            try (Model model = Model.open(file, ModelOptions.DEFAULT.with(memory));
                Session session = model.newSession(SessionOptions.OBSERVED)) {
              System.out.println(model.kernel().replaceAll("[0-9]", ""));
              model.warmUp(Duration.ofMillis(1));
              Result r = session.classify(image, RunOptions.steps(32).endingAtMargin(50, 4));
              System.out.println(r.answer() + " after " + r.steps() + ": " + r.score(r.answer()));
            }
          }
        }
      }
      """;

  @TempDir private static Path dir;
  private static Path model;
  private static Path image;

  /** What the same calls give in this JVM, with all the jars there are. */
  private static String expected;

  private record Ended(int code, String out, String err) {}

  @BeforeAll
  static void convert() throws Exception {
    model = Bundled.model(dir);
    byte[] pixels;
    try (NpzFile images = NpzFile.open(Path.of(Bundled.IMAGES))) {
      byte[] all = Npy.unsignedBytes(images.get("images"));
      pixels = Arrays.copyOf(all, 28 * 28);
    }
    image = Files.write(dir.resolve("image"), pixels);
    float[] values = new float[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      values[i] = (pixels[i] & 0xff) / 255f;
    }
    try (Model m = Model.open(model);
        Session session = m.newSession(SessionOptions.OBSERVED)) {
      Result r = session.classify(values, RunOptions.steps(32).endingAtMargin(50, 4));
      expected = r.answer() + " after " + r.steps() + ": " + r.score(r.answer());
    }
    Path source = Files.createDirectories(dir.resolve("source/embedder")).resolve("Main.java");
    Files.writeString(source, EMBEDDER);
    Files.writeString(
        dir.resolve("source/module-info.java"), "module embedder { requires io.snnsim; }");
    tool("javac", "-d", plain().toString(), "-cp", path(), source.toString());
    tool(
        "javac",
        "-d",
        modular().toString(),
        "-p",
        path(),
        dir.resolve("source/module-info.java").toString(),
        source.toString());
  }

  private static Path plain() {
    return dir.resolve("plain");
  }

  private static Path modular() {
    return dir.resolve("modular");
  }

  private static Path of(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** snnsim and all that it needs. */
  private static String path() throws Exception {
    return of(Model.class) + java.io.File.pathSeparator + of(JsonFactory.class);
  }

  private static void tool(String name, String... args) {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int code = ToolProvider.findFirst(name).orElseThrow().run(out, out, args);
    assertEquals(0, code, said::toString);
  }

  private static Ended run(Path java, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(java.toString(), "-XX:+UseSerialGC"));
    command.addAll(List.of(args));
    Path out = Files.createTempFile(dir, "out", "");
    Path err = Files.createTempFile(dir, "err", "");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertTrue(process.waitFor(2, TimeUnit.MINUTES), "it must end");
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static Path thisJava() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  private static void answers(Ended e, String kernel) {
    assertEquals(0, e.code(), e.err());
    assertEquals(List.of(kernel, expected, kernel, expected), e.out().lines().toList());
  }

  @Tag("slow")
  @Test
  void onTheClassPath() throws Exception {
    String classes = path() + java.io.File.pathSeparator + plain();
    Ended vector =
        run(
            thisJava(),
            VECTOR,
            "-cp",
            classes,
            "embedder.Main",
            model.toString(),
            image.toString());
    answers(vector, "vector");
    assertEquals(WARNING, vector.err().strip());
    Ended scalar =
        run(thisJava(), "-cp", classes, "embedder.Main", model.toString(), image.toString());
    answers(scalar, "scalar");
    assertEquals("", scalar.err());
  }

  /** The module requires the Vector API itself: no flag at all. */
  @Tag("slow")
  @Test
  void onTheModulePath() throws Exception {
    String modules = path() + java.io.File.pathSeparator + modular();
    Ended e =
        run(
            thisJava(),
            "-p",
            modules,
            "-m",
            "embedder/embedder.Main",
            model.toString(),
            image.toString());
    answers(e, "vector");
    assertEquals(WARNING, e.err().strip());
  }

  @Tag("slow")
  @Test
  void inAnImageOfItsOwn() throws Exception {
    Path home = dir.resolve("image-of-its-own");
    tool(
        "jlink",
        "--module-path",
        path() + java.io.File.pathSeparator + modular(),
        "--add-modules",
        "embedder",
        "--strip-debug",
        "--no-header-files",
        "--no-man-pages",
        "--output",
        home.toString());
    Path java = home.resolve("bin/java");
    answers(
        run(java, "-m", "embedder/embedder.Main", model.toString(), image.toString()), "vector");
    String modules = run(java, "--list-modules").out();
    assertTrue(modules.contains("io.snnsim") && modules.contains("jdk.jfr"), modules);
    assertFalse(modules.contains("java.desktop") || modules.contains("databind"), modules);
  }

  /** What an embedder may miss, it misses in one line. */
  @Test
  void aMissingJarIsNamed() throws Exception {
    Ended e =
        run(
            thisJava(),
            "-cp",
            path(),
            "io.snnsim.cli.JarMain",
            "run",
            model.toString(),
            Bundled.IMAGES,
            "--steps",
            "2");
    assertEquals(69, e.code(), e.err());
    String said = ProgramProcess.oneLine(e.err());
    assertTrue(said.startsWith("snnsim: the command line needs net.openhft:chronicle-bytes:"));
  }
}
