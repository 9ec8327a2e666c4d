// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.Shown;
import io.snnsim.format.SnnReader;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim verify}. */
@Command(
    name = "verify",
    description = "Checks a model file: frame, checksums, and the rules its network must satisfy.",
    footer = {
      "%nExample:",
      "  snnsim verify resnet20.snn",
      "%nExit code 0 says that the file is sound, 65 that it is not."
    })
final class VerifyCommand extends SnnsimCommand {
  @Parameters(paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only the exit code.")
  private boolean quiet;

  @Override
  public Integer call() {
    List<SnnReader.SectionInfo> sections = ModelStore.sections(model);
    if (!quiet) {
      out().printf("%-20s %10s %10s %s%n", "section", "offset", "bytes", "checksum");
    }
    for (SnnReader.SectionInfo s : sections) {
      if (!quiet) {
        out()
            .printf(
                Locale.ROOT,
                "%-20s %10d %10d %s%n",
                Shown.text(s.name()),
                s.offset(),
                s.length(),
                s.checksumOk() ? "ok" : "DAMAGED");
      }
    }
    ModelStore.open(model, Mode.RESIDENT).close();
    if (!quiet) {
      out().println(model + ": sound");
    }
    return 0;
  }
}
