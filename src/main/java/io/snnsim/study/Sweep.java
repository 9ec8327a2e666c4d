// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.ImageOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Network;
import io.snnsim.readout.EarlyExit;
import io.snnsim.readout.Readout;
import io.snnsim.report.Energy;
import io.snnsim.report.EnergyModel;
import io.snnsim.report.Host;
import io.snnsim.report.Program;
import io.snnsim.report.RunReport;
import io.snnsim.report.SweepReport;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.store.Temporaries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Converts and runs a network for a grid of time steps and options. An instance runs once, on the
 * calling thread and those it is given; converted models lie in a temporary folder meanwhile.
 */
public final class Sweep {
  /**
   * What to sweep over.
   *
   * @param network a model file, or what {@code conversions} convert
   * @param data labelled test images
   * @param wanted which of them
   * @param conversions makes the models; null if {@code network} is one
   */
  public record Job(
      Path network, Path data, ImageOptions wanted, SweepGrid grid, Conversions conversions) {}

  /** How the models of a sweep are made. */
  @FunctionalInterface
  public interface Conversions {
    /**
     * The conversion that options ask for.
     *
     * @throws SnnsimException (usage) if they contradict each other or are none
     */
    ConversionJob of(List<String> options, Path output);
  }

  /** A model, or why there is none. */
  private record Made(Path model, SnnsimException failure) {}

  private final Job job;
  private final Function<Boolean, List<EnergyModel>> energy;
  private final Context context;

  /** Models by the options that made them. */
  private final Map<List<String>, Made> made = new LinkedHashMap<>();

  private ImageSet images;
  private AnnGraph ann;
  private Double annAccuracy;
  private Path folder;
  private SnnsimException firstFailure;

  /**
   * A sweep.
   *
   * @param energy models of hardware, given whether potentials have 32 bits
   */
  public Sweep(Job job, Function<Boolean, List<EnergyModel>> energy, Context context) {
    this.job = job;
    this.energy = energy;
    this.context = context;
  }

  /**
   * Runs every row, or those that are done before it is cancelled. A row whose conversion or early
   * exit is refused says why, and the others go on.
   *
   * @return null if it was cancelled before there was a row
   * @throws SnnsimException the first row's refusal if no row could run; (io, input missing)
   */
  public SweepReport run() {
    List<SweepReport.Row> rows = new ArrayList<>();
    folder = temporary();
    try {
      for (SweepGrid.Point point : job.grid().points()) {
        if (context.isCancelled()) {
          break;
        }
        SweepReport.Row row = row(point);
        if (row != null) {
          rows.add(row);
        }
      }
    } finally {
      delete();
    }
    if (rows.isEmpty()) {
      return null;
    }
    if (images == null) {
      throw firstFailure;
    }
    return new SweepReport(
        1,
        images.count(),
        annAccuracy,
        ann == null ? null : ann.macs(),
        job.grid().points().size(),
        rows,
        Host.here().toMap(),
        Program.here().nameAndBuild());
  }

  /** One row, or null if it was interrupted. */
  private SweepReport.Row row(SweepGrid.Point point) {
    Made model =
        job.conversions() == null ? new Made(job.network(), null) : model(point.arguments());
    if (context.isCancelled()) {
      return null;
    }
    if (model.failure() != null) {
      return failed(point, model.failure());
    }
    try (ModelFile file = ModelStore.open(model.model(), Mode.RESIDENT);
        Simulator simulator =
            Simulator.of(file.network(), KernelChoice.AUTO, PlanSource.of(file, null))) {
      Readout taken = point.readout() == null ? Readout.of(simulator) : point.readout();
      EarlyExit rule;
      try {
        rule =
            point.exitFactor() == null
                ? null
                : ModelParts.earlyExit(
                    file, job.network(), taken, point.steps(), point.exitFactor());
      } catch (SnnsimException e) {
        if (e.category() != Category.USAGE) {
          throw e;
        }
        return failed(point, e);
      }
      readOnce(file);
      Evaluation.Protocol protocol = Evaluation.Protocol.of(point.steps(), taken).endingBy(rule);
      return row(point, file.network(), simulator, protocol);
    }
  }

