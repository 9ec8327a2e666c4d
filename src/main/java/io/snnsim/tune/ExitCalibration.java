// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.ImageSource;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.network.Network;
import io.snnsim.readout.ExitMargins;
import io.snnsim.readout.Readout;
import io.snnsim.work.Execution;
import java.util.Optional;

/**
 * Measures on calibration images from which margin on the answer after a step is the final one.
 * Stateless. The same network and images give the same figures, whatever the number of threads.
 */
public final class ExitCalibration {
  /** Fewer images say nothing about an error. */
  public static final int FEWEST = HoldOut.FEWEST;

  /** Values that {@link #sums} keeps of a step. */
  private static final int SUMS = 4;

  private ExitCalibration() {}

  /**
   * Measures.
   *
   * @param all calibration images
   * @param fitted the conversion was fitted to the first so many of them as {@link Mixed} orders
   *     them; if fewer than {@value #FEWEST} are left, these are taken all the same
   * @param most images to run
   * @return empty with fewer than {@value #FEWEST} images, or if cancelled
   */
  public static Optional<ExitMargins> measure(
      Network network, Images all, int fitted, int most, int steps, Execution execution) {
    boolean heldBack = all.count() - fitted >= FEWEST;
    int first = heldBack ? fitted : 0;
    int count = Math.min(Math.min(most, HoldOut.MOST), all.count() - first);
    if (count < FEWEST) {
      return Optional.empty();
    }
    ImageSource source = new BatchImages(new Mixed(all, first + count));
    // Every image has its place, and sums are made in their order: the same for all threads.
    double[][][] sums = new double[count][][];
    long[][] ops = new long[count][steps];
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO)) {
      Readout readout = Readout.of(model);
      double[][][] scores = new double[count][][];
      BatchObserver observer =
          new BatchObserver() {
            @Override
            public void afterStep(int image, int step, Simulation s) {
              int i = image - first;
              scores[i] = step == 0 ? new double[steps][s.classes()] : scores[i];
              readout.decide(s, scores[i][step]);
              for (int p = 0; p < network.populations().size(); p++) {
                ops[i][step] += s.synapticOps(p);
              }
            }

            @Override
            public void afterImage(int image, Simulation s, long nanos) {
              sums[image - first] = sums(scores[image - first]);
              scores[image - first] = null;
            }
          };
      BatchOptions options =
          new BatchOptions(
                  steps, execution.threads(), first, count, null, false, execution.cancelled())
              // Ends nothing, but makes operations known after every step.
              .with((session, step) -> false);
      if (BatchRunner.run(model, source, options, observer).imagesDone() < count) {
        return Optional.empty();
      }
      double[] error = new double[steps];
      double[] meanOps = new double[steps];
      for (int t = 0; t < steps; t++) {
        double[] sum = new double[SUMS];
        long total = 0;
        for (int i = 0; i < count; i++) {
          for (int k = 0; k < SUMS; k++) {
            sum[k] += sums[i][t][k];
          }
          total += ops[i][t];
        }
        error[t] = error(sum);
        meanOps[t] = (double) total / count;
      }
      return Optional.of(new ExitMargins(readout, count, heldBack, error, meanOps));
    }
  }

  /**
   * What {@link #error} needs of one image, by step: the number of differences between the leading
   * class of the step and the others; and with x such a difference a step, and e what it is a step
   * after the last step less x, the sums of x x, e x and e e.
   *
   * @param scores [step][class]
   */
  static double[][] sums(double[][] scores) {
    int steps = scores.length;
    double[] last = scores[steps - 1];
    double[][] sums = new double[steps][SUMS];
    for (int t = 0; t < steps; t++) {
      double[] now = scores[t];
      int best = 0;
      for (int c = 1; c < now.length; c++) {
        best = now[c] > now[best] ? c : best;
      }
      for (int c = 0; c < now.length; c++) {
        if (c != best) {
          double x = (now[best] - now[c]) / (t + 1);
          double e = (last[best] - last[c]) / steps - x;
          sums[t][0]++;
          sums[t][1] += x * x;
          sums[t][2] += e * x;
          sums[t][3] += e * e;
        }
      }
    }
    return sums;
  }

  /**
   * The difference a step at which the expected final one is a standard error above 0: residual of
   * the least squares line through 0, y = a x with y = x + e, divided by its slope a. Since the
   * differences to all classes take part, most of which are far from deciding anything, few images
   * suffice.
   *
   * @param sums over all images
   */
  static double error(double[] sums) {
    if (sums[0] == 0) {
      return 0;
    }
    // In e, not y: where nothing is left to change this is 0, not a difference of large sums.
    double excess = sums[1] == 0 ? -1 : sums[2] / sums[1];
    double squares = sums[3] - (sums[1] == 0 ? 0 : sums[2] * excess);
    // Scores that do not tell, as in the first steps of deep networks, are never safe.
    return excess <= -1
        ? Double.MAX_VALUE
        : Math.sqrt(Math.max(0, squares) / sums[0]) / (1 + excess);
  }
}
