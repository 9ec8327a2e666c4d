// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.fit.FitImages;
import io.snnsim.convert.fit.LayerwiseConversion;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.Imported;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Network;
import io.snnsim.network.Precision;
import io.snnsim.readout.ExitMargins;
import io.snnsim.readout.Readout;
import io.snnsim.report.Program;
import io.snnsim.tune.CodeSearch;
import io.snnsim.tune.ExitCalibration;
import io.snnsim.tune.FitSearch;
import io.snnsim.tune.HoldOut;
import io.snnsim.tune.LabelledImages;
import io.snnsim.tune.Mixed;
import io.snnsim.tune.SchemeSearch;
import io.snnsim.tune.Search;
import io.snnsim.tune.Tuner;
import io.snnsim.tune.WeightSearch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The way from an imported network to the contents of a model. An instance serves one conversion,
 * on the calling thread and those it is given.
 */
public final class ConversionPipeline {
  /** A conversion, and the model with its provenance, the folded ANN and hints. */
  public record Converted(Conversion conversion, ModelContents contents) {}

  /**
   * Populations of few-spike neurons for each that the image drives: rounding to half a quantum.
   */
  private static final int COPIES = 2;

  private final Imported imported;
  private final CalibrationImages calibration;
  private final Images images;
  private final ConversionRequest.Settings settings;
  private final SchemeOptions scheme;
  private final Normalisation normalisation;
  private final Context context;
  private final Listener listener;
  private final BatchNormFolding.Folded folded;
  private final Lowering lowering;
  private Calibration.Result quantiles;

  /**
   * Folds batch norm and lowers the graph.
   *
   * @throws SnnsimException (usage) if mean and std are not those of the network's image; (bad
   *     data) if the graph cannot be converted
   */
  public ConversionPipeline(
      Imported imported,
      CalibrationImages calibration,
      ConversionRequest.Settings settings,
      Context context) {
    int channels = imported.graph().inputShape().channels();
    this.imported = imported;
    this.calibration = calibration;
    this.images = calibration.images();
    this.settings = settings;
    this.scheme = settings.scheme();
    this.context = context;
    this.listener = context.listener();
    normalisation = GivenNormalisation.of(settings.mean(), settings.std(), channels);
    folded = BatchNormFolding.fold(imported.graph());
    Lowering plain = new Lowering(folded.graph());
    Lowering folded = scheme.foldAverages() ? plain.foldAverages() : plain;
    lowering = scheme.fewSpike() && scheme.errorLambda() ? folded.copyFirst(COPIES) : folded;
  }

  /**
   * Chooses what is left to be chosen, converts, and gathers the model.
   *
   * @param source of the network, for provenance; asked once, when the conversion is done
   * @throws SnnsimException (interrupted) if cancelled; (bad data, usage) saying what cannot be
   *     converted so
   */
  public Converted run(ConversionRequest.Choices choices, Supplier<Origin> source) {
    boolean given = settings.mean() != null || settings.std() != null;
    InputCheck.calibration(calibration, folded.graph(), normalisation, given, context);
    Tuner.Choice choice = choose(choices);
    Conversion conversion = convert(choice);
    context.execution().requireNotCancelled("during conversion");
    ModelContents contents = contents(conversion, choice, source.get());
    context.execution().requireNotCancelled("during conversion"); // Margins may be missing.
    return new Converted(conversion, contents);
  }

  /** As {@link #run}, without what a model file carries beside the network. */
  public Conversion convert(ConversionRequest.Choices choices) {
    return convert(choose(choices));
  }

  private Tuner.Choice choose(ConversionRequest.Choices choices) {
    Tuner.Choice choice = grid(choices);
    if (choice.precision() != Precision.I8) {
      return withoutLargestWeight(choice, choices.largestWeight());
    }
    return choices.largestWeight() ? chooseLargestWeight(choice, choices) : choice;
  }

  /** Everything but the largest weight. */
  private Tuner.Choice grid(ConversionRequest.Choices choices) {
    return scheme.layerwise()
        ? chooseFit(choices.precision(), choices.fit())
        : choices.search() != null
            ? chooseScheme(choices.precision(), choices.compensation(), choices.search())
            : choose(choices.precision(), choices.compensation(), choices.steps());
  }

