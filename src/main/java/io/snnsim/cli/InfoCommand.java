package io.snnsim.cli;

import io.snnsim.format.ModelContents;
import io.snnsim.network.Population;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code snnsim info}. */
@Command(
    name = "info",
    description = "Shows what a model file holds and where it came from.",
    mixinStandardHelpOptions = true,
    footer = {"%nExample:", "  snnsim info resnet20.snn"})
final class InfoCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL")
  private Path model;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      out.printf(
          "%s, precision %s, %d neurons, %d bytes%n",
          file.network().name(),
          file.network().precision(),
          file.network().neurons(),
          file.nativeBytes());
      for (Population p : file.network().populations()) {
        out.printf(
            "%-18s %-10s %-8s V %d bits, input sum %d..%d%n",
            p.name(), p.shape(), p.model(), p.wide() ? 32 : 16, p.boundLow(), p.boundHigh());
      }
      byte[] provenance = file.extra(ModelContents.PROVENANCE);
      if (provenance != null) {
        out.println(new String(provenance, StandardCharsets.UTF_8));
      }
    }
    return 0;
  }
}
