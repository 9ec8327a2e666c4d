// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.scheme.Calibration;
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
 * @param quantiles lambdas if they are quantiles, else null
 * @param judge label of judge i, which is what the ANN answers where images have none
 * @param ann share of the judges that the ANN has right
 * @param base what is the same for every candidate
 */
public record CodeSearch(
    Lowering lowering,
    HoldOut split,
    Calibration.Result quantiles,
    IntUnaryOperator judge,
    double ann,
    ConvertOptions base,
    Execution execution) {
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
    HeldBackFit run = new HeldBackFit(lowering, split, quantiles, judge, execution);
    int right = run.right(base.with(base.scheme().withCode(steps)));
    double accuracy = (double) right / split.judges().count();
    return new Candidate(steps, accuracy, 100 * (ann - accuracy));
  }
}
