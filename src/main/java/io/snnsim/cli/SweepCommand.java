// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.report.Plots;
import io.snnsim.report.SweepReport;
import io.snnsim.study.Context;
import io.snnsim.study.ConversionJob;
import io.snnsim.study.Sweep;
import io.snnsim.study.SweepGrid;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim sweep}. */
@Command(
    name = "sweep",
    description =
        "Converts and runs a network for a grid of time steps and options, and tabulates accuracy"
            + " and work.",
    footer = {
      "%nExamples:",
      "  snnsim sweep resnet20.snn test.npz --steps 4,8,16,32,64 --limit 1000",
      "  snnsim sweep net.npz test.npz --calibration train.npz --steps 8,16,32 \\",
      "      --vary precision=i8,i16 --vary percentile=99.9,100 --plot sweep.png --csv sweep.csv"
          + " \\",
      "      -- --mean 0.1307 --std 0.3081",
      "  snnsim sweep net.npz test.npz --calibration train.npz --steps 8,16 \\",
      "      --early-exit off,1.5,2,3 -- --preset low-latency --target-steps {T}",
      "%nOptions after -- go to 'snnsim convert' unchanged. {T} in them or in --vary stands for the"
          + " time steps of the row, for conversions that aim at a T."
    })
final class SweepCommand extends SnnsimCommand {
  @Parameters(
      index = "0",
      paramLabel = "NETWORK",
      description = "A dump to convert (as for 'convert'), or a model file, .snn.")
  private Path network;

  @Parameters(index = "1", paramLabel = "DATA", description = "Labelled test images, .npz.")
  private Path data;

  @Parameters(
      index = "2..*",
      paramLabel = "-- OPTION",
      arity = "0..*",
      description = "Options for 'convert'.")
  private List<String> convertOptions = new ArrayList<>();

  @Option(
      names = "--calibration",
      paramLabel = "DATA",
      description = "Training images for 'convert'; needed unless NETWORK is a model file.")
  private Path calibration;

  @Mixin private GridOptions grid;

  @Mixin private LimitOption limit;

  @Mixin private PictureOptions pictures;

  @Mixin private ThreadsOption threads;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write the rows as CSV.")
  private Path csv;

  @Mixin private JsonOption json;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Draw accuracy against steps and against synaptic operations as .png.")
  private Path plot;

  @Mixin private EnergyOption energyOption;

  @Mixin private OutputFiles files;

  @Mixin private QuietOption quiet;

  @Override
  public Integer call() {
    SweepGrid points = grid.grid(convertOptions);
    limit.check();
    energyOption.check();
    OutputFiles.requirePng("--plot", plot);
    boolean converted = network.toString().endsWith(".snn");
    require(
        !converted || (calibration == null && !grid.varies() && convertOptions.isEmpty()),
        network
            + ": is a model file, which is not converted again; give the dump of its weights, or"
            + " leave out --calibration, --vary and options after --");
    require(
        converted || calibration != null,
        "--calibration: is missing, expected training images, since "
            + network
            + " is to be converted");
    Path[] outputs = {json.file(), csv, plot};
    for (int i = 0; i < outputs.length; i++) {
      OutputFiles.requireApart("output", outputs[i], Arrays.copyOf(outputs, i));
      files.check("output", outputs[i], network, data, calibration);
    }
    Context context = context(threads.checked(), quiet.given());
    Sweep.Job job =
        new Sweep.Job(
            network,
            data,
            pictures.options(limit.most(), false),
            points,
            converted ? null : this::conversion);
    SweepReport report;
    try (HeapTrim _ = HeapTrim.start()) {
      report = new Sweep(job, energyOption::models, context).run();
    }
    if (report == null) {
      return interrupted();
    }
    print(report);
    return exitCode(context);
  }

  /** What 'convert' would do with these options. */
  private ConversionJob conversion(List<String> options, Path output) {
    List<String> args = new ArrayList<>();
    args.add(network.toString());
    args.addAll(List.of("-o", output.toString(), "--calibration", calibration.toString()));
    args.addAll(pictures.arguments());
    args.addAll(options);
    return Main.parse(ConvertCommand.class, args).job();
  }

  private void print(SweepReport report) {
    json.print(out(), files, report::toText, () -> JsonOption.tree(report));
    if (csv != null) {
      files.write(csv, report.toCsv());
    }
    if (plot != null && !report.againstSteps().isEmpty()) {
      files.write(
          plot,
          stream ->
              Plots.pair(
                  "accuracy, %",
                  "ANN",
                  report.annAccuracy() == null ? null : 100 * report.annAccuracy(),
                  grid.endsEarly() ? "time steps, mean" : "time steps",
                  report.againstSteps(),
                  "synaptic operations an image, millions",
                  report.againstSynapticOps(),
                  stream));
    }
  }
}
