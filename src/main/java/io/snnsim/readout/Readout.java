package io.snnsim.readout;

import io.snnsim.engine.Model;
import io.snnsim.engine.Session;

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
  public static Readout of(Model model) {
    return model.signedOutput() ? MEMBRANE : SPIKES_SOFTMAX;
  }

  /** The class that the session's output stands for after its last step; ties: the lowest. */
  public int decide(Session s) {
    return decide(s, null);
  }

  /**
   * As {@link #decide(Session)}, with what the decision rests on.
   *
   * @param scores one a class, in spikes, overwritten; null if nobody asks
   */
  public int decide(Session s, double[] scores) {
    int n = s.classes();
    double largest = Double.NEGATIVE_INFINITY;
    double sum = 0;
    if (this == SPIKES_SOFTMAX) {
      for (int i = 0; i < n; i++) {
        largest = Math.max(largest, potential(s, i));
      }
      for (int i = 0; i < n; i++) {
        sum += StrictMath.exp(potential(s, i) - largest);
      }
    }
    int best = 0;
    double bestScore = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      double score = s.outputCount(i);
      if (this == MEMBRANE) {
        score += potential(s, i);
      } else if (this == SPIKES_SOFTMAX) {
        // StrictMath, so that the decision is the same on every machine.
        score += StrictMath.exp(potential(s, i) - largest) / sum;
      }
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

  private static double potential(Session s, int i) {
    return (double) s.outputPotential(i) / s.outputTheta(i);
  }
}
