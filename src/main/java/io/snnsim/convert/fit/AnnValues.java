// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.TermSum;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What a population of the ANN does on all images: its input sums, which become activations in
 * place once they are rectified. Measures look at the images that are fitted to. Confined to one
 * thread.
 *
 * @param draft population
 * @param planes [channel][image * plane + position]
 * @param fitted images that are fitted to, from the first on
 */
record AnnValues(Lowering.Draft draft, float[][] planes, int fitted, Workers workers) {
  /**
   * Computes the input sums of {@code images} images.
   *
   * @param sources of the population's terms
   * @param planes to add to, all zero
   */
  static AnnValues sums(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      float[][] planes,
      FitImages images,
      Workers workers) {
    int count = images.all().count();
    List<TermSum.Weights> weights =
        SourceTerms.ofActivations(draft, sources).stream().map(TermSum.Weights::of).toList();
    try (MapPool.Lease lease = workers.pool().lease()) {
      workers.run(
          Batches.count(count),
          () -> {
            TermSum sum = lease.sum();
            return b -> {
              int first = b * Batches.SIZE;
              for (int i = 0; i < weights.size(); i++) {
                float[][] x = sources.get(i).activation();
                sum.add(weights.get(i), x, first, Batches.size(b, count), planes, first);
              }
            };
          });
    }
    return new AnnValues(draft, planes, images.fitted(), workers);
  }

  /** Values of a channel over the images that are fitted to. */
  private int measured() {
    return fitted * draft.shape().plane();
  }

  /**
   * Makes activations of sums, if there is a ReLU.
   *
   * @param largest sums by channel
   * @return largest activations
   */
  double[] rectify(Lowering lowering, double[] largest) {
    if (!lowering.rectifies(draft)) {
      return largest;
    }
    float most = lowering.most(draft);
    workers.run(
        planes.length,
        () ->
            c -> {
              float[] row = planes[c];
              for (int i = 0; i < row.length; i++) {
                row[i] = Math.min(Math.max(0, row[i]), most);
              }
            });
    return Arrays.stream(largest).map(sum -> Math.min(sum, most)).toArray();
  }

  /** Largest activation by channel over the images that are fitted to. */
  double[] largest() {
    double[] result = new double[planes.length];
    byChannel((c, row, size) -> result[c] = largest(row, size));
    return result;
  }

  private static float largest(float[] row, int size) {
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      most = row[i] > most || Float.isNaN(row[i]) ? row[i] : most;
    }
    return most;
  }

  /** Smallest input sum by channel over the images that are fitted to. */
  double[] least() {
    double[] result = new double[planes.length];
    byChannel((c, row, size) -> result[c] = least(row, size));
    return result;
  }

  private static float least(float[] row, int size) {
    float least = Float.POSITIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      least = Math.min(least, row[i]);
    }
    return least;
  }

  /** Share of all values above their lambda. */
  double clippedShare(double[] lambda) {
    long[] above = new long[planes.length];
    byChannel((c, row, size) -> above[c] = above(row, size, lambda[c]));
    return (double) LongStream.of(above).sum() / ((long) measured() * planes.length);
  }

  private static int above(float[] row, int size, double lambda) {
    int above = 0;
    for (int i = 0; i < size; i++) {
      above += row[i] > lambda ? 1 : 0;
    }
    return above;
  }

  /** What is measured of one channel. */
  @FunctionalInterface
  private interface Measure {
    /** Looks at the first {@code size} values of a channel. */
    void of(int channel, float[] row, int size);
  }

  private void byChannel(Measure measure) {
    int size = measured();
    workers.run(planes.length, () -> c -> measure.of(c, planes[c], size));
  }
}
