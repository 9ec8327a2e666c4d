// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.cli.Build;
import io.snnsim.cli.Progress;
import io.snnsim.cli.Talk;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.fit.FitImages;
import io.snnsim.convert.fit.LayerwiseConversion;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.WeightDump;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Network;
import io.snnsim.network.Precision;
import io.snnsim.readout.ExitMargins;
import io.snnsim.readout.Readout;
import io.snnsim.tune.ExitCalibration;
import io.snnsim.tune.FitSearch;
import io.snnsim.tune.LabelledImages;
import io.snnsim.tune.Mixed;
import io.snnsim.tune.SchemeSearch;
import io.snnsim.tune.Search;
import io.snnsim.tune.Tuner;
import io.snnsim.work.Execution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** The way from an imported network to model contents, which several commands share. One thread. */
public final class ConversionPipeline {
  private final Imported imported;
  private final ImageSet images;
  private final Normalisation normalisation;
  private final double percentile;
  private final double v0;
  private final SchemeOptions methods;
  private final Execution execution;
  private final Talk talk;
  private final BatchNormFolding.Folded folded;
  private final Lowering lowering;
  private Calibration.Result quantiles;

  public ConversionPipeline(
      Imported imported,
      ImageSet images,
      float[] mean,
      float[] std,
      double percentile,
      double v0,
      SchemeOptions methods,
      int threads,
      Talk talk,
      BooleanSupplier cancelled) {
    int channels = imported.graph().inputShape().channels();
    this.imported = imported;
    this.images = images;
    float[] means = perChannel(mean, channels, 0, "--mean");
    float[] stds = perChannel(std, channels, 1, "--std");
    this.percentile = percentile;
    this.v0 = v0;
    this.methods = methods;
    this.execution = Execution.on(threads, cancelled);
    this.talk = talk;
    for (int c = 0; c < channels; c++) {
      if (!Float.isFinite(means[c])) {
        throw SnnsimException.usage("--mean: found " + means[c] + ", expected finite numbers");
      }
      if (!(stds[c] > 0) || !Float.isFinite(stds[c])) {
        throw SnnsimException.usage("--std: found " + stds[c] + ", expected numbers > 0");
      }
    }
    normalisation = new Normalisation(means, stds);
    folded = BatchNormFolding.fold(imported.graph());
    Lowering plain = new Lowering(folded.graph());
    lowering = methods.foldAverages() ? plain.foldAverages() : plain;
  }

  public static Imported importDump(Path dump, String arch) {
    return Architectures.build(WeightDump.read(dump), arch);
  }

  public boolean cancelled() {
    return execution.isCancelled();
  }

