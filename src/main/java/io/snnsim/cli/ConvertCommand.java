// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.convert.Conversion;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Precision;
import io.snnsim.study.Context;
import io.snnsim.study.ConversionJob;
import io.snnsim.study.ConversionRequest;
import io.snnsim.tune.SchemeSearch;
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
  @Parameters(
      paramLabel = "DUMP",
      description =
          "An ONNX, Keras (.keras, .h5) or NIR model, or weights: PyTorch (.pt, .pth, .th),"
              + " safetensors, .npz or HDF5.")
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
      description =
          "Training images, some hundreds or more: .npz, MNIST's idx, CIFAR's .bin, or a folder or"
              + " list of PNG and JPEG.")
  private Path calibration;

  @Option(
      names = "--arch",
      description =
          "resnet-cifar, resnet-mnist, resnet, vgg, mobilenet-v1, mlp or a JSON graph file"
              + " (docs/schema/graph.md)."
              + " Default: recognised from names and shapes.")
  private String arch;

  @Mixin private SchemeOptionsMixin schemeOptions;

  @Mixin private NormalisationOptions normalisation;

  @Mixin private PictureOptions pictures;

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

  @Mixin private ThreadsOption threads;

  @Mixin private OutputFiles files;

  @Mixin private QuietOption quiet;

  @Override
  public Integer call() {
    Context context = context(threads.checked(), quiet.given());
    Conversion conversion;
    try (HeapTrim _ = HeapTrim.start()) {
      conversion = job().run(context);
    }
    out().print(conversion.report().toText());
    context.listener().say("wrote " + output + (report == null ? "" : " and " + report));
    return 0;
  }

  /**
   * What the options ask for.
   *
   * @throws SnnsimException (usage) if they contradict each other; (io) if a file cannot be written
   */
  ConversionJob job() {
    require(
        percentile == null || (percentile > 0 && percentile <= 100),
        "--percentile: found " + percentile + ", expected above 0, at most 100");
    SchemeOptions scheme = schemeOptions.scheme();
    require(
        percentile == null || !(scheme.errorLambda() || scheme.balancedLambda()),
        "--percentile: found "
            + percentile
            + " with --lambda-choice "
            + (scheme.errorLambda() ? "error" : "balance")
            + "; give one of them");
    double potential = v0 == null ? 0.5 : v0;
    require(potential >= 0 && potential <= 1, "--v0: found " + v0 + ", expected 0..1");
    within("--tune-steps", tuneSteps, MOST_STEPS);
    within("--limit-calibration", limitCalibration == null ? 1 : limitCalibration, 1 << 30);
    ConversionRequest.Choices choices = choices(scheme);
    files.check("-o", output, dump, calibration, report);
    files.check("--report", report, dump, calibration);
    NormalisationOptions.Values given = normalisation.values();
    ConversionRequest.Settings settings =
        new ConversionRequest.Settings(
            given.mean(),
            given.std(),
            percentile == null ? schemeOptions.preset().percentile() : percentile,
            potential,
            scheme);
    return new ConversionJob(
        new ConversionJob.Input(
            dump,
            arch,
            calibration,
            pictures.options(
                limitCalibration == null ? Integer.MAX_VALUE : limitCalibration, true)),
        new ConversionRequest(settings, choices),
        output,
        report,
        files.force());
  }

  private ConversionRequest.Choices choices(SchemeOptions scheme) {
    Precision grid = "auto".equals(precision) ? null : precision(precision);
    schemeOptions.checkLargestWeight(grid);
    Double kappa =
        compensation == null
            ? Double.valueOf(1)
            : "auto".equals(compensation) ? null : kappa(compensation);
    int searchSteps = schemeOptions.searchSteps();
    require(
        searchSteps == 0 || kappa != null,
        "--compensation: found auto with --search, which chooses kappa itself; leave it out");
    require(
        !scheme.layerwise() || (kappa != null && kappa == 1),
        "--compensation: found "
            + compensation
            + ", expected 1 where weights, biases or lambda are fitted to spikes; leave it out");
    Set<SchemeSearch.Value> free =
        EnumSet.of(SchemeSearch.Value.READOUT, SchemeSearch.Value.READOUT_AFTER);
    addIf(free, percentile == null && !scheme.balancedLambda(), SchemeSearch.Value.PERCENTILE);
    addIf(free, v0 == null, SchemeSearch.Value.V0);
    addIf(free, compensation == null, SchemeSearch.Value.COMPENSATION);
    return new ConversionRequest.Choices(
        grid,
        kappa,
        schemeOptions.choosesLargestWeight(),
        tuneSteps,
        new ConversionRequest.Fit(
            schemeOptions.fitRidge(), schemeOptions.fitSpikePenalty(), schemeOptions.mostLoss()),
        searchSteps == 0 ? null : new ConversionRequest.Search(searchSteps, free));
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
