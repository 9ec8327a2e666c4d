// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.error.SnnsimException;
import io.snnsim.work.Execution;
import java.util.Arrays;
import java.util.List;

/**
 * Lambda by local threshold balancing. Stateless. The same images give the same lambdas, whatever
 * the number of threads.
 *
 * <p>Source: Bu, Li, Yu, "Inference-Scale Complexity in ANN-SNN Conversion for High-Performance and
 * Low-Power Applications". From 0,
 *
 * <pre>lambda += 2 mean(max(0, a - lambda))</pre>
 *
 * the descent on the clipping error mean((a - min(a, lambda))^2), stopped once a step is less than
 * {@value #STILL} of lambda: the largest activations are so few that they move it no more. Where
 * the source takes the mean of a batch in every step, here it is that of all images, from a
 * histogram of {@value #BINS} bins a channel.
 */
final class ThresholdBalancing {
  private static final int BINS = 4096;
  private static final double STILL = 1e-3;

  private ThresholdBalancing() {}

  /**
   * Replaces the lambdas of {@code largest}; the output keeps one, since classes are compared.
   *
   * @param largest what was measured on the same images, by channel if lambda is to be
   * @param channels a lambda for each channel
   * @throws SnnsimException (interrupted) if cancelled
   */
  static Calibration.Result balance(
      Calibration.Result largest,
      Images images,
      Normalisation normalisation,
      boolean channels,
      Execution execution) {
    Lowering lowering = largest.lowering();
    List<Histograms> perThread =
        ActivationPass.run(
            lowering, images, normalisation, execution, () -> Histograms.of(largest, channels));
    List<Calibration.Level> levels =
        ActivationPass.levels(
            lowering,
            (p, _) -> {
              Histogram all = perThread.getFirst().of[p];
              for (Histograms mine : perThread.subList(1, perThread.size())) {
                all.merge(mine.of[p]);
              }
              Calibration.Level before = largest.levels().get(p);
              boolean fires = Calibration.max(before.max()) > 0;
              return fires ? all.level(before.max()) : before;
            });
    return new Calibration.Result(
        lowering, levels, largest.percentile(), largest.images(), largest.notes());
  }

  /**
   * What one thread saw.
   *
   * @param of by population; null where nothing is summed up
   */
  private record Histograms(Histogram[] of) implements ActivationPass.Collector {
    static Histograms of(Calibration.Result largest, boolean channels) {
      List<Lowering.Draft> drafts = largest.lowering().drafts();
      Histogram[] of = new Histogram[drafts.size()];
      for (int p = 0; p < of.length; p++) {
        boolean apart = channels && p < of.length - 1;
        of[p] =
            drafts.get(p).kind() == Lowering.Kind.SUM
                ? new Histogram(largest.levels().get(p).max(), apart)
                : null;
      }
      return new Histograms(of);
    }

    @Override
    public void add(int p, float[][] planes, int size) {
      of[p].add(planes, size);
    }
  }

  /** Activations of a population above 0, in bins that share its largest, or each channel's. */
  private static final class Histogram {
    private final double[] width;
    private final long[][] count;
    private long perChannel;

    Histogram(double[] max, boolean apart) {
      width = new double[max.length];
      double all = Calibration.max(max);
      for (int c = 0; c < width.length; c++) {
        double top = apart ? Math.max(max[c], Calibration.LEAST_SHARE * all) : all;
        width[c] = top / BINS;
      }
      count = new long[max.length][];
      Arrays.setAll(count, c -> apart || c == 0 ? new long[BINS] : count[0]);
    }

    void add(float[][] planes, int size) {
      for (int c = 0; c < planes.length; c++) {
        double scale = 1 / width[c];
        for (int i = 0; i < size; i++) {
          if (planes[c][i] > 0) {
            count[c][Math.min(BINS - 1, (int) (planes[c][i] * scale))]++;
          }
        }
      }
      perChannel += size;
    }

    void merge(Histogram other) {
      perChannel += other.perChannel;
      for (int c = 0; c < count.length && (c == 0 || count[c] != count[0]); c++) {
        for (int k = 0; k < BINS; k++) {
          count[c][k] += other.count[c][k];
        }
      }
    }

    Calibration.Level level(double[] max) {
      boolean one = count.length > 1 && count[1] == count[0];
      long total = one ? perChannel * count.length : perChannel;
      double[] lambda = new double[count.length];
      double least = Calibration.LEAST_SHARE * Calibration.max(max);
      long above = 0;
      for (int c = 0; c < lambda.length; c++) {
        if (one && c > 0) {
          lambda[c] = lambda[0];
          continue;
        }
        lambda[c] = Math.max(balanced(count[c], total) * width[c], least);
        for (int k = (int) (lambda[c] / width[c]); k < BINS; k++) {
          above += count[c][k];
        }
      }
      return new Calibration.Level(
          lambda, max, (double) above / ((double) perChannel * count.length));
    }

    /** In bins; 0 for a channel that never fires. */
    private static double balanced(long[] count, long total) {
      double lambda = 0;
      double step;
      do {
        double excess = 0;
        for (int k = (int) lambda; k < BINS; k++) {
          excess += count[k] * Math.max(0, k + 0.5 - lambda);
        }
        step = 2 * excess / total;
        lambda += step;
      } while (step > STILL * lambda);
      return lambda;
    }
  }
}
