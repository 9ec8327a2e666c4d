// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.Images;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Link;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.NetworkBuilder;
import io.snnsim.convert.scheme.SilentPopulations;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Converts population after population, each on the spike trains that the ones before it really
 * send on calibration images, for a given number of time steps. The same images and options give
 * the same network, whatever the number of threads. Stateless.
 *
 * <p>In topological order:
 *
 * <ol>
 *   <li>the ANN's input sums z and activations a
 *   <li>weights and biases are fitted to the counts that arrive ({@link WeightFit})
 *   <li>each channel gets the threshold with the smallest error after the last step ({@link
 *       ThresholdSearch})
 *   <li>everything is rounded to the grid ({@link NetworkBuilder})
 *   <li>the population is simulated as it stands in the network ({@link PopulationSimulation})
 * </ol>
 */
public final class LayerwiseConversion {
  /** Positions of a map that fits look at in an image. */
  private static final int POSITIONS = 128;

  /** The same for codes: with twice as many, what is fitted does no better on other images. */
  private static final int CODE_POSITIONS = 64;

  private static final long SEED = 0x5eed;

  private static final int MOST_IMAGES = 600;

  /** Fewer images fit nothing. */
  public static final int FEWEST_IMAGES = 20;

  /** Of the simulation of all images, which is most of the work. */
  private static final long MOST_MULTIPLICATIONS = 500_000_000_000L;

  /** Of activations and spike trains that are alive at the same time. */
  private static final long MOST_BYTES = 350L << 20;

  /**
   * A conversion and how well it does on the images that nothing was fitted to.
   *
   * @param fitted number of images that were fitted to
   * @param judges number of images that were not
   * @param noise mean square error of the judges' logits as a share of their mean square, both
   *     without their mean over classes; NaN without judges
   * @param agreeing judges whose class is the ANN's
   * @param logits of the spiking network for all images, [class][image]: the output's integrated
   *     input in units of the ANN's logits (maps of a position each, one after another)
   */
  public record Result(
      Conversion conversion,
      int fitted,
      int judges,
      double noise,
      int agreeing,
      float[][] logits) {}

  private final Lowering lowering;
  private final ConvertOptions options;
  private final SchemeOptions scheme;
  private final Calibration.Result calibration;
  private final Execution execution;
  private final Workers workers;
  private final List<String> notes;
  private final FitImages images;
  private final int count;
  private final List<ConvertedPopulation> converted = new ArrayList<>();
  private final ConvertedPopulation image;
  private final Sending sending;
  private final MapPool pool;
  private final boolean settles;
  private final SilentPopulations silence;
  private float[][] logits;

  private LayerwiseConversion(
      Lowering lowering,
      FitImages images,
      Calibration.Result calibration,
      ConvertOptions options,
      List<String> notes,
      Execution execution) {
    this.lowering = lowering;
    this.options = options;
    this.scheme = options.scheme();
    this.calibration = calibration;
    this.execution = execution;
    this.workers = new Workers(execution);
    this.pool = workers.pool();
    this.notes = new ArrayList<>(notes);
    this.images = images;
    count = images.all().count();
    silence = new SilentPopulations(lowering);
    // Codes end after their steps, and without a fit nothing looks at the rates.
    settles = !scheme.fewSpike() && (scheme.weightCalibration() || scheme.biasCalibration());
    image = read(images.all());
    sending =
        scheme.fewSpike()
            ? new CodeSending(image, count, scheme.fullCount(), workers)
            : new TrainSending(image, count, scheme.targetSteps(), workers);
  }

  /**
   * Converts.
   *
   * @param lowering folded if {@code options} say so
   * @param calibration quantiles, if lambda is one; else null
   * @param execution told the number of populations done
   * @throws SnnsimException (bad data) as {@link Converter} and {@link Calibration}; (interrupted)
   *     if cancelled
   */
  public static Result run(
      Lowering lowering,
      FitImages images,
      Calibration.Result calibration,
      ConvertOptions options,
      List<String> notes,
      Execution execution) {
    return new LayerwiseConversion(lowering, images, calibration, options, notes, execution)
        .convert();
  }

