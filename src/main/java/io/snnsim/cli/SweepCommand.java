// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.ImageSet;
import io.snnsim.encode.InputCoding;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.MapShape;
import io.snnsim.readout.EarlyExit;
import io.snnsim.readout.Readout;
import io.snnsim.report.Energy;
import io.snnsim.report.Host;
import io.snnsim.report.Plots;
import io.snnsim.report.RunReport;
import io.snnsim.report.SweepReport;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.Evaluation;
import io.snnsim.study.PlanSource;
import io.snnsim.study.SweepGrid;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
  private static final String STDOUT = "-";
  private static final String OFF = "off";

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

  @Option(
      names = "--steps",
      paramLabel = "T",
      split = ",",
      required = true,
      description = "Time steps, such as 4,8,16,32.")
  private List<Integer> steps;

  @Option(
      names = "--vary",
      paramLabel = "OPTION=V,V",
      description =
          "An option of 'convert' and the values to try, such as precision=i8,i16. May be repeated:"
              + " all combinations are tried.")
  private List<String> vary = new ArrayList<>();

  @Option(
      names = "--readout",
      split = ",",
      defaultValue = "auto",
      description =
          "Readouts to try, of auto, spikes+softmax, spikes, membrane. Default: ${DEFAULT-VALUE}.")
  private List<String> readouts;

  @Option(
      names = "--early-exit",
      paramLabel = "MARGIN",
      split = ",",
      defaultValue = OFF,
      description =
          "Ends of images to try: off, auto, or a number, as for 'run'. The models must be fitted"
              + " to the steps that are run, as '-- --preset low-latency --target-steps {T}' does."
              + " Default: ${DEFAULT-VALUE}.")
  private List<String> earlyExits;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N images.")
  private Integer limit;

  @Option(
      names = "--threads",
      paramLabel = "K",
      description = "Worker threads; results do not depend on it. Default: one a processor.")
  private Integer threads;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write the rows as CSV.")
  private Path csv;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the rows as JSON (docs/schema/sweep.md); - for stdout, instead of text.")
  private String json;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Draw accuracy against steps and against synaptic operations as .png.")
  private Path plot;

  @Mixin private EnergyOption energyOption;

  @Option(names = "--force", description = "Replace existing output files.")
  private boolean force;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress and no warnings on stderr.")
  private boolean quiet;

  private Talk talk;
  private int workers;
  private ImageSet images;
  private Double annAccuracy;
  private AnnGraph ann;
  private Path dir;

  /** Models by the arguments that made them. */
  private final Map<List<String>, Made> made = new LinkedHashMap<>();

  /** A model, or why there is none. */
  private record Made(Path model, SnnsimException failure) {}

  private SnnsimException firstFailure;

  @Override
  public Integer call() {
    SweepGrid grid = SweepGrid.parse(steps, vary);
    List<Readout> decisions = readouts.stream().map(RunCommand::readout).toList();
    for (String exit : earlyExits) {
      if (!exit.equals(OFF)) {
        ExitOption.factor(exit);
      }
    }
    within("--limit", limit == null ? 1 : limit, Integer.MAX_VALUE);
    energyOption.check();
    CompareCommand.requirePng("--plot", plot);
    boolean converted = isModel();
    require(
        !converted || (calibration == null && vary.isEmpty() && convertOptions.isEmpty()),
        network
            + ": is a model file, which is not converted again; give the dump of its weights, or"
            + " leave out --calibration, --vary and options after --");
    require(
        converted || calibration != null,
        "--calibration: is missing, expected training images, since "
            + network
            + " is to be converted");
    Path jsonFile = json == null || json.equals(STDOUT) ? null : Path.of(json);
    Path[] outputs = {jsonFile, csv, plot};
    for (int i = 0; i < outputs.length; i++) {
      requireApart("output", outputs[i], network, data, calibration);
      for (int j = 0; j < i; j++) {
        requireApart("output", outputs[i], outputs[j]);
      }
      if (outputs[i] != null) {
        AtomicFile.check(outputs[i], force);
      }
    }
    workers = threads(threads);
    talk = talk(quiet);
    int planned =
        grid.combinations().size() * decisions.size() * earlyExits.size() * grid.steps().size();
    List<SweepReport.Row> rows = new ArrayList<>();
    dir = temporary();
    try {
      for (Map<String, String> options : grid.combinations()) {
        for (Readout readout : decisions) {
          for (String exit : earlyExits) {
            for (int t : grid.steps()) {
              if (interrupt().asked()) {
                break;
              }
              Map<String, String> shown = new LinkedHashMap<>(options);
              if (decisions.size() > 1) {
                shown.put("readout", readout == null ? "auto" : readout.label());
              }
              if (earlyExits.size() > 1 || !exit.equals(OFF)) {
                shown.put("early-exit", exit);
              }
              SweepReport.Row row = row(options, shown, readout, exit, t);
              if (row != null) {
                rows.add(row);
              }
            }
          }
        }
      }
    } finally {
      delete();
    }
    if (rows.isEmpty()) {
      return interrupted();
    }
    if (images == null) {
      throw firstFailure;
    }
    print(
        new SweepReport(
            1,
            images.count(),
            annAccuracy,
            ann == null ? null : ann.macs(),
            planned,
            rows,
            Host.here().toMap(),
            Build.program()),
        jsonFile);
    return interrupt().asked() ? INTERRUPTED : 0;
  }

  private boolean isModel() {
    return network.toString().endsWith(".snn");
  }

  /** One row, or null if it was interrupted. */
  private SweepReport.Row row(
      Map<String, String> options, Map<String, String> shown, Readout readout, String exit, int t) {
    Made model =
        isModel()
            ? new Made(network, null)
            : model(SweepGrid.arguments(options, convertOptions, t));
    if (interrupt().asked()) {
      return null;
    }
    String name = SweepReport.label(shown) + " T=" + t;
    if (model.failure() != null) {
      return failed(name, shown, t, model.failure());
    }
    try (ModelFile file = ModelStore.open(model.model(), Mode.RESIDENT);
        Simulator m = Simulator.of(file.network(), KernelChoice.AUTO, PlanSource.of(file, null))) {
      Readout taken = readout == null ? Readout.of(m) : readout;
      EarlyExit rule;
      try {
        rule =
            exit.equals(OFF)
                ? null
                : ExitOption.rule(file, network, taken, t, ExitOption.factor(exit));
      } catch (SnnsimException e) {
        if (e.category() != Category.USAGE) {
          throw e;
        }
        return failed(name, shown, t, e);
      }
      readOnce(file);
      try (Progress progress = talk.progress(name, "images", images.count())) {
        RunReport r =
            Evaluation.run(
                new Evaluation.Job(
                    m,
                    m.kernelReason(),
                    images,
                    t,
                    workers,
                    false,
                    InputCoding.CONSTANT,
                    0,
                    taken,
                    ann == null || annAccuracy != null ? null : Background.done(ann),
                    null,
                    progress,
                    interrupt()::asked,
                    rule,
                    0));
        progress.clear();
        if (r.samples() < images.count()) {
          return null;
        }
        annAccuracy = r.annAccuracy() == null ? annAccuracy : r.annAccuracy();
        double ran = r.earlyExit() == null ? t : r.earlyExit().meanSteps();
        Energy energy =
            energyOption.of(
                file.network(),
                ann,
                ran,
                r.synapticOpsPerImageStep() * ran,
                r.spikesPerImageStep() * ran);
        double accuracy = r.accuracyAtStep()[t - 1];
        talk.say(
            String.format(
                Locale.ROOT,
                "%s: %.2f %%%s",
                name,
                100 * accuracy,
                rule == null ? "" : String.format(Locale.ROOT, " in %.2f steps", ran)));
        return new SweepReport.Row(
            shown,
            t,
            ran,
            accuracy,
            energy.spikesPerImage(),
            energy.synapticOpsPerImage(),
            energy.models().getFirst().snnMicrojoules(),
            r.timing().msPerImageStep() * ran,
            null);
      }
    }
  }

  private SweepReport.Row failed(
      String name, Map<String, String> shown, int t, SnnsimException why) {
    firstFailure = firstFailure == null ? why : firstFailure;
    talk.warn(name + ": " + why.getMessage());
    return new SweepReport.Row(shown, t, null, null, null, null, null, null, why.getMessage());
  }

  /** The images and the ANN, which are the same for all rows. */
  private void readOnce(ModelFile file) {
    if (images != null) {
      return;
    }
    MapShape s = file.network().input().shape();
    MapShape shape = new MapShape(s.channels(), s.height(), s.width());
    images = ImageSet.read(data, shape, limit == null ? Integer.MAX_VALUE : limit);
    if (!images.labelled()) {
      throw SnnsimException.badData(
          data + ": found no labels, expected one an image, since a sweep compares accuracy");
    }
    byte[] graph = file.extra(ModelContents.ANN_GRAPH);
    byte[] tensors = file.extra(ModelContents.ANN_TENSORS);
    if (graph != null && tensors != null) {
      ann = new EmbeddedAnn(graph, tensors).decode(file.path().toString());
    }
  }

  /** The model that 'convert' makes with these arguments; each is made once. */
  private Made model(List<String> arguments) {
    Made known = made.get(arguments);
    if (known == null) {
      known = convert(arguments);
      made.put(arguments, known);
    }
    return known;
  }

  private Made convert(List<String> arguments) {
    Path model = dir.resolve(made.size() + ".snn");
    List<String> args =
        new ArrayList<>(
            List.of(
                "convert",
                network.toString(),
                "-o",
                model.toString(),
                "--calibration",
                calibration.toString(),
                "--threads",
                String.valueOf(workers),
                "--quiet"));
    args.addAll(arguments);
    talk.say("convert " + String.join(" ", arguments));
    StringWriter err = new StringWriter();
    int code =
        Main.execute(
            new Main(interrupt()),
            new PrintWriter(Writer.nullWriter()),
            new PrintWriter(err),
            args.toArray(String[]::new));
    if (code == 0) {
      return new Made(model, null);
    }
    String line =
        err.toString()
            .lines()
            .filter(l -> l.startsWith("snnsim: "))
            .map(l -> l.substring("snnsim: ".length()))
            .findFirst()
            .orElse("exit code " + code);
    for (Category c : Category.values()) {
      if (c.exitCode() == code) {
        SnnsimException failure = new SnnsimException(c, "convert: " + line);
        // Other options may suit the network; nothing helps against a missing file or a full disk.
        if (c == Category.BAD_DATA || c == Category.USAGE || c == Category.INTERRUPTED) {
          return new Made(null, failure);
        }
        throw failure;
      }
    }
    throw new IllegalStateException(line);
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("snnsim-sweep");
    } catch (IOException e) {
      throw new SnnsimException(
          Category.IO, "a temporary folder cannot be made: " + e.getMessage(), e);
    }
  }

  private void delete() {
    try (var files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(dir);
    } catch (IOException e) {
      talk.warn(dir + ": cannot be deleted: " + e.getMessage());
    }
  }

  private void print(SweepReport report, Path jsonFile) {
    if (json == null || jsonFile != null) {
      out().print(report.toText());
    }
    if (csv != null) {
      write(csv, report.toCsv());
    }
    if (json != null) {
      String text = new ObjectMapper().valueToTree(report).toPrettyString() + "\n";
      if (jsonFile == null) {
        out().print(text);
      } else {
        write(jsonFile, text);
      }
    }
    if (plot != null && !report.againstSteps().isEmpty()) {
      AtomicFile.write(
          plot,
          force,
          stream ->
              Plots.pair(
                  "accuracy, %",
                  "ANN",
                  report.annAccuracy() == null ? null : 100 * report.annAccuracy(),
                  earlyExits.equals(List.of(OFF)) ? "time steps" : "time steps, mean",
                  report.againstSteps(),
                  "synaptic operations an image, millions",
                  report.againstSynapticOps(),
                  stream));
    }
  }

  private void write(Path file, String text) {
    AtomicFile.write(file, force, s -> s.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
