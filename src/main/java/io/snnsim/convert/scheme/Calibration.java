// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.work.Execution;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures lambda: the quantile of each population's activations over calibration images.
 * Stateless.
 *
 * <p>The quantile is exact: the smallest activation x such that at least a share q of all
 * activations (zeros included) are &lt;= x. Memory is bounded by the share above it, since the
 * number of activations is known beforehand. Source: Hu, Tang, Pan, "Spiking Deep Residual
 * Network", shortcut normalisation with the 99.9 % quantile.
 */
public final class Calibration {
  /**
   * What calibration found for one population; averages and gates carry their source's lambda. The
   * arrays must not be changed.
   *
   * @param lambda quantile, by channel (the same for all in the plain scheme)
   * @param max largest activation, by channel (the same)
   * @param clippedShare share of all activations above their lambda
   */
  public record Level(double[] lambda, double[] max, double clippedShare) {
    /** One lambda for all channels. */
    public static Level uniform(int channels, double lambda, double max, double clippedShare) {
      double[] lambdas = new double[channels];
      double[] largest = new double[channels];
      Arrays.fill(lambdas, lambda);
      Arrays.fill(largest, max);
      return new Level(lambdas, largest, clippedShare);
    }
  }

  /**
   * Levels by population of the {@link Lowering}, with what they were measured on.
   *
   * @param notes what is odd about the images
   */
  public record Result(
      Lowering lowering, List<Level> levels, double percentile, int images, List<String> notes) {}

  /** Least lambda of a channel as a share of the population's largest activation. */
  public static final double LEAST_SHARE = 1e-3;

  private Calibration() {}

  /**
   * Runs the folded network over all images, for one lambda a population.
   *
   * @param percentile 0 &lt; percentile &lt;= 100
   * @param execution told the number of images done
   * @throws SnnsimException (bad data) if there are no images, an activation is not finite, or a
   *     population's quantile is 0; (usage) for an impossible percentile, or one whose exact
   *     quantile needs more memory than there is; (interrupted) if cancelled
   */
  public static Result run(
      Lowering lowering,
      Images images,
      Normalisation normalisation,
      double percentile,
      Execution execution) {
    return run(lowering, images, normalisation, percentile, false, execution);
  }

  /**
   * As the other, with a lambda for each channel if {@code channels}: the quantile of its own
   * activations, and a thousandth of the population's where the channel hardly ever fires. The
   * output keeps one lambda, since classes are compared.
   */
  public static Result run(
      Lowering lowering,
      Images images,
      Normalisation normalisation,
      double percentile,
      boolean channels,
      Execution execution) {
    if (!(percentile > 0 && percentile <= 100)) {
      throw SnnsimException.usage("percentile " + percentile + ": expected above 0 and up to 100");
    }
    int inputs = lowering.graph().inputShape().channels();
    int given = normalisation.channels();
    if (given != inputs) {
      throw SnnsimException.usage(
          "found " + given + " means and " + given + " stds, expected one a channel: " + inputs);
    }
    if (images.count() == 0) {
      throw SnnsimException.badData(
          "calibration: found 0 images, expected some hundreds of training images");
    }
    List<Lowering.Draft> drafts = lowering.drafts();
    boolean[] apart = new boolean[drafts.size()];
    for (int p = 0; p < apart.length - 1; p++) {
      apart[p] = channels && drafts.get(p).kind() == Lowering.Kind.SUM;
    }
    long[] ranks = new long[drafts.size()];
    long[] totals = new long[drafts.size()];
    for (int p = 0; p < ranks.length; p++) {
      totals[p] = (long) drafts.get(p).shape().size() * images.count();
      ranks[p] = rank(percentile, totals[p]);
    }
    requireMemory(drafts, ranks, percentile, execution.threads());
    List<LargestActivations> perThread =
        ActivationPass.run(
            lowering,
            images,
            normalisation,
            execution,
            () -> LargestActivations.of(drafts, ranks, apart, percentile, images));
    SilentPopulations silent = new SilentPopulations(lowering);
    List<Level> levels =
        ActivationPass.levels(
            lowering,
            (p, before) -> {
              Lowering.Draft draft = drafts.get(p);
              LargestValues all = new LargestValues(ranks[p]);
              for (LargestActivations mine : perThread) {
                all.merge(mine.all()[p]);
              }
              boolean logits = !lowering.rectifies(draft);
              float[] sorted = all.sorted();
              if (sorted.length == 0) {
                throw SnnsimException.badData(
                    "calibration: found no activation of "
                        + draft.name()
                        + " above -Infinity, expected finite ones; check the weights before it");
              }
              float largest = sorted[sorted.length - 1];
              if (largest <= 0 && p < apart.length - 1) {
                silent.add(p, largest);
                double[] lambda = silent.lambda(p, source -> before.get(source).lambda());
                return new Level(lambda, new double[lambda.length], 0);
              }
              Level one =
                  level(draft, logits, sorted, ranks[p], totals[p], percentile, images.count());
              if (!apart[p]) {
                return one;
              }
              LargestValues[] merged = LargestActivations.perChannel(draft, percentile, images);
              for (LargestActivations mine : perThread) {
                for (int c = 0; c < merged.length; c++) {
                  merged[c].merge(mine.byChannel()[p][c]);
                }
              }
              return byChannel(draft, one, merged, percentile, images.count());
            });
    List<String> notes = new ArrayList<>(silent.notes());
    if (allEqual(images, lowering.graph().inputShape().size())) {
      notes.add(
          "all "
              + images.count()
              + " calibration images are equal: lambda fits that image alone; use varied"
              + " training images");
    }
    return new Result(lowering, levels, percentile, images.count(), List.copyOf(notes));
  }

