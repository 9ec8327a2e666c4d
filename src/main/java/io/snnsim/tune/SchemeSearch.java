// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.readout.DelayedReadout;
import io.snnsim.readout.Readout;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Chooses quantile, V(0), kappa, readout and its delay of a network together: one value after
 * another, the others as good as known, until nothing gets better. Immutable; its calls use the
 * threads they are given and wait for them.
 *
 * <p>Half of the judges choose, the other half confirm: what is no better on these than the start
 * was fitted to the first half by chance, and the start is taken.
 *
 * @param calibration images that lambdas are measured on
 * @param judges images that candidates are judged by
 * @param base what is the same for every candidate
 * @param steps time steps at which accuracy counts
 */
public record SchemeSearch(
    Lowering lowering,
    Images calibration,
    LabelledImages judges,
    ConvertOptions base,
    int steps,
    Execution execution) {
  /** What may be chosen. */
  public enum Value {
    /** Of lambda. */
    PERCENTILE(99, 99.5, 99.9, 99.99, 100),
    /** As a share of theta. */
    V0(0.25, 0.5, 0.75, 1),
    /** kappa. */
    COMPENSATION(1, 1.05, 1.1, 1.2, 1.3),
    /** By its ordinal. */
    READOUT(0, 1, 2),
    /** Step after which the readout begins, as a share of the steps. */
    READOUT_AFTER(0, 0.25, 0.5);

    private final double[] tried;

    Value(double... tried) {
      this.tried = tried;
    }
  }

  /** Judges that each chosen value needs, or it would be fitted to them by chance. */
  public static final int JUDGES_A_VALUE = HoldOut.FEWEST;

  private static final int ROUNDS = 3;

  /**
   * One set of values.
   *
   * @param readoutAfter steps whose output does not count
   */
  public record Setting(
      double percentile, double v0, double compensation, Readout readout, int readoutAfter) {
    private Setting with(Value value, double x, int steps) {
      Readout read = value == Value.READOUT ? Readout.values()[(int) x] : readout;
      int after = value == Value.READOUT_AFTER ? (int) (x * steps) : readoutAfter;
      return new Setting(
          value == Value.PERCENTILE ? x : percentile,
          value == Value.V0 ? x : v0,
          value == Value.COMPENSATION ? x : compensation,
          read,
          after);
    }
  }

  /**
   * One candidate.
   *
   * @param scheme its values, under the name that the provenance of model files has for them
   * @param right of {@code images} that choose
   * @param confirmed right ones of {@code others} that confirm
   */
  public record Candidate(Setting scheme, int right, int images, int confirmed, int others) {
    /** As a line of a table. */
    public String text() {
      return String.format(
          Locale.ROOT,
          "quantile %6.2f  V(0) %.2f  kappa %.2f  %-14s after step %2d  %6.2f %%, confirmed %6.2f"
              + " %%",
          scheme.percentile(),
          scheme.v0(),
          scheme.compensation(),
          scheme.readout().label(),
          scheme.readoutAfter(),
          100.0 * right / images,
          100.0 * confirmed / others);
    }
  }

  /**
   * What was tried, in order, and what was chosen.
   *
   * @param confirmed false if the best one was no better than the start on the confirming half
   */
  public record Outcome(Candidate chosen, boolean confirmed, List<Candidate> tried) {}

  /**
   * The best setting from {@code start} on; among equals the one found first.
   *
   * @param free values to choose; the others stay as they are in the start
   */
  public Outcome choose(Setting start, Set<Value> free) {
    Runs runs = new Runs();
    Candidate first = runs.judge(start);
    if (first == null) {
      throw SnnsimException.badData(runs.refusal);
    }
    Candidate best = first;
    Candidate before = null;
    for (int round = 0; round < ROUNDS && best != before; round++) {
      before = best;
      for (Value value : Value.values()) {
        if (!free.contains(value)) {
          continue;
        }
        Setting around = best.scheme();
        for (double x : value.tried) {
          Candidate c = runs.judge(around.with(value, x, steps));
          best = c != null && c.right() > best.right() ? c : best;
        }
      }
    }
    boolean confirmed = best == first || best.confirmed() >= first.confirmed();
    return new Outcome(confirmed ? best : first, confirmed, List.copyOf(runs.tried.values()));
  }

  /** Everything that was measured, so that nothing is measured twice. */
  private final class Runs {
    private final Map<Double, Calibration.Result> lambdas = new HashMap<>();
    private final Map<List<Double>, boolean[][]> runs = new HashMap<>();
    private final Map<Setting, Candidate> tried = new LinkedHashMap<>();
    private String refusal;

    /** Null if no network can be made of it, such as a quantile of 0. */
    Candidate judge(Setting s) {
      Candidate known = tried.get(s);
      if (known != null) {
        return known;
      }
      boolean[][] right;
      try {
        right = runs.computeIfAbsent(List.of(s.percentile(), s.v0(), s.compensation()), this::run);
      } catch (SnnsimException e) {
        if (e.category() != Category.BAD_DATA) {
          throw e;
        }
        refusal = e.getMessage();
        return null;
      }
      int[] sums = new int[2];
      boolean[] images =
          right[readouts().indexOf(List.of(s.readout().ordinal(), s.readoutAfter()))];
      for (int i = 0; i < images.length; i++) {
        sums[i % 2] += images[i] ? 1 : 0;
      }
      int others = images.length / 2;
      Candidate c = new Candidate(s, sums[0], images.length - others, sums[1], others);
      tried.put(s, c);
      return c;
    }

    private boolean[][] run(List<Double> values) {
      Calibration.Result lambda = lambdas.computeIfAbsent(values.get(0), this::lambda);
      ConvertOptions options =
          new ConvertOptions(
              values.get(1), values.get(2), base.precision(), base.normalisation(), base.scheme());
      List<DelayedReadout> ways = new ArrayList<>();
      for (List<Integer> way : readouts()) {
        Readout readout = Readout.values()[way.getFirst()];
        ways.add(new DelayedReadout(readout, way.getLast(), judges.count()));
      }
      return HeldBackRun.right(
          Converter.convert(lambda, options, new ArrayList<>()).network(),
          judges,
          ways,
          steps,
          execution);
    }

    /** Ordinal and delay of every readout that a run is judged by. */
    private List<List<Integer>> readouts() {
      List<List<Integer>> all = new ArrayList<>();
      for (double share : Value.READOUT_AFTER.tried) {
        for (double ordinal : Value.READOUT.tried) {
          all.add(List.of((int) ordinal, (int) (share * steps)));
        }
      }
      return all;
    }

    private Calibration.Result lambda(double percentile) {
      return Calibration.run(
          lowering,
          calibration,
          base.normalisation(),
          percentile,
          base.scheme(),
          execution.quiet());
    }
  }
}