  /** Says so where a largest weight of 8 bits was asked for, and wider ones were chosen. */
  private Tuner.Choice withoutLargestWeight(Tuner.Choice choice, boolean asked) {
    if (!asked && scheme.largestWeight() == SchemeOptions.LARGEST_WEIGHT) {
      return choice;
    }
    return said(
        choice.with(
            SchemeOptions.LARGEST_WEIGHT,
            List.of(),
            "the largest weight is of 8 bits, which were not chosen; weights are as large as "
                + choice.precision().name().toLowerCase(Locale.ROOT)
                + " has them"));
  }

  private Tuner.Choice chooseLargestWeight(Tuner.Choice found, ConversionRequest.Choices choices) {
    calibration.checkLabels().accept(imported.graph().outputShape().size());
    int steps = choices.search() == null ? choices.steps() : choices.search().steps();
    boolean quantile = found.scheme().layerwise() && !found.scheme().errorLambda();
    Tuner.Choice choice =
        tuner(images, found.compensation(), steps)
            .chooseLargestWeight(found, quantile ? quantiles() : null);
    for (WeightSearch.Candidate c : choice.tried().weights()) {
      listener.say(
          String.format(
              Locale.ROOT,
              "  largest weight %-3d  %6.2f %%%s",
              c.largestWeight(),
              c.percent(),
              c.largestWeight() == choice.scheme().largestWeight() ? "  taken" : ""));
    }
    return said(choice);
  }

  /** Tells the last note of a choice. */
  private Tuner.Choice said(Tuner.Choice choice) {
    listener.say("note: " + choice.notes().getLast());
    return choice;
  }

  /**
   * Settles what was left to be chosen on held-back calibration images.
   *
   * @param precision null to choose
   * @param compensation null to choose
   */
  private Tuner.Choice choose(Precision precision, Double compensation, int steps) {
    if (precision != null && compensation != null) {
      return Tuner.Choice.of(precision, compensation, scheme);
    }
    calibration.checkLabels().accept(imported.graph().outputShape().size());
    Tuner.Choice choice;
    try (Progress progress = listener.progress("choose", "images", expectedReads())) {
      Images counted =
          new Images() {
            @Override
            public int count() {
              return images.count();
            }

            @Override
            public void read(int index, float[] into) {
              images.read(index, into);
              progress.add(1);
            }
          };
      choice = tuner(counted, 1, steps).choose(precision, compensation);
    }
    choice.notes().forEach(n -> listener.say("note: " + n));
    table(choice.tried().precisions(), c -> c.precision() == choice.precision());
    table(choice.tried().compensations(), c -> c.compensation() == choice.compensation());
    return choice;
  }

  /**
   * Judges by labels if there are any.
   *
   * @param steps time steps at which accuracy counts, but of few-spike neurons, which answer once
   */
  private Tuner tuner(Images on, double kappa, int steps) {
    return new Tuner(
        lowering,
        new LabelledImages(on, calibration.label()),
        new ConvertOptions(settings.v0(), kappa, Precision.I32, normalisation, scheme),
        settings.percentile(),
        scheme.fewSpike() ? scheme.codeSteps() : steps,
        context.execution());
  }

  /** About how many images a search reads: lambdas, then each candidate on the held-back ones. */
  private long expectedReads() {
    return images.count() + 6L * Math.min(500, images.count() / 4);
  }

  private void table(List<Search.Candidate> tried, Predicate<Search.Candidate> taken) {
    for (Search.Candidate c : tried) {
      listener.say(
          String.format(
              Locale.ROOT,
              "  %-4s kappa %.2f  %6.2f %%%s",
              c.precision().name().toLowerCase(Locale.ROOT),
              c.compensation(),
              c.percent(),
              taken.test(c) ? "  taken" : ""));
    }
  }

  /**
   * Searches for quantile, V(0), kappa, readout and its delay on held-back calibration images.
   *
   * @param precision null to choose
   * @param kappa where the search begins, or what stays
   */
  private Tuner.Choice chooseScheme(
      Precision precision, double kappa, ConversionRequest.Search search) {
    calibration.checkLabels().accept(imported.graph().outputShape().size());
    Readout usual = Readout.of(scheme.signed());
    Tuner.Choice choice =
        tuner(images, kappa, search.steps())
            .chooseScheme(
                precision,
                new SchemeSearch.Setting(settings.percentile(), settings.v0(), kappa, usual, 0),
                search.free());
    choice.notes().forEach(n -> listener.say("note: " + n));
    table(choice.tried().precisions(), c -> c.precision() == choice.precision());
    SchemeSearch.Outcome found = choice.tried().settings();
    if (found != null) {
      SchemeSearch.Candidate taken = found.chosen();
      for (SchemeSearch.Candidate c : found.tried()) {
        listener.say("  " + c.text() + (c.equals(taken) ? "  taken" : ""));
      }
    }
    return choice;
  }

