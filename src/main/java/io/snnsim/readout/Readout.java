// SPDX-License-Identifier: Apache-2.0
package io.snnsim.readout;

import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import java.util.Locale;

/** How the output population's state becomes a class. Stateless; deciding allocates nothing. */
public enum Readout {
  /** argmax of output spikes + softmax(V / theta): the paper's decision. */
  SPIKES_SOFTMAX,
  /** argmax of output spikes; ties go to the lower class. */
  SPIKES,
  /** argmax of output spikes + V / theta, the integrated input. */
  MEMBRANE;

  /**
   * The readout that fits a network: the integrated input where the output is of signed neurons,
   * whose conversion sees to it that the potential holds all of it; else the paper's.
   */
  public static Readout of(Simulator model) {
    return of(model.integralOutput());
  }

  /** The same, if one knows only whether the output is best read by its integrated input. */
  public static Readout of(boolean integralOutput) {
    return integralOutput ? MEMBRANE : SPIKES_SOFTMAX;
  }

  /** As {@code --readout} takes it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '+');
  }

  /** The class that the simulation's output stands for after its last step; ties: the lowest. */
  public int decide(Simulation s) {
    return decide(s, null);
  }

  /**
   * As {@link #decide(Simulation)}, with what the decision rests on.
   *
   * @param scores one a class, in spikes, overwritten; null if nobody asks
   */
  public int decide(Simulation s, double[] scores) {
    double largest = largestPotential(s);
    double sum = exponentials(s, largest);
    int best = 0;
    double bestScore = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < s.classes(); i++) {
      double score = score(s, i, largest, sum);
      if (scores != null) {
        scores[i] = score;
      }
      if (score > bestScore) {
        bestScore = score;
        best = i;
      }
    }
    return best;
  }

  /**
   * By how much the score of the class that {@link #decide} names exceeds that of the next one, in
   * output spikes; 0 for a tie, infinite if there is one class only.
   */
  public double margin(Simulation s) {
    double largest = largestPotential(s);
    double sum = exponentials(s, largest);
    double best = Double.NEGATIVE_INFINITY;
    double second = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < s.classes(); i++) {
      double score = score(s, i, largest, sum);
      second = Math.max(second, Math.min(best, score));
      best = Math.max(best, score);
    }
    return best - second;
  }

  /** What of a class's score adds up from step to step: spikes, and by membrane all input. */
  double collected(Simulation s, int i) {
    return s.outputCount(i) + (this == MEMBRANE ? potential(s, i) : 0);
  }

  private double score(Simulation s, int i, double largest, double sum) {
    // StrictMath, so that the decision is the same on every machine.
    return this == SPIKES_SOFTMAX
        ? collected(s, i) + StrictMath.exp(potential(s, i) - largest) / sum
        : collected(s, i);
  }

  private double largestPotential(Simulation s) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; this == SPIKES_SOFTMAX && i < s.classes(); i++) {
      largest = Math.max(largest, potential(s, i));
    }
    return largest;
  }

  private double exponentials(Simulation s, double largest) {
    double sum = 0;
    for (int i = 0; this == SPIKES_SOFTMAX && i < s.classes(); i++) {
      sum += StrictMath.exp(potential(s, i) - largest);
    }
    return sum;
  }

  private static double potential(Simulation s, int i) {
    return (double) s.outputPotential(i) / s.outputTheta(i);
  }
}
