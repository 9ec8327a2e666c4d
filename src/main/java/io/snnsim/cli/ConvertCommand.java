// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.convert.Conversion;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Precision;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.ConversionPipeline;
import io.snnsim.tune.SchemeSearch;
import io.snnsim.tune.Tuner;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim convert}. */
@Command(
    name = "convert",
    description = "Converts a dump of a trained network into a spiking model.",
    footer = {
      "%nExample:",
      "  snnsim convert resnet20.npz -o resnet20.snn --calibration train.npz \\",
      "      --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
      "  snnsim convert resnet20.npz -o fast.snn --calibration train.npz \\",
      "      --preset low-latency --target-steps 8"
    })
final class ConvertCommand extends SnnsimCommand {
  @Parameters(paramLabel = "DUMP", description = "Weights, .npz or HDF5.")
  private Path dump;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "MODEL",
      required = true,
      description = "Model file to write.")
  private Path output;

  @Option(
      names = "--calibration",
      paramLabel = "DATA",
      required = true,
      description = "Training images, .npz; some hundreds or more.")
  private Path calibration;

  @Option(
      names = "--arch",
      description =
          "resnet-cifar, resnet-mnist or a JSON graph file (docs/schema/graph.md)."
              + " Default: recognised from names and shapes.")
  private String arch;

  @Mixin private SchemeOptionsMixin methodOptions;

  @Option(names = "--mean", split = ",", description = "Of the input, per channel. Default: 0.")
  private float[] mean;

  @Option(names = "--std", split = ",", description = "Of the input, per channel. Default: 1.")
  private float[] std;

  @Option(
      names = "--percentile",
      description =
          "Quantile of activations that becomes rate 1. Default: 99.9, in --preset exact 100.")
  private Double percentile;

  @Option(
      names = {"--v0", "--initial-potential"},
      description = "V(0) as a share of theta, 0..1. Default: 0.5.")
  private Double v0;

  @Option(
      names = "--compensation",
      description = "kappa 1..4, or auto to choose it on held-back images. Default: 1.")
  private String compensation;

  @Option(
      names = "--precision",
      defaultValue = "auto",
      description = "auto, i8, i16 or i32. Default: ${DEFAULT-VALUE}.")
  private String precision;

  @Option(
      names = "--tune-steps",
      paramLabel = "T",
      defaultValue = "64",
      description = "Time steps at which auto compares. Default: ${DEFAULT-VALUE}.")
  private int tuneSteps;

  @Option(names = "--limit-calibration", paramLabel = "N", description = "Only the first N images.")
  private Integer limitCalibration;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write settings, hashes and the conversion report as JSON.")
  private Path report;

  @Option(
      names = "--threads",
      paramLabel = "K",
      description = "Worker threads; the model does not depend on it. Default: one a processor.")
  private Integer threads;

  @Option(names = "--force", description = "Replace existing output files.")
  private boolean force;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress, notes and warnings on stderr.")
  private boolean quiet;

  @Override
  public Integer call() {
    require(
        percentile == null || (percentile > 0 && percentile <= 100),
        "--percentile: found " + percentile + ", expected above 0, at most 100");
    SchemeOptions methods = methodOptions.methods();
    require(
        percentile == null || !(methods.errorLambda() || methods.balancedLambda()),
        "--percentile: found "
            + percentile
            + " with --lambda-choice "
            + (methods.errorLambda() ? "error" : "balance")
            + "; give one of them");
    double potential = v0 == null ? 0.5 : v0;
    require(potential >= 0 && potential <= 1, "--v0: found " + v0 + ", expected 0..1");
    within("--tune-steps", tuneSteps, MOST_STEPS);
    within("--limit-calibration", limitCalibration == null ? 1 : limitCalibration, 1 << 30);
    Precision grid = "auto".equals(precision) ? null : precision(precision);
    Double kappa =
        compensation == null
            ? Double.valueOf(1)
            : "auto".equals(compensation) ? null : kappa(compensation);
    int searchSteps = methodOptions.searchSteps();
    Set<SchemeSearch.Value> free =
        EnumSet.of(SchemeSearch.Value.READOUT, SchemeSearch.Value.READOUT_AFTER);
    addIf(free, percentile == null && !methods.balancedLambda(), SchemeSearch.Value.PERCENTILE);
    addIf(free, v0 == null, SchemeSearch.Value.V0);
    addIf(free, compensation == null, SchemeSearch.Value.COMPENSATION);
    require(
        searchSteps == 0 || kappa != null,
        "--compensation: found auto with --search, which chooses kappa itself; leave it out");
    require(
        !methods.layerwise() || (kappa != null && kappa == 1),
        "--compensation: found "
            + compensation
            + ", expected 1 where weights, biases or lambda are fitted to spikes; leave it out");
    int workers = threads(threads);
    requireApart("-o", output, dump, calibration, report);
    requireApart("--report", report, dump, calibration);
    AtomicFile.check(output, force);
    if (report != null) {
      AtomicFile.check(report, force);
    }
    Talk talk = talk(quiet);
    Imported imported = ConversionPipeline.importDump(dump, arch);
    if (imported.guessed()) {
      talk.say("recognised as " + imported.arch());
    }
    imported.notes().forEach(n -> talk.say("note: " + n));
    ImageSet images =
        ImageSet.read(
            calibration,
            imported.graph().inputShape(),
            limitCalibration == null ? Integer.MAX_VALUE : limitCalibration);
    ConversionPipeline pipeline =
        new ConversionPipeline(
            imported,
            images,
            mean,
            std,
            percentile == null ? methodOptions.preset().percentile() : percentile,
            potential,
            methods,
            workers,
            talk,
            interrupt()::asked);
    Tuner.Choice choice =
        methods.layerwise()
            ? pipeline.chooseFit(grid, methodOptions.fitRidge(), methodOptions.fitSpikePenalty())
            : searchSteps > 0
                ? pipeline.chooseScheme(grid, kappa, free, searchSteps)
                : pipeline.choose(grid, kappa, tuneSteps);
    Conversion conversion = pipeline.convert(choice);
    if (pipeline.cancelled()) {
      return interrupted();
    }
    ModelContents contents = pipeline.contents(conversion, choice, dump, calibration);
    if (pipeline.cancelled()) {
      return interrupted(); // Margins may be missing.
    }
    ModelStore.publish(output, contents, force);
    if (report != null) {
      byte[] json = contents.extras().get(ModelContents.PROVENANCE);
      AtomicFile.write(report, force, stream -> stream.write(json));
    }
    out().print(conversion.report().toText());
    talk.say("wrote " + output + (report == null ? "" : " and " + report));
    return 0;
  }

  private static void addIf(Set<SchemeSearch.Value> free, boolean is, SchemeSearch.Value value) {
    if (is) {
      free.add(value);
    }
  }

  private static Precision precision(String name) {
    for (Precision p : Precision.values()) {
      if (p.name().equalsIgnoreCase(name)) {
        return p;
      }
    }
    throw SnnsimException.usage("--precision: found " + name + ", expected auto, i8, i16 or i32");
  }

  private static double kappa(String text) {
    double k;
    try {
      k = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      k = Double.NaN;
    }
    require(k >= 1 && k <= 4, "--compensation: found " + text + ", expected auto or 1..4");
    return k;
  }
}
