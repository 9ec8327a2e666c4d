// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.ImageSet;
import io.snnsim.encode.InputCoding;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.MapShape;
import io.snnsim.readout.EarlyExit;
import io.snnsim.readout.Readout;
import io.snnsim.report.Energy;
import io.snnsim.report.Profile;
import io.snnsim.report.RunReport;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.Evaluation;
import io.snnsim.study.PlanSource;
import io.snnsim.study.Profiler;
import io.snnsim.study.Recorder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim run}. */
@Command(
    name = "run",
    description = "Classifies images with a spiking model.",
    footer = {
      "%nExamples:",
      "  snnsim run resnet20.snn test.npz --steps 64 --limit 1000",
      "  snnsim run resnet20.snn test.npz --steps 64 --json - | jq .accuracyAtStep",
      "  snnsim run fast.snn test.npz --steps 8 --early-exit",
      "%nCtrl-C ends a run early: the images done by then are reported, exit code 130."
    })
final class RunCommand extends SnnsimCommand {
  private static final String STDOUT = "-";

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Parameters(
      index = "1",
      paramLabel = "DATA",
      description =
          "Images, .npz: images (u8, or floats; NHWC, NCHW, NHW), labels if there are any.")
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
      description =
          "Only the first N images; what the file has behind them is neither read nor checked.")
  private Integer limit;

  @Option(
      names = "--threads",
      paramLabel = "K",
      description = "Worker threads; results do not depend on it. Default: one a processor.")
  private Integer threads;

  @Option(
      names = "--kernel",
      defaultValue = "auto",
      description =
          "auto, scalar, array, vector, or vector64 to vector512 for a width in bits; results do"
              + " not depend on it. Default: ${DEFAULT-VALUE}.")
  private String kernel;

  @Option(
      names = "--plan",
      paramLabel = "FILE",
      description =
          "Methods of the populations, from 'snnsim bench --tune'; results do not depend on it."
              + " Default: the model's own.")
  private Path plan;

  @Option(
      names = "--parallel",
      paramLabel = "HOW",
      defaultValue = "images",
      description =
          "images: every thread runs images of its own, for the most images a second. within: all"
              + " threads share each image's work, for the shortest time to an answer. Default:"
              + " ${DEFAULT-VALUE}.")
  private String parallel;

  @Option(
      names = "--mode",
      defaultValue = "resident",
      description =
          "resident (copied) or mapped (shared; the file must not be truncated meanwhile)."
              + " Default: ${DEFAULT-VALUE}.")
  private Mode mode;

  @Option(
      names = "--input",
      paramLabel = "CODING",
      defaultValue = "constant",
      description = "constant, bernoulli, poisson or ttfs. Default: ${DEFAULT-VALUE}.")
  private String input;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of random input. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--readout",
      defaultValue = "auto",
      description =
          "auto, spikes+softmax, spikes or membrane; auto is membrane for signed neurons, else"
              + " spikes+softmax. Default: ${DEFAULT-VALUE}.")
  private String readout;

  @Option(
      names = "--readout-after",
      paramLabel = "T0",
      defaultValue = "0",
      description =
          "Decide by what the output collects after step T0, when spikes have reached it; until"
              + " then by all of it. Default: ${DEFAULT-VALUE}.")
  private int readoutAfter;

  @Option(
      names = "--early-exit",
      paramLabel = "MARGIN",
      arity = "0..1",
      fallbackValue = "auto",
      description =
          "End an image when its leading class is ahead by more than MARGIN errors of the margin,"
              + " which 'snnsim convert --preset low-latency' measures; auto, also without a value"
              + " behind MODEL and DATA, is 2 (docs/guide/conversion.md).")
  private String earlyExit;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result as JSON (docs/schema/run.md); - for stdout, instead of text.")
  private String json;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "Write spike counts and output potentials of every image as .npz for NumPy.")
  private Path record;

  @Option(
      names = "--profile",
      description =
          "Say where the time goes and how near each population is to the limits of this host,"
              + " which takes about a second to measure (docs/guide/profile.md).")
  private boolean profile;

  @Mixin private EnergyOption energyOption;

  @Option(names = "--no-ann", description = "Do not run the ANN beside the SNN.")
  private boolean noAnn;

  @Option(names = "--force", description = "Replace existing output files.")
  private boolean force;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress and no warnings on stderr.")
  private boolean quiet;

  @Override
  public Integer call() {
    within("--steps", steps, MOST_STEPS);
    within("--limit", limit == null ? 1 : limit, Integer.MAX_VALUE);
    InputCoding coding = InputCoding.parse(input);
    Readout asked = readout(readout);
    Double exitFactor = earlyExit == null ? null : ExitOption.factor(earlyExit);
    require(
        exitFactor == null || coding == InputCoding.CONSTANT,
        "--early-exit: found with --input " + input + ", expected constant; leave one of them out");
    require(
        readoutAfter >= 0 && readoutAfter < steps,
        "--readout-after: found "
            + readoutAfter
            + ", expected 0.."
            + (steps - 1)
            + ", less than --steps");
    require(
        exitFactor == null || readoutAfter == 0,
        "--early-exit: found with --readout-after, but its margins are of all steps; leave one of"
            + " them out");
    require(
        exitFactor == null || !profile,
        "--early-exit: found with --profile, which needs all steps; leave one of them out");
    KernelChoice choice = KernelOption.parse(kernel);
    boolean within = within(parallel);
    energyOption.check();
    Path jsonFile = json == null || json.equals(STDOUT) ? null : Path.of(json);
    requireApart("--json", jsonFile, model, data, record);
    requireApart("--record", record, model, data);
    for (Path output : new Path[] {jsonFile, record}) {
      if (output != null) {
        AtomicFile.check(output, force);
      }
    }
    Talk talk = talk(quiet);
    try (ModelFile file = ModelStore.open(model, mode)) {
      Background<AnnGraph> ann = noAnn ? null : annOf(file);
      Background<ImageSet> reading = Background.start("snnsim-reader", () -> images(file));
      KernelChoice kernels = KernelOption.forRun(choice, file.network(), steps, limit);
      // Other kernels run no plan; a file that the user names is read and checked all the same.
      boolean planned =
          kernels == KernelChoice.AUTO || kernels == KernelChoice.VECTOR || plan != null;
      Plan by = planned ? PlanSource.of(file, plan) : null;
      try (Simulator m = Simulator.of(file.network(), kernels, by)) {
        warnOfFallback(talk, m);
        Readout taken = asked == null ? Readout.of(m) : asked;
        EarlyExit exit =
            exitFactor == null ? null : ExitOption.rule(file, model, taken, steps, exitFactor);
        ImageSet images = reading.get();
        Profiler profiler =
            profile ? new Profiler(m, images.count(), steps, within ? threads(threads) : 1) : null;
        RunReport report;
        try (Recorder recorder =
                record == null ? null : new Recorder(record, file.network(), images.count());
            Progress progress = talk.progress("run", "images", images.count())) {
          report =
              Evaluation.run(
                  new Evaluation.Job(
                      m,
                      KernelOption.reason(choice, m),
                      images,
                      steps,
                      threads(threads),
                      within,
                      coding,
                      seed,
                      taken,
                      ann,
                      recorder,
                      progress,
                      interrupt()::asked,
                      exit,
                      readoutAfter),
                  profiler);
          progress.clear();
          if (recorder != null) {
            recorder.publish(report.predictions(), force);
          }
        }
        double ran = report.earlyExit() == null ? steps : report.earlyExit().meanSteps();
        Energy energy =
            energyOption.of(
                file.network(),
                ann == null ? null : ann.get(),
                ran,
                report.synapticOpsPerImageStep() * ran,
                report.spikesPerImageStep() * ran);
        print(report, energy, profiler == null ? null : profiler.result(), jsonFile, talk);
        return interrupt().asked() ? INTERRUPTED : 0;
      }
    }
  }

  private ImageSet images(ModelFile file) {
    MapShape s = file.network().input().shape();
    MapShape shape = new MapShape(s.channels(), s.height(), s.width());
    return ImageSet.read(data, shape, limit == null ? Integer.MAX_VALUE : limit);
  }

  /** The ANN that the file carries, or null. */
  private Background<AnnGraph> annOf(ModelFile file) {
    byte[] graph = file.extra(ModelContents.ANN_GRAPH);
    byte[] tensors = file.extra(ModelContents.ANN_TENSORS);
    return graph == null || tensors == null
        ? null
        : Background.start(
            "snnsim-ann-reader", () -> new EmbeddedAnn(graph, tensors).decode(model.toString()));
  }

  private void print(RunReport report, Energy energy, Profile profiled, Path jsonFile, Talk talk) {
    if (json == null || jsonFile != null) {
      out().print(report.toText());
      if (report.samples() > 0) {
        out().print(energy.toText());
      }
      if (profiled != null) {
        out().print(profiled.toText());
      }
    }
    if (json != null) {
      ObjectNode all = new ObjectMapper().valueToTree(report);
      all.set("energy", new ObjectMapper().valueToTree(energy));
      all.set("profile", new ObjectMapper().valueToTree(profiled));
      String text = all.toPrettyString() + "\n";
      if (jsonFile == null) {
        out().print(text);
      } else {
        AtomicFile.write(
            jsonFile, force, stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
      }
    }
    for (String layer : report.silentLayers()) {
      talk.warn(
          "population "
              + layer
              + " never fired; run more steps, or check the images and --mean/--std of the"
              + " conversion");
    }
  }

  private static boolean within(String name) {
    require(
        name.equals("images") || name.equals("within"),
        "--parallel: found " + name + ", expected images or within");
    return name.equals("within");
  }

  /** null for auto. */
  static Readout readout(String name) {
    return switch (name) {
      case "auto" -> null;
      case "spikes+softmax" -> Readout.SPIKES_SOFTMAX;
      case "spikes" -> Readout.SPIKES;
      case "membrane" -> Readout.MEMBRANE;
      default ->
          throw SnnsimException.usage(
              "--readout: found " + name + ", expected auto, spikes+softmax, spikes or membrane");
    };
  }
}
