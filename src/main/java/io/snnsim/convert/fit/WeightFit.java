// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.op.Tensor;
import io.snnsim.convert.scheme.Link;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.TermSum;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fits a population's weights and biases to the spike counts that really arrive: ridge least
 * squares of the ANN's input sums on them, output channel by output channel. Confined to one
 * thread, which lends it workers.
 *
 * <p>With f what the spikes of the sources stand for after all steps, z the ANN's input sum and h
 * what other terms (shortcuts, averages, the image) bring, the change (A, d) of weights and bias
 * minimises, over sampled positions,
 *
 * <pre>|z - h - (W + A) f - (b + d)|^2  +  ridge mean(f^2) |A|^2</pre>
 *
 * <p>Neurons that send rates go on beyond the target steps, and what is right there should stay so.
 * So some images are taken twice, the second time with f and h of {@link SettledRates}.
 */
final class WeightFit {
  /** Samples for each value of an output channel that is fitted, at least. */
  private static final int SAMPLES_A_VALUE = 4;

  /** More than a 3x3 convolution of 256 channels has would take minutes to solve for. */
  private static final int MOST_FEATURES = 2560;

  /** Share of the images, the last ones, that a ridge is chosen on before they are fitted to. */
  private static final int HELD_BACK = 4;

  /** Chunks of samples that are gathered at a time. */
  private static final int CHUNKS = 4;

  /** Ridges to choose from, the strongest first. */
  private static final double[] RIDGES = {10, 3, 1, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-5};

  private final Lowering.Draft draft;
  private final List<ConvertedPopulation> sources;
  private final Workers workers;
  private final Targets targets;
  private final int images;

  /**
   * A fit of one population.
   *
   * @param sources of its terms
   * @param images that are fitted to, from the first on
   */
  WeightFit(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      Targets targets,
      int images,
      Workers workers) {
    this.draft = draft;
    this.sources = sources;
    this.targets = targets;
    this.images = images;
    this.workers = workers;
  }

  /**
   * A population with changed weights and biases.
   *
   * @param ridge that was taken; null if no weights were fitted
   */
  record Fitted(Lowering.Draft draft, Double ridge) {}

  /**
   * Fits.
   *
   * @param ridge 0 to choose it on what is held back
   * @param notes told if there are too few samples for the weights
   */
  Fitted fit(boolean weights, boolean bias, double ridge, List<String> notes) {
    List<FreeTerm> free = new ArrayList<>();
    for (int i = 0; i < draft.terms().size(); i++) {
      FreeTerm f = free(i);
      if (f != null) {
        free.add(f);
      }
    }
    if (free.isEmpty()) {
      // What the image drives is exact, and shortcuts and averages have no weights.
      return new Fitted(draft, null);
    }
    boolean fitWeights = weights && enough(free, bias, notes);
    if (!fitWeights && !bias) {
      return new Fitted(draft, null);
    }
    List<FreeTerm> fitted = fitWeights ? free : List.of();
    int groups =
        fitted.stream().mapToInt(f -> f.geometry().groups()).reduce(1, WeightFit::leastMultiple);
    float[][] weightsOf = new float[free.size()][];
    for (int i = 0; i < weightsOf.length; i++) {
      weightsOf[i] = free.get(i).op().weight().data().clone();
    }
    double[] change = new double[draft.shape().channels()];
    boolean choose = fitWeights && ridge == 0;
    int first = choose ? images - images / HELD_BACK : images;
    NormalEquations[] equations = equations(fitted, bias, groups, 0, first);
    double[][][] known = new double[groups][][];
    for (int g = 0; g < groups; g++) {
      known[g] = known(fitted, bias, g * (change.length / groups), change.length / groups);
    }
    int penalised = fitted.stream().mapToInt(FreeTerm::features).sum();
    double taken = ridge;
    if (choose) {
      NormalEquations[] judges = equations(fitted, bias, groups, first, images);
      taken = choose(equations, judges, known, penalised);
      for (int g = 0; g < groups; g++) {
        equations[g].add(judges[g]);
      }
    }
    for (int g = 0; g < groups; g++) {
      double[][] residual = equations[g].residual(known[g], workers);
      double[][] b = equations[g].change(residual, taken, penalised, workers);
      apply(fitted, known[g], b, bias, g * (change.length / groups), weightsOf, change);
    }
    List<Lowering.Term> terms = new ArrayList<>(draft.terms());
    for (int i = 0; i < free.size(); i++) {
      FreeTerm f = free.get(i);
      Tensor w = new Tensor(f.op().weight().shape(), weightsOf[i]);
      Tensor b = i == 0 && bias ? shifted(f.op().bias(), change) : f.op().bias();
      terms.set(f.index(), terms.get(f.index()).with(new Link.Weights(f.op().with(w, b))));
    }
    return new Fitted(draft.with(List.copyOf(terms)), fitWeights ? Double.valueOf(taken) : null);
  }

