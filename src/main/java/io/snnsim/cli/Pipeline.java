package io.snnsim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.ann.Images;
import io.snnsim.convert.BatchNormFolding;
import io.snnsim.convert.Calibration;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.Converter;
import io.snnsim.convert.Lowering;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.WeightDump;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Precision;
import io.snnsim.tune.Search;
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
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/** The way from an imported network to model contents, which several commands share. One thread. */
final class Pipeline {
  /** Fewer held-back images than this decide nothing. */
  private static final int FEWEST_HELD_BACK = 20;

  /** More than this take longer and decide little more. */
  private static final int MOST_HELD_BACK = 500;

  /** Grid and kappa of the final conversion, and the tables that led to them. */
  record Choice(
      Precision precision,
      double compensation,
      List<Search.Candidate> precisions,
      List<Search.Candidate> compensations,
      List<String> notes) {
    static Choice of(Precision precision) {
      return new Choice(precision, 1, List.of(), List.of(), List.of());
    }
  }

  private final Imported imported;
  private final ImageSet images;
  private final float[] mean;
  private final float[] std;
  private final double percentile;
  private final double v0;
  private final int threads;
  private final Talk talk;
  private final BooleanSupplier cancelled;
  private final BatchNormFolding.Folded folded;
  private final Lowering lowering;

  Pipeline(
      Imported imported,
      ImageSet images,
      float[] mean,
      float[] std,
      double percentile,
      double v0,
      int threads,
      Talk talk,
      BooleanSupplier cancelled) {
    int channels = imported.graph().inputShape().channels();
    this.imported = imported;
    this.images = images;
    this.mean = perChannel(mean, channels, 0, "--mean");
    this.std = perChannel(std, channels, 1, "--std");
    this.percentile = percentile;
    this.v0 = v0;
    this.threads = threads;
    this.talk = talk;
    this.cancelled = cancelled;
    for (int c = 0; c < channels; c++) {
      if (!Float.isFinite(this.mean[c])) {
        throw SnnsimException.usage("--mean: found " + this.mean[c] + ", expected finite numbers");
      }
      if (!(this.std[c] > 0) || !Float.isFinite(this.std[c])) {
        throw SnnsimException.usage("--std: found " + this.std[c] + ", expected numbers > 0");
      }
    }
    folded = BatchNormFolding.fold(imported.graph());
    lowering = new Lowering(folded.graph());
  }

  static Imported importDump(Path dump, String arch) {
    return Architectures.build(WeightDump.read(dump), arch);
  }

  boolean cancelled() {
    return cancelled.getAsBoolean();
  }

  /**
   * Settles what was left to be chosen on held-back calibration images.
   *
   * @param precision null to choose
   * @param compensation null to choose
   */
  Choice choose(Precision precision, Double compensation, int steps) {
    if (precision != null && compensation != null) {
      return new Choice(precision, compensation, List.of(), List.of(), List.of());
    }
    int held = Math.min(MOST_HELD_BACK, images.count() / 4);
    if (held < FEWEST_HELD_BACK) {
      String note =
          "too few calibration images to choose on: "
              + images.count()
              + ", expected "
              + 4 * FEWEST_HELD_BACK
              + " or more; taking "
              + (precision == null ? "precision i16 " : "")
              + (compensation == null ? "kappa 1" : "");
      talk.say("note: " + note);
      return new Choice(
          precision == null ? Precision.I16 : precision,
          compensation == null ? 1 : compensation,
          List.of(),
          List.of(),
          List.of(note));
    }
    ImageSet judges = images.subset(images.count() - held, images.count());
    Calibration.Result levels = calibrate(images.subset(0, images.count() - held));
    IntUnaryOperator labels = labels(judges);
    double kappa = compensation == null ? 1 : compensation;
    List<Search.Candidate> precisions = List.of();
    if (precision == null) {
      Search.Outcome o =
          search("choose precision", 3, levels, judges, labels, kappa, steps, Search::precision);
      precision = o.chosen().precision();
      precisions = o.tried();
      table(o, steps, held);
    }
    List<Search.Candidate> compensations = List.of();
    if (compensation == null) {
      Precision taken = precision;
      Search.Outcome o =
          search(
              "choose kappa", 7, levels, judges, labels, kappa, steps, s -> s.compensation(taken));
      compensation = o.chosen().compensation();
      compensations = o.tried();
      table(o, steps, held);
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        held
            + " held-back calibration images"
            + (judges.labelled() ? "" : ", judged by the ANN's answers for lack of labels"));
    return new Choice(precision, compensation, precisions, compensations, notes);
  }

