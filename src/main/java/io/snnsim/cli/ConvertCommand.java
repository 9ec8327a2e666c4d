package io.snnsim.cli;

import io.snnsim.convert.Conversion;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Precision;
import io.snnsim.store.ModelStore;
import io.snnsim.tune.Tuner;
import java.io.PrintWriter;
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
      description = "kappa, or auto to choose it on held-back images; default: ${DEFAULT-VALUE}.")
  private String compensation;

  @Option(
      names = "--precision",
      defaultValue = "auto",
      description = "auto, i8, i16 or i32; default: ${DEFAULT-VALUE}.")
  private String precision;

  @Option(
      names = "--tune-steps",
      defaultValue = "64",
      description = "Time steps at which auto compares; default: ${DEFAULT-VALUE}.")
  private int tuneSteps;

  @Option(names = "--limit-calibration", paramLabel = "N", description = "Only the first N images.")
  private Integer limitCalibration;

  @Option(names = "--report", paramLabel = "FILE", description = "Write the report as JSON.")
  private Path report;

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
    require(threads >= 1 && threads <= 1024, "--threads " + threads + ": expected 1 or more");
    require(tuneSteps >= 1, "--tune-steps " + tuneSteps + ": expected 1 or more");
    require(
        limitCalibration == null || limitCalibration >= 1,
        "--limit-calibration " + limitCalibration + ": expected 1 or more");
    OutputFile.check(output, force);
    OutputFile.check(report, force);
    Imported imported = Pipeline.importDump(dump, arch);
    PrintWriter err = spec.commandLine().getErr();
    if (imported.guessed()) {
      err.println("recognised as " + imported.arch());
    }
    imported.notes().forEach(n -> err.println("note: " + n));
    ImageSet images = ImageSet.read(calibration, imported.graph().inputShape());
    if (limitCalibration != null) {
      images = images.subset(0, Math.min(limitCalibration, images.count()));
    }
    Pipeline pipeline =
        new Pipeline(
            imported,
            images,
            mean,
            std,
            percentile,
            v0,
            threads,
            ((Main) spec.root().userObject()).interrupt()::asked);
    Tuner.Choice choice =
        pipeline.choose(
            "auto".equals(precision) ? null : precision(precision),
            "auto".equals(compensation) ? null : kappa(compensation),
            tuneSteps,
            err);
    Conversion conversion = pipeline.convert(choice);
    if (pipeline.cancelled()) {
      err.println("interrupted; nothing was written");
      return 130;
    }
    ModelContents contents = pipeline.contents(conversion, choice, dump, calibration);
    ModelStore.publish(output, contents, force);
    if (report != null) {
      byte[] json = contents.extras().get(ModelContents.PROVENANCE);
      OutputFile.write(report, out -> out.write(json));
    }
    spec.commandLine().getOut().print(conversion.report().toText());
    err.println("wrote " + output);
    return 0;
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw SnnsimException.usage(message);
    }
  }

  private static Precision precision(String name) {
    for (Precision p : Precision.values()) {
      if (p.name().equalsIgnoreCase(name)) {
        return p;
      }
    }
    throw SnnsimException.usage("--precision " + name + ": expected auto, i8, i16 or i32");
  }

  private static double kappa(String text) {
    double k;
    try {
      k = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      k = Double.NaN;
    }
    require(k >= 1 && k <= 4, "--compensation " + text + ": expected auto or 1..4");
    return k;
  }
}
