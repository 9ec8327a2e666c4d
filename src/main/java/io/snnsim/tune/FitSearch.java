// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.fit.FitImages;
import io.snnsim.convert.fit.LayerwiseConversion;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses the numbers that a layer-by-layer conversion depends on by whole conversions of fewer
 * images, judged on images that nothing was fitted to. Immutable; its calls use the threads they
 * are given and wait for them.
 *
 * @param quantiles lambdas if they are quantiles, else null
 * @param base what is the same for every candidate
 */
public record FitSearch(
    Lowering lowering,
    HoldOut split,
    Calibration.Result quantiles,
    ConvertOptions base,
    Execution execution) {
  /** Share of the images of the final conversion that a candidate gets. */
  private static final int SHARE = 3;

  private static final double[] SPIKE_PENALTIES = {0.05, 0, 0.2};

  /** Error that 8 bits may have beside 16. */
  private static final double TOLERANCE = 1.1;

  /**
   * One candidate.
   *
   * @param noise mean square error of the judges' logits as a share of their mean square
   * @param agreeing judges whose class is the ANN's
   */
  public record Candidate(
      Precision precision, double spikePenalty, double noise, int agreeing, int judges) {}

  /** What was tried, in order, and what was chosen. */
  public record Outcome(Candidate chosen, List<Candidate> tried) {}

  /**
   * The spike penalty with the smallest error, and the narrowest grid that adds hardly any.
   *
   * @param precision null to choose
   * @param spikePenalty null to choose
   */
  public Outcome choose(Precision precision, Double spikePenalty) {
    List<Candidate> tried = new ArrayList<>();
    Precision first = precision == null ? Precision.I8 : precision;
    boolean error = base.scheme().errorLambda() && !base.scheme().fewSpike();
    double[] penalties =
        spikePenalty != null
            ? new double[] {spikePenalty}
            : error ? SPIKE_PENALTIES : new double[] {base.scheme().fit().spikePenalty()};
    Candidate best = null;
    for (double p : penalties) {
      Candidate c = judge(first, p);
      tried.add(c);
      best = best == null || c.noise() < best.noise() ? c : best;
    }
    if (precision == null) {
      Candidate wider = judge(Precision.I16, best.spikePenalty());
      tried.add(wider);
      best = best.noise() <= TOLERANCE * wider.noise() ? best : wider;
    }
    return new Outcome(best, List.copyOf(tried));
  }

  private Candidate judge(Precision precision, double spikePenalty) {
    SchemeOptions m = base.scheme();
    ConvertOptions options =
        base.with(precision).with(m.with(new SchemeOptions.Fit(m.fit().ridge(), spikePenalty)));
    int all =
        Math.max(
            LayerwiseConversion.FEWEST_IMAGES * 2,
            LayerwiseConversion.worthUsing(lowering, m.targetSteps()) / SHARE);
    int judges = Math.min(split.judges().count(), all / SHARE);
    int fitted = Math.min(split.calibration().count(), all - judges);
    Images images =
        new Both(new Mixed(split.calibration(), fitted), new Mixed(split.judges(), judges));
    LayerwiseConversion.Result result =
        LayerwiseConversion.run(
            lowering,
            new FitImages(images, judges),
            quantiles,
            options,
            List.of(),
            execution.quiet());
    return new Candidate(precision, spikePenalty, result.noise(), result.agreeing(), judges);
  }

  /** Those that are fitted to, then those that judge. */
  record Both(Images fitted, Images judges) implements Images {
    @Override
    public int count() {
      return fitted.count() + judges.count();
    }

    @Override
    public void read(int index, float[] into) {
      if (index < fitted.count()) {
        fitted.read(index, into);
      } else {
        judges.read(index - fitted.count(), into);
      }
    }
  }
}
