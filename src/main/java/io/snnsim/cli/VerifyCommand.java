package io.snnsim.cli;

import io.snnsim.format.SnnReader;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelStore;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code snnsim verify}. */
@Command(
    name = "verify",
    description = "Checks a model file: frame, checksums, and the rules its network must satisfy.",
    mixinStandardHelpOptions = true,
    footer = {"%nExample:", "  snnsim verify resnet20.snn"})
final class VerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL")
  private Path model;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    for (SnnReader.SectionInfo s : ModelStore.sections(model)) {
      spec.commandLine()
          .getOut()
          .printf(
              "%-20s %10d %10d %s%n",
              s.name(), s.offset(), s.length(), s.checksumOk() ? "ok" : "DAMAGED");
    }
    ModelStore.open(model, Mode.RESIDENT).close();
    spec.commandLine().getOut().println(model + ": sound");
    return 0;
  }
}
