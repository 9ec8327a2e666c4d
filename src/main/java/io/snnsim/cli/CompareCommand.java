// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.ImageSet;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.MapShape;
import io.snnsim.readout.Readout;
import io.snnsim.report.CompareReport;
import io.snnsim.report.Host;
import io.snnsim.report.Plots;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.Comparison;
import io.snnsim.study.Evaluation;
import io.snnsim.study.PlanSource;
import java.nio.charset.StandardCharsets;
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
  private static final String STDOUT = "-";

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Parameters(index = "1", paramLabel = "DATA", description = "Images, .npz, as for 'run'.")
  private Path data;

  @Option(
      names = "--steps",
      paramLabel = "T",
      required = true,
      description = "Time steps an image.")
  private int steps;

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

  @Option(
      names = "--readout",
      defaultValue = "auto",
      description = "As for 'run'. Default: ${DEFAULT-VALUE}.")
  private String readout;

  @Option(
      names = "--threads",
      paramLabel = "K",
      description = "Worker threads; results do not depend on it. Default: one a processor.")
  private Integer threads;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Write scatter plots of all layers as .png.")
  private Path plot;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result as JSON (docs/schema/compare.md); - for stdout.")
  private String json;

  @Mixin private EnergyOption energyOption;

  @Option(names = "--force", description = "Replace existing output files.")
  private boolean force;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress and no warnings on stderr.")
  private boolean quiet;

  @Override
  public Integer call() {
    within("--steps", steps, MOST_STEPS);
    within("--limit", limit, Integer.MAX_VALUE);
    require(
        tolerance > 0 && Double.isFinite(tolerance),
        "--tolerance: found " + tolerance + ", expected above 0");
    energyOption.check();
    Readout decision = RunCommand.readout(readout);
    Path jsonFile = json == null || json.equals(STDOUT) ? null : Path.of(json);
    requireApart("--json", jsonFile, model, data, plot);
    requireApart("--plot", plot, model, data);
    requirePng("--plot", plot);
    for (Path output : new Path[] {jsonFile, plot}) {
      if (output != null) {
        AtomicFile.check(output, force);
      }
    }
    int workers = threads(threads);
    Talk talk = talk(quiet);
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      AnnGraph ann = ann(file);
      MapShape s = file.network().input().shape();
      ImageSet images =
          ImageSet.read(data, new MapShape(s.channels(), s.height(), s.width()), limit);
      int classes = file.network().populations().get(file.network().output()).shape().size();
      images.checkLabels(classes);
      try (Simulator m =
          Simulator.of(file.network(), KernelChoice.AUTO, PlanSource.of(file, null))) {
        warnOfFallback(talk, m);
        Comparison.Result r;
        Readout fitting = decision == null ? Readout.of(m) : decision;
        try (Progress progress = talk.progress("compare", "images", images.count())) {
          r =
              new Comparison(m, ann, images, steps, fitting, progress, interrupt()::asked)
                  .run(workers);
          progress.clear();
        }
        if (r.done() == 0) {
          return interrupted();
        }
        print(report(m, ann, images, r), jsonFile);
        return interrupt().asked() ? INTERRUPTED : 0;
      }
    }
  }

  private AnnGraph ann(ModelFile file) {
    byte[] graph = file.extra(ModelContents.ANN_GRAPH);
    byte[] tensors = file.extra(ModelContents.ANN_TENSORS);
    if (graph == null || tensors == null) {
      throw SnnsimException.badData(
          model
              + ": found no ANN in the model, expected the one that it was converted from; convert"
              + " it again with 'snnsim convert'");
    }
    return new EmbeddedAnn(graph, tensors).decode(model.toString());
  }

  private CompareReport report(Simulator m, AnnGraph ann, ImageSet images, Comparison.Result r) {
    double done = r.done();
    CompareReport.Layer wrong = CompareReport.firstWrong(r.layers(), tolerance);
    return new CompareReport(
        1,
        r.done(),
        images.count(),
        steps,
        r.agreed() / done,
        images.labelled() ? r.snnRight() / done : null,
        images.labelled() ? r.annRight() / done : null,
        tolerance,
        wrong == null ? null : wrong.name(),
        CompareReport.verdict(r.layers(), tolerance, steps),
        r.layers(),
        r.notCompared(),
        energyOption.of(m.network(), ann, steps, r.synapticOps() / done, r.spikes() / done),
        m.kernelName(),
        Evaluation.model(m.network()),
        Host.here().toMap(),
        Build.program());
  }

  private void print(CompareReport report, Path jsonFile) {
    if (plot != null) {
      AtomicFile.write(plot, force, stream -> Plots.compare(report, stream));
    }
    if (json == null || jsonFile != null) {
      out().print(report.toText());
    }
    if (json != null) {
      ObjectNode all = new ObjectMapper().valueToTree(report);
      for (JsonNode layer : all.path("layers")) {
        ((ObjectNode) layer).remove("sample");
      }
      String text = all.toPrettyString() + "\n";
      if (jsonFile == null) {
        out().print(text);
      } else {
        AtomicFile.write(
            jsonFile, force, stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  /** Refuses names of pictures that are none. */
  static void requirePng(String option, Path file) {
    require(
        file == null || file.toString().toLowerCase(java.util.Locale.ROOT).endsWith(".png"),
        option + ": found " + file + ", expected a name that ends in .png");
  }
}