  /**
   * Settles what was left to be chosen on held-back calibration images.
   *
   * @param precision null to choose
   * @param compensation null to choose
   */
  public Tuner.Choice choose(Precision precision, Double compensation, int steps) {
    if (precision != null && compensation != null) {
      return Tuner.Choice.of(precision, compensation, methods);
    }
    images.checkLabels(imported.graph().outputShape().size());
    Tuner.Choice choice;
    try (Progress progress = talk.progress("choose", "images", expectedReads())) {
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
    choice.notes().forEach(n -> talk.say("note: " + n));
    table(choice.tried().precisions(), c -> c.precision() == choice.precision());
    table(choice.tried().compensations(), c -> c.compensation() == choice.compensation());
    return choice;
  }

  /** Judges by labels if there are any. */
  private Tuner tuner(Images on, double kappa, int steps) {
    return new Tuner(
        lowering,
        new LabelledImages(on, images.labelled() ? images::label : null),
        new ConvertOptions(v0, kappa, Precision.I32, normalisation, methods),
        percentile,
        steps,
        execution);
  }

  /** About how many images a search reads: lambdas, then each candidate on the held-back ones. */
  private long expectedReads() {
    return images.count() + 6L * Math.min(500, images.count() / 4);
  }

  private void table(List<Search.Candidate> tried, Predicate<Search.Candidate> taken) {
    for (Search.Candidate c : tried) {
      talk.say(
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
   * @param free what is searched for
   */
  public Tuner.Choice chooseScheme(
      Precision precision, double kappa, Set<SchemeSearch.Value> free, int steps) {
    images.checkLabels(imported.graph().outputShape().size());
    Readout usual = Readout.of(methods.signed());
    Tuner.Choice choice =
        tuner(images, kappa, steps)
            .chooseScheme(
                precision, new SchemeSearch.Setting(percentile, v0, kappa, usual, 0), free);
    choice.notes().forEach(n -> talk.say("note: " + n));
    table(choice.tried().precisions(), c -> c.precision() == choice.precision());
    SchemeSearch.Outcome settings = choice.tried().settings();
    if (settings != null) {
      SchemeSearch.Candidate taken = settings.chosen();
      for (SchemeSearch.Candidate c : settings.tried()) {
        talk.say("  " + c.text() + (c.equals(taken) ? "  taken" : ""));
      }
    }
    return choice;
  }

  private Calibration.Result calibrate(ImageSet on, double percentile) {
    int reads = on.count() * (methods.balancedLambda() ? 2 : 1);
    try (Progress progress = talk.progress("calibrate", "images", reads)) {
      return Calibration.run(
          lowering, on, normalisation, percentile, methods, execution.telling(progress::add));
    }
  }

  /** Converts with lambdas of all calibration images. */
  public Conversion convert(Tuner.Choice choice) {
    List<String> notes = new ArrayList<>(imported.notes());
    if (imported.guessed()) {
      notes.add("architecture " + imported.arch() + " guessed from names and shapes of tensors");
    }
    notes.addAll(folded.notes());
    notes.addAll(choice.notes());
    SchemeOptions taken = choice.scheme();
    SchemeSearch.Outcome settings = choice.tried().settings();
    SchemeSearch.Setting setting = settings == null ? null : settings.chosen().scheme();
    ConvertOptions options =
        new ConvertOptions(
            setting == null ? v0 : setting.v0(),
            choice.compensation(),
            choice.precision(),
            normalisation,
            taken);
    if (setting != null) {
      return Converter.convert(calibrate(images, setting.percentile()), options, notes);
    }
    if (!taken.layerwise()) {
      return Converter.convert(quantiles(), options, notes);
    }
    int used = used(taken);
    Calibration.Result lambdas = taken.errorLambda() ? null : quantiles();
    try (Progress progress = talk.progress("convert", "populations", lowering.populations())) {
      return LayerwiseConversion.run(
              lowering,
              new FitImages(new Mixed(images, used), 0),
              lambdas,
              options,
              notes,
              execution.telling(progress::add))
          .conversion();
    }
  }

  /** Images that a conversion by {@code methods} is fitted to, the first of {@link Mixed}. */
  private int used(SchemeOptions methods) {
    return Math.min(
        images.count(), LayerwiseConversion.worthUsing(lowering, methods.targetSteps()));
  }

  /** Margins for early exit of a network that is fitted to a number of steps, else nothing. */
  private Optional<ExitMargins> exitMargins(Network network, SchemeOptions methods) {
    if (!methods.layerwise()) {
      return Optional.empty();
    }
    int steps = methods.targetSteps();
    Optional<ExitMargins> margins =
        ExitCalibration.measure(network, images, used(methods), used(methods), steps, execution);
    margins.ifPresent(
        m ->
            talk.say(
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
      quantiles = calibrate(images, percentile);
    }
    return quantiles;
  }

  /**
   * Settles what a fit to spikes depends on, on held-back calibration images.
   *
   * @param precision null to choose
   * @param ridge null to choose it for each population
   * @param spikePenalty null to choose
   */
  public Tuner.Choice chooseFit(Precision precision, Double ridge, Double spikePenalty) {
    SchemeOptions.Fit fit =
        new SchemeOptions.Fit(ridge == null ? 0 : ridge, methods.fit().spikePenalty());
    ConvertOptions base = new ConvertOptions(v0, 1, Precision.I8, normalisation, methods.with(fit));
    int steps = methods.targetSteps();
    LabelledImages unlabelled = new LabelledImages(images, null);
    Tuner tuner = new Tuner(lowering, unlabelled, base, percentile, steps, execution);
    Tuner.Choice choice =
        tuner.chooseFit(precision, spikePenalty, methods.errorLambda() ? null : quantiles());
    choice.notes().forEach(n -> talk.say("note: " + n));
    for (FitSearch.Candidate c : choice.tried().fits()) {
      boolean chosen =
          c.precision() == choice.precision()
              && c.spikePenalty() == choice.scheme().fit().spikePenalty();
      talk.say(
          String.format(
              Locale.ROOT,
              "  %-4s spike penalty %.2f  error of logits %.4f  classes as the ANN's %6.2f %%%s",
              c.precision().name().toLowerCase(Locale.ROOT),
              c.spikePenalty(),
              c.noise(),
              100.0 * c.agreeing() / c.judges(),
              chosen ? "  taken" : ""));
    }
    return choice;
  }

  private static float[] perChannel(float[] given, int channels, float fallback, String option) {
    float[] result = new float[channels];
    Arrays.fill(result, fallback);
    if (given == null) {
      return result;
    }
    if (given.length != channels) {
      throw SnnsimException.usage(
          option + ": found " + given.length + " values, expected " + channels);
    }
    return given;
  }

  /** The model with its provenance and the folded ANN. */
  public ModelContents contents(
      Conversion conversion, Tuner.Choice choice, Path dump, Path calibration) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode p = json.createObjectNode();
    p.put("program", "snnsim " + Build.version());
    p.put("source", String.valueOf(dump.getFileName()));
    p.put("sourceSha256", sha256(dump));
    p.put("arch", imported.arch());
    p.put("archGuessed", imported.guessed());
    p.put("calibration", String.valueOf(calibration.getFileName()));
    p.put("calibrationSha256", sha256(calibration));
    p.set("precisionSearch", json.valueToTree(choice.tried().precisions()));
    p.set("compensationSearch", json.valueToTree(choice.tried().compensations()));
    p.set("fitSearch", json.valueToTree(choice.tried().fits()));
    p.set("schemeSearch", json.valueToTree(choice.tried().settings()));
    p.set("report", json.valueToTree(conversion.report()));
    EmbeddedAnn ann = EmbeddedAnn.encode(conversion.foldedAnn());
    Map<String, byte[]> extras = new LinkedHashMap<>();
    // Last, so that models of the same network from different dumps differ in nothing before it.
    extras.put(ModelContents.ANN_GRAPH, ann.graph());
    extras.put(ModelContents.ANN_TENSORS, ann.tensors());
    extras.put(
        ModelContents.PLAN, PlanSource.hint(conversion.network(), images, execution.threads()));
    exitMargins(conversion.network(), choice.scheme())
        .ifPresent(m -> extras.put(ModelContents.EARLY_EXIT, m.toJson()));
    extras.put(ModelContents.PROVENANCE, p.toPrettyString().getBytes(StandardCharsets.UTF_8));
    return new ModelContents(conversion.network(), extras);
  }

  private static String sha256(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (var in = Files.newInputStream(file)) {
        byte[] part = new byte[1 << 16];
        for (int n = in.read(part); n >= 0; n = in.read(part)) {
          digest.update(part, 0, n);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
