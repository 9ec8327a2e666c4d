package io.snnsim.cli;

import io.snnsim.convert.Conversion;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Precision;
import io.snnsim.store.ModelStore;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim convert}. */
@Command(
    name = "convert",
    description = "Converts a dump of a trained network into a spiking model.",
    mixinStandardHelpOptions = true,
    footer = {
      "%nExample:",
      "  snnsim convert resnet20.npz -o resnet20.snn --calibration train.npz \\",
      "      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"
    })
final class ConvertCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DUMP", description = "Weights: .npz or HDF5.")
  private Path dump;

  @Option(names = "-o", required = true, description = "Model file to write.")
  private Path output;

  @Option(names = "--calibration", required = true, description = "Training images, .npz.")
  private Path calibration;

  @Option(names = "--arch", description = "resnet-cifar, resnet-mnist or a JSON graph file.")
  private String arch;

  @Option(names = "--mean", split = ",", description = "Per channel; default 0.")
  private float[] mean;

  @Option(names = "--std", split = ",", description = "Per channel; default 1.")
  private float[] std;

  @Option(names = "--percentile", defaultValue = "99.9", description = "Default: ${DEFAULT-VALUE}.")
  private double percentile;

  @Option(
      names = "--v0",
      defaultValue = "0.5",
      description = "V(0) as a share of theta; default: ${DEFAULT-VALUE}.")
  private double v0;

  @Option(
      names = "--compensation",
      defaultValue = "1.0",
      description = "kappa; default: ${DEFAULT-VALUE}.")
  private double compensation;

  @Option(
      names = "--precision",
      defaultValue = "i16",
      description = "i8, i16 or i32; default: ${DEFAULT-VALUE}.")
  private Precision precision;

  @Option(names = "--threads", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(names = "--force", description = "Replace an existing model.")
  private boolean force;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    require(
        percentile > 0 && percentile <= 100, "--percentile " + percentile + ": expected 0..100");
    require(v0 >= 0 && v0 <= 1, "--v0 " + v0 + ": expected 0..1");
    require(
        compensation >= 1 && compensation <= 4,
        "--compensation " + compensation + ": expected 1..4");
    require(threads >= 1 && threads <= 1024, "--threads " + threads + ": expected 1 or more");
    if (!force && java.nio.file.Files.exists(output)) {
      throw new SnnsimException(
          io.snnsim.error.Category.IO, output + ": exists already; give --force to replace it");
    }
    Imported imported = Pipeline.importDump(dump, arch);
    if (imported.guessed()) {
      spec.commandLine().getErr().println("recognised as " + imported.arch());
    }
    imported.notes().forEach(n -> spec.commandLine().getErr().println("note: " + n));
    ImageSet images = ImageSet.read(calibration, imported.graph().inputShape());
    Conversion conversion =
        Pipeline.convert(
            imported, images, mean, std, percentile, v0, compensation, precision, threads);
    ModelStore.publish(output, Pipeline.contents(conversion, imported, dump, calibration), force);
    spec.commandLine().getOut().print(conversion.report().toText());
    spec.commandLine().getErr().println("wrote " + output);
    return 0;
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw SnnsimException.usage(message);
    }
  }
}