  private Calibration.Result calibrate(double percentile) {
    int reads = images.count() * (scheme.balancedLambda() ? 2 : 1);
    try (Progress progress = listener.progress("calibrate", "images", reads)) {
      return Calibration.run(
          lowering,
          images,
          normalisation,
          percentile,
          scheme,
          context.execution().telling(progress::add));
    }
  }

  /** Converts with lambdas of all calibration images. */
  private Conversion convert(Tuner.Choice choice) {
    List<String> notes = new ArrayList<>(imported.notes());
    if (imported.guessed()) {
      notes.add("architecture " + imported.arch() + " guessed from names and shapes of tensors");
    }
    notes.addAll(folded.notes());
    notes.addAll(choice.notes());
    SchemeOptions taken = choice.scheme();
    SchemeSearch.Outcome found = choice.tried().settings();
    SchemeSearch.Setting setting = found == null ? null : found.chosen().scheme();
    ConvertOptions options =
        new ConvertOptions(
            setting == null ? settings.v0() : setting.v0(),
            choice.compensation(),
            choice.precision(),
            normalisation,
            taken);
    if (setting != null) {
      return Converter.convert(calibrate(setting.percentile()), options, notes);
    }
    if (!taken.layerwise()) {
      return Converter.convert(quantiles(), options, notes);
    }
    int used = used(taken);
    Calibration.Result lambdas = taken.errorLambda() ? null : quantiles();
    try (Progress progress = listener.progress("convert", "populations", lowering.populations())) {
      return LayerwiseConversion.run(
              lowering,
              new FitImages(new Mixed(images, used), 0),
              lambdas,
              options,
              notes,
              context.execution().telling(progress::add))
          .conversion();
    }
  }

  /** Images that a conversion by {@code scheme} is fitted to, the first of {@link Mixed}. */
  private int used(SchemeOptions scheme) {
    return Math.min(images.count(), LayerwiseConversion.worthUsing(lowering, scheme.targetSteps()));
  }

  /** Margins for early exit of a network that is fitted to a number of steps, else nothing. */
  private Optional<ExitMargins> exitMargins(Network network, SchemeOptions scheme) {
    if (!scheme.layerwise() || scheme.fewSpike()) {
      return Optional.empty();
    }
    int steps = scheme.targetSteps();
    Optional<ExitMargins> margins =
        ExitCalibration.measure(
            network, images, used(scheme), used(scheme), steps, context.execution());
    margins.ifPresent(
        m ->
            listener.say(
                "note: early exit calibrated for T = "
                    + steps
                    + " on "
                    + m.images()
                    + (m.heldBack()
                        ? " held-back calibration images"
                        : " calibration images that weights were fitted to, for lack of others:"
                            + " images may end too early")));
    return margins;
  }

  /** Lambdas of all calibration images, measured once. */
  private Calibration.Result quantiles() {
    if (quantiles == null) {
      quantiles = calibrate(settings.percentile());
    }
    return quantiles;
  }

  /**
   * Settles what a fit to spikes depends on, on held-back calibration images.
   *
   * @param precision null to choose
   */
  private Tuner.Choice chooseFit(Precision precision, ConversionRequest.Fit asked) {
    Double ridge = asked.ridge();
    SchemeOptions.Fit fit =
        new SchemeOptions.Fit(ridge == null ? 0 : ridge, scheme.fit().spikePenalty());
    SchemeOptions fitted = scheme.with(fit);
    List<CodeSearch.Candidate> codes =
        asked.mostLoss() == null ? List.of() : chooseCode(fitted, asked.mostLoss());
    if (!codes.isEmpty()) {
      fitted = fitted.withCode(codes.getLast().steps());
    }
    Tuner.Choice choice =
        fitTuner(fitted, null)
            .chooseFit(precision, asked.spikePenalty(), scheme.errorLambda() ? null : quantiles());
    choice.notes().forEach(n -> listener.say("note: " + n));
    for (FitSearch.Candidate c : choice.tried().fits()) {
      boolean chosen =
          c.precision() == choice.precision()
              && c.spikePenalty() == choice.scheme().fit().spikePenalty();
      listener.say(
          String.format(
              Locale.ROOT,
              "  %-4s spike penalty %.2f  error of logits %.4f  classes as the ANN's %6.2f %%%s",
              c.precision().name().toLowerCase(Locale.ROOT),
              c.spikePenalty(),
              c.noise(),
              100.0 * c.agreeing() / c.judges(),
              chosen ? "  taken" : ""));
    }
    return choice.with(codes);
  }

