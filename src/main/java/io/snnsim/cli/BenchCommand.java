// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.dump.ImageSet;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.plan.PlanFile;
import io.snnsim.engine.plan.Tuning;
import io.snnsim.error.Shown;
import io.snnsim.network.Network;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.Context;
import io.snnsim.study.ModelParts;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim bench}. */
@Command(
    name = "bench",
    description = "Measures every population by each update method on this host and plans by it.",
    footer = {
      "%nExample:",
      "  snnsim bench resnet20.snn test.npz --tune plan.json",
      "  snnsim run resnet20.snn test.npz --steps 64 --plan plan.json"
    })
final class BenchCommand extends SnnsimCommand {
  private static final int USUAL_STEPS = 32;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Parameters(index = "1", paramLabel = "DATA", description = "Images, .npz.")
  private Path data;

  @Option(names = "--tune", paramLabel = "FILE", description = "Write the plan, for run --plan.")
  private Path tune;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "Time steps an image. Default: 32; of few-spike models theirs.")
  private Integer steps;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "4",
      description = "The first N images. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "For each of the three plans compared. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--kernel",
      defaultValue = "vector",
      description = "vector, or vector64 to vector512. Default: ${DEFAULT-VALUE}.")
  private String kernel;

  @Mixin private PictureOptions pictures;

  @Mixin private LimitsOption limits;

  @Mixin private OutputFiles files;

  @Override
  public Integer call() {
    within("--steps", steps == null ? USUAL_STEPS : steps, MOST_STEPS);
    within("--images", count, Integer.MAX_VALUE);
    require(seconds > 0 && seconds <= 3600, "--seconds: found " + seconds + ", expected 0..3600");
    Limits most = limits.checked();
    KernelChoice choice = KernelOptions.parse(kernel);
    require(choice == KernelChoice.VECTOR, "--kernel: found " + kernel + ", expected vector");
    files.check("--tune", tune, model, data);
    Context context = context(1, false);
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      Network network = file.network();
      ImageSet all = ModelParts.images(network, data, pictures.options(count, false));
      float[][] images = new float[all.count()][all.shape().size()];
      for (int i = 0; i < images.length; i++) {
        all.read(i, images[i]);
      }
      int usual = network.codeStepsOr(USUAL_STEPS);
      Tuning.Result r =
          new Tuning(
                  new Tuning.Subject(network, choice, most),
                  images,
                  steps == null ? usual : steps,
                  seconds,
                  context.cancelled())
              .run();
      if (context.isCancelled()) {
        return interrupted();
      }
      print(network, r);
      if (tune != null) {
        byte[] json = new PlanFile(r.best(), r.rates()).toJson(network);
        files.write(tune, out -> out.write(json));
      }
    }
    return 0;
  }

  private void print(Network network, Tuning.Result r) {
    out()
        .printf(
            "%-22s %-10s %7s %10s %10s %11s  %s%n",
            "population", "shape", "rate", "events us", "lookup us", "patterns us", "plan");
    for (int p = 0; p < r.rates().length; p++) {
      out()
          .printf(
              Locale.ROOT,
              "%-22s %-10s %7.4f %10.2f %10s %11s  %s%n",
              Shown.text(network.populations().get(p).name()),
              network.populations().get(p).shape(),
              r.rates()[p],
              r.eventNanos()[p] / 1e3,
              micros(r.lookupNanos()[p]),
              micros(r.patternNanos()[p]),
              r.best().methods().get(p).word());
    }
    out().printf("blocks of %d steps%n", r.best().blockSteps());
  }

  private static String micros(double nanos) {
    return Double.isNaN(nanos) ? "-" : String.format(Locale.ROOT, "%.2f", nanos / 1e3);
  }
}
