// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.convert.Conversion;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.encode.InputCoding;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.network.Precision;
import io.snnsim.readout.Readout;
import io.snnsim.report.RunReport;
import io.snnsim.study.ConversionPipeline;
import io.snnsim.study.Evaluation;
import io.snnsim.tune.Tuner;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code snnsim demo}: the bundled MNIST network, converted and run before one's eyes. */
@Command(
    name = "demo",
    description = "Converts the bundled ResNet-8 and classifies MNIST digits with spikes.",
    footer = {"%nExample:", "  snnsim demo"})
final class DemoCommand extends SnnsimCommand {
  private static final int CALIBRATION_IMAGES = 100;
  private static final int TEST_IMAGES = 200;
  private static final int STEPS = 128;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress and no warnings on stderr.")
  private boolean quiet;

  @Override
  public Integer call() {
    Talk talk = talk(quiet);
    Path weights = Path.of(System.getProperty("snnsim.home", ".")).resolve("weights");
    Imported imported =
        ConversionPipeline.importDump(weights.resolve("mnist_resnet8.npz"), "resnet-mnist");
    ImageSet images =
        ImageSet.read(weights.resolve("mnist_test_300.npz"), imported.graph().inputShape());
    ConversionPipeline pipeline =
        new ConversionPipeline(
            imported,
            images.subset(0, CALIBRATION_IMAGES),
            new float[] {0.1307f},
            new float[] {0.3081f},
            99.9,
            0.5,
            SchemeOptions.PLAIN,
            threads(null),
            talk,
            interrupt()::asked);
    Conversion conversion = pipeline.convert(Tuner.Choice.of(Precision.I8, 1));
    out().print(conversion.report().toText());
    out().println();
    out().flush();
    try (Simulator model = Simulator.of(conversion.network(), KernelChoice.AUTO);
        Progress progress = talk.progress("run", "images", TEST_IMAGES)) {
      warnOfFallback(talk, model);
      RunReport report =
          Evaluation.run(
              new Evaluation.Job(
                  model,
                  model.kernelReason(),
                  images.subset(CALIBRATION_IMAGES, CALIBRATION_IMAGES + TEST_IMAGES),
                  STEPS,
                  threads(null),
                  false,
                  InputCoding.CONSTANT,
                  0,
                  Readout.SPIKES_SOFTMAX,
                  Background.done(conversion.foldedAnn()),
                  null,
                  progress,
                  interrupt()::asked,
                  null,
                  0));
      progress.clear();
      out().print(report.toText());
    }
    return interrupt().asked() ? INTERRUPTED : 0;
  }
}
