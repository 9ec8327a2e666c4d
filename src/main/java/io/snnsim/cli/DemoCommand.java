package io.snnsim.cli;

import io.snnsim.convert.Conversion;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.encode.InputCoding;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Model;
import io.snnsim.network.Precision;
import io.snnsim.readout.Readout;
import io.snnsim.report.RunReport;
import io.snnsim.tune.Tuner;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code snnsim demo}: the bundled MNIST network, converted and run before one's eyes. */
@Command(
    name = "demo",
    description = "Converts the bundled ResNet-8 and classifies MNIST digits with spikes.",
    mixinStandardHelpOptions = true,
    footer = {"%nExample:", "  snnsim demo"})
final class DemoCommand implements Callable<Integer> {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    Path weights = Path.of(System.getProperty("snnsim.home", ".")).resolve("weights");
    Imported imported = Pipeline.importDump(weights.resolve("mnist_resnet8.npz"), "resnet-mnist");
    ImageSet images =
        ImageSet.read(weights.resolve("mnist_test_300.npz"), imported.graph().inputShape());
    BooleanSupplier interrupted = ((Main) spec.root().userObject()).interrupt()::asked;
    Conversion conversion =
        new Pipeline(
                imported,
                images.subset(0, 100),
                new float[] {0.1307f},
                new float[] {0.3081f},
                99.9,
                0.5,
                2,
                interrupted)
            .convert(Tuner.Choice.of(Precision.I8, 1));
    spec.commandLine().getOut().print(conversion.report().toText());
    try (Model model = Model.of(conversion.network(), KernelChoice.AUTO)) {
      RunReport report =
          Runner.run(
              new Runner.Job(
                  model,
                  images.subset(100, 300),
                  128,
                  2,
                  InputCoding.CONSTANT,
                  0,
                  Readout.SPIKES_SOFTMAX,
                  conversion.foldedAnn(),
                  null,
                  interrupted));
      spec.commandLine().getOut().print(report.toText());
    }
    return 0;
  }
}
