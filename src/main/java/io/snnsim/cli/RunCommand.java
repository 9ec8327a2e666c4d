// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.ImageOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.encode.InputCoding;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.network.Network;
import io.snnsim.readout.EarlyExit;
import io.snnsim.readout.Readout;
import io.snnsim.report.Energy;
import io.snnsim.report.Profile;
import io.snnsim.report.RunReport;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.Background;
import io.snnsim.study.Context;
import io.snnsim.study.Evaluation;
import io.snnsim.study.ImageEnergy;
import io.snnsim.study.InputCheck;
import io.snnsim.study.ModelParts;
import io.snnsim.study.PlanSource;
import io.snnsim.study.Profiler;
import io.snnsim.study.Recorder;
import io.snnsim.study.ShortRun;
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
  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Parameters(
      index = "1",
      paramLabel = "DATA",
      description =
          "Images, with labels if there are any: .npz, MNIST's idx, CIFAR's .bin, or a folder or"
              + " list of PNG and JPEG (docs/guide/commands.md).")
  private Path data;

  @Mixin private StepsOption stepsOption;

  @Mixin private LimitOption limit;

  @Mixin private PictureOptions pictures;

  @Mixin private ThreadsOption threads;

  @Mixin private KernelOptions kernels;

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

  @Mixin private ReadoutOption readout;

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

  @Mixin private JsonOption json;

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

  @Mixin private LimitsOption limits;

  @Mixin private OutputFiles files;

  @Mixin private QuietOption quiet;

  @Override
  public Integer call() {
    stepsOption.check();
    limit.check();
    InputCoding coding = InputCoding.parse(input);
    readout.check();
    Double exitFactor = earlyExit == null ? null : EarlyExitValue.factor(earlyExit);
    requireThatEarlyExitFits(coding);
    KernelChoice asked = kernels.kernel();
    boolean within = within(parallel);
    ImageOptions wanted = pictures.options(limit.most(), false);
    energyOption.check();
    files.check("--json", json.file(), model, data, record);
    files.check("--record", record, model, data);
    Context context = context(threads.checked(), quiet.given());
    Limits most = limits.checked().with(within ? 1 : Math.min(context.threads(), limit.most()));
    try (ModelFile file = ModelStore.open(model, mode)) {
      int steps = stepsOption.of(file, context);
      requireWhatFits(file.network(), coding, steps);
      Background<AnnGraph> ann = noAnn ? null : ModelParts.ann(file, model);
      Background<ImageSet> reading =
          Background.start("snnsim-reader", () -> ModelParts.images(file.network(), data, wanted));
      KernelChoice taken = ShortRun.kernels(asked, file.network(), steps, limit.given());
      // Other kernels run no plan; a file that the user names is read and checked all the same.
      boolean planned =
          taken == KernelChoice.AUTO || taken == KernelChoice.VECTOR || kernels.plan() != null;
      Plan by = planned ? PlanSource.of(file, kernels.plan()) : null;
      try (Simulator simulator = Simulator.of(file.network(), taken, by, most)) {
        warnOfFallback(context, simulator);
        Readout decision = readout.of(simulator);
        EarlyExit exit =
            exitFactor == null
                ? null
                : ModelParts.earlyExit(file, model, decision, steps, exitFactor);
        ImageSet images = reading.get();
        ModelParts.describe(images, file.network(), context.listener());
        Profiler profiler =
            profile
                ? new Profiler(simulator, images.count(), steps, within ? context.threads() : 1)
                : null;
        RunReport report;
        try (Recorder recorder =
            record == null ? null : new Recorder(record, file.network(), images.count())) {
          report =
              Evaluation.run(
                  new Evaluation.Job(
                      "run",
                      new Evaluation.Engine(simulator, ShortRun.reason(asked, simulator), within),
                      images,
                      new Evaluation.Protocol(steps, coding, seed, decision, readoutAfter, exit),
                      new Evaluation.Beside(ann, recorder, profiler),
                      begunNanos()),
                  context);
          if (recorder != null) {
            recorder.publish(report.predictions(), files.force());
          }
        }
        AnnGraph known = ann == null ? null : ann.get();
        Energy energy = new ImageEnergy(file.network(), known, energyOption::models).of(report);
        print(report, energy, profiler == null ? null : profiler.result(), file);
        warnOfSilence(report, context);
        InputCheck.run(images, file.network(), report.annAccuracy(), report.samples(), context);
        return exitCode(context);
      }
    }
  }

  private void requireWhatFits(Network network, InputCoding coding, int steps) {
    require(
        readoutAfter >= 0 && readoutAfter < steps,
        "--readout-after: found "
            + readoutAfter
            + ", expected 0.."
            + (steps - 1)
            + ", less than --steps");
    if (network.codeSteps() == 0) {
      return;
    }
    String once = ": found with a few-spike model, which ";
    require(
        coding == InputCoding.CONSTANT,
        "--input " + input + once + "takes the image once; expected constant");
    require(
        earlyExit == null,
        "--early-exit" + once + "answers once, after its last step; leave it out");
    require(
        readoutAfter == 0,
        "--readout-after" + once + "answers once, after its last step; leave it out");
  }

  private void requireThatEarlyExitFits(InputCoding coding) {
    require(
        earlyExit == null || coding == InputCoding.CONSTANT,
        "--early-exit: found with --input " + input + ", expected constant; leave one of them out");
    require(
        earlyExit == null || readoutAfter == 0,
        "--early-exit: found with --readout-after, but its margins are of all steps; leave one of"
            + " them out");
    require(
        earlyExit == null || !profile,
        "--early-exit: found with --profile, which needs all steps; leave one of them out");
  }

  private void print(RunReport report, Energy energy, Profile profiled, ModelFile file) {
    json.print(
        out(),
        files,
        () ->
            report.toText()
                + (report.samples() > 0 ? energy.toText() : "")
                + (profiled == null ? "" : profiled.toText()),
        () -> {
          ObjectNode all = JsonOption.tree(report);
          all.set("energy", JsonOption.tree(energy));
          all.set("profile", profiled == null ? null : JsonOption.tree(profiled));
          all.put("fittedSteps", ModelParts.fittedSteps(file));
          return all;
        });
  }

  private static void warnOfSilence(RunReport report, Context context) {
    for (String population : report.silentLayers()) {
      context
          .listener()
          .warn(
              "population "
                  + population
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
}
