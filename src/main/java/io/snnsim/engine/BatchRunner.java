// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.encode.InputEncoder;
import io.snnsim.metrics.ImageEvent;
import io.snnsim.metrics.Recording;
import io.snnsim.work.Execution;
import io.snnsim.work.Tasks;

/**
 * Runs many images over one simulator, each worker thread with a simulation of its own. Stateless;
 * the caller's thread waits. Results do not depend on the number of threads or their timing: images
 * are independent and every statistic is an integer sum.
 */
public final class BatchRunner {
  private BatchRunner() {}

  /**
   * Runs {@code options.count()} images.
   *
   * @throws RuntimeException whatever an observer, encoder or image source threw first; the other
   *     workers then stop
   */
  public static BatchResult run(
      Simulator model, ImageSource source, BatchOptions options, BatchObserver observer) {
    model.checkSteps(options.steps());
    SimulationOptions wanted =
        new SimulationOptions(options.countEverywhere(), false, options.within(), false);
    model.requireRoom(Math.clamp(options.count(), 1, options.threads()), wanted);
    int populations = model.network().populations().size();
    boolean[] done = new boolean[options.count()];
    int[] steps = new int[options.count()];
    long[] nanos = new long[options.count()];
    long[] spikes = new long[populations];
    long[] negative = new long[populations];
    long[] synapticOps = new long[populations];
    long[] saturated = new long[populations];
    long start = System.nanoTime();

    Tasks.Worker worker =
        next -> {
          long[] mySpikes = new long[populations];
          long[] myNegative = new long[populations];
          long[] myOps = new long[populations];
          long[] mySaturated = new long[populations];
          try (Simulation session = model.newSimulation(wanted)) {
            InputEncoder encoder = options.encoder() == null ? null : options.encoder().get();
            session.encodeWith(encoder);
            observer.sessionOpened(session);
            ImageEvent event = null;
            float[] image = new float[model.network().input().shape().size()];
            for (int i; (i = next.getAsInt()) >= 0; ) {
              source.read(options.first() + i, image);
              if (event == null && Recording.everStarted()) {
                event = new ImageEvent();
                event.network = model.network().name();
              }
              if (event != null) {
                event.begin();
              }
              long from = System.nanoTime();
              if (!runImage(session, image, options, i, observer)) {
                break;
              }
              steps[i] = session.steps();
              nanos[i] = System.nanoTime() - from;
              if (event != null) {
                event.end();
              }
              long imageSpikes = 0;
              long imageOps = 0;
              for (int p = 0; p < populations; p++) {
                long spiked = session.spikeTotal(p);
                long ops = session.synapticOps(p);
                mySpikes[p] += spiked;
                myNegative[p] += session.negativeSpikeTotal(p);
                myOps[p] += ops;
                mySaturated[p] += session.saturated(p);
                imageSpikes += spiked;
                imageOps += ops;
              }
              if (event != null) {
                event.image = options.first() + i;
                event.steps = steps[i];
                event.spikes = imageSpikes;
                event.synapticOps = imageOps;
                event.commit();
              }
              observer.afterImage(options.first() + i, session, nanos[i]);
              done[i] = true;
            }
          }
          synchronized (spikes) {
            for (int p = 0; p < populations; p++) {
              spikes[p] += mySpikes[p];
              negative[p] += myNegative[p];
              synapticOps[p] += myOps[p];
              saturated[p] += mySaturated[p];
            }
          }
        };

    Execution execution = Execution.on(options.threads(), options.cancelled());
    Tasks.share("snnsim-worker", 0, execution, options.count(), worker);
    int imagesDone = 0;
    for (boolean d : done) {
      imagesDone += d ? 1 : 0;
    }
    return new BatchResult(
        imagesDone,
        done,
        steps,
        spikes,
        negative,
        synapticOps,
        saturated,
        nanos,
        System.nanoTime() - start);
  }

  private static boolean runImage(
      Simulation session, float[] image, BatchOptions options, int i, BatchObserver observer) {
    int index = options.first() + i;
    session.present(image, index, options.steps());
    for (int t = 0; t < options.steps(); ) {
      if (options.cancelled().getAsBoolean()) {
        return false;
      }
      // A step block that runs on behind the step that decided would count spikes nobody needed,
      // and how
      // many would depend on the plan.
      int n = session.runStepBlock(options.exit() == null ? options.steps() - t : 1);
      for (int k = 0; k < n; k++, t++) {
        if (session.answersAt(k, n)) {
          session.look(k);
          observer.afterStep(index, t, session);
        }
      }
      if (options.exit() != null && options.exit().decided(session, t - 1)) {
        return true;
      }
    }
    return true;
  }
}
