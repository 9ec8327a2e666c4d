// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.Images;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Grid;
import io.snnsim.convert.scheme.Link;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.NetworkBuilder;
import io.snnsim.convert.scheme.RealTerm;
import io.snnsim.convert.scheme.TermSum;
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
  /** Images of one task. */
  private static final int BATCH = 8;

  /** Positions of a map that fits look at in an image. */
  private static final int POSITIONS = 128;

  /** Images whose trains thresholds are chosen on. */
  private static final int SEARCH_IMAGES = 64;

  /** Share of the images that ridges are chosen on. */
  private static final int HELD_BACK = 4;

  /** What images that were not looked at may add to an input. */
  private static final double MARGIN = 1.5;

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
  private final int images;
  private final int fitted;
  private final List<ConvertedLayer> layers = new ArrayList<>();
  private final ConvertedLayer image;
  private final MapPool pool = new MapPool();
  private float[][] logits;

  private LayerwiseConversion(
      Lowering lowering,
      FitImages fitImages,
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
    this.notes = new ArrayList<>(notes);
    images = fitImages.all().count();
    fitted = fitImages.fitted();
    image = read(fitImages.all());
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
    List<Lowering.Plan> plans = lowering.plans();
    for (Lowering.Plan plan : plans) {
      long live = plan.shape().size();
      for (Lowering.Term t : plan.terms()) {
        live += t.sourceShape().size();
        long positions = (long) plan.shape().height() * plan.shape().width();
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

  private ConvertedLayer read(Images all) {
    MapShape shape = lowering.graph().inputShape();
    int plane = shape.height() * shape.width();
    float[][] values = new float[shape.channels()][Math.multiplyExact(images, plane)];
    workers.run(
        images,
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
    return new ConvertedLayer(shape, values, null, unit);
  }

  private Result convert() {
    NetworkBuilder builder = new NetworkBuilder(lowering.graph(), options, notes);
    List<Lowering.Plan> plans = lowering.plans();
    int[] lastReader = new int[plans.size()];
    for (int p = 0; p < plans.size(); p++) {
      for (Lowering.Term t : plans.get(p).terms()) {
        if (t.source() != Lowering.IMAGE) {
          lastReader[t.source()] = p;
        }
      }
    }
    for (int p = 0; p < plans.size(); p++) {
      layers.add(layer(p, builder));
      for (int q = 0; q < p; q++) {
        if (lastReader[q] == p) {
          pool.give(layers.set(q, null).activation());
        }
      }
      execution.progress().accept(1);
    }
    Conversion conversion = builder.finish(100, fitted);
    return judged(conversion);
  }

  private ConvertedLayer source(Lowering.Term t) {
    return t.source() == Lowering.IMAGE ? image : layers.get(t.source());
  }

  /** The terms of a population in units of activation, at a rate of one over all steps. */
  static List<RealTerm> realTerms(Lowering.Plan plan, List<ConvertedLayer> sources) {
    return scaledTerms(plan, sources, null);
  }

  /**
   * The same for spikes that stand for {@code units} of the sources, or for activations if null.
   */
  private static List<RealTerm> scaledTerms(
      Lowering.Plan plan, List<ConvertedLayer> sources, List<double[]> units) {
    double[] post = new double[plan.shape().channels()];
    Arrays.fill(post, 1);
    List<RealTerm> result = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      Lowering.Term t = plan.terms().get(i);
      MapShape from = sources.get(i).shape();
      double[] pre = new double[from.channels()];
      Arrays.fill(pre, 1);
      RealTerm.Scale scale = new RealTerm.Scale(units == null ? pre : units.get(i), post, 1);
      result.add(
          plan.kind() == Lowering.Kind.AVERAGE
              ? RealTerm.average("", t, from, plan.shape(), plan.window(), scale)
              : RealTerm.of("", t, from, plan.shape(), scale));
    }
    return result;
  }

  private ConvertedLayer layer(int p, NetworkBuilder builder) {
    Lowering.Plan plan = lowering.plans().get(p);
    boolean output = p == lowering.plans().size() - 1;
    List<ConvertedLayer> sources = plan.terms().stream().map(this::source).toList();
    if (plan.kind() == Lowering.Kind.GATE) {
      return gate(plan, plan.terms().getFirst().source(), sources.getFirst(), builder, output);
    }
    float[][] sums = sums(plan, sources);
    SampledPositions positions = new SampledPositions(plan.shape(), images, POSITIONS, SEED + p);
    WeightFit.Fitted result = new WeightFit.Fitted(plan, null);
    if (scheme.weightCalibration() || scheme.biasCalibration()) {
      float[][] wanted = picked(sums, positions, fitted);
      result =
          new WeightFit(plan, sources, positions, fitted, fitted / HELD_BACK, wanted, workers)
              .fit(
                  scheme.weightCalibration(),
                  scheme.biasCalibration(),
                  scheme.fit().ridge(),
                  notes);
    }
    double[] least = least(sums);
    if (lowering.rectifies(plan)) {
      rectify(sums);
    }
    double[] largest = largest(plan, sums);
    double[] lambda = lambda(p, result.plan(), sources, positions, sums, largest, output, builder);
    double[] furthest = furthest(lambda, largest, least, output);
    Calibration.Level level =
        new Calibration.Level(lambda, largest, clippedShare(sums, lambda, plan.shape()));
    NetworkBuilder.Built built =
        builder.add(result.plan(), level, output, furthest, result.ridge());
    return simulated(result.plan(), sources, sums, built, output);
  }

  /** Input sums of the ANN. */
  private float[][] sums(Lowering.Plan plan, List<ConvertedLayer> sources) {
    int plane = plan.shape().height() * plan.shape().width();
    float[][] out = pool.take(plan.shape().channels(), Math.multiplyExact(images, plane));
    List<TermSum.Weights> weights =
        realTerms(plan, sources).stream().map(TermSum.Weights::of).toList();
    workers.run(
        batches(images),
        () -> {
          TermSum sum = new TermSum();
          return b -> {
            for (int i = 0; i < weights.size(); i++) {
              float[][] x = sources.get(i).activation();
              sum.add(weights.get(i), x, b * BATCH, inBatch(b, images), out, b * BATCH);
            }
          };
        });
    return out;
  }

  private static int batches(int images) {
    return (images + BATCH - 1) / BATCH;
  }

  private static int inBatch(int b, int images) {
    return Math.min(BATCH, images - b * BATCH);
  }

  private static float[][] picked(float[][] planes, SampledPositions positions, int images) {
    int per = positions.perImage();
    float[][] out = new float[planes.length][images * per];
    for (int c = 0; c < out.length; c++) {
      for (int i = 0; i < images; i++) {
        positions.pick(planes[c], i, i, out[c], i * per);
      }
    }
    return out;
  }

  private void rectify(float[][] sums) {
    workers.run(
        sums.length,
        () ->
            c -> {
              float[] row = sums[c];
              for (int i = 0; i < row.length; i++) {
                row[i] = Math.max(0, row[i]);
              }
            });
  }

  /** Largest activation by channel over the images that are fitted to. */
  private double[] largest(Lowering.Plan plan, float[][] activation) {
    int size = fitted * plan.shape().height() * plan.shape().width();
    double[] result = new double[activation.length];
    for (int c = 0; c < result.length; c++) {
      float most = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < size; i++) {
        most = activation[c][i] > most || Float.isNaN(activation[c][i]) ? activation[c][i] : most;
      }
      result[c] = most;
    }
    double all = Calibration.max(result);
    Calibration.requireUsable(plan, all);
    return result;
  }

  /** Smallest input sum by channel over the images that are fitted to. */
  private double[] least(float[][] sums) {
    int size = sums[0].length / images * fitted;
    double[] result = new double[sums.length];
    for (int c = 0; c < result.length; c++) {
      float least = Float.POSITIVE_INFINITY;
      for (int i = 0; i < size; i++) {
        least = Math.min(least, sums[c][i]);
      }
      result[c] = least;
    }
    return result;
  }

  /**
   * How far V of each channel may go from 0 within the target steps, in units of theta.
   *
   * @param lambda raised where a channel of lambda by error, one that never fires say, could not
   *     remember all of its input
   */
  private double[] furthest(double[] lambda, double[] largest, double[] least, boolean output) {
    double[] result = new double[lambda.length];
    double steps = MARGIN * scheme.targetSteps();
    for (int c = 0; c < lambda.length; c++) {
      if (scheme.errorLambda() && scheme.channelLambda() && !output) {
        lambda[c] = Math.max(lambda[c], -least[c] * steps / Grid.FURTHEST);
      }
      result[c] = 1 + steps * Math.max(-least[c], largest[c] - lambda[c]) / lambda[c];
    }
    return result;
  }

  private double clippedShare(float[][] activation, double[] lambda, MapShape shape) {
    int size = fitted * shape.height() * shape.width();
    long above = 0;
    for (int c = 0; c < activation.length; c++) {
      for (int i = 0; i < size; i++) {
        above += activation[c][i] > lambda[c] ? 1 : 0;
      }
    }
    return (double) above / ((long) size * activation.length);
  }

  private double[] lambda(
      int p,
      Lowering.Plan plan,
      List<ConvertedLayer> sources,
      SampledPositions positions,
      float[][] activation,
      double[] largest,
      boolean output,
      NetworkBuilder builder) {
    double[] result = new double[largest.length];
    double all = Calibration.max(largest);
    if (output) {
      // Classes are compared, so they need one scale.
      Arrays.fill(result, all);
      return result;
    }
    if (!scheme.errorLambda()) {
      return plan.kind() == Lowering.Kind.AVERAGE
          ? builder.lambda(plan.terms().getFirst().source())
          : calibration.levels().get(p).lambda();
    }
    int searched = Math.min(fitted, SEARCH_IMAGES);
    float[][][] trains = trains(plan, sources, positions, searched);
    float[][] wanted = picked(activation, positions, searched);
    double[][] errors = new double[result.length][];
    // A channel that hardly ever fires still needs a threshold above 0.
    double[] top = new double[result.length];
    for (int c = 0; c < top.length; c++) {
      top[c] = scheme.channelLambda() ? Math.max(largest[c], Calibration.LEAST_SHARE * all) : all;
    }
    int neurons = searched * positions.perImage();
    int steps = scheme.targetSteps();
    workers.run(
        result.length,
        () -> {
          ThresholdSearch search =
              new ThresholdSearch(scheme.signed(), options.v0(), neurons, steps);
          return c ->
              errors[c] = search.errors(trains[c], wanted[c], top[c], scheme.fit().spikePenalty());
        });
    if (!scheme.channelLambda()) {
      double[] total = new double[ThresholdSearch.candidates()];
      for (double[] e : errors) {
        Arrays.setAll(total, k -> total[k] + e[k]);
      }
      Arrays.fill(errors, total);
    }
    for (int c = 0; c < result.length; c++) {
      int best = 0;
      for (int k = 1; k < errors[c].length; k++) {
        best = errors[c][k] < errors[c][best] ? k : best;
      }
      result[c] = top[c] * ThresholdSearch.share(best);
    }
    return result;
  }

  /** What arrives at sampled positions, in units of activation: [channel][step][neuron]. */
  private float[][][] trains(
      Lowering.Plan plan, List<ConvertedLayer> sources, SampledPositions positions, int searched) {
    int steps = scheme.targetSteps();
    int per = positions.perImage();
    int plane = plan.shape().height() * plan.shape().width();
    int channels = plan.shape().channels();
    float[][][] out = new float[channels][steps][searched * per];
    List<RealTerm> real =
        scaledTerms(plan, sources, sources.stream().map(ConvertedLayer::unit).toList());
    List<TermSum.Weights> weights = real.stream().map(TermSum.Weights::of).toList();
    workers.run(
        batches(searched),
        () -> {
          TermSum sum = new TermSum();
          float[][] steady = new float[channels][BATCH * plane];
          float[][] input = new float[channels][BATCH * plane];
          float[][][] spikes = new float[sources.size()][][];
          for (int i = 0; i < spikes.length; i++) {
            ConvertedLayer s = sources.get(i);
            spikes[i] = new float[s.shape().channels()][BATCH * s.plane()];
          }
          return b -> {
            int n = inBatch(b, searched);
            steady(sum, weights, sources, b * BATCH, n, steady);
            for (int t = 0; t < steps; t++) {
              for (int c = 0; c < channels; c++) {
                System.arraycopy(steady[c], 0, input[c], 0, n * plane);
              }
              for (int i = 0; i < spikes.length; i++) {
                ConvertedLayer s = sources.get(i);
                if (s.trains() == null) {
                  continue;
                }
                for (int c = 0; c < spikes[i].length; c++) {
                  s.trains().get(t, c, b * BATCH * s.plane(), n * s.plane(), spikes[i][c], 0);
                }
                TermSum.Weights w = weights.get(i);
                sum.add(
                    new TermSum.Weights(w.term(), w.weights(), null), spikes[i], 0, n, input, 0);
              }
              for (int c = 0; c < channels; c++) {
                for (int k = 0; k < n; k++) {
                  int at = b * BATCH + k;
                  positions.pick(input[c], k, at, out[c][t], at * per);
                }
              }
            }
          };
        });
    return out;
  }

  /** What flows in every step: biases and what the image drives, a step's share of them. */
  private void steady(
      TermSum sum,
      List<TermSum.Weights> weights,
      List<ConvertedLayer> sources,
      int first,
      int n,
      float[][] out) {
    for (float[] row : out) {
      Arrays.fill(row, 0);
    }
    for (int i = 0; i < weights.size(); i++) {
      TermSum.Weights w = weights.get(i);
      boolean fromImage = sources.get(i).trains() == null;
      TermSum.Weights used = fromImage ? w : new TermSum.Weights(w.term(), null, w.bias());
      sum.add(used, sources.get(i).activation(), first, n, out, 0);
    }
    for (float[] row : out) {
      for (int k = 0; k < row.length; k++) {
        row[k] /= scheme.targetSteps();
      }
    }
  }

  private ConvertedLayer simulated(
      Lowering.Plan plan,
      List<ConvertedLayer> sources,
      float[][] activation,
      NetworkBuilder.Built built,
      boolean output) {
    int steps = scheme.targetSteps();
    SpikeTrains out = new SpikeTrains(plan.shape(), images, steps);
    SpikeTrains[] trains = sources.stream().map(ConvertedLayer::trains).toArray(SpikeTrains[]::new);
    float[][] integrated = output ? new float[activation.length][activation[0].length] : null;
    workers.run(
        batches(images),
        () -> {
          PopulationSimulation simulation = new PopulationSimulation(plan, built, BATCH, steps);
          return b ->
              simulation.run(
                  trains, image.activation(), b * BATCH, inBatch(b, images), out, integrated);
        });
    if (output) {
      for (int c = 0; c < integrated.length; c++) {
        for (int i = 0; i < integrated[c].length; i++) {
          integrated[c][i] *= (float) (built.level().lambda()[c] / steps);
        }
      }
      logits = integrated;
    }
    return new ConvertedLayer(plan.shape(), activation, out, units(built));
  }

  private double[] units(NetworkBuilder.Built built) {
    double[] unit = built.level().lambda().clone();
    Arrays.setAll(unit, c -> unit[c] / scheme.targetSteps());
    return unit;
  }

  private ConvertedLayer gate(
      Lowering.Plan plan, int source, ConvertedLayer from, NetworkBuilder builder, boolean output) {
    int steps = scheme.targetSteps();
    int plane = plan.shape().height() * plan.shape().width();
    float[][] activation = pool.take(plan.shape().channels(), Math.multiplyExact(images, plane));
    for (int c = 0; c < activation.length; c++) {
      GateSimulation.largest(
          from.activation()[c], from.shape(), plan.shape(), plan.window(), images, activation[c]);
    }
    double[] lambda = builder.lambda(source);
    Calibration.Level level =
        new Calibration.Level(
            lambda, largest(plan, activation), clippedShare(activation, lambda, plan.shape()));
    NetworkBuilder.Built built = builder.add(plan, level, output);
    SpikeTrains out = new SpikeTrains(plan.shape(), images, steps);
    workers.run(
        batches(images),
        () -> {
          GateSimulation simulation =
              new GateSimulation(from.shape(), plan.shape(), plan.window(), BATCH, steps);
          return b -> simulation.run(from.trains(), b * BATCH, inBatch(b, images), out);
        });
    if (output) {
      logits = activation;
    }
    return new ConvertedLayer(plan.shape(), activation, out, units(built));
  }

  private Result judged(Conversion conversion) {
    float[][] ann = layers.getLast().activation();
    int plane = layers.getLast().plane();
    double wrong = 0;
    double all = 0;
    int agreeing = 0;
    int classes = ann.length * plane;
    for (int i = fitted; i < images; i++) {
      double meanA = 0;
      double meanB = 0;
      int bestA = 0;
      int bestB = 0;
      double[] a = new double[classes];
      double[] b = new double[classes];
      for (int k = 0; k < classes; k++) {
        a[k] = ann[k / plane][i * plane + k % plane];
        b[k] = logits[k / plane][i * plane + k % plane];
        meanA += a[k] / classes;
        meanB += b[k] / classes;
        bestA = a[k] > a[bestA] ? k : bestA;
        bestB = b[k] > b[bestB] ? k : bestB;
      }
      for (int k = 0; k < classes; k++) {
        double e = b[k] - meanB - a[k] + meanA;
        wrong += e * e;
        all += (a[k] - meanA) * (a[k] - meanA);
      }
      agreeing += bestA == bestB ? 1 : 0;
    }
    return new Result(conversion, fitted, images - fitted, wrong / all, agreeing, logits);
  }
}
