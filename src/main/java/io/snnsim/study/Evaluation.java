// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.Normalisation;
import io.snnsim.cli.Background;
import io.snnsim.cli.Build;
import io.snnsim.cli.Progress;
import io.snnsim.dump.ImageSet;
import io.snnsim.encode.InputCoding;
import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchResult;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.ImageSource;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.readout.DelayedReadout;
import io.snnsim.readout.EarlyExit;
import io.snnsim.readout.ExitMargins;
import io.snnsim.readout.Readout;
import io.snnsim.report.Host;
import io.snnsim.report.RunReport;
import io.snnsim.tune.BatchImages;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/** Runs images over a model and gathers the report. Stateless; prints nothing. */
public final class Evaluation {
  /**
   * What to run.
   *
   * @param kernelReason why the model's kernels were taken
   * @param within the threads share each image's work, instead of taking images each
   * @param ann the folded ANN to run beside once it is there, or null
   * @param recorder keeps end states, or null
   * @param progress told of every image that is done
   * @param exit ends images early, or null
   * @param readoutAfter steps whose output does not count
   */
  public record Job(
      Simulator model,
      String kernelReason,
      ImageSet images,
      int steps,
      int threads,
      boolean within,
      InputCoding input,
      long seed,
      Readout readout,
      Background<AnnGraph> ann,
      Recorder recorder,
      Progress progress,
      BooleanSupplier cancelled,
      EarlyExit exit,
      int readoutAfter) {}

  private Evaluation() {}

  public static RunReport run(Job job) {
    return run(job, null);
  }

  /**
   * @param profiler profiles the batch, or null
   */
  public static RunReport run(Job job, Profiler profiler) {
    Network network = job.model().network();
    ImageSet images = job.images();
    images.checkLabels(network.populations().get(network.output()).shape().size());
    int[] predictions = new int[images.count()];
    Arrays.fill(predictions, -1);
    // A bit a step and image would do as well, but is large: counts are added when an image ends.
    int[] right = new int[job.steps()];
    boolean[][] hits = new boolean[images.count()][];
    ImageSource source = new BatchImages(images);
    DelayedReadout readout = new DelayedReadout(job.readout(), job.readoutAfter(), images.count());
    BatchObserver observer =
        new BatchObserver() {
          @Override
          public void afterStep(int image, int step, Simulation s) {
            if (images.labelled()) {
              if (step == 0) {
                hits[image] = new boolean[job.steps()];
              }
              hits[image][step] = readout.decide(image, s) == images.label(image);
            }
            readout.afterStep(image, step, s);
          }

          @Override
          public void afterImage(int image, Simulation s, long nanos) {
            predictions[image] = readout.decide(image, s);
            readout.ended(image);
            if (job.recorder() != null) {
              job.recorder().keep(image, s);
            }
            if (images.labelled()) {
              // An image that ended early keeps its answer.
              int ran = s.steps();
              Arrays.fill(hits[image], ran, job.steps(), hits[image][ran - 1]);
              synchronized (right) {
                for (int t = 0; t < right.length; t++) {
                  right[t] += hits[image][t] ? 1 : 0;
                }
              }
              hits[image] = null;
            }
            job.progress().add(1);
          }
        };
    BatchOptions options =
        new BatchOptions(
            job.steps(),
            job.within() ? 1 : job.threads(),
            0,
            images.count(),
            job.input() == InputCoding.CONSTANT
                ? null
                : job.input().supplier(job.seed(), network.input().shape().size()),
            job.recorder() != null,
            job.cancelled(),
            job.within() ? job.threads() : 1,
            job.exit());
    // The ANN would wait for threads that have images to run, but not if there are fewer images.
    boolean early = !job.within() && images.count() < job.threads() && profiler == null;
    Background<int[]> ann =
        early ? Background.start("snnsim-ann", () -> annPredictions(job)) : null;
    BatchResult result =
        BatchRunner.run(
            job.model(), source, options, profiler == null ? observer : profiler.beside(observer));
    int[] annPredictions = ann == null ? annPredictions(job) : ann.get();
    return report(job, result, predictions, annPredictions, right);
  }

