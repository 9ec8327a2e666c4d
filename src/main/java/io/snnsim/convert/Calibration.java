package io.snnsim.convert;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.ann.Images;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

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
   * What calibration found for one population; averages and gates carry their source's lambda.
   *
   * @param lambda quantile
   * @param max largest activation
   * @param clippedShare share of activations above lambda
   */
  public record Level(double lambda, double max, double clippedShare) {}

  /** Levels by population of the {@link Lowering}, with what they were measured on. */
  public record Result(Lowering lowering, List<Level> levels, double percentile, int images) {}

  private Calibration() {}

  /**
   * Runs the folded network over all images.
   *
   * @param percentile 0 &lt; percentile &lt;= 100
   * @param progress told the number of images done, from any thread
   * @throws SnnsimException (bad data) if there are no images, or a population's quantile is 0
   */
  public static Result run(
      Lowering lowering,
      Images images,
      float[] mean,
      float[] std,
      double percentile,
      int threads,
      IntConsumer progress,
      BooleanSupplier cancelled) {
    if (images.count() == 0) {
      throw SnnsimException.badData(
          "calibration: found 0 images, expected some hundreds of training images");
    }
    List<Lowering.Plan> plans = lowering.plans();
    List<LargestValues[]> perThread = new ArrayList<>();
    AnnForward forward = new AnnForward(lowering.graph());
    long[] ranks = new long[plans.size()];
    long[] totals = new long[plans.size()];
    for (int p = 0; p < ranks.length; p++) {
      totals[p] = (long) plans.get(p).shape().size() * images.count();
      ranks[p] = totals[p] - (long) Math.ceil(percentile / 100 * totals[p]) + 1;
      ranks[p] = Math.clamp(ranks[p], 1, totals[p]);
    }
    AnnBatch.run(
        forward,
        images,
        mean,
        std,
        threads,
        cancelled,
        () -> {
          LargestValues[] mine = new LargestValues[plans.size()];
          for (int p = 0; p < mine.length; p++) {
            mine[p] = plans.get(p).kind() == Lowering.Kind.SUM ? new LargestValues(ranks[p]) : null;
          }
          synchronized (perThread) {
            perThread.add(mine);
          }
          return (first, ws) -> {
            for (int p = 0; p < mine.length; p++) {
              if (mine[p] != null) {
                Lowering.Plan plan = plans.get(p);
                int size = ws.images() * plan.shape().height() * plan.shape().width();
                for (float[] plane : ws.activation(plan.node())) {
                  mine[p].add(plane, size);
                }
              }
            }
            progress.accept(ws.images());
          };
        });
    List<Level> levels = new ArrayList<>();
    for (int p = 0; p < plans.size(); p++) {
      Lowering.Plan plan = plans.get(p);
      if (plan.kind() != Lowering.Kind.SUM) {
        levels.add(levels.get(plan.terms().getFirst().source()));
        continue;
      }
      LargestValues all = new LargestValues(ranks[p]);
      for (LargestValues[] mine : perThread) {
        all.merge(mine[p]);
      }
      levels.add(level(plan, all.sorted(), ranks[p], totals[p], percentile, images.count()));
    }
    return new Result(lowering, levels, percentile, images.count());
  }

  private static Level level(
      Lowering.Plan plan, float[] sorted, long rank, long total, double percentile, int images) {
    double max = sorted.length == 0 ? 0 : sorted[sorted.length - 1];
    double lambda = sorted.length < rank ? 0 : sorted[(int) (sorted.length - rank)];
    if (!(lambda > 0)) {
      throw SnnsimException.badData(
          "population "
              + plan.name()
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
                  : "it never fires on these images: check them and --mean/--std"));
    }
    long above = 0;
    for (int i = sorted.length - 1; i >= 0 && sorted[i] > lambda; i--) {
      above++;
    }
    return new Level(lambda, max, (double) above / total);
  }
}