  /**
   * How many calibration images are worth using: {@value #MOST_IMAGES}, fewer where multiplications
   * or memory would exceed what a small machine has, but {@value #FEWEST_IMAGES} in any case.
   */
  public static int worthUsing(Lowering lowering, int steps) {
    long multiplications = 0;
    long bytes = 0;
    List<Lowering.Draft> drafts = lowering.drafts();
    for (Lowering.Draft draft : drafts) {
      long live = draft.shape().size();
      for (Lowering.Term t : draft.terms()) {
        live += t.sourceShape().size();
        long positions = (long) draft.shape().height() * draft.shape().width();
        multiplications +=
            switch (t.link()) {
              case Link.Weights w -> w.op().weight().size() * positions;
              case Link.Shortcut _ -> t.sourceShape().size();
            };
      }
      bytes = Math.max(bytes, live * (2 * Float.BYTES + steps / 4 + 1));
    }
    long most = Math.min(MOST_MULTIPLICATIONS / (multiplications * steps), MOST_BYTES / bytes);
    return Math.clamp(most, FEWEST_IMAGES, MOST_IMAGES);
  }

  private ConvertedPopulation read(Images all) {
    MapShape shape = lowering.graph().inputShape();
    int plane = shape.height() * shape.width();
    float[][] values = new float[shape.channels()][Math.multiplyExact(count, plane)];
    workers.run(
        count,
        () -> {
          float[] one = new float[shape.size()];
          return i -> {
            all.read(i, one);
            for (int k = 0; k < one.length; k++) {
              int c = k / plane;
              values[c][i * plane + k % plane] = options.normalisation().of(one[k], c);
            }
          };
        });
    double[] unit = new double[shape.channels()];
    Arrays.fill(unit, 1);
    SettledRates settled =
        settles
            ? SettledRates.ofImage(
                values, plane, images.fitted(), SettledRates.every(scheme.targetSteps()))
            : null;
    return new ConvertedPopulation(shape, values, null, unit, settled);
  }

  private Result convert() {
    NetworkBuilder builder = new NetworkBuilder(lowering.graph(), options, notes);
    List<Lowering.Draft> drafts = lowering.drafts();
    int[] lastReader = new int[drafts.size()];
    for (int p = 0; p < drafts.size(); p++) {
      for (Lowering.Term t : drafts.get(p).terms()) {
        if (t.source() != Lowering.IMAGE) {
          lastReader[t.source()] = p;
        }
      }
    }
    for (int p = 0; p < drafts.size(); p++) {
      converted.add(population(p, builder));
      for (int q = 0; q < p; q++) {
        if (lastReader[q] == p) {
          converted.set(q, null).release(pool);
        }
      }
      execution.progress().accept(1);
    }
    notes.addAll(silence.notes());
    Conversion conversion = builder.finish(100, images.fitted());
    ConvertedPopulation output = converted.getLast();
    Judgement j = Judgement.of(output.activation(), logits, output.plane(), images.fitted(), count);
    return new Result(conversion, images.fitted(), j.images(), j.noise(), j.agreeing(), logits);
  }

  private ConvertedPopulation source(Lowering.Term t) {
    return t.source() == Lowering.IMAGE ? image : converted.get(t.source());
  }

