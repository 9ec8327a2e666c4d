// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.fit.FitImages;
import io.snnsim.convert.fit.LayerwiseConversion;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.network.NeuronModel;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Chooses the steps per layer of few-spike neurons: the fewest that lose no more than allowed, on
 * images that nothing was fitted to. Immutable; its calls use the threads they are given and wait
 * for them.
 *
 * @param judge label of judge i, which is what the ANN answers where images have none
 * @param ann share of the judges that the ANN has right
 * @param base what is the same for every candidate
 */
public record CodeSearch(
    Lowering lowering,
    HoldOut split,
    IntUnaryOperator judge,
    double ann,
    ConvertOptions base,
    Execution execution) {
  /** Images that candidates are fitted to. */
  private static final int MOST_FITTED = 200;

  /** Two levels are too few for any network that is worth converting. */
  private static final int FEWEST_STEPS = 2;

  /**
   * One candidate.
   *
   * @param accuracy share of the judges it has right
   * @param loss points below the ANN
   */
  public record Candidate(int steps, double accuracy, double loss) {}

  /**
   * Tries codes from the shortest on, and ends with the first that is good enough.
   *
   * @param mostLoss points of accuracy below the ANN
   * @return candidates in order; the last is taken
   */
  public List<Candidate> choose(double mostLoss) {
    List<Candidate> tried = new ArrayList<>();
    Candidate c = null;
    for (int k = FEWEST_STEPS;
        k <= NeuronModel.FewSpike.MOST_STEPS && (c == null || c.loss() > mostLoss + 1e-9);
        k++) {
      c = judged(k);
      tried.add(c);
    }
    return List.copyOf(tried);
  }

  private Candidate judged(int steps) {
    int fitted = Math.min(split.calibration().count(), MOST_FITTED);
    Images images = new FitSearch.Both(new Mixed(split.calibration(), fitted), split.judges());
    LayerwiseConversion.Result result =
        LayerwiseConversion.run(
            lowering,
            new FitImages(images, split.judges().count()),
            null,
            base.with(base.scheme().withCode(steps)),
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
    double accuracy = (double) right / split.judges().count();
    return new Candidate(steps, accuracy, 100 * (ann - accuracy));
  }
}
