// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.dump.ImageSet;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.error.SnnsimException;
import io.snnsim.metrics.Clock;
import io.snnsim.metrics.Latencies;
import io.snnsim.metrics.OpenLoop;
import io.snnsim.metrics.Percentiles;
import io.snnsim.metrics.Saturation;
import io.snnsim.metrics.Service;
import io.snnsim.metrics.Settling;
import io.snnsim.network.Network;
import io.snnsim.readout.Readout;
import io.snnsim.report.Host;
import io.snnsim.report.LatencyReport;
import io.snnsim.report.Program;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code snnsim latency} measures, in its order: warm-up, capacity, saturation, the load, the
 * empty task, shorter deadlines. On the calling thread, which opens the session.
 */
public final class LatencyMeasurement {
  private static final long ROUND_NANOS = 100_000_000L;
  private static final long CAPACITY_NANOS = 1_000_000_000L;

  /** Of the time asked for. */
  private static final long MOST_WARM_UP = 5;

  /**
   * A second, of the empty task: so many that the loop and its histograms are compiled by C2 too,
   * or HdrHistogram's strings, 4 kB, would be made under the load.
   */
  private static final double EMPTY_ARRIVALS = 50_000;

  private static final long SHORT_IMAGES_NANOS = 200_000_000L;

  /** Enough for a p99.9 that is not the maximum, if the rate allows it within the most. */
  private static final double PROBE_ARRIVALS = 2000;

  private static final long MOST_PROBE_NANOS = 2_000_000_000L;
  private static final long DEADLINE_NANOS = 1_000_000_000L;

  /**
   * A rate: a number of arrivals a second, or a share of saturation.
   *
   * @param value arrivals a second, or the share
   */
  public record Rate(double value, boolean share) {
    /** Arrivals a second, given saturation. */
    double perSecond(double saturation) {
      return share ? value * saturation : value;
    }
  }

  /**
   * The load that is asked for.
   *
   * @param nanos how long arrivals come
   * @param warmUpNanos before anything is measured
   * @param boundMicros null: saturation is not looked for
   */
  public record Load(Rate rate, long nanos, long warmUpNanos, Double boundMicros) {}

  /** What answers an arrival. */
  public record Answer(int steps, Readout readout) {}

  /** The report and what it rests on. */
  public record Result(LatencyReport report, Latencies loaded, Latencies empty) {}

  private final Simulator simulator;
  private final Answer answer;
  private final Load load;
  private final Context context;
  private final Clock clock = Clock.SYSTEM;
  private final float[][] images;
  private final int[] labels;

  /**
   * Reads the images.
   *
   * @param set sent in turn
   * @param context its threads share each image's work
   * @throws SnnsimException (bad data) if a label is no class
   */
  public LatencyMeasurement(
      Simulator simulator, ImageSet set, Answer answer, Load load, Context context) {
    this.simulator = simulator;
    this.answer = answer;
    this.load = load;
    this.context = context;
    Network network = simulator.network();
    set.checkLabels(network.populations().get(network.output()).shape().size());
    images = new float[set.count()][set.shape().size()];
    labels = set.labelled() ? new int[set.count()] : null;
    for (int i = 0; i < images.length; i++) {
      set.read(i, images[i]);
      if (labels != null) {
        labels[i] = set.label(i);
      }
    }
  }

  /** Measures; null if that was stopped before the load itself had begun. */
  public Result run() {
    try (Simulation session = simulator.newSimulation(false, context.threads())) {
      ModelService service = service(session, answer.steps());
      OpenLoop loop = new OpenLoop(clock, service, ModelService.STAGES, context.cancelled());
      OpenLoop emptyLoop = new OpenLoop(clock, Service.EMPTY, List.of(), context.cancelled());
      warmUp(loop, service(session, 1), emptyLoop);
      double capacity = loop.capacity(Math.min(CAPACITY_NANOS, load.nanos()));
      Double saturation = null;
      if (load.boundMicros() != null) {
        saturation = saturation(loop, capacity);
      }
      if (context.isCancelled()) {
        return null;
      }
      double rate = load.rate().perSecond(saturation == null ? capacity : saturation);
      if (rate == 0) {
        throw SnnsimException.usage(
            "--bound "
                + load.boundMicros()
                + ": no rate's p99.9 holds it, so --rate cannot be a share of saturation; give"
                + " arrivals a second or a larger bound");
      }
      Latencies loaded = loop.run(rate, load.nanos());
      // Asked before the rest is measured, which says nothing of the load.
      boolean interrupted = context.isCancelled();
      Latencies empty = emptyLoop.run(rate, load.nanos());
      List<LatencyReport.Deadline> deadlines = deadlines(session, rate);
      service.check();
      return new Result(
          report(loaded, empty, deadlines, capacity, saturation, rate, interrupted), loaded, empty);
    }
  }

