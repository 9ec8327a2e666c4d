// SPDX-License-Identifier: Apache-2.0
package io.snnsim.readout;

import io.snnsim.engine.Simulation;

/**
 * Decides by what the output collected after a number of time steps, for a batch of images: spikes
 * need some steps to reach the output, and what early layers sent while later ones were silent
 * tells the classes apart badly. In the first steps, and with a delay of 0, it is the plain
 * readout. Images may run on several threads, each image on one; allocates one array an image.
 *
 * <pre>
 * spikes, spikes+softmax   spikes since step t0 (+ softmax(V / theta))
 * membrane                 (N + V / theta) now - (N + V / theta) after step t0
 * </pre>
 */
public final class DelayedReadout {
  private final Readout readout;
  private final int after;

  /** By image: what counted after step {@code after}; null before and when the image has ended. */
  private final double[][] before;

  /**
   * @param after steps that do not count, 0 or more
   * @param images of the batch
   */
  public DelayedReadout(Readout readout, int after, int images) {
    this.readout = readout;
    this.after = after;
    before = new double[images][];
  }

  /** Tells that {@code session} has run step {@code step} (from 0) of image {@code image}. */
  public void afterStep(int image, int step, Simulation session) {
    if (step == after - 1) {
      double[] collected = new double[session.classes()];
      for (int i = 0; i < collected.length; i++) {
        collected[i] = readout.collected(session, i);
      }
      before[image] = collected;
    }
  }

  /**
   * The class that an image's output stands for after the simulation's last step; ties: the lowest.
   */
  public int decide(int image, Simulation session) {
    double[] base = before[image];
    if (base == null) {
      return readout.decide(session);
    }
    double[] scores = new double[base.length];
    readout.decide(session, scores);
    int best = 0;
    for (int i = 0; i < base.length; i++) {
      scores[i] -= base[i];
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Forgets an image that has ended. */
  public void ended(int image) {
    before[image] = null;
  }
}
