// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** {@code --json}, which writes a result to a file, or to stdout instead of text. One thread. */
final class JsonOption {
  private static final String STDOUT = "-";

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write the result as JSON (docs/schema/${COMMAND-NAME}.md); - for stdout, instead of"
              + " text.")
  private String json;

  /** The file, or null for stdout and where no JSON was asked for. */
  Path file() {
    return json == null || json.equals(STDOUT) ? null : Path.of(json);
  }

  /**
   * Prints or writes a result as it was asked for.
   *
   * @param text for eyes, unless JSON takes its place
   * @param tree the JSON
   */
  void print(PrintWriter out, OutputFiles files, Supplier<String> text, Supplier<ObjectNode> tree) {
    if (json == null || file() != null) {
      out.print(text.get());
    }
    if (json != null) {
      String all = tree.get().toPrettyString() + "\n";
      if (file() == null) {
        out.print(all);
      } else {
        files.write(file(), all);
      }
    }
  }

  /** A report as JSON: its fields in their order. */
  static ObjectNode tree(Object report) {
    return new ObjectMapper().valueToTree(report);
  }
}