  private SweepReport.Row row(
      SweepGrid.Point point, Network network, Simulator simulator, Evaluation.Protocol protocol) {
    Background<AnnGraph> beside = ann == null || annAccuracy != null ? null : Background.done(ann);
    RunReport r =
        Evaluation.run(
            new Evaluation.Job(
                point.name(),
                Evaluation.Engine.of(simulator),
                images,
                protocol,
                new Evaluation.Beside(beside, null, null),
                System.nanoTime()),
            context);
    if (r.samples() < images.count()) {
      return null;
    }
    annAccuracy = r.annAccuracy() == null ? annAccuracy : r.annAccuracy();
    double ran = ImageEnergy.meanSteps(r);
    Energy spent = new ImageEnergy(network, ann, energy).of(r);
    double accuracy = r.accuracyAtStep()[point.steps() - 1];
    context
        .listener()
        .say(
            String.format(
                Locale.ROOT,
                "%s: %.2f %%%s",
                point.name(),
                100 * accuracy,
                protocol.exit() == null ? "" : String.format(Locale.ROOT, " in %.2f steps", ran)));
    return new SweepReport.Row(
        point.shown(),
        point.steps(),
        ran,
        accuracy,
        spent.spikesPerImage(),
        spent.synapticOpsPerImage(),
        spent.models().getFirst().snnMicrojoules(),
        r.timing().msPerImageStep() * ran,
        null);
  }

  private SweepReport.Row failed(SweepGrid.Point point, SnnsimException why) {
    firstFailure = firstFailure == null ? why : firstFailure;
    context.listener().warn(point.name() + ": " + why.getMessage());
    return SweepReport.Row.failed(point.shown(), point.steps(), why.getMessage());
  }

  /** The images and the ANN, which are the same for all rows. */
  private void readOnce(ModelFile file) {
    if (images != null) {
      return;
    }
    images = ModelParts.images(file.network(), job.data(), job.wanted());
    if (!images.labelled()) {
      throw SnnsimException.badData(
          job.data() + ": found no labels, expected one an image, since a sweep compares accuracy");
    }
    Background<AnnGraph> found = ModelParts.ann(file, file.path());
    ann = found == null ? null : found.get();
  }

  /** The model that these options of a conversion make; each is made once. */
  private Made model(List<String> options) {
    Made known = made.get(options);
    if (known == null) {
      known = convert(options);
      made.put(options, known);
    }
    return known;
  }

  private Made convert(List<String> options) {
    Path model = folder.resolve(made.size() + ".snn");
    context.listener().say("convert " + String.join(" ", options));
    try {
      job.conversions().of(options, model).run(context.quiet());
      return new Made(model, null);
    } catch (SnnsimException e) {
      SnnsimException failure = new SnnsimException(e.category(), "convert: " + e.getMessage(), e);
      return switch (e.category()) {
        // Other options may suit the network.
        case BAD_DATA, LIMIT, USAGE, INTERRUPTED -> new Made(null, failure);
        // Nothing helps against a missing file or a full disk.
        case INPUT_MISSING,
            IO,
            BUG,
            NO_KERNEL,
            NO_MEMORY,
            CLOSED,
            WRONG_THREAD,
            IN_USE,
            MISSING_JAR ->
            throw failure;
      };
    }
  }

  private static Path temporary() {
    try {
      return Temporaries.folder("sweep");
    } catch (IOException e) {
      throw new SnnsimException(
          Category.IO, "a temporary folder cannot be made: " + e.getMessage(), e);
    }
  }

  private void delete() {
    try {
      Temporaries.delete(folder);
    } catch (IOException e) {
      context.listener().warn(folder + ": cannot be deleted: " + e.getMessage());
    }
  }
}
