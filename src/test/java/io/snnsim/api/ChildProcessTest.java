// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.EmbedderMain;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What needs a JVM of its own: its flags, its collector, its end. The children are {@link
 * EmbedderMain}.
 */
@Tag("slow")
class ChildProcessTest {
  private static final String VECTOR = "--add-modules=jdk.incubator.vector";

  private record Ended(int code, String out, String err) {}

  private static Ended run(Path dir, List<String> flags, String... args) throws Exception {
    return run(dir, "", flags, args);
  }

  /**
   * @param shell shell commands that run before it
   */
  private static Ended run(Path dir, String shell, List<String> flags, String... args)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("bash", "-c", shell + "exec \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:-UsePerfData");
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("-XX:ErrorFile=" + dir.resolve("crash.log"));
    command.addAll(flags);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), EmbedderMain.class.getName()));
    command.addAll(List.of(args));
    Path out = dir.resolve("out");
    Path err = dir.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertTrue(process.waitFor(5, TimeUnit.MINUTES), "it must end");
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static Path model(Path dir) {
    return Models.file(dir.resolve("net.snn"), RandomNetworks.of(3).network());
  }

  @Test
  void aResidentModelNeedsNoFlagButTheVectorModules(@TempDir Path dir) throws Exception {
    Ended e = run(dir, List.of(VECTOR), "classify", model(dir).toString());
    assertEquals(0, e.code(), e.err());
    assertEquals(
        "WARNING: Using incubator modules: jdk.incubator.vector", e.err().strip(), "stderr");
    assertTrue(e.out().startsWith("vector"), e.out());
    // Without any flag: the same answers from the scalar kernels, and not a word.
    Ended scalar = run(dir, List.of(), "classify", dir.resolve("net.snn").toString());
    assertEquals(0, scalar.code(), scalar.err());
    assertEquals("", scalar.err());
    assertTrue(scalar.out().startsWith("scalar"), scalar.out());
    assertEquals(e.out().lines().skip(1).toList(), scalar.out().lines().skip(1).toList());
    // Nor did it start a thread or change a setting of the JVM.
    List<String> end = List.of("threads started: []", "properties unchanged: true");
    List<String> lines = e.out().lines().toList();
    assertEquals(end, lines.subList(lines.size() - 2, lines.size()));
  }

  @Test
  void mappingNeedsNoFlagEither(@TempDir Path dir) throws Exception {
    Ended e = run(dir, List.of(), "map", model(dir).toString());
    assertEquals(0, e.code(), e.err());
    assertEquals("", e.err());
    assertEquals("opened", e.out().strip());
  }

  @Test
  void aResidentModelSurvivesItsFile(@TempDir Path dir) throws Exception {
    Path file = model(dir);
    Ended e = run(dir, List.of(VECTOR), "truncate", file.toString());
    assertEquals(0, e.code(), e.err());
    assertEquals("same", e.out().strip());
    assertEquals(0, Files.size(file));
  }

  @Test
  void aMappedModelThatIsMadeShorterIsATypedFailure(@TempDir Path dir) throws Exception {
    // Compiled and alone, hardly compiled and with a second thread.
    for (String[] how : new String[][] {{"300", "1"}, {"1", "2"}}) {
      Ended e = run(dir, List.of(VECTOR), "lose", dir.toString(), how[0], how[1]);
      assertEquals(0, e.code(), String.join(" ", how) + e.out() + e.err());
      assertEquals("typed", e.out().strip(), String.join(" ", how));
    }
  }

  @Test
  void aFileThatIsMadeShorterWhileItIsVerifiedIsATypedFailure(@TempDir Path dir) throws Exception {
    Ended e = run(dir, List.of(VECTOR), "shorten", dir.toString());
    assertEquals(0, e.code(), e.out() + e.err());
    assertEquals("typed", e.out().strip());
  }

  /** The system gives 5 GB of addresses, and a session needs more, which the machine has. */
  @Test
  void tooLittleMemoryIsATypedFailureAndTheModelGoesOn(@TempDir Path dir) throws Exception {
    Ended e =
        run(dir, "ulimit -v 5000000; ", List.of(VECTOR, "-XX:+UseSerialGC", "-Xmx256m"), "huge");
    assertEquals(0, e.code(), e.err());
    List<String> lines = e.out().lines().toList();
    for (int i = 0; i < 3; i++) {
      assertTrue(lines.get(i).startsWith("NO_MEMORY model huge: "), e.out());
    }
    assertEquals("closed", lines.get(3));
  }

  @Test
  void tooLittleMemoryForAModelIsATypedFailureAndAnotherTrySucceeds(@TempDir Path dir)
      throws Exception {
    Ended e = run(dir, List.of(VECTOR, "-XX:+UseSerialGC", "-Xmx512m"), "large");
    assertEquals(0, e.code(), e.err());
    List<String> lines = e.out().lines().toList();
    assertTrue(
        lines.get(0).startsWith("NO_MEMORY memory: too little memory for its weights"), e.out());
    assertEquals("opened", lines.get(1), e.out());
  }

  /**
   * One call in 20,000 may run code that the JVM has taken back and not compiled anew: a process of
   * its own cannot know better. That took 48 to 1,064 bytes where it was seen; without a warm-up
   * thousands of calls allocate, up to megabytes.
   */
  @Test
  void afterAWarmUpThatSaysSoAtMostACallOrTwoAllocateALittle(@TempDir Path dir) throws Exception {
    Ended e = run(dir, List.of(VECTOR, "-XX:+UseSerialGC"), "warm");
    assertEquals(0, e.code(), e.err());
    List<String> lines = e.out().lines().toList();
    assertEquals("compiled", lines.get(0));
    assertTrue(Integer.parseInt(lines.get(1)) <= 2, e.out());
    assertTrue(Integer.parseInt(lines.get(2)) < 4096, e.out());
  }

  /**
   * No collector: what steps allocate would end the child, at less than 16 bytes each. Compiling in
   * the foreground keeps the garbage of code that waits for its compiler out of the heap.
   */
  @Test
  void tenMillionStepsNeedNoCollector(@TempDir Path dir) throws Exception {
    List<String> flags =
        List.of(
            VECTOR, "-XX:+UnlockExperimentalVMOptions", "-XX:+UseEpsilonGC", "-Xbatch", "-Xmx192m");
    Ended e = run(dir, flags, "epsilon");
    assertEquals(0, e.code(), e.err() + e.out());
    assertTrue(e.out().contains("steps 10000000"), e.out());
  }
}
