// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.engine.Simulation;
import io.snnsim.metrics.Clock;
import io.snnsim.metrics.Service;
import io.snnsim.readout.Readout;
import java.util.Arrays;
import java.util.List;

/**
 * Classifies a few images in turn, in the calls that {@link io.snnsim.metrics.OpenLoop} times: what
 * a session of the embedding API does, with the time taken between its parts. Confined to one
 * thread; serving allocates nothing.
 */
final class ModelService implements Service {
  /** Stages of an answer. */
  static final List<String> STAGES = List.of("input", "steps", "readout");

  private final Simulation session;
  private final float[][] images;
  private final int[] labels;
  private final Readout readout;
  private final int steps;
  private final Clock clock;
  private final double[] scores;

  /** First answer to each image, -1 before. */
  private final int[] answers;

  private long served;
  private long right;
  private long differing;

  /**
   * @param labels one an image, or null
   */
  ModelService(
      Simulation session, float[][] images, int[] labels, Readout readout, int steps, Clock clock) {
    this.session = session;
    this.images = images;
    this.labels = labels;
    this.readout = readout;
    this.steps = steps;
    this.clock = clock;
    scores = new double[session.classes()];
    answers = new int[images.length];
    Arrays.fill(answers, -1);
  }

  @Override
  public void serve(long arrival, long[] ends) {
    int i = (int) (arrival % images.length);
    session.present(images[i], i, steps);
    ends[0] = clock.nanos();
    for (int t = 0; t < steps; ) {
      t += session.runStepBlock(steps - t);
    }
    ends[1] = clock.nanos();
    int answer = readout.decide(session, scores);
    ends[2] = clock.nanos();
    served++;
    if (answers[i] < 0) {
      answers[i] = answer;
    } else if (answers[i] != answer) {
      differing++;
    }
    if (labels != null && labels[i] == answer) {
      right++;
    }
  }

  /** Share of right answers, or null without labels. */
  Double accuracy() {
    return labels == null || served == 0 ? null : (double) right / served;
  }

  /**
   * Fails if an image ever got another answer than at first.
   *
   * @throws IllegalStateException which would be a defect of the kernels
   */
  void check() {
    if (differing > 0) {
      throw new IllegalStateException(
          differing + " of " + served + " answers differ from the first to the same image");
    }
  }
}
