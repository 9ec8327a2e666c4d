// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.export.NirExport;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.Listener;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim export}. */
@Command(
    name = "export",
    description = "Writes the spiking network of a model as a NIR file for other tool chains.",
    footer = {
      "%nExamples:",
      "  snnsim export resnet20.snn -o resnet20.nir",
      "  snnsim simulate resnet20.nir test.npz --steps 64",
      "%nOf IF neurons (--preset s-resnet): NIR has none that send codes or take spikes back."
    })
final class ExportCommand extends SnnsimCommand {
  @Parameters(paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "The NIR file (HDF5) to write.")
  private Path output;

  @Mixin private OutputFiles files;

  @Override
  public Integer call() {
    files.check("--output", output, model);
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      NirExport.Written[] written = new NirExport.Written[1];
      AtomicFile.publish(
          output,
          files.force(),
          temporary -> written[0] = NirExport.write(file.network(), temporary, model.toString()));
      Listener listener = context(1, false).listener();
      written[0].notes().forEach(note -> listener.say("note: " + note));
      listener.say(
          "wrote "
              + output
              + ": "
              + written[0].nodes()
              + " nodes, "
              + written[0].edges()
              + " edges");
    }
    return 0;
  }
}
