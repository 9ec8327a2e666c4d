// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.Normalisation;
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
import io.snnsim.report.Program;
import io.snnsim.report.RunReport;
import io.snnsim.tune.BatchImages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** Runs images over a model and gathers the report. Stateless; prints nothing. */
public final class Evaluation {
  /**
   * What to run.
   *
   * @param task what to call it while it runs
   * @param begunNanos when what asks for it began, by {@link System#nanoTime}
   */
  public record Job(
      String task,
      Engine engine,
      ImageSet images,
      Protocol protocol,
      Beside beside,
      long begunNanos) {}

  /**
   * What runs the images.
   *
   * @param kernelReason why the simulator's kernels were taken
   * @param within the threads share each image's work, instead of taking images each
   */
  public record Engine(Simulator simulator, String kernelReason, boolean within) {
    /** Every thread runs images of its own, by the kernels that the simulator chose. */
    public static Engine of(Simulator simulator) {
      return new Engine(simulator, simulator.kernelReason(), false);
    }
  }

  /**
   * How an image is presented and decided: all that results depend on besides model and image.
   *
   * @param seed of random codings
   * @param readoutAfter steps whose output does not count
   * @param exit ends images early, or null
   */
  public record Protocol(
      int steps, InputCoding input, long seed, Readout readout, int readoutAfter, EarlyExit exit) {
    /** Constant input, decided by the output of all steps. */
    public static Protocol of(int steps, Readout readout) {
      return new Protocol(steps, InputCoding.CONSTANT, 0, readout, 0, null);
    }

    /** The same, ending images early as {@code rule} says; null: never. */
    public Protocol endingBy(EarlyExit rule) {
      return new Protocol(steps, input, seed, readout, readoutAfter, rule);
    }
  }

  /**
   * What is found out beside the answers; each may be null.
   *
   * @param ann the folded ANN to run beside once it is there
   * @param recorder keeps end states
   * @param profiler profiles the batch
   */
  public record Beside(Background<AnnGraph> ann, Recorder recorder, Profiler profiler) {}

  private Evaluation() {}

  /** Runs all images, or those that are begun before it is cancelled. */
  public static RunReport run(Job job, Context context) {
    try (Progress progress =
        context.listener().progress(job.task(), "images", job.images().count())) {
      return run(job, context, progress);
    }
  }

  private static RunReport run(Job job, Context context, Progress progress) {
    Network network = job.engine().simulator().network();
    Protocol protocol = job.protocol();
    Profiler profiler = job.beside().profiler();
    Recorder recorder = job.beside().recorder();
    ImageSet images = job.images();
    images.checkLabels(network.populations().get(network.output()).shape().size());
    int[] predictions = new int[images.count()];
    Arrays.fill(predictions, -1);
    // A bit a step and image would do as well, but is large: counts are added when an image ends.
    int[] right = new int[protocol.steps()];
    AtomicReference<Double> first = new AtomicReference<>();
    boolean[][] hits = new boolean[images.count()][];
    ImageSource source = new BatchImages(images);
    DelayedReadout readout =
        new DelayedReadout(protocol.readout(), protocol.readoutAfter(), images.count());
    BatchObserver observer =
        new BatchObserver() {
          @Override
          public void afterStep(int image, int step, Simulation s) {
            if (images.labelled()) {
              if (hits[image] == null) {
                hits[image] = new boolean[protocol.steps()];
              }
              hits[image][step] = readout.decide(image, s) == images.label(image);
            }
            readout.afterStep(image, step, s);
          }

          @Override
          public void afterImage(int image, Simulation s, long nanos) {
            predictions[image] = readout.decide(image, s);
            readout.ended(image);
            if (first.get() == null) {
              first.compareAndSet(null, (System.nanoTime() - job.begunNanos()) / 1e9);
            }
            if (recorder != null) {
              recorder.keep(image, s);
            }
            if (images.labelled()) {
              // An image that ended early keeps its answer.
              int ran = s.steps();
              Arrays.fill(hits[image], ran, protocol.steps(), hits[image][ran - 1]);
              synchronized (right) {
                for (int t = 0; t < right.length; t++) {
                  right[t] += hits[image][t] ? 1 : 0;
                }
              }
              hits[image] = null;
            }
            progress.add(1);
          }
        };
    BatchOptions options =
        new BatchOptions(
            protocol.steps(),
            job.engine().within() ? 1 : context.threads(),
            0,
            images.count(),
            protocol.input() == InputCoding.CONSTANT
                ? null
                : protocol.input().supplier(protocol.seed(), network.input().shape().size()),
            recorder != null,
            context.cancelled(),
            job.engine().within() ? context.threads() : 1,
            protocol.exit());
    // The ANN would wait for threads that have images to run, but not if there are fewer images.
    boolean early =
        !job.engine().within() && images.count() < context.threads() && profiler == null;
    Background<int[]> ann =
        early ? Background.start("snnsim-ann", () -> annPredictions(job, context)) : null;
    BatchResult result =
        BatchRunner.run(
            job.engine().simulator(),
            source,
            options,
            profiler == null ? observer : profiler.beside(observer));
    int[] annPredictions = ann == null ? annPredictions(job, context) : ann.get();
    return report(
        job, context, result, new Answers(predictions, annPredictions, right, first.get()));
  }

