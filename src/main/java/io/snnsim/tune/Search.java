// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.network.Precision;
import io.snnsim.readout.DelayedReadout;
import io.snnsim.readout.Readout;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.List;

/**
 * Choices that only a running spiking network can make, on calibration images that lambda was not
 * measured on. Immutable; its calls use the threads they are given and wait for them.
 *
 * @param calibration lambdas, of the other calibration images
 * @param judges held-back images to judge by
 * @param base what is the same for every candidate
 * @param steps time steps at which accuracy counts
 */
public record Search(
    Calibration.Result calibration,
    LabelledImages judges,
    ConvertOptions base,
    int steps,
    Execution execution) {
  /** Points of accuracy that a narrower grid may cost. */
  public static final double TOLERANCE = 0.2;

  /** Bounds and coarse step of the search for kappa, in hundredths. */
  private static final int LEAST_KAPPA = 100;

  private static final int MOST_KAPPA = 130;
  private static final int COARSE = 5;

  /** One candidate with its right answers. */
  public record Candidate(Precision precision, double compensation, int right, int images) {
    /** Accuracy in percent. */
    public double percent() {
      return 100.0 * right / images;
    }
  }

  /** What was tried, in order, and what was chosen. */
  public record Outcome(Candidate chosen, List<Candidate> tried) {}

  /** The narrowest precision within {@link #TOLERANCE} points of i32. */
  public Outcome precision() {
    List<Candidate> tried = new ArrayList<>();
    Candidate reference = judge(Precision.I32, base.compensation());
    tried.add(reference);
    for (Precision p : new Precision[] {Precision.I8, Precision.I16}) {
      Candidate c = judge(p, base.compensation());
      tried.add(c);
      if (tolerable(reference.right(), c.right(), c.images())) {
        return new Outcome(c, List.copyOf(tried));
      }
    }
    return new Outcome(reference, List.copyOf(tried));
  }

  /**
   * The best kappa of 1.00 .. 1.30, among equals the smallest: in steps of 0.05 until it got worse
   * twice, then in steps of 0.01 around the best. (kappa acts once a layer: what helps 20 layers
   * ruins 44.)
   */
  public Outcome compensation(Precision precision) {
    List<Candidate> tried = new ArrayList<>();
    int best = LEAST_KAPPA;
    int worse = 0;
    for (int k = LEAST_KAPPA; k <= MOST_KAPPA && worse < 2; k += COARSE) {
      tried.add(judge(precision, k / 100.0));
      boolean better = chosen(tried).compensation() == k / 100.0;
      best = better ? k : best;
      worse = better || tried.getLast().right() == chosen(tried).right() ? 0 : worse + 1;
    }
    for (int k = best - COARSE + 1; k < best + COARSE; k++) {
      if (k != best && k >= LEAST_KAPPA && k <= MOST_KAPPA) {
        tried.add(judge(precision, k / 100.0));
      }
    }
    return new Outcome(chosen(tried), List.copyOf(tried));
  }

  /** True if {@code right} of so many images is within {@link #TOLERANCE} points of the other. */
  static boolean tolerable(int reference, int right, int images) {
    // In whole answers, so that 0.2 points of 500 images is exactly one.
    return reference - right <= TOLERANCE / 100 * images + 1e-9;
  }

  private static Candidate chosen(List<Candidate> tried) {
    Candidate best = tried.getFirst();
    for (Candidate c : tried) {
      boolean smaller = c.right() == best.right() && c.compensation() < best.compensation();
      best = c.right() > best.right() || smaller ? c : best;
    }
    return best;
  }

  private Candidate judge(Precision precision, double compensation) {
    ConvertOptions options = base.with(precision).withCompensation(compensation);
    Readout readout = Readout.of(base.scheme().signed());
    int right =
        HeldBackRun.count(
            Converter.convert(calibration, options, List.of()).network(),
            judges,
            new DelayedReadout(readout, 0, judges.count()),
            steps,
            execution);
    return new Candidate(precision, compensation, right, judges.count());
  }
}
