// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program as a process of its own: signals, limits, missing flags. Ended by {@link #close}. */
final class Child implements AutoCloseable {
  static final List<String> VECTOR = List.of("--add-modules=jdk.incubator.vector");

  /** All flags that the launcher gives. */
  static final List<String> ALL =
      List.of(
          "--add-modules=jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");

  private final Process process;
  private final Path out;
  private final Path err;

  private Child(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts the program.
   *
   * @param logs folder for what it prints
   * @param shell shell commands that run before it, for instance {@code ulimit}; a redirection of
   *     its output goes to {@code redirect}
   */
  static Child start(Path logs, String shell, String redirect, List<String> flags, String... args)
      throws IOException {
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(flags);
    java.addAll(
        List.of(
            "-XX:-UsePerfData",
            "-XX:+UseSerialGC",
            "-Dslf4j.internal.verbosity=ERROR",
            "-cp",
            System.getProperty("java.class.path"),
            "io.snnsim.cli.Main"));
    java.addAll(Arrays.asList(args));
    List<String> command = new ArrayList<>();
    // Where this test runs in the background SIGINT may be ignored, and the child would inherit it.
    command.addAll(List.of("env", "--default-signal=INT", "bash", "-c"));
    command.add(shell + "exec \"$0\" \"$@\"" + redirect);
    command.addAll(java);
    Path out = Files.createTempFile(logs, "child", ".out");
    Path err = Files.createTempFile(logs, "child", ".err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new Child(process, out, err);
  }

  static Child start(Path logs, List<String> flags, String... args) throws IOException {
    return start(logs, "", "", flags, args);
  }

  /** Waits until stderr holds {@code text}: the child is where the test wants it. */
  Child waitFor(String text) throws Exception {
    for (int i = 0; i < 1200; i++) {
      if (Files.readString(err).contains(text)) {
        return this;
      }
      if (!process.isAlive()) {
        fail("it ended before it printed '" + text + "': " + Files.readString(err));
      }
      Thread.sleep(50);
    }
    return fail("it did not print '" + text + "': " + Files.readString(err));
  }

  void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  /** Waits for the end. */
  Bundled.Done end() throws Exception {
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it must end");
    return new Bundled.Done(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
