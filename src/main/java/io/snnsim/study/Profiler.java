// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.Probe;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Work;
import io.snnsim.kernel.KernelProvider;
import io.snnsim.kernel.limits.HostLimits;
import io.snnsim.kernel.limits.HostLimits.Operation;
import io.snnsim.kernel.limits.MemoryLevel;
import io.snnsim.metrics.TurnTimes;
import io.snnsim.report.Profile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Profiles a batch: times every population's turns, counts what passes through the projections, and
 * sets both beside the limits of the host. Thread-safe as an observer of {@link #beside}; the times
 * of a worker's session are its own until an image ends.
 */
public final class Profiler {
  private static final long MEASURE_MS = 800;
  private static final long PATIENCE_MS = 5000;

  /** Of the images, at most so many more, are run before anything is counted. */
  private static final int WARM_UP_SHARE = 4;

  private static final int MOST_WARM_UP = 200;

  private final Simulator model;
  private final int steps;
  private final int threadsPerImage;
  private final int warmUp;
  private final HostLimits limits;
  private final Map<Simulation, TurnTimes> current = new ConcurrentHashMap<>();

  /** Guarded by itself. */
  private final TurnTimes times;

  private final long[] synapticOps;

  /** Images after which each population was updated by lookup. */
  private final int[] lookedUp;

  private int images;

  /**
   * Measures the host, which takes about a second.
   *
   * @param threadsPerImage threads that share the work of a step
   */
  public Profiler(Simulator model, int images, int steps, int threadsPerImage) {
    this.model = model;
    this.steps = steps;
    this.threadsPerImage = threadsPerImage;
    limits = KernelProvider.vectorAvailable() ? HostLimits.measure(MEASURE_MS, PATIENCE_MS) : null;
    warmUp = Math.min(MOST_WARM_UP, images / WARM_UP_SHARE);
    times = new TurnTimes(model.network().populations().size());
    synapticOps = new long[model.network().projections().size()];
    lookedUp = new int[model.network().populations().size()];
  }

  /** An observer that profiles and tells {@code other} everything. */
  BatchObserver beside(BatchObserver other) {
    return new BatchObserver() {
      @Override
      public void sessionOpened(Simulation session) {
        profile(session);
        other.sessionOpened(session);
      }

      @Override
      public void afterStep(int image, int step, Simulation session) {
        other.afterStep(image, step, session);
      }

      @Override
      public void afterImage(int image, Simulation session, long nanos) {
        imageDone(image, session);
        other.afterImage(image, session, nanos);
      }
    };
  }

  private void profile(Simulation session) {
    TurnTimes mine = new TurnTimes(model.network().populations().size());
    current.put(session, mine);
    session.profileWith(
        new Probe() {
          @Override
          public void input(long nanos) {
            mine.addInput(nanos);
          }

          @Override
          public void turn(int population, int count, long nanos) {
            mine.addTurn(population, count, nanos);
          }
        });
  }

  private void imageDone(int image, Simulation session) {
    TurnTimes mine = current.get(session);
    if (image >= warmUp) {
      synchronized (times) {
        images++;
        times.add(mine);
        for (int j = 0; j < synapticOps.length; j++) {
          synapticOps[j] += session.synapticOpsThrough(j);
        }
        for (int p = 0; p < lookedUp.length; p++) {
          lookedUp[p] += session.byLookup(p) ? 1 : 0;
        }
      }
    }
    mine.clear();
  }

  /** What was found; call after the batch. */
  public Profile result() {
    synchronized (times) {
      double perStep = 1.0 / Math.max(1, (long) images * steps);
      double[] ops = new double[synapticOps.length];
      for (int j = 0; j < ops.length; j++) {
        ops[j] = synapticOps[j] * perStep;
      }
      boolean[] mostlyByLookup = new boolean[lookedUp.length];
      for (int p = 0; p < lookedUp.length; p++) {
        mostlyByLookup[p] = 2 * lookedUp[p] > images;
      }
      List<Work> work = model.work(ops, mostlyByLookup);
      double input =
          (double) times.medianInputNanos() * times.inputs() / Math.max(1, (long) images * steps);
      double mean = 0;
      double median = 0;
      double allOps = 0;
      for (int p = 0; p < work.size(); p++) {
        mean += times.meanStepNanos(p);
        median += times.medianStepNanos(p);
        allOps += work.get(p).synapticOps();
      }
      List<Profile.Layer> layers = new ArrayList<>();
      for (int p = 0; p < work.size(); p++) {
        layers.add(layer(p, work.get(p), Math.max(1, input + median)));
      }
      return new Profile(
          warmUp,
          images,
          threadsPerImage,
          input / 1e6,
          input / Math.max(1, input + median),
          mean / 1e6,
          median / 1e6,
          allOps / Math.max(1, median),
          limits == null ? null : limits(limits),
          layers);
    }
  }

  private Profile.Layer layer(int p, Work w, double stepNanos) {
    double median = Math.max(1, times.medianStepNanos(p));
    MemoryLevel level = limits == null || w.laneOps() == 0 ? null : limits.levelOf(w.loopBytes());
    Operation operation = Operation.of(w.lookups() > 0, w.operandBytes());
    Double limit = level == null ? null : limits.laneGops(operation, level) * threadsPerImage;
    return new Profile.Layer(
        model.network().populations().get(p).name(),
        w.method().word(),
        times.meanStepNanos(p) / 1e6,
        times.medianStepNanos(p) / 1e6,
        times.medianStepNanos(p) / stepNanos,
        w.synapticOps(),
        w.lookups(),
        w.rows(),
        w.laneOps(),
        w.bytes(),
        w.loopBytes(),
        w.synapticOps() / median,
        w.laneOps() / median,
        w.bytes() / median,
        w.synapticOps() / Math.max(1, w.bytes()),
        level == null ? null : level.name(),
        limit,
        limit == null ? null : w.laneOps() / median / limit);
  }

  private static Profile.Limits limits(HostLimits l) {
    List<Profile.Level> levels = new ArrayList<>();
    for (MemoryLevel level : l.levels()) {
      levels.add(
          new Profile.Level(
              level.name(),
              l.bytes(level),
              l.gigabytesPerSecond(level),
              l.laneGops(Operation.ADD_I8, level),
              l.laneGops(Operation.ADD_I16, level),
              l.laneGops(Operation.ADD_I32, level),
              l.laneGops(Operation.LOOKUP_I16, level),
              l.laneGops(Operation.LOOKUP_I32, level)));
    }
    return new Profile.Limits(l.compiled(), l.sizesKnown(), levels);
  }
}
