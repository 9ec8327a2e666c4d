// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.ImageSet;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.metrics.Latencies;
import io.snnsim.network.Network;
import io.snnsim.readout.Readout;
import io.snnsim.report.LatencyReport;
import io.snnsim.report.Plots;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.ArrivalRate;
import io.snnsim.study.LatencyMeasurement;
import io.snnsim.study.PlanSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
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
  private static final String STDOUT = "-";
  private static final double MOST_BOUND = 3.6e9;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Parameters(index = "1", paramLabel = "DATA", description = "Images, .npz, sent in turn.")
  private Path data;

  @Option(
      names = "--steps",
      paramLabel = "T",
      required = true,
      description = "Time steps an image.")
  private int steps;

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

  @Option(
      names = "--kernel",
      defaultValue = "auto",
      description =
          "auto, scalar, array, vector, or vector64 to vector512. Default: ${DEFAULT-VALUE}.")
  private String kernel;

  @Option(
      names = "--plan",
      paramLabel = "FILE",
      description = "Methods of the populations, from 'snnsim bench --tune'.")
  private Path plan;

  @Option(
      names = "--readout",
      defaultValue = "auto",
      description = "auto, spikes+softmax, spikes or membrane. Default: ${DEFAULT-VALUE}.")
  private String readout;

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

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write the result as JSON (docs/schema/latency.md); - for stdout, instead of text.")
  private String json;

  @Option(names = "--force", description = "Replace existing output files.")
  private boolean force;

  @Option(
      names = {"-q", "--quiet"},
      description = "No warnings on stderr.")
  private boolean quiet;

  @Override
  public Integer call() {
    within("--steps", steps, MOST_STEPS);
    within("--threads", threads, 64);
    within("--limit", limit, Integer.MAX_VALUE);
    ArrivalRate.Rate asked = ArrivalRate.rate(rate);
    long nanos = ArrivalRate.nanos("--duration", duration);
    long warmUpNanos = ArrivalRate.nanos("--warm-up", warmUp);
    require(
        bound == null || bound > 0 && bound <= MOST_BOUND,
        "--bound: found "
            + bound
            + ", expected microseconds, more than 0 and no more than an hour");
    Readout decidedBy = RunCommand.readout(readout);
    KernelChoice choice = KernelOption.parse(kernel);
    Path jsonFile = json == null || json.equals(STDOUT) ? null : Path.of(json);
    checkOutputs(jsonFile);
    Talk talk = talk(quiet);
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT);
        Simulator m = Simulator.of(file.network(), choice, PlanSource.of(file, plan))) {
      warnOfFallback(talk, m);
      LatencyMeasurement.Result r =
          new LatencyMeasurement(
                  m,
                  images(file.network()),
                  new LatencyMeasurement.Options(
                      steps,
                      threads,
                      asked,
                      nanos,
                      warmUpNanos,
                      bound,
                      decidedBy == null ? Readout.of(m) : decidedBy),
                  interrupt()::asked)
              .run();
      if (r == null) {
        return interrupted();
      }
      print(r.report(), jsonFile);
      writeFiles(r);
      if (r.report().unserved() > 0 && !r.report().interrupted()) {
        talk.warn(
            r.report().unserved()
                + " arrivals were not answered, the rate is beyond what this machine can do; they"
                + " count with the time that they had waited");
      }
      return r.report().interrupted() ? INTERRUPTED : 0;
    }
  }

  private ImageSet images(Network network) {
    MapShape s = network.input().shape();
    ImageSet all = ImageSet.read(data, new MapShape(s.channels(), s.height(), s.width()), limit);
    if (all.count() == 0) {
      throw SnnsimException.badData(data + ": holds no image, expected at least one");
    }
    all.checkLabels(network.populations().get(network.output()).shape().size());
    return all;
  }

  private void checkOutputs(Path jsonFile) {
    String[] names = {"--json", "--hgrm", "--hlog", "--plot"};
    Path[] outputs = {jsonFile, hgrm, hlog, plot};
    for (int i = 0; i < outputs.length; i++) {
      requireApart(names[i], outputs[i], model, data, plan);
      for (int j = 0; j < i; j++) {
        requireApart(names[i], outputs[i], outputs[j]);
      }
      if (outputs[i] != null) {
        AtomicFile.check(outputs[i], force);
      }
    }
  }

  private void print(LatencyReport report, Path jsonFile) {
    if (json == null || jsonFile != null) {
      out().print(report.toText());
    }
    if (json != null) {
      String text = new ObjectMapper().valueToTree(report).toPrettyString() + "\n";
      if (jsonFile == null) {
        out().print(text);
      } else {
        AtomicFile.write(
            jsonFile, force, stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  private void writeFiles(LatencyMeasurement.Result r) {
    Latencies found = r.loaded();
    if (hgrm != null) {
      AtomicFile.write(hgrm, force, found::writeDistribution);
    }
    if (hlog != null) {
      String comment =
          "snnsim latency, " + r.report().model().get("name") + ", " + steps + " steps an image";
      AtomicFile.write(hlog, force, out -> found.writeLog(out, comment));
    }
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
              r.report().model().get("name"),
              steps,
              r.report().arrivalsPerSecond());
      AtomicFile.write(plot, force, out -> Plots.latency(title, tails, out));
    }
  }
}
