// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.fit.LayerwiseConversion;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.network.Precision;
import io.snnsim.readout.DelayedReadout;
import io.snnsim.readout.Readout;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Settles what a conversion was asked to choose for itself, on calibration images held back from
 * the lambdas of the search. Immutable; its calls use the threads they are given and wait for them.
 * The same images and options give the same choice, whatever the number of threads.
 *
 * @param images all calibration images; without labels the ANN's answers are right
 * @param base what is the same for every candidate
 * @param percentile of lambda
 * @param steps time steps at which accuracy counts; K of few-spike neurons
 */
public record Tuner(
    Lowering lowering,
    LabelledImages images,
    ConvertOptions base,
    double percentile,
    int steps,
    Execution execution) {
  /**
   * What was tried, in order; empty where nothing was searched for.
   *
   * @param settings what a search over quantile, V(0), kappa, readout and its delay found; null
   *     without one
   * @param weights largest 8-bit weights
   */
  public record Tried(
      List<Search.Candidate> precisions,
      List<Search.Candidate> compensations,
      List<FitSearch.Candidate> fits,
      SchemeSearch.Outcome settings,
      List<CodeSearch.Candidate> codes,
      List<WeightSearch.Candidate> weights) {
    /** Nothing. */
    public static final Tried NOTHING = searched(List.of(), List.of(), List.of(), null);

    private static Tried searched(
        List<Search.Candidate> precisions,
        List<Search.Candidate> compensations,
        List<FitSearch.Candidate> fits,
        SchemeSearch.Outcome settings) {
      return new Tried(precisions, compensations, fits, settings, List.of(), List.of());
    }
  }

  /** Grid, kappa and scheme of the final conversion, what led to them, and lines to record. */
  public record Choice(
      Precision precision,
      double compensation,
      SchemeOptions scheme,
      Tried tried,
      List<String> notes) {
    /** The same after steps per layer were chosen. */
    public Choice with(List<CodeSearch.Candidate> codes) {
      Tried all =
          new Tried(
              tried.precisions(),
              tried.compensations(),
              tried.fits(),
              tried.settings(),
              codes,
              tried.weights());
      return new Choice(precision, compensation, scheme, all, notes);
    }

    /** The same with a largest weight, and what led to it. */
    public Choice with(int largestWeight, List<WeightSearch.Candidate> weights, String note) {
      Tried all =
          new Tried(
              tried.precisions(),
              tried.compensations(),
              tried.fits(),
              tried.settings(),
              tried.codes(),
              weights);
      List<String> more = new ArrayList<>(notes);
      more.add(note);
      return new Choice(
          precision, compensation, scheme.withLargestWeight(largestWeight), all, List.copyOf(more));
    }

    /** Nothing was left to choose in the plain scheme. */
    public static Choice of(Precision precision, double compensation) {
      return of(precision, compensation, SchemeOptions.PLAIN);
    }

    /** Nothing was left to choose. */
    public static Choice of(Precision precision, double compensation, SchemeOptions scheme) {
      return new Choice(precision, compensation, scheme, Tried.NOTHING, List.of());
    }
  }

  /**
   * Chooses.
   *
   * @param precision null to choose
   * @param compensation null to choose, for the precision that was given or chosen before
   * @throws io.snnsim.error.SnnsimException (interrupted) if cancelled
   */
  public Choice choose(Precision precision, Double compensation) {
    if (precision != null && compensation != null) {
      return Choice.of(precision, compensation, base.scheme());
    }
    Optional<HoldOut> split = HoldOut.of(images.images());
    if (split.isEmpty()) {
      return fallback(precision, compensation);
    }
    Search search = search(split.get(), compensation == null ? 1 : compensation);
    List<Search.Candidate> precisions = List.of();
    if (precision == null) {
      Search.Outcome o = search.precision();
      precision = o.chosen().precision();
      precisions = o.tried();
    }
    List<Search.Candidate> compensations = List.of();
    if (compensation == null) {
      Search.Outcome o = search.compensation(precision);
      compensation = o.chosen().compensation();
      compensations = o.tried();
    }
    String note =
        "chosen on "
            + split.get().judges().count()
            + " held-back calibration images at T = "
            + steps
            + (!images.labelled() ? ", judged by the ANN's answers for lack of labels" : "");
    return new Choice(
        precision,
        compensation,
        base.scheme(),
        Tried.searched(precisions, compensations, List.of(), null),
        List.of(note));
  }

  /**
   * Chooses quantile, V(0), kappa, readout and its delay as far as {@code free}.
   *
   * @param precision null to choose first, at {@code start}
   * @param start where the search begins, and what is taken with too few images for it
   * @throws io.snnsim.error.SnnsimException as {@link #choose}
   */
  public Choice chooseScheme(
      Precision precision, SchemeSearch.Setting start, Set<SchemeSearch.Value> free) {
    Choice grid = choose(precision, start.compensation());
    List<String> notes = new ArrayList<>(grid.notes());
    Optional<HoldOut> split = HoldOut.of(images.images());
    int judges = split.map(s -> s.judges().count()).orElse(0);
    int expected = free.size() * SchemeSearch.JUDGES_A_VALUE;
    SchemeSearch.Outcome outcome = null;
    if (judges < expected) {
      notes.add(
          "too few calibration images to choose "
              + free.size()
              + " values on: found "
              + images.count()
              + ", expected "
              + 4 * expected
              + " or more; nothing is searched for, taking quantile "
              + start.percentile()
              + ", V(0) "
              + start.v0()
              + " and kappa "
              + start.compensation());
    } else {
      outcome =
          new SchemeSearch(
                  lowering,
                  split.get().calibration(),
                  judges(split.get()),
                  base.with(grid.precision()),
                  steps,
                  execution)
              .choose(start, free);
      SchemeSearch.Candidate c = outcome.chosen();
      notes.add(
          (outcome.confirmed()
                  ? "best of "
                  : "as it was, since the best was not confirmed on the other half, of ")
              + outcome.tried().size()
              + " schemes at T = "
              + steps
              + " on "
              + judges
              + " held-back calibration images: "
              + c.text()
              + "; run with --readout "
              + c.scheme().readout().label()
              + (c.scheme().readoutAfter() > 0
                  ? " --readout-after " + c.scheme().readoutAfter()
                  : ""));
    }
    return new Choice(
        grid.precision(),
        outcome == null ? start.compensation() : outcome.chosen().scheme().compensation(),
        base.scheme(),
        Tried.searched(grid.tried().precisions(), List.of(), List.of(), outcome),
        List.copyOf(notes));
  }

  /**
   * Chooses what a conversion that is fitted to spikes depends on.
   *
   * @param precision null to choose
   * @param spikePenalty null to choose
   * @param quantiles lambdas if they are quantiles, else null; of all images, since nothing is
   *     judged by them
   */
  public Choice chooseFit(Precision precision, Double spikePenalty, Calibration.Result quantiles) {
    SchemeOptions scheme = base.scheme();
    if (images.count() < LayerwiseConversion.FEWEST_IMAGES) {
      return fitted(
          precision == null ? Precision.I16 : precision,
          scheme.withoutFits(),
          List.of(),
          "too few calibration images to fit anything to spikes: found "
              + images.count()
              + ", expected "
              + LayerwiseConversion.FEWEST_IMAGES
              + " or more; lambda is a quantile, weights and biases stay as they are");
    }
    boolean penalised = scheme.errorLambda() && !scheme.fewSpike();
    boolean search = precision == null || (spikePenalty == null && penalised);
    Optional<HoldOut> split = search ? HoldOut.of(images.images()) : Optional.empty();
    if (split.isEmpty()) {
      double penalty = spikePenalty == null ? scheme.fit().spikePenalty() : spikePenalty;
      Precision taken = precision == null ? Precision.I16 : precision;
      return fitted(
          taken,
          scheme.with(new SchemeOptions.Fit(scheme.fit().ridge(), penalty)),
          List.of(),
          search
              ? "too few calibration images to choose on: found "
                  + images.count()
                  + ", expected "
                  + 4 * HoldOut.FEWEST
                  + " or more; taking spike penalty "
                  + penalty
                  + " and precision "
                  + taken.name().toLowerCase(Locale.ROOT)
              : null);
    }
    FitSearch fits = new FitSearch(lowering, split.get(), quantiles, base, execution);
    FitSearch.Outcome outcome = fits.choose(precision, spikePenalty);
    FitSearch.Candidate c = outcome.chosen();
    return fitted(
        c.precision(),
        scheme.with(new SchemeOptions.Fit(scheme.fit().ridge(), c.spikePenalty())),
        outcome.tried(),
        "chosen on "
            + c.judges()
            + " held-back calibration images at T = "
            + scheme.targetSteps()
            + ", judged by the error of logits");
  }

  /**
   * Chooses the steps per layer of few-spike neurons.
   *
   * @param mostLoss points of accuracy below the ANN
   * @param quantiles as of {@link #chooseFit}
   * @return candidates in order, the last of which is taken; empty if there are too few images
   */
  public List<CodeSearch.Candidate> chooseCode(double mostLoss, Calibration.Result quantiles) {
    Optional<HoldOut> split = HoldOut.of(images.images());
    if (split.isEmpty() || images.count() < LayerwiseConversion.FEWEST_IMAGES) {
      return List.of();
    }
    int judges = split.get().judges().count();
    int[] answers =
        AnnBatch.predict(
            new AnnForward(lowering.graph()),
            split.get().judges(),
            base.normalisation(),
            execution);
    IntUnaryOperator labels =
        images.labelled()
            ? i -> images.label().applyAsInt(split.get().firstJudge() + i)
            : i -> answers[i];
    int right = 0;
    for (int i = 0; i < judges; i++) {
      right += answers[i] == labels.applyAsInt(i) ? 1 : 0;
    }
    double ann = (double) right / judges;
    return new CodeSearch(lowering, split.get(), quantiles, labels, ann, base, execution)
        .choose(mostLoss);
  }

  /**
   * Chooses how far 8-bit weights go from 0, when all else is chosen.
   *
   * @param found all else, with 8 bits
   * @param quantiles as of {@link #chooseFit}
   * @throws io.snnsim.error.SnnsimException as {@link #choose}
   */
  public Choice chooseLargestWeight(Choice found, Calibration.Result quantiles) {
    Optional<HoldOut> split = HoldOut.of(images.images());
    if (split.isEmpty()) {
      return found.with(
          SchemeOptions.LARGEST_WEIGHT,
          List.of(),
          "too few calibration images to choose the largest weight on: found "
              + images.count()
              + ", expected "
              + 4 * HoldOut.FEWEST
              + " or more; taking "
              + SchemeOptions.LARGEST_WEIGHT);
    }
    ConvertOptions options =
        base.with(found.precision()).withCompensation(found.compensation()).with(found.scheme());
    WeightSearch search =
        new WeightSearch(
            split.get().judges().count(),
            found.scheme().layerwise()
                ? rightWhenFitted(split.get(), quantiles, options)
                : rightWhenRun(split.get(), found.tried().settings(), options));
    WeightSearch.Outcome o = search.choose();
    List<String> right =
        o.tried().stream()
            .map(c -> String.format(Locale.ROOT, "%.2f %% with %d", c.percent(), c.largestWeight()))
            .toList();
    String note =
        "largest weight "
            + o.chosen().largestWeight()
            + ": right are "
            + String.join(", ", right)
            + " of "
            + search.images()
            + " held-back calibration images"
            + (!images.labelled() ? ", judged by the ANN's answers for lack of labels" : "");
    return found.with(o.chosen().largestWeight(), o.tried(), note);
  }

  private IntUnaryOperator rightWhenFitted(
      HoldOut split, Calibration.Result quantiles, ConvertOptions options) {
    HeldBackFit run = new HeldBackFit(lowering, split, quantiles, labels(split), execution);
    return largest -> run.right(options.with(options.scheme().withLargestWeight(largest)));
  }

  /**
   * By running the networks.
   *
   * @param found what a search over schemes found, or null
   */
  private IntUnaryOperator rightWhenRun(
      HoldOut split, SchemeSearch.Outcome found, ConvertOptions options) {
    SchemeSearch.Setting setting =
        found == null
            ? new SchemeSearch.Setting(
                percentile,
                options.v0(),
                options.compensation(),
                Readout.of(options.scheme().signed()),
                0)
            : found.chosen().scheme();
    Calibration.Result lambdas = lambdas(split, setting.percentile());
    LabelledImages judges = judges(split);
    return largest -> {
      ConvertOptions tried =
          new ConvertOptions(
              setting.v0(),
              setting.compensation(),
              options.precision(),
              options.normalisation(),
              options.scheme().withLargestWeight(largest));
      return HeldBackRun.count(
          Converter.convert(lambdas, tried, new ArrayList<>()).network(),
          judges,
          new DelayedReadout(setting.readout(), setting.readoutAfter(), judges.count()),
          steps,
          execution);
    };
  }

  private static Choice fitted(
      Precision precision, SchemeOptions scheme, List<FitSearch.Candidate> tried, String note) {
    return new Choice(
        precision,
        1,
        scheme,
        Tried.searched(List.of(), List.of(), tried, null),
        note == null ? List.of() : List.of(note));
  }

  private Search search(HoldOut split, double compensation) {
    ConvertOptions options = base.with(Precision.I32).withCompensation(compensation);
    return new Search(lambdas(split, percentile), judges(split), options, steps, execution);
  }

  private Calibration.Result lambdas(HoldOut split, double quantile) {
    return Calibration.run(
        lowering,
        split.calibration(),
        base.normalisation(),
        quantile,
        base.scheme(),
        execution.quiet());
  }

  private LabelledImages judges(HoldOut split) {
    return new LabelledImages(split.judges(), labels(split));
  }

  private IntUnaryOperator labels(HoldOut split) {
    if (images.labelled()) {
      return i -> images.label().applyAsInt(split.firstJudge() + i);
    }
    int[] ann =
        AnnBatch.predict(
            new AnnForward(lowering.graph()), split.judges(), base.normalisation(), execution);
    return i -> ann[i];
  }

  private Choice fallback(Precision precision, Double compensation) {
    List<String> taken = new ArrayList<>();
    if (precision == null) {
      taken.add("precision i16");
    }
    if (compensation == null) {
      taken.add("kappa 1");
    }
    String note =
        "too few calibration images to choose on: found "
            + images.count()
            + ", expected "
            + 4 * HoldOut.FEWEST
            + " or more; taking "
            + String.join(" and ", taken);
    return new Choice(
        precision == null ? Precision.I16 : precision,
        compensation == null ? 1 : compensation,
        base.scheme(),
        Tried.NOTHING,
        List.of(note));
  }
}