  private FreeTerm free(int index) {
    Lowering.Term t = draft.terms().get(index);
    if (t.source() == Lowering.IMAGE || !(t.link() instanceof Link.Weights w)) {
      return null;
    }
    MapShape operand = t.operand();
    Window window = w.op().windowOver(operand);
    ConvGeometry g = new ConvGeometry(operand, draft.shape(), window, w.op().groups());
    return new FreeTerm(index, w.op(), g, t.average());
  }

  private boolean enough(List<FreeTerm> free, boolean bias, List<String> notes) {
    long values = bias ? 1 : 0;
    for (FreeTerm f : free) {
      values += f.features();
    }
    long samples = (long) images * targets.positions().perImage();
    if (samples >= SAMPLES_A_VALUE * values && values <= MOST_FEATURES) {
      return true;
    }
    notes.add(
        "population "
            + draft.name()
            + ": weights not calibrated, found "
            + samples
            + " samples of "
            + images
            + " images for "
            + values
            + " values a channel, expected "
            + (values <= MOST_FEATURES
                ? SAMPLES_A_VALUE * values + " samples or more; use more calibration images"
                : "at most " + MOST_FEATURES + " values")
            + (bias ? "; biases alone" : ""));
    return false;
  }

  /**
   * The sums over all samples, one set for each group of output channels with inputs of its own.
   */
  private NormalEquations[] equations(
      List<FreeTerm> fitted, boolean bias, int groups, int firstImage, int endImage) {
    int features = fitted.stream().mapToInt(FreeTerm::features).sum() + (bias ? 1 : 0);
    int count = draft.shape().channels() / groups;
    NormalEquations[] result = new NormalEquations[groups];
    Arrays.setAll(result, g -> new NormalEquations(features, count));
    int per = targets.positions().perImage();
    int chunk = Math.clamp(NormalEquations.CHUNK / per, 1, 64);
    // As many at a time as threads should find work before they wait for each other.
    int batch = CHUNKS * chunk;
    try (MapPool.Lease lease = workers.pool().lease()) {
      WeightSamples scratch = new WeightSamples(draft, sources, targets, fitted, batch, lease);
      float[][] rows = groups == 1 ? samples(lease, batch * per, count + features, bias) : null;
      Workers alone = workers.alone();
      List<WeightSamples.Sample> all = samples(firstImage, endImage);
      for (int from = 0; from < all.size(); from += batch) {
        int n = Math.min(batch, all.size() - from);
        List<WeightSamples.Sample> part = all.subList(from, from + n);
        try (MapPool.Lease own = workers.pool().lease()) {
          workers.run(
              n,
              () -> {
                TermSum sum = own.sum();
                return k -> {
                  scratch.prepare(sum, part.get(k), k);
                  if (groups == 1) {
                    scratch.samples(part.get(k).image(), k, 0, 1, rows);
                  }
                };
              });
        }
        if (groups == 1) {
          result[0].add(rows, n * per, chunk * per, workers);
          continue;
        }
        try (MapPool.Lease own = workers.pool().lease()) {
          workers.run(
              groups,
              () -> {
                float[][] mine = samples(own, batch * per, count + features, bias);
                return g -> {
                  for (int k = 0; k < n; k++) {
                    scratch.samples(part.get(k).image(), k, g, groups, mine);
                  }
                  result[g].add(mine, n * per, chunk * per, alone);
                };
              });
        }
      }
    }
    return result;
  }

