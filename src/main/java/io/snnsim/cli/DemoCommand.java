// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.convert.Conversion;
import io.snnsim.convert.Preset;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.NetworkFile;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.network.Precision;
import io.snnsim.readout.Readout;
import io.snnsim.report.RunReport;
import io.snnsim.study.Background;
import io.snnsim.study.CalibrationImages;
import io.snnsim.study.Context;
import io.snnsim.study.ConversionPipeline;
import io.snnsim.study.ConversionRequest;
import io.snnsim.study.Evaluation;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code snnsim demo}: the bundled MNIST network, converted and run in both codes. */
@Command(
    name = "demo",
    description = "Converts the bundled ResNet-8 and classifies MNIST digits with spikes.",
    footer = {"%nExample:", "  snnsim demo"})
final class DemoCommand extends SnnsimCommand {
  private static final int CALIBRATION_IMAGES = 100;
  private static final int TEST_IMAGES = 200;
  private static final int STEPS = 128;
  private static final int STEPS_PER_LAYER = 4;
  private static final float[] MEAN = {0.1307f};
  private static final float[] STD = {0.3081f};

  @Mixin private QuietOption quiet;

  @Override
  public Integer call() {
    Context context = context(ThreadsOption.onePerProcessor(), quiet.given());
    Path weights = Path.of(System.getProperty("snnsim.home", ".")).resolve("weights");
    Path dump = weights.resolve("mnist_resnet8.npz");
    Path data = weights.resolve("mnist_test_300.npz");
    Imported imported = NetworkFile.read(dump, "resnet-mnist");
    ImageSet images = ImageSet.read(data, imported.graph().inputShape());
    CalibrationImages calibration =
        CalibrationImages.of(images.subset(0, CALIBRATION_IMAGES), data);
    ImageSet test = images.subset(CALIBRATION_IMAGES, CALIBRATION_IMAGES + TEST_IMAGES);

    Conversion paper = convert(imported, calibration, SchemeOptions.PLAIN, context);
    out().print(paper.report().toText());
    out().println();
    out().flush();
    RunReport rates = run(paper, test, STEPS, context);
    out().print(rates.toText());
    out()
        .println("The first steps are guesses: a population hears nothing until the one before it");
    out().println("has spiked, and each waits for its membrane potential to reach the threshold.");
    out().println();
    out().flush();

    SchemeOptions few = Preset.FEW_SPIKE.scheme(STEPS_PER_LAYER);
    RunReport numbers =
        run(convert(imported, calibration, few, context), test, STEPS_PER_LAYER, context);
    out()
        .println("The same network with spikes that are the bits of a number (few-spike neurons):");
    out()
        .printf(
            Locale.ROOT,
            "%-10s %6s %10s %14s %14s%n",
            "code",
            "steps",
            "accuracy",
            "spikes",
            "ops");
    row("rate", rates);
    row("few-spike", numbers);
    out().printf(Locale.ROOT, "%-10s %6s %8.2f %%%n", "ANN", "", 100 * rates.annAccuracy());
    out().println("Spikes and synaptic operations are those of an image, steps those of a layer.");
    return exitCode(context);
  }

  private static Conversion convert(
      Imported network, CalibrationImages calibration, SchemeOptions scheme, Context context) {
    ConversionRequest.Settings settings =
        new ConversionRequest.Settings(MEAN, STD, 99.9, 0.5, scheme);
    return new ConversionPipeline(network, calibration, settings, context)
        .convert(ConversionRequest.Choices.none(Precision.I8));
  }

  private RunReport run(Conversion conversion, ImageSet images, int steps, Context context) {
    try (Simulator simulator = Simulator.of(conversion.network(), KernelChoice.AUTO)) {
      warnOfFallback(context, simulator);
      return Evaluation.run(
          new Evaluation.Job(
              "run",
              Evaluation.Engine.of(simulator),
              images,
              Evaluation.Protocol.of(steps, Readout.SPIKES_SOFTMAX),
              new Evaluation.Beside(Background.done(conversion.foldedAnn()), null, null),
              begunNanos()),
          context);
    }
  }

  private void row(String code, RunReport r) {
    out()
        .printf(
            Locale.ROOT,
            "%-10s %6d %8.2f %% %,14.0f %,14.0f%n",
            code,
            r.steps(),
            100 * r.accuracyAtStep()[r.steps() - 1],
            r.steps() * r.spikesPerImageStep(),
            r.steps() * r.synapticOpsPerImageStep());
  }
}
