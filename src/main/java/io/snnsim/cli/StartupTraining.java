// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Does once what users do, so that the JVM can note which classes that takes and how their code
 * runs; the launcher runs it to make its start-up cache. Leaves in the folder of the first argument
 * the model {@code m.snn} for a second cache, and in {@code help} what the program says of itself
 * and of each command, plain and coloured, for calls that ask for nothing else. Prints nothing.
 */
final class StartupTraining {
  /** Where picocli asks first whether to use colours. */
  private static final String ANSI = "picocli.ansi";

  private StartupTraining() {}

  public static void main(String[] args) throws IOException {
    Path weights = Path.of(System.getProperty("snnsim.home", ".")).resolve("weights");
    String images = weights.resolve("mnist_test_300.npz").toString();
    Path dir = Path.of(args[0]);
    String model = dir.resolve("m.snn").toString();
    String json = dir.resolve("r.json").toString();
    String record = dir.resolve("r.npz").toString();
    List<List<String>> commands =
        List.of(
            List.of(
                "convert",
                weights.resolve("mnist_resnet8.npz").toString(),
                "-o",
                model,
                "--calibration",
                images,
                "--limit-calibration",
                "64",
                "--precision",
                "i8"),
            List.of("verify", model),
            List.of("info", model, "--json"),
            List.of("doctor"),
            List.of("--version"),
            List.of("run", "--help"),
            List.of("run", model, images, "--steps", "32", "--limit", "8"),
            List.of("run", model, images, "--steps", "32", "--limit", "60", "--kernel", "vector"),
            List.of("run", model, images, "--steps", "2", "--limit", "1", "--mode", "mapped"),
            List.of("run", model, images, "--steps", "2", "--limit", "1", "--kernel", "scalar"),
            List.of(
                "run",
                model,
                images,
                "--steps",
                "8",
                "--limit",
                "2",
                "--json",
                json,
                "--record",
                record));
    int worst = 0;
    try (PrintWriter nowhere = new PrintWriter(Writer.nullWriter())) {
      for (List<String> command : commands) {
        worst = Math.max(worst, Main.execute(nowhere, nowhere, command.toArray(String[]::new)));
      }
    } finally {
      for (String file : List.of(json, record)) {
        Files.deleteIfExists(Path.of(file));
      }
    }
    help(Files.createDirectory(dir.resolve("help")));
    System.exit(worst);
  }

  /** A file a command, named as it is; the program's own is {@code snnsim}. */
  static void help(Path dir) throws IOException {
    write(dir.resolve("snnsim"), "--help");
    for (String command : Main.commandNames()) {
      write(dir.resolve(command), command, "--help");
    }
  }

  private static void write(Path plain, String... args) throws IOException {
    Path coloured = plain.resolveSibling(plain.getFileName() + ".colour");
    for (Path file : List.of(plain, coloured)) {
      System.setProperty(ANSI, String.valueOf(file == coloured));
      try (PrintWriter out = new PrintWriter(file.toFile(), StandardCharsets.UTF_8)) {
        Main.execute(out, out, args);
      } finally {
        System.clearProperty(ANSI);
      }
    }
  }
}