  private List<WeightSamples.Sample> samples(int firstImage, int endImage) {
    SettledRates settled = sources.getFirst().settled();
    List<WeightSamples.Sample> result = new ArrayList<>();
    for (int image = firstImage; image < endImage; image++) {
      result.add(new WeightSamples.Sample(image, false));
      if (settled != null && image % settled.every() == 0) {
        result.add(new WeightSamples.Sample(image, true));
      }
    }
    return result;
  }

  /** Rows for samples, whose last feature is 1 if there is a bias. */
  private static float[][] samples(MapPool.Lease lease, int samples, int length, boolean bias) {
    float[][] rows = lease.take(samples, length);
    for (int s = 0; s < samples && bias; s++) {
      rows[s][length - 1] = 1;
    }
    return rows;
  }

  /** The ridge with the smallest error on what is held back; of equals, the larger. */
  private double choose(
      NormalEquations[] equations, NormalEquations[] judges, double[][][] known, int penalised) {
    double[] left = new double[RIDGES.length];
    Workers alone = workers.alone();
    double[][][] residuals = new double[equations.length][][];
    Arrays.setAll(residuals, g -> equations[g].residual(known[g], workers));
    workers.run(
        RIDGES.length,
        () ->
            r -> {
              for (int g = 0; g < equations.length; g++) {
                double[][] b = equations[g].change(residuals[g], RIDGES[r], penalised, alone);
                for (int i = 0; i < b.length; i++) {
                  for (int c = 0; c < b[i].length; c++) {
                    b[i][c] += known[g][i][c];
                  }
                }
                left[r] += judges[g].left(b, alone);
              }
            });
    int best = 0;
    for (int r = 1; r < left.length; r++) {
      best = left[r] < left[best] ? r : best;
    }
    return RIDGES[best];
  }

  /**
   * Weights of output channels as they are: [feature][channel]; the change of the bias is from 0.
   */
  private double[][] known(List<FreeTerm> fitted, boolean bias, int first, int count) {
    int features = fitted.stream().mapToInt(FreeTerm::features).sum();
    double[][] known = new double[features + (bias ? 1 : 0)][count];
    int feature = 0;
    for (FreeTerm f : fitted) {
      int row = f.features();
      for (int k = 0; k < row; k++, feature++) {
        for (int c = 0; c < count; c++) {
          known[feature][c] = f.op().weight().data()[(first + c) * row + k];
        }
      }
    }
    return known;
  }

  private static void apply(
      List<FreeTerm> fitted,
      double[][] known,
      double[][] b,
      boolean bias,
      int first,
      float[][] weights,
      double[] change) {
    int count = b[0].length;
    int feature = 0;
    for (int i = 0; i < fitted.size(); i++) {
      int row = fitted.get(i).features();
      for (int k = 0; k < row; k++, feature++) {
        for (int c = 0; c < count; c++) {
          weights[i][(first + c) * row + k] = (float) (known[feature][c] + b[feature][c]);
        }
      }
    }
    for (int c = 0; c < count && bias; c++) {
      change[first + c] = b[feature][c];
    }
  }

  private static Tensor shifted(Tensor bias, double[] change) {
    float[] b = new float[change.length];
    for (int c = 0; c < b.length; c++) {
      b[c] = (float) ((bias == null ? 0 : bias.data()[c]) + change[c]);
    }
    return Tensor.of(b, b.length);
  }

  private static int leastMultiple(int a, int b) {
    int x = a;
    int y = b;
    while (y != 0) {
      int rest = x % y;
      x = y;
      y = rest;
    }
    return a / x * b;
  }
}