  /**
   * What was answered.
   *
   * @param predictions by image, -1 where it did not finish
   * @param ann the same of the ANN, or null
   * @param right by step, the number of right answers
   * @param firstSeconds when the first one was there, or null
   */
  private record Answers(int[] predictions, int[] ann, int[] right, Double firstSeconds) {}

  private static RunReport report(Job job, Context context, BatchResult r, Answers answers) {
    Protocol protocol = job.protocol();
    int[] right = answers.right();
    Network network = job.engine().simulator().network();
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
    Double[] accuracy = null;
    if (job.images().labelled()) {
      accuracy = new Double[right.length];
      // A network whose neurons send codes has no answer before the last step.
      for (int t = network.codeSteps() > 0 ? right.length - 1 : 0; t < right.length; t++) {
        accuracy[t] = (double) right[t] / Math.max(1, r.imagesDone());
      }
    }
    return new RunReport(
        1,
        r.imagesDone(),
        job.images().count(),
        protocol.steps(),
        accuracy,
        annAccuracy(job.images(), answers),
        answers.predictions(),
        layers,
        silent,
        spikes,
        negative,
        ops,
        saturated,
        RunTimes.of(r, answers.firstSeconds()),
        job.engine().simulator().kernelName(),
        job.engine().kernelReason(),
        context.threads(),
        protocol.input().toString(),
        protocol.seed(),
        protocol.readout().label(),
        protocol.readoutAfter(),
        protocol.exit() == null ? null : earlyExit(protocol, r),
        model(network),
        Host.here().toMap(),
        Program.here().nameAndBuild());
  }

  /** What the ANN says of every image, or null if there is nothing to compare. */
  private static int[] annPredictions(Job job, Context context) {
    if (job.beside().ann() == null || !job.images().labelled()) {
      return null;
    }
    InputStage in = job.engine().simulator().network().input();
    return AnnBatch.predict(
        new AnnForward(job.beside().ann().get()),
        job.images(),
        new Normalisation(in.mean(), in.std()),
        context.execution());
  }

  /** The ANN on those images that the SNN finished. */
  private static Double annAccuracy(ImageSet images, Answers answers) {
    int[] ann = answers.ann();
    int[] done = answers.predictions();
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

  private static RunReport.EarlyExit earlyExit(Protocol protocol, BatchResult r) {
    ExitMargins margins = protocol.exit().margins();
    int[] steps = r.imageSteps().clone();
    for (int i = 0; i < steps.length; i++) {
      steps[i] = r.done()[i] ? steps[i] : -1;
    }
    long ops = 0;
    for (long n : r.synapticOps()) {
      ops += n;
    }
    double done = Math.max(1, r.imagesDone());
    double all = margins.synapticOps()[protocol.steps() - 1];
    return new RunReport.EarlyExit(
        protocol.exit().factor(),
        r.steps() / done,
        steps,
        ops / done,
        all,
        all == 0 || r.imagesDone() == 0 ? 0 : 1 - ops / done / all,
        margins.images(),
        margins.heldBack());
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
