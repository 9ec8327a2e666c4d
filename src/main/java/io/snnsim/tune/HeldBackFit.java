// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.fit.FitImages;
import io.snnsim.convert.fit.LayerwiseConversion;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.work.Execution;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Right answers of layer-by-layer conversions on images that nothing was fitted to. Immutable; its
 * calls use the threads they are given and wait for them.
 *
 * @param quantiles lambdas if they are quantiles, else null
 * @param judge label of judge i
 */
record HeldBackFit(
    Lowering lowering,
    HoldOut split,
    Calibration.Result quantiles,
    IntUnaryOperator judge,
    Execution execution) {
  /** Images that candidates are fitted to. */
  private static final int MOST_FITTED = 200;

  /** How many of the judges a conversion by {@code options} has right. */
  int right(ConvertOptions options) {
    int fitted = Math.min(split.calibration().count(), MOST_FITTED);
    Images images = new FitSearch.Both(new Mixed(split.calibration(), fitted), split.judges());
    LayerwiseConversion.Result result =
        LayerwiseConversion.run(
            lowering,
            new FitImages(images, split.judges().count()),
            quantiles,
            options,
            List.of(),
            execution.quiet());
    float[][] logits = result.logits();
    int right = 0;
    for (int i = 0; i < split.judges().count(); i++) {
      int best = 0;
      for (int c = 1; c < logits.length; c++) {
        best = logits[c][fitted + i] > logits[best][fitted + i] ? c : best;
      }
      right += best == judge.applyAsInt(i) ? 1 : 0;
    }
    return right;
  }
}
