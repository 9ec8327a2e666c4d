// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.engine.Simulation;
import io.snnsim.error.SnnsimException;
import io.snnsim.metrics.InferenceEvent;
import io.snnsim.store.LostMapping;

/**
 * Runs a session's image on until its options say that it ends, decides, and tells JFR. Owns the
 * session's result. Confined to the session's thread; allocates nothing, but once when JFR first
 * records.
 */
final class Run {
  private final Simulation engine;
  private final String network;
  private final Result result;

  /** What a step took when one was last timed; 0 before. */
  private long nanosPerStep;

  /** Null until JFR records for the first time. */
  private InferenceEvent event;

  Run(Simulation engine, String network) {
    this.engine = engine;
    this.network = network;
    result = new Result(engine.classes());
  }

  /** The time at which a call begins. */
  long begin() {
    if (event == null) {
      event = InferenceEvent.orNull(network);
    }
    if (event != null) {
      event.begin();
    }
    return System.nanoTime();
  }

  /**
   * Runs a presented image.
   *
   * @param begun as {@link #begin} said
   */
  Result run(RunOptions options, long begun) {
    End end = runToEnd(options, begun);
    result.ended(end, System.nanoTime() - begun);
    if (event != null) {
      event.end();
      if (event.shouldCommit()) {
        event.answer = result.answer();
        event.marginSpikes = result.margin();
        event.steps = result.steps();
        event.stepsAsked = options.steps();
        event.end = end.name();
        event.commit();
      }
    }
    return result;
  }

  /** Leaves the answer in the result. */
  private End runToEnd(RunOptions options, long begun) {
    int from = engine.steps();
    if (from >= options.steps()) {
      throw SnnsimException.usage(
          "steps=" + options.steps() + ", expected more than the " + from + " that were run");
    }
    if (engine.network().codeSteps() > 0 && options.margin() < Double.POSITIVE_INFINITY) {
      throw SnnsimException.usage(
          "margin="
              + options.margin()
              + ": this network answers once, after its last step; expected options without a"
              + " margin");
    }
    boolean byMargin = options.margin() < Double.POSITIVE_INFINITY;
    boolean timed = options.budgetNanos() != Long.MAX_VALUE;
    End end = End.STEPS;
    long before = timed ? System.nanoTime() : 0;
    while (engine.steps() < options.steps()) {
      int most = options.steps() - engine.steps();
      if (timed) {
        int fitting = fitting(options.budgetNanos() - (before - begun));
        if (fitting == 0 && engine.steps() > from) {
          end = End.DEADLINE;
          break;
        }
        // A code is not ended early: there is no answer before.
        most = engine.network().codeSteps() > 0 ? most : Math.min(most, Math.max(1, fitting));
      }
      int n = block(most);
      if (timed) {
        long now = System.nanoTime();
        nanosPerStep = Math.max(1, (now - before) / n);
        before = now;
      }
      if (byMargin && marginReached(options, n)) {
        return End.MARGIN;
      }
    }
    decideBy(options.readout());
    return end;
  }

  /** One step. */
  void step() {
    block(1);
  }

  private int block(int most) {
    try {
      return engine.runStepBlock(most);
    } catch (InternalError | IllegalStateException e) {
      LostMapping.throwIfLost("model " + network, e);
      throw e;
    }
  }

  /** Steps that are expected to end in {@code nanos}. */
  private int fitting(long nanos) {
    if (nanos <= 0) {
      return 0;
    }
    // Nothing is known before the first step: then one is tried.
    return nanosPerStep == 0 ? 1 : (int) Math.min(Integer.MAX_VALUE, nanos / nanosPerStep);
  }

  private boolean marginReached(RunOptions options, int block) {
    int first = engine.steps() - block;
    for (int i = Math.max(0, options.leastSteps() - first - 1); i < block; i++) {
      engine.look(i);
      result.decided(
          options.readout().in(engine.model()).decide(engine, result.scores), first + i + 1);
      if (result.margin() >= options.margin()) {
        return true;
      }
    }
    return false;
  }

  /** The answer at the present step, of a session that is stepped. */
  Result decide(Readout readout) {
    decideBy(readout);
    result.ended(End.STEPS, 0);
    return result;
  }

  private void decideBy(Readout readout) {
    result.decided(readout.in(engine.model()).decide(engine, result.scores), engine.steps());
  }
}
