package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.ImageSource;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Model;
import io.snnsim.engine.Session;
import io.snnsim.network.Network;
import io.snnsim.readout.ExitMargins;
import io.snnsim.readout.Readout;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Measures on calibration images how much margins still change after each step. Stateless. The same
 * network and images give the same figures, whatever the number of threads.
 */
public final class ExitCalibration {
  /** Fewer images say nothing about an error. */
  public static final int FEWEST = HoldOut.FEWEST;

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
      Network network,
      Images all,
      int fitted,
      int most,
      int steps,
      int threads,
      BooleanSupplier cancelled) {
    boolean heldBack = all.count() - fitted >= FEWEST;
    int first = heldBack ? fitted : 0;
    int count = Math.min(Math.min(most, HoldOut.MOST), all.count() - first);
    if (count < FEWEST) {
      return Optional.empty();
    }
    Mixed mixed = new Mixed(all, first + count);
    ImageSource source =
        new ImageSource() {
          @Override
          public int count() {
            return first + count;
          }

          @Override
          public void read(int index, float[] into) {
            mixed.read(index, into);
          }
        };
    // Every image has its place, and sums are made in their order: the same for all threads.
    double[][] squares = new double[count][steps];
    long[][] ops = new long[count][steps];
    try (Model model = Model.of(network, KernelChoice.AUTO)) {
      Readout readout = Readout.of(model);
      double[][][] scores = new double[count][][];
      BatchObserver observer =
          new BatchObserver() {
            @Override
            public void afterStep(int image, int step, Session s) {
              int i = image - first;
              scores[i] = step == 0 ? new double[steps][s.classes()] : scores[i];
              readout.decide(s, scores[i][step]);
              for (int p = 0; p < network.populations().size(); p++) {
                ops[i][step] += s.synapticOps(p);
              }
            }

            @Override
            public void afterImage(int image, Session s, long nanos) {
              squares[image - first] = squaredErrors(scores[image - first]);
              scores[image - first] = null;
            }
          };
      BatchOptions options =
          new BatchOptions(steps, threads, first, count, null, false, cancelled)
              // Ends nothing, but makes operations known after every step.
              .with((session, step) -> false);
      if (BatchRunner.run(model, source, options, observer).imagesDone() < count) {
        return Optional.empty();
      }
      double[] error = new double[steps];
      double[] meanOps = new double[steps];
      for (int t = 0; t < steps; t++) {
        double sum = 0;
        long total = 0;
        for (int i = 0; i < count; i++) {
          sum += squares[i][t];
          total += ops[i][t];
        }
        error[t] = Math.sqrt(sum / count);
        meanOps[t] = (double) total / count;
      }
      return Optional.of(new ExitMargins(readout, count, heldBack, error, meanOps));
    }
  }

  /**
   * Squares of what the margin a step of the two leading classes of each step is off the final one.
   *
   * @param scores [step][class]
   */
  static double[] squaredErrors(double[][] scores) {
    int steps = scores.length;
    double[] last = scores[steps - 1];
    double[] squares = new double[steps];
    for (int t = 0; t < steps && last.length > 1; t++) {
      double[] now = scores[t];
      int best = now[1] > now[0] ? 1 : 0;
      int second = 1 - best;
      for (int c = 2; c < now.length; c++) {
        if (now[c] > now[best]) {
          second = best;
          best = c;
        } else if (now[c] > now[second]) {
          second = c;
        }
      }
      double error = (now[best] - now[second]) / (t + 1) - (last[best] - last[second]) / steps;
      squares[t] = error * error;
    }
    return squares;
  }
}