  private static RunReport report(
      Job job, BatchResult r, int[] predictions, int[] ann, int[] right) {
    Network network = job.model().network();
    double runs = Math.max(1, r.steps());
    List<RunReport.Layer> layers = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    double spikes = 0;
    double negative = 0;
    double ops = 0;
    long saturated = 0;
    for (int p = 0; p < r.spikes().length; p++) {
      Population population = network.populations().get(p);
      int neurons = population.shape().size();
      spikes += r.spikes()[p] / runs;
      negative += r.negativeSpikes()[p] / runs;
      ops += r.synapticOps()[p] / runs;
      saturated += r.saturated()[p];
      layers.add(
          new RunReport.Layer(
              population.name(),
              neurons,
              r.spikes()[p] / runs,
              r.negativeSpikes()[p] / runs,
              r.spikes()[p] / runs / neurons,
              r.synapticOps()[p] / runs,
              r.saturated()[p]));
      if (r.spikes()[p] == 0 && r.imagesDone() > 0) {
        silent.add(population.name());
      }
    }
    double[] accuracy = null;
    if (job.images().labelled()) {
      accuracy = new double[right.length];
      for (int t = 0; t < right.length; t++) {
        accuracy[t] = (double) right[t] / Math.max(1, r.imagesDone());
      }
    }
    return new RunReport(
        1,
        r.imagesDone(),
        job.images().count(),
        job.steps(),
        accuracy,
        annAccuracy(job.images(), ann, predictions),
        predictions,
        layers,
        silent,
        spikes,
        negative,
        ops,
        saturated,
        timing(r),
        job.model().kernelName(),
        job.kernelReason(),
        job.threads(),
        job.input().toString(),
        job.seed(),
        job.readout().label(),
        job.readoutAfter(),
        job.exit() == null ? null : earlyExit(job, r),
        model(network),
        Host.here().toMap(),
        Build.program());
  }

  /** What the ANN says of every image, or null if there is nothing to compare. */
  private static int[] annPredictions(Job job) {
    if (job.ann() == null || !job.images().labelled()) {
      return null;
    }
    InputStage in = job.model().network().input();
    return AnnBatch.predict(
        new AnnForward(job.ann().get()),
        job.images(),
        new Normalisation(in.mean(), in.std()),
        Execution.on(job.threads(), job.cancelled()));
  }

  /** The ANN on those images that the SNN finished. */
  private static Double annAccuracy(ImageSet images, int[] ann, int[] done) {
    int n = 0;
    int right = 0;
    for (int i = 0; ann != null && i < ann.length; i++) {
      if (done[i] >= 0 && ann[i] >= 0) {
        n++;
        right += ann[i] == images.label(i) ? 1 : 0;
      }
    }
    return n == 0 ? null : (double) right / n;
  }

  private static RunReport.EarlyExit earlyExit(Job job, BatchResult r) {
    ExitMargins margins = job.exit().margins();
    int[] steps = r.imageSteps().clone();
    for (int i = 0; i < steps.length; i++) {
      steps[i] = r.done()[i] ? steps[i] : -1;
    }
    long ops = 0;
    for (long n : r.synapticOps()) {
      ops += n;
    }
    double done = Math.max(1, r.imagesDone());
    double all = margins.synapticOps()[job.steps() - 1];
    return new RunReport.EarlyExit(
        job.exit().factor(),
        r.steps() / done,
        steps,
        ops / done,
        all,
        all == 0 || r.imagesDone() == 0 ? 0 : 1 - ops / done / all,
        margins.images(),
        margins.heldBack());
  }

  private static RunReport.Timing timing(BatchResult r) {
    Histogram h = new Histogram(3);
    h.setAutoResize(true);
    long nanos = 0;
    for (int i = 0; i < r.done().length; i++) {
      if (r.done()[i]) {
        h.recordValue(r.imageNanos()[i]);
        nanos += r.imageNanos()[i];
      }
    }
    return new RunReport.Timing(
        nanos / 1e6 / Math.max(1, r.steps()),
        r.wallNanos() / 1e9,
        h.getValueAtPercentile(50) / 1e6,
        h.getValueAtPercentile(90) / 1e6,
        h.getValueAtPercentile(99) / 1e6,
        h.getValueAtPercentile(99.9) / 1e6,
        h.getMaxValue() / 1e6);
  }

  /** What a network is, for reports. */
  public static Map<String, Object> model(Network n) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("name", n.name());
    m.put("precision", n.precision().name().toLowerCase(Locale.ROOT));
    m.put("neurons", n.neurons());
    m.put("populations", n.populations().size());
    return m;
  }
}
