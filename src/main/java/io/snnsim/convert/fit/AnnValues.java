// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.TermSum;
import java.util.List;

/**
 * What a population of the ANN does on all images: its input sums, which become activations in
 * place once they are rectified. Measures look at the images that are fitted to. Confined to one
 * thread.
 *
 * @param draft population
 * @param planes [channel][image * plane + position]
 * @param fitted images that are fitted to, from the first on
 */
record AnnValues(Lowering.Draft draft, float[][] planes, int fitted) {
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
    workers.run(
        Batches.count(count),
        () -> {
          TermSum sum = new TermSum();
          return b -> {
            for (int i = 0; i < weights.size(); i++) {
              float[][] x = sources.get(i).activation();
              sum.add(
                  weights.get(i),
                  x,
                  b * Batches.SIZE,
                  Batches.size(b, count),
                  planes,
                  b * Batches.SIZE);
            }
          };
        });
    return new AnnValues(draft, planes, images.fitted());
  }

  /** Values of a channel over the images that are fitted to. */
  private int measured() {
    return fitted * draft.shape().plane();
  }

  /** Makes activations of sums. */
  void rectify(Workers workers) {
    workers.run(
        planes.length,
        () ->
            c -> {
              float[] row = planes[c];
              for (int i = 0; i < row.length; i++) {
                row[i] = Math.max(0, row[i]);
              }
            });
  }

  /** Largest activation by channel over the images that are fitted to. */
  double[] largest() {
    int size = measured();
    double[] result = new double[planes.length];
    for (int c = 0; c < result.length; c++) {
      float most = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < size; i++) {
        most = planes[c][i] > most || Float.isNaN(planes[c][i]) ? planes[c][i] : most;
      }
      result[c] = most;
    }
    Calibration.requireUsable(draft, Calibration.max(result));
    return result;
  }

  /** Smallest input sum by channel over the images that are fitted to. */
  double[] least() {
    int size = measured();
    double[] result = new double[planes.length];
    for (int c = 0; c < result.length; c++) {
      float least = Float.POSITIVE_INFINITY;
      for (int i = 0; i < size; i++) {
        least = Math.min(least, planes[c][i]);
      }
      result[c] = least;
    }
    return result;
  }

  /** Share of all values above their lambda. */
  double clippedShare(double[] lambda) {
    int size = measured();
    long above = 0;
    for (int c = 0; c < planes.length; c++) {
      for (int i = 0; i < size; i++) {
        above += planes[c][i] > lambda[c] ? 1 : 0;
      }
    }
    return (double) above / ((long) size * planes.length);
  }
}