  private Tuner fitTuner(SchemeOptions fitted, IntUnaryOperator label) {
    return new Tuner(
        lowering,
        new LabelledImages(images, label),
        new ConvertOptions(settings.v0(), 1, Precision.I8, normalisation, fitted),
        settings.percentile(),
        fitted.targetSteps(),
        context.execution());
  }

  /** Chooses the steps per layer of few-spike neurons; says what was tried. */
  private List<CodeSearch.Candidate> chooseCode(SchemeOptions fitted, double mostLoss) {
    calibration.checkLabels().accept(imported.graph().outputShape().size());
    List<CodeSearch.Candidate> tried =
        fitTuner(fitted, calibration.label())
            .chooseCode(mostLoss, scheme.errorLambda() ? null : quantiles());
    if (tried.isEmpty()) {
      listener.say(
          "note: too few calibration images to choose steps per layer on: found "
              + images.count()
              + ", expected "
              + 4 * HoldOut.FEWEST
              + " or more; taking "
              + fitted.targetSteps());
    }
    for (CodeSearch.Candidate c : tried) {
      listener.say(
          String.format(
              Locale.ROOT,
              "  K = %-2d  %6.2f %% of held-back images, %.2f points below the ANN%s",
              c.steps(),
              100 * c.accuracy(),
              c.loss(),
              c == tried.getLast() ? "  taken" : ""));
    }
    return tried;
  }

  /** The model with its provenance and the folded ANN. */
  private ModelContents contents(Conversion conversion, Tuner.Choice choice, Origin source) {
    Origin given = calibration.origin().get();
    ObjectMapper json = new ObjectMapper();
    ObjectNode p = json.createObjectNode();
    p.put("program", Program.here().name());
    p.put("source", source.name());
    p.put("sourceSha256", source.sha256());
    ArrayNode data = p.putArray("sourceData");
    for (Path file : imported.beside()) {
      Origin part = Origin.of(file);
      data.addObject().put("name", part.name()).put("sha256", part.sha256());
    }
    p.put("arch", imported.arch());
    p.put("archGuessed", imported.guessed());
    p.put("calibration", given.name());
    p.put("calibrationSha256", given.sha256());
    p.set("precisionSearch", json.valueToTree(choice.tried().precisions()));
    p.set("compensationSearch", json.valueToTree(choice.tried().compensations()));
    p.set("fitSearch", json.valueToTree(choice.tried().fits()));
    p.set("codeSearch", json.valueToTree(choice.tried().codes()));
    p.set("largestWeightSearch", json.valueToTree(choice.tried().weights()));
    p.set("schemeSearch", json.valueToTree(choice.tried().settings()));
    p.set("report", json.valueToTree(conversion.report()));
    EmbeddedAnn ann = EmbeddedAnn.encode(conversion.foldedAnn());
    Map<String, byte[]> extras = new LinkedHashMap<>();
    // Last, so that models of the same network from different dumps differ in nothing before it.
    extras.put(ModelContents.ANN_GRAPH, ann.graph());
    extras.put(ModelContents.ANN_TENSORS, ann.tensors());
    extras.put(
        ModelContents.PLAN, PlanSource.hint(conversion.network(), images, context.execution()));
    exitMargins(conversion.network(), choice.scheme())
        .ifPresent(m -> extras.put(ModelContents.EARLY_EXIT, m.toJson()));
    extras.put(ModelContents.PROVENANCE, p.toPrettyString().getBytes(StandardCharsets.UTF_8));
    return new ModelContents(conversion.network(), extras);
  }
}