  private ModelService service(Simulation session, int steps) {
    return new ModelService(session, images, labels, answer.readout(), steps, clock);
  }

  /**
   * Runs all that will be measured for the time asked for, and on until a round says that compiled
   * code is in place; on a busy machine that may take longer.
   */
  private void warmUp(OpenLoop loop, ModelService shortImages, OpenLoop emptyLoop) {
    long[] ends = new long[ModelService.STAGES.size()];
    Settling settling = new Settling(1, 0, Settling.COMPILATION);
    long begun = clock.nanos();
    long images = 0;
    long taken;
    do {
      long roundBegun = clock.nanos();
      long imagesBefore = images;
      double capacity = loop.capacity(ROUND_NANOS);
      Latencies found = loop.run(capacity / 2, ROUND_NANOS);
      images += found.samples();
      emptyLoop.run(EMPTY_ARRIVALS, ROUND_NANOS);
      // After those of full length, whose profile of the kernels is the one to compile for.
      long until = clock.nanos() + SHORT_IMAGES_NANOS;
      while (images - imagesBefore < settling.missingCalls() && clock.nanos() < until) {
        shortImages.serve(images++, ends);
      }
      long bytes = (long) Math.ceil(found.allocatedBytesPerCall());
      settling.round(clock.nanos() - roundBegun, images - imagesBefore, bytes, 0);
      taken = clock.nanos() - begun;
    } while ((taken < load.warmUpNanos()
            || !settling.compiled() && taken < MOST_WARM_UP * load.warmUpNanos())
        && !context.isCancelled());
    shortImages.check();
  }

  private double saturation(OpenLoop loop, double capacity) {
    long boundNanos = Math.round(load.boundMicros() * 1e3);
    long most = Math.min(MOST_PROBE_NANOS, load.nanos());
    return Saturation.find(
        capacity,
        boundNanos,
        rate -> loop.run(rate, (long) Math.min(most, PROBE_ARRIVALS / rate * 1e9)));
  }

  /** Answers after 1, 2, 4... steps at the same rate; none where only the last step gives one. */
  private List<LatencyReport.Deadline> deadlines(Simulation session, double rate) {
    List<LatencyReport.Deadline> all = new ArrayList<>();
    int first = session.network().codeSteps() > 0 ? answer.steps() : 1;
    for (int t = first; t < answer.steps() && !context.isCancelled(); t *= 2) {
      ModelService service = service(session, t);
      Latencies found =
          new OpenLoop(clock, service, ModelService.STAGES, context.cancelled())
              .run(rate, Math.min(DEADLINE_NANOS, load.nanos()));
      service.check();
      Percentiles p = found.whole();
      all.add(
          new LatencyReport.Deadline(t, found.samples(), p.p50(), p.p99_9(), service.accuracy()));
    }
    return all;
  }

  private LatencyReport report(
      Latencies loaded,
      Latencies empty,
      List<LatencyReport.Deadline> deadlines,
      double capacity,
      Double saturation,
      double rate,
      boolean interrupted) {
    Map<String, Percentiles> stages = new LinkedHashMap<>();
    stages.put("queue", loaded.queue());
    for (int i = 0; i < loaded.stages().size(); i++) {
      stages.put(loaded.stages().get(i), loaded.stage(i));
    }
    return new LatencyReport(
        1,
        interrupted,
        loaded.whole(),
        stages,
        empty.whole(),
        deadlines,
        rate,
        loaded.answersPerSecond(),
        load.nanos() / 1e9,
        loaded.samples(),
        loaded.late(),
        loaded.unserved(),
        loaded.allocatedBytesPerCall(),
        capacity,
        load.boundMicros(),
        saturation,
        answer.steps(),
        context.threads(),
        answer.readout().label(),
        simulator.kernelName(),
        simulator.kernelReason(),
        Evaluation.model(simulator.network()),
        Host.here().toMap(),
        Program.here().nameAndBuild());
  }
}