  /** Runs a search that judges at most {@code candidates} conversions, with a bar. */
  private Search.Outcome search(
      String task,
      int candidates,
      Calibration.Result levels,
      ImageSet judges,
      IntUnaryOperator labels,
      double kappa,
      int steps,
      Function<Search, Search.Outcome> what) {
    try (Progress progress = talk.progress(task, "images", (long) candidates * judges.count())) {
      Images counted =
          new Images() {
            @Override
            public int count() {
              return judges.count();
            }

            @Override
            public void read(int index, float[] into) {
              judges.read(index, into);
              progress.add(1);
            }
          };
      ConvertOptions base = new ConvertOptions(v0, kappa, Precision.I32, mean, std);
      return what.apply(new Search(levels, counted, labels, base, steps, threads, cancelled));
    }
  }

  private void table(Search.Outcome o, int steps, int held) {
    talk.say("accuracy on " + held + " held-back calibration images at T = " + steps);
    for (Search.Candidate c : o.tried()) {
      talk.say(
          String.format(
              Locale.ROOT,
              "  %-4s kappa %.2f  %6.2f %%%s",
              c.precision().name().toLowerCase(Locale.ROOT),
              c.compensation(),
              c.percent(),
              c.equals(o.chosen()) ? "  taken" : ""));
    }
  }

  private IntUnaryOperator labels(ImageSet judges) {
    if (judges.labelled()) {
      return judges::label;
    }
    int[] ann =
        AnnBatch.predict(new AnnForward(folded.graph()), judges, mean, std, threads, cancelled);
    return i -> ann[i];
  }

  private Calibration.Result calibrate(ImageSet on) {
    try (Progress progress = talk.progress("calibrate", "images", on.count())) {
      return Calibration.run(
          lowering, on, mean, std, percentile, threads, progress::add, cancelled);
    }
  }

  /** Converts with lambdas of all calibration images. */
  Conversion convert(Choice choice) {
    List<String> notes = new ArrayList<>(folded.notes());
    notes.addAll(choice.notes());
    return Converter.convert(
        calibrate(images),
        new ConvertOptions(v0, choice.compensation(), choice.precision(), mean, std),
        notes);
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
  ModelContents contents(Conversion conversion, Choice choice, Path dump, Path calibration) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode p = json.createObjectNode();
    p.put("program", "snnsim " + Build.version());
    p.put("source", String.valueOf(dump.getFileName()));
    p.put("sourceSha256", sha256(dump));
    p.put("arch", imported.arch());
    p.put("archGuessed", imported.guessed());
    p.put("calibration", String.valueOf(calibration.getFileName()));
    p.put("calibrationSha256", sha256(calibration));
    p.set("precisionSearch", json.valueToTree(choice.precisions()));
    p.set("compensationSearch", json.valueToTree(choice.compensations()));
    p.set("report", json.valueToTree(conversion.report()));
    EmbeddedAnn ann = EmbeddedAnn.encode(conversion.foldedAnn());
    Map<String, byte[]> extras = new LinkedHashMap<>();
    // Last, so that models of the same network from different dumps differ in nothing before it.
    extras.put(ModelContents.ANN_GRAPH, ann.graph());
    extras.put(ModelContents.ANN_TENSORS, ann.tensors());
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
