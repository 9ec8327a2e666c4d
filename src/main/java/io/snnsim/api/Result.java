// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import java.util.Locale;

/**
 * The answer of a session's last run: a view that the session fills again at its next run, so read
 * what is wanted before. Confined to the session's thread as the session is; reading allocates
 * nothing.
 */
public final class Result {
  final double[] scores;
  private int answer;
  private int second;
  private int steps;
  private End end = End.STEPS;
  private long nanos;

  Result(int classes) {
    scores = new double[classes];
    second = -1;
  }

  /** Takes over the scores, of which the best is known. */
  void decided(int best, int steps) {
    answer = best;
    second = -1;
    for (int i = 0; i < scores.length; i++) {
      if (i != best && (second < 0 || scores[i] > scores[second])) {
        second = i;
      }
    }
    this.steps = steps;
  }

  void ended(End end, long nanos) {
    this.end = end;
    this.nanos = nanos;
  }

  /** {@return the class, from 0, of the largest score} */
  public int answer() {
    return answer;
  }

  /** {@return the class of the second largest score; -1 if the network has a single class} */
  public int second() {
    return second;
  }

  /**
   * Score of a class in spikes, as the run's {@link Readout} defines it.
   *
   * @param label the class, from 0
   * @return in spikes
   */
  public double score(int label) {
    return scores[label];
  }

  /** {@return number of classes} */
  public int classes() {
    return scores.length;
  }

  /**
   * {@return spikes that the answer is ahead of the second; infinite if there is a single class}
   */
  public double margin() {
    return second < 0 ? Double.POSITIVE_INFINITY : scores[answer] - scores[second];
  }

  /** {@return time steps that the answer rests on, at least 1} */
  public int steps() {
    return steps;
  }

  /** {@return why the run ended} */
  public End end() {
    return end;
  }

  /** {@return nanoseconds from the call to the answer} */
  public long nanos() {
    return nanos;
  }

  /** {@return the answer, by how much, after how many steps and why} */
  @Override
  public String toString() {
    return "class "
        + answer
        + ", "
        + String.format(Locale.ROOT, "%.2f", margin())
        + " spikes ahead, after "
        + Words.count(steps, "step")
        + " ("
        + end
        + ", "
        + nanos / 1000
        + " us)";
  }
}