  private ConvertedPopulation population(int p, NetworkBuilder builder) {
    Lowering.Draft draft = lowering.drafts().get(p);
    boolean output = p == lowering.drafts().size() - 1;
    List<ConvertedPopulation> sources = draft.terms().stream().map(this::source).toList();
    if (draft.kind() == Lowering.Kind.GATE) {
      return gate(p, sources.getFirst(), builder, output);
    }
    MapShape shape = draft.shape();
    float[][] planes = pool.take(shape.channels(), Math.multiplyExact(count, shape.plane()));
    AnnValues ann = AnnValues.sums(draft, sources, planes, images, workers);
    int looked = scheme.fewSpike() ? CODE_POSITIONS : POSITIONS;
    SampledPositions positions = new SampledPositions(shape, count, looked, SEED + p);
    WeightFit.Fitted result = new WeightFit.Fitted(draft, null);
    double[] largest = largest(p, ann);
    boolean silent = !output && Calibration.max(largest) <= 0;
    if (!silent && (scheme.weightCalibration() || scheme.biasCalibration())) {
      try (MapPool.Lease lease = pool.lease()) {
        Targets targets = Targets.of(planes, positions, images.fitted(), lease);
        result =
            new WeightFit(draft, sources, targets, images.fitted(), workers)
                .fit(
                    scheme.weightCalibration(),
                    scheme.biasCalibration(),
                    scheme.fit().ridge(),
                    notes);
      }
    }
    double[] least = ann.least();
    double[] active = ann.rectify(lowering, largest);
    double[] lambda;
    double[] v0 = null;
    if (silent) {
      lambda = silence.lambda(p, builder::lambda);
    } else if (output) {
      lambda = new double[largest.length];
      // Classes are compared, so they need one scale.
      Arrays.fill(lambda, Calibration.max(largest));
    } else if (scheme.errorLambda() && scheme.fewSpike()) {
      CodeLambda.Chosen chosen =
          new CodeLambda(result.draft(), sources, positions, options, workers)
              .choose(images.fitted(), planes, active);
      lambda = chosen.lambda();
      v0 = chosen.v0();
    } else if (scheme.errorLambda()) {
      lambda =
          new ErrorLambda(result.draft(), sources, positions, options, workers)
              .choose(images.fitted(), planes, active);
    } else {
      lambda =
          draft.kind() == Lowering.Kind.AVERAGE
              ? builder.lambda(draft.terms().getFirst().source())
              : calibration.levels().get(p).lambda();
    }
    double[] furthest = Reach.furthest(scheme, lambda, largest, least, output);
    Calibration.Level level = new Calibration.Level(lambda, active, ann.clippedShare(lambda));
    NetworkBuilder.Built built =
        builder.add(
            result.draft(), level, output, new NetworkBuilder.Known(furthest, v0, result.ridge()));
    return simulated(result.draft(), sources, planes, built, output);
  }

  /** Largest sums by channel, of which at least one must be above 0 where that matters. */
  private double[] largest(int p, AnnValues ann) {
    double[] largest = ann.largest();
    double most = Calibration.max(largest);
    if (lowering.rectifies(ann.draft())) {
      Arrays.setAll(largest, c -> Math.max(0, largest[c]));
    }
    if (most <= 0 && p < lowering.drafts().size() - 1) {
      silence.add(p, Math.max(0, most));
    } else {
      Calibration.requireUsable(
          ann.draft(), lowering.rectifies(ann.draft()) ? Math.max(0, most) : most);
    }
    return largest;
  }

  private ConvertedPopulation simulated(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      float[][] activation,
      NetworkBuilder.Built built,
      boolean output) {
    float[][] integrated = output ? new float[activation.length][activation[0].length] : null;
    Sent sent = sending.population(draft, sources, built, integrated);
    if (output) {
      for (int c = 0; c < integrated.length; c++) {
        for (int i = 0; i < integrated[c].length; i++) {
          integrated[c][i] *= (float) (built.level().lambda()[c] / scheme.fullCount());
        }
      }
      logits = integrated;
    }
    SettledRates settled =
        settles && !output ? SettledRates.of(draft, sources, built, workers) : null;
    return new ConvertedPopulation(draft.shape(), activation, sent, units(built), settled);
  }

  private double[] units(NetworkBuilder.Built built) {
    double[] unit = built.level().lambda().clone();
    Arrays.setAll(unit, c -> unit[c] / scheme.fullCount());
    return unit;
  }

  private ConvertedPopulation gate(
      int p, ConvertedPopulation from, NetworkBuilder builder, boolean output) {
    Lowering.Draft draft = lowering.drafts().get(p);
    int plane = draft.shape().plane();
    float[][] activation = pool.take(draft.shape().channels(), Math.multiplyExact(count, plane));
    for (int c = 0; c < activation.length; c++) {
      GateSimulation.largest(
          from.activation()[c], from.shape(), draft.shape(), draft.window(), count, activation[c]);
    }
    AnnValues ann = new AnnValues(draft, activation, images.fitted(), workers);
    double[] lambda = builder.lambda(draft.terms().getFirst().source());
    Calibration.Level level =
        new Calibration.Level(lambda, largest(p, ann), ann.clippedShare(lambda));
    NetworkBuilder.Built built = builder.add(draft, level, output);
    if (output) {
      logits = activation;
    }
    Sent sent = sending.gate(draft, from);
    SettledRates settled = settles ? from.settled().largest(from, draft, pool) : null;
    return new ConvertedPopulation(draft.shape(), activation, sent, units(built), settled);
  }
}
