// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.ImageSet;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.Simulator;
import io.snnsim.report.CompareReport;
import io.snnsim.report.Plots;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.Comparison;
import io.snnsim.study.Context;
import io.snnsim.study.ModelParts;
import io.snnsim.study.PlanSource;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim compare}. */
@Command(
    name = "compare",
    description =
        "Compares the ANN's activations with spike rates, layer by layer, and says which layer goes"
            + " wrong first and why.",
    footer = {
      "%nExamples:",
      "  snnsim compare resnet20.snn test.npz --steps 32",
      "  snnsim compare resnet20.snn test.npz --steps 32 --plot layers.png",
      "  snnsim compare resnet20.snn test.npz --steps 32 --json - | jq .verdict",
      "%nColumns: corr(elation), ANN and rate (means, in units of lambda), mean, relative and worst"
          + " error, activations above lambda, neurons that fire in every step, dead neurons, step"
          + " of the first spike; then mean errors: came in with the input, cut at one spike a"
          + " step, spikes fired too early, left on the membrane. docs/schema/compare.md."
    })
final class CompareCommand extends SnnsimCommand {
  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Parameters(index = "1", paramLabel = "DATA", description = "Images, .npz, as for 'run'.")
  private Path data;

  @Mixin private PictureOptions pictures;

  @Mixin private StepsOption stepsOption;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Only the first N images. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--tolerance",
      paramLabel = "E",
      defaultValue = "0.5",
      description =
          "Relative error (root mean square of rate - activation, by that of the activation) from"
              + " which a layer counts as wrong. Default: ${DEFAULT-VALUE}.")
  private double tolerance;

  @Mixin private ReadoutOption readout;

  @Mixin private ThreadsOption threads;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Write scatter plots of all layers as .png.")
  private Path plot;

  @Mixin private JsonOption json;

  @Mixin private EnergyOption energyOption;

  @Mixin private LimitsOption limits;

  @Mixin private OutputFiles files;

  @Mixin private QuietOption quiet;

  @Override
  public Integer call() {
    stepsOption.check();
    within("--limit", limit, Integer.MAX_VALUE);
    require(
        tolerance > 0 && Double.isFinite(tolerance),
        "--tolerance: found " + tolerance + ", expected above 0");
    energyOption.check();
    readout.check();
    OutputFiles.requirePng("--plot", plot);
    files.check("--json", json.file(), model, data, plot);
    files.check("--plot", plot, model, data);
    Context context = context(threads.checked(), quiet.given());
    Limits most = limits.checked().with(Math.min(context.threads(), limit));
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      int steps = stepsOption.of(file, context);
      AnnGraph ann = ModelParts.requiredAnn(file, model);
      ImageSet images = ModelParts.images(file.network(), data, pictures.options(limit, false));
      ModelParts.describe(images, file.network(), context.listener());
      try (Simulator simulator =
          Simulator.of(file.network(), KernelChoice.AUTO, PlanSource.of(file, null), most)) {
        warnOfFallback(context, simulator);
        CompareReport report =
            Comparison.run(
                new Comparison.Job(simulator, ann, images, steps, readout.of(simulator), tolerance),
                energyOption::models,
                context);
        if (report == null) {
          return interrupted();
        }
        print(report);
        return exitCode(context);
      }
    }
  }

  private void print(CompareReport report) {
    files.write(plot, stream -> Plots.compare(report, stream));
    json.print(
        out(),
        files,
        report::toText,
        () -> {
          ObjectNode all = JsonOption.tree(report);
          for (JsonNode layer : all.path("layers")) {
            ((ObjectNode) layer).remove("sample");
          }
          return all;
        });
  }
}
