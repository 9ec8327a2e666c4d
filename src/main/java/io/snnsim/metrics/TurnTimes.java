// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import org.HdrHistogram.Histogram;

/**
 * How long the populations of a network take for a time step, and images for being presented.
 * Confined to one thread; recording allocates nothing but the first time that a value is much
 * larger than those before.
 */
public final class TurnTimes {
  private static final int DIGITS = 3;

  private final Histogram inputNanos = histogram();
  private final Histogram[] stepNanos;
  private final long[] nanos;
  private final long[] steps;

  /** For a network of that many populations. */
  public TurnTimes(int populations) {
    stepNanos = new Histogram[populations];
    for (int p = 0; p < populations; p++) {
      stepNanos[p] = histogram();
    }
    nanos = new long[populations];
    steps = new long[populations];
  }

  private static Histogram histogram() {
    Histogram h = new Histogram(DIGITS);
    h.setAutoResize(true);
    return h;
  }

  /** Adds the time in which an image, or a frame of it, became currents. */
  public void addInput(long time) {
    inputNanos.recordValue(Math.max(0, time));
  }

  /** Adds a turn of {@code count} &gt;= 1 time steps. */
  public void addTurn(int population, int count, long time) {
    stepNanos[population].recordValue(Math.max(0, time / count));
    nanos[population] += time;
    steps[population] += count;
  }

  /** Adds all that {@code other} holds. */
  public void add(TurnTimes other) {
    inputNanos.add(other.inputNanos);
    for (int p = 0; p < nanos.length; p++) {
      stepNanos[p].add(other.stepNanos[p]);
      nanos[p] += other.nanos[p];
      steps[p] += other.steps[p];
    }
  }

  /** Forgets everything. */
  public void clear() {
    inputNanos.reset();
    for (int p = 0; p < nanos.length; p++) {
      stepNanos[p].reset();
      nanos[p] = 0;
      steps[p] = 0;
    }
  }

  /** Median time of a presentation, 0 without any; three digits are kept. */
  public long medianInputNanos() {
    return inputNanos.getValueAtPercentile(50);
  }

  /** How often there was a presentation. */
  public long inputs() {
    return inputNanos.getTotalCount();
  }

  /** Mean time of a step of a population, 0 without any. */
  public double meanStepNanos(int population) {
    return steps[population] == 0 ? 0 : (double) nanos[population] / steps[population];
  }

  /** Median time of a step over the turns of a population, 0 without any; three digits are kept. */
  public long medianStepNanos(int population) {
    return stepNanos[population].getValueAtPercentile(50);
  }
}