  /**
   * Lambdas as {@code scheme} says: balanced, or quantiles; by channel or not.
   *
   * @param percentile of quantiles
   */
  public static Result run(
      Lowering lowering,
      Images images,
      Normalisation normalisation,
      double percentile,
      SchemeOptions scheme,
      Execution execution) {
    boolean balanced = scheme.balancedLambda();
    boolean channels = scheme.channelLambda();
    Result result =
        run(lowering, images, normalisation, balanced ? 100 : percentile, channels, execution);
    return balanced
        ? ThresholdBalancing.balance(result, images, normalisation, channels, execution)
        : result;
  }

  private static Level byChannel(
      Lowering.Draft draft, Level one, LargestValues[] channels, double percentile, int images) {
    double[] lambda = new double[channels.length];
    double[] max = new double[channels.length];
    long above = 0;
    long total = (long) draft.shape().height() * draft.shape().width() * images;
    for (int c = 0; c < channels.length; c++) {
      float[] sorted = channels[c].sorted();
      max[c] = sorted[sorted.length - 1];
      double quantile = sorted[(int) (sorted.length - rank(percentile, total))];
      lambda[c] = Math.max(quantile, LEAST_SHARE * one.max()[0]);
      for (int i = sorted.length - 1; i >= 0 && sorted[i] > lambda[c]; i--) {
        above++;
      }
    }
    return new Level(lambda, max, (double) above / total / channels.length);
  }

  /**
   * Which of {@code total} values, counted from the largest = 1, is the quantile. In decimal, for
   * 99.9 / 100 * total in binary may end just above a whole number.
   */
  public static long rank(double percentile, long total) {
    long atOrBelow =
        BigDecimal.valueOf(percentile)
            .multiply(BigDecimal.valueOf(total))
            .divide(BigDecimal.valueOf(100), 0, RoundingMode.CEILING)
            .longValueExact();
    return total - Math.clamp(atOrBelow, 1, total) + 1;
  }

  /** Refuses what would end in an OutOfMemoryError after minutes. */
  private static void requireMemory(
      List<Lowering.Draft> drafts, long[] ranks, double percentile, int threads) {
    long values = 0;
    for (int p = 0; p < ranks.length; p++) {
      if (drafts.get(p).kind() == Lowering.Kind.SUM) {
        values += ranks[p] > LargestValues.MOST ? Long.MAX_VALUE >> 20 : ranks[p];
      }
    }
    long megabytes = values / (1 << 20) * 2 * Float.BYTES * threads;
    long most = Runtime.getRuntime().maxMemory() / (1 << 20) / 2;
    if (megabytes > most) {
      throw SnnsimException.usage(
          "percentile "
              + percentile
              + ": the exact quantile of so many activations takes "
              + megabytes
              + " MB, found "
              + most
              + " MB for it; take a higher percentile or fewer images");
    }
  }

  /** Stops at the first image that differs, which is mostly the second. */
  private static boolean allEqual(Images images, int size) {
    float[] first = new float[size];
    float[] other = new float[size];
    images.read(0, first);
    for (int i = 1; i < images.count(); i++) {
      images.read(i, other);
      if (!Arrays.equals(first, other)) {
        return false;
      }
    }
    return images.count() > 1;
  }

  /** The largest value; NaN if one is. */
  public static double max(double[] values) {
    double result = Double.NEGATIVE_INFINITY;
    for (double v : values) {
      result = Math.max(result, v);
    }
    return result;
  }

  private static void requireFinite(Lowering.Draft draft, double max) {
    if (!(max < Double.POSITIVE_INFINITY)) {
      throw SnnsimException.badData(
          "population "
              + draft.name()
              + ": found the activation "
              + max
              + " on the calibration images, expected finite numbers; check the weights and"
              + " --mean/--std");
    }
  }

  /** Refuses a population whose largest activation is {@code max}: not finite, or never above 0. */
  public static void requireUsable(Lowering.Draft draft, double max) {
    requireFinite(draft, max);
    if (!(max > 0)) {
      throw SnnsimException.badData(
          "population "
              + draft.name()
              + ": the largest activation on the calibration images is "
              + max
              + ", expected > 0; it never fires on these images: check them and --mean/--std");
    }
  }

  private static Level level(
      Lowering.Draft draft,
      boolean logits,
      float[] sorted,
      long rank,
      long total,
      double percentile,
      int images) {
    double max = sorted[sorted.length - 1];
    double lambda = sorted[(int) (sorted.length - rank)];
    requireFinite(draft, max);
    if (!(lambda > 0)) {
      throw SnnsimException.badData(
          "population "
              + draft.name()
              + ": lambda = "
              + lambda
              + " (the "
              + percentile
              + " % quantile over "
              + images
              + " calibration images; the largest activation is "
              + max
              + "), expected > 0; "
              + (max > 0
                  ? "raise --percentile or use more varied images"
                  : "it never fires on these images: check them and --mean/--std"
                      + (logits
                          ? ", or add a constant to all biases of this last layer, which changes no"
                              + " decision"
                          : "")));
    }
    long above = 0;
    for (int i = sorted.length - 1; i >= 0 && sorted[i] > lambda; i--) {
      above++;
    }
    return Level.uniform(draft.shape().channels(), lambda, max, (double) above / total);
  }
}
