// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.dump.NpyArray;
import io.snnsim.dump.NpzFile;
import io.snnsim.dump.NpzWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Command lines in this JVM, and the bundled network as their subject. */
final class Bundled {
  static final String NET = "weights/mnist_resnet8.npz";
  static final String IMAGES = "weights/mnist_test_300.npz";

  /** What a command line gave. */
  record Done(int code, String out, String err) {
    /** The one error line. */
    String error() {
      List<String> lines = err.lines().filter(l -> l.startsWith("snnsim: ")).toList();
      assertEquals(1, lines.size(), err);
      return lines.getFirst();
    }

    /** Fails unless the command did what it should. */
    Done ok() {
      assertEquals(0, code, err);
      return this;
    }
  }

  private Bundled() {}

  static Done execute(String... args) {
    return execute(new Main(), args);
  }

  static Done execute(Main main, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.execute(main, new PrintWriter(out), new PrintWriter(err), args);
    return new Done(code, out.toString(), err.toString());
  }

  /** Arguments that convert the bundled network to {@code model}. */
  static String[] convert(Path model, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "convert",
                NET,
                "-o",
                model.toString(),
                "--calibration",
                IMAGES,
                "--mean",
                "0.1307",
                "--std",
                "0.3081"));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  /** A model of the bundled network in {@code dir}. */
  static Path model(Path dir) {
    Path model = dir.resolve("m.snn");
    execute(convert(model, "--precision", "i8", "--limit-calibration", "100")).ok();
    return model;
  }

  /** The bundled images without their labels. */
  static Path unlabelled(Path dir) throws IOException {
    Path file = dir.resolve("nolabels.npz");
    try (NpzFile npz = NpzFile.open(Path.of(IMAGES));
        NpzWriter w = new NpzWriter(Files.newOutputStream(file))) {
      NpyArray images = npz.get("images");
      w.begin("images", "|u1", images.shape());
      w.rows(images.toUnsignedBytes());
    }
    return file;
  }

  /** Names of the files in a folder, sorted. */
  static List<String> files(Path dir) throws IOException {
    try (var list = Files.list(dir)) {
      return list.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }
}
