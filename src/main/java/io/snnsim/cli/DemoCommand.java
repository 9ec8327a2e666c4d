// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.convert.Conversion;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.WeightDump;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code snnsim demo}: the bundled MNIST network, converted and run. */
@Command(
    name = "demo",
    description = "Converts the bundled ResNet-8 and classifies MNIST digits with spikes.",
    footer = {"%nExample:", "  snnsim demo"})
final class DemoCommand extends SnnsimCommand {
  private static final int CALIBRATION_IMAGES = 100;
  private static final int TEST_IMAGES = 200;
  private static final int STEPS = 128;
  private static final float[] MEAN = {0.1307f};
  private static final float[] STD = {0.3081f};

  @Mixin private QuietOption quiet;

  @Override
  public Integer call() {
    Context context = context(ThreadsOption.onePerProcessor(), quiet.given());
    Path weights = Path.of(System.getProperty("snnsim.home", ".")).resolve("weights");
    Path dump = weights.resolve("mnist_resnet8.npz");
    Path data = weights.resolve("mnist_test_300.npz");
    Imported imported = Architectures.build(WeightDump.read(dump), "resnet-mnist");
    ImageSet images = ImageSet.read(data, imported.graph().inputShape());
    ConversionPipeline pipeline =
        new ConversionPipeline(
            imported,
            CalibrationImages.of(images.subset(0, CALIBRATION_IMAGES), data),
            new ConversionRequest.Settings(MEAN, STD, 99.9, 0.5, SchemeOptions.PLAIN),
            context);
    Conversion conversion = pipeline.convert(ConversionRequest.Choices.none(Precision.I8));
    out().print(conversion.report().toText());
    out().println();
    out().flush();
    try (Simulator simulator = Simulator.of(conversion.network(), KernelChoice.AUTO)) {
      warnOfFallback(context, simulator);
      RunReport report =
          Evaluation.run(
              new Evaluation.Job(
                  "run",
                  Evaluation.Engine.of(simulator),
                  images.subset(CALIBRATION_IMAGES, CALIBRATION_IMAGES + TEST_IMAGES),
                  Evaluation.Protocol.of(STEPS, Readout.SPIKES_SOFTMAX),
                  new Evaluation.Beside(Background.done(conversion.foldedAnn()), null, null)),
              context);
      out().print(report.toText());
    }
    return exitCode(context);
  }
}
