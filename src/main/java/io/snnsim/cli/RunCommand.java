package io.snnsim.cli;

import io.snnsim.ann.MapShape;
import io.snnsim.dump.ImageSet;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Model;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Shape;
import io.snnsim.readout.Readout;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim run}. */
@Command(
    name = "run",
    description = "Classifies images with a spiking model.",
    mixinStandardHelpOptions = true,
    footer = {"%nExample:", "  snnsim run resnet20.snn test.npz --steps 64 --limit 1000"})
final class RunCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL")
  private Path model;

  @Parameters(index = "1", paramLabel = "DATA", description = "Images, .npz.")
  private Path data;

  @Option(names = "--steps", required = true, description = "Time steps an image.")
  private int steps;

  @Option(names = "--limit", description = "Only the first N images.")
  private Integer limit;

  @Option(names = "--threads", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(names = "--kernel", defaultValue = "auto", description = "auto, scalar or vector.")
  private KernelChoice kernel;

  @Option(names = "--mode", defaultValue = "resident", description = "resident or mapped.")
  private Mode mode;

  @Option(
      names = "--readout",
      defaultValue = "spikes_softmax",
      description = "spikes_softmax, spikes or membrane.")
  private Readout readout;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    if (steps < 1 || threads < 1 || (limit != null && limit < 1)) {
      throw SnnsimException.usage("--steps, --threads and --limit: expected 1 or more");
    }
    try (ModelFile file = ModelStore.open(model, mode);
        Model m = Model.of(file.network(), kernel)) {
      Shape s = file.network().input().shape();
      ImageSet images = ImageSet.read(data, new MapShape(s.channels(), s.height(), s.width()));
      if (limit != null) {
        images = images.subset(0, Math.min(limit, images.count()));
      }
      Runner.run(m, images, steps, threads, readout, spec.commandLine());
    }
    return 0;
  }
}
