// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.Simulator;
import io.snnsim.metrics.Latencies;
import io.snnsim.report.LatencyReport;
import io.snnsim.report.Plots;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.Context;
import io.snnsim.study.LatencyMeasurement;
import io.snnsim.study.ModelParts;
import io.snnsim.study.PlanSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim latency}. */
@Command(
    name = "latency",
    description = {
      "Measures how long answers take under a load whose arrivals do not wait for them.",
      "Arrivals come at equal distances, decided in advance, and latency counts from there: a"
          + " stall delays all that come meanwhile. One session serves them in turn. The same loop"
          + " over an empty task shows what the machine adds."
    },
    footer = {
      "%nExamples:",
      "  snnsim latency resnet20.snn test.npz --steps 8 --rate 500 --duration 20s",
      "  snnsim latency resnet20.snn test.npz --steps 8 --rate 50%% --bound 2000 --plot"
          + " latency.png",
      "%nGive it a core that has nothing else to do, and the compiler another: taskset -c 1,2"
          + " snnsim ..."
    })
final class LatencyCommand extends SnnsimCommand {
  private static final int MOST_THREADS = 64;
  private static final double MOST_BOUND = 3.6e9;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Parameters(index = "1", paramLabel = "DATA", description = "Images, .npz, sent in turn.")
  private Path data;

  @Mixin private StepsOption stepsOption;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "50%",
      description =
          "Arrivals a second; or a share of saturation, for instance 50%%: of the highest rate that"
              + " holds --bound, without it of what is done back to back. Default: 50%%.")
  private String rate;

  @Option(
      names = "--duration",
      paramLabel = "D",
      defaultValue = "20s",
      description =
          "How long arrivals come, for instance 500ms, 20s, 2m; the empty task takes as long again."
              + " Default: ${DEFAULT-VALUE}.")
  private String duration;

  @Option(
      names = "--warm-up",
      paramLabel = "D",
      defaultValue = "3s",
      description =
          "Load before anything is measured; up to five times as long while code is still being"
              + " compiled or fewer than 10,000 images were run. Default: ${DEFAULT-VALUE}.")
  private String warmUp;

  @Option(
      names = "--bound",
      paramLabel = "MICROS",
      description =
          "Look for saturation: the highest rate whose p99.9 is no more than this, by bisection.")
  private Double bound;

  @Option(
      names = "--threads",
      paramLabel = "K",
      defaultValue = "1",
      description = "Threads that share each image's work, up to 64. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "256",
      description = "Only the first N images. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Mixin private KernelOptions kernels;

  @Mixin private PictureOptions pictures;

  @Mixin private ReadoutOption readout;

  @Option(
      names = "--hgrm",
      paramLabel = "FILE",
      description = "Write the percentile distribution, microseconds, for HdrHistogram's plotter.")
  private Path hgrm;

  @Option(
      names = "--hlog",
      paramLabel = "FILE",
      description = "Write the histograms, by second and by stage, as an HdrHistogram log.")
  private Path hlog;

  @Option(names = "--plot", paramLabel = "FILE", description = "Draw the percentiles as PNG.")
  private Path plot;

  @Mixin private JsonOption json;

  @Mixin private LimitsOption limits;

  @Mixin private OutputFiles files;

  @Mixin private QuietOption quiet;

  @Override
  public Integer call() {
    stepsOption.check();
    within("--threads", threads, MOST_THREADS);
    within("--limit", limit, Integer.MAX_VALUE);
    LatencyMeasurement.Load load =
        new LatencyMeasurement.Load(
            LoadValues.rate(rate),
            LoadValues.nanos("--duration", duration),
            LoadValues.nanos("--warm-up", warmUp),
            bound);
    require(
        bound == null || bound > 0 && bound <= MOST_BOUND,
        "--bound: found "
            + bound
            + ", expected microseconds, more than 0 and no more than an hour");
    readout.check();
    KernelChoice choice = kernels.kernel();
    Limits most = limits.checked();
    checkOutputs();
    Context context = context(threads, quiet.given());
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT);
        Simulator simulator =
            Simulator.of(file.network(), choice, PlanSource.of(file, kernels.plan()), most)) {
      int steps = stepsOption.of(file, context);
      warnOfFallback(context, simulator);
      LatencyMeasurement.Result r =
          new LatencyMeasurement(
                  simulator,
                  ModelParts.images(file.network(), data, pictures.options(limit, false)),
                  new LatencyMeasurement.Answer(steps, readout.of(simulator)),
                  load,
                  context)
              .run();
      if (r == null) {
        return interrupted();
      }
      LatencyReport report = r.report();
      json.print(out(), files, report::toText, () -> JsonOption.tree(report));
      writeFiles(r);
      if (report.unserved() > 0 && !report.interrupted()) {
        context
            .listener()
            .warn(
                report.unserved()
                    + " arrivals were not answered, the rate is beyond what this machine can do;"
                    + " they count with the time that they had waited");
      }
      return report.interrupted() ? INTERRUPTED : 0;
    }
  }

  private void checkOutputs() {
    String[] names = {"--json", "--hgrm", "--hlog", "--plot"};
    Path[] outputs = {json.file(), hgrm, hlog, plot};
    for (int i = 0; i < outputs.length; i++) {
      OutputFiles.requireApart(names[i], outputs[i], Arrays.copyOf(outputs, i));
      files.check(names[i], outputs[i], model, data, kernels.plan());
    }
  }

  private void writeFiles(LatencyMeasurement.Result r) {
    Latencies found = r.loaded();
    LatencyReport report = r.report();
    files.write(hgrm, found::writeDistribution);
    String comment =
        "snnsim latency, " + report.model().get("name") + ", " + report.steps() + " steps an image";
    files.write(hlog, out -> found.writeLog(out, comment));
    if (plot != null) {
      List<Plots.Tail> tails = new ArrayList<>();
      tails.add(new Plots.Tail("whole", found.distribution()));
      tails.add(new Plots.Tail("queue", found.queueDistribution()));
      for (int i = 0; i < found.stages().size(); i++) {
        tails.add(new Plots.Tail(found.stages().get(i), found.stageDistribution(i)));
      }
      tails.add(new Plots.Tail("empty task", r.empty().distribution()));
      String title =
          String.format(
              Locale.ROOT,
              "%s, %d steps, %.1f arrivals/s",
              report.model().get("name"),
              report.steps(),
              report.arrivalsPerSecond());
      files.write(plot, out -> Plots.latency(title, tails, out));
    }
  }
}
