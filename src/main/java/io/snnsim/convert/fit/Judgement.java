// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

/**
 * How near the logits of a spiking network come to its ANN's on images that nothing was fitted to.
 * Immutable.
 *
 * @param images number of these images
 * @param noise mean square error of the logits as a share of their mean square, both without their
 *     mean over classes; NaN without images
 * @param agreeing images whose class is the ANN's
 */
record Judgement(int images, double noise, int agreeing) {
  /**
   * Compares images {@code first .. images - 1}.
   *
   * @param ann logits, [class][image]; maps of several positions an image are as many classes
   * @param snn the spiking network's in the same units
   * @param plane positions of a map
   */
  static Judgement of(float[][] ann, float[][] snn, int plane, int first, int images) {
    int classes = ann.length * plane;
    double wrong = 0;
    double all = 0;
    int agreeing = 0;
    for (int i = first; i < images; i++) {
      double meanA = 0;
      double meanB = 0;
      int bestA = 0;
      int bestB = 0;
      double[] a = new double[classes];
      double[] b = new double[classes];
      for (int k = 0; k < classes; k++) {
        a[k] = ann[k / plane][i * plane + k % plane];
        b[k] = snn[k / plane][i * plane + k % plane];
        meanA += a[k] / classes;
        meanB += b[k] / classes;
        bestA = a[k] > a[bestA] ? k : bestA;
        bestB = b[k] > b[bestB] ? k : bestB;
      }
      for (int k = 0; k < classes; k++) {
        double e = b[k] - meanB - a[k] + meanA;
        wrong += e * e;
        all += (a[k] - meanA) * (a[k] - meanA);
      }
      agreeing += bestA == bestB ? 1 : 0;
    }
    return new Judgement(images - first, wrong / all, agreeing);
  }
}
