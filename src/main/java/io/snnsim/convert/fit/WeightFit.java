// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;
import io.snnsim.convert.scheme.Link;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.RealTerm;
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
 */
final class WeightFit {
  /** Samples for each value of an output channel that is fitted, at least. */
  private static final int SAMPLES_A_VALUE = 4;

  /** More than a 3x3 convolution of 256 channels has would take minutes to solve for. */
  private static final int MOST_FEATURES = 2560;

  /** Ridges to choose from, the strongest first. */
  private static final double[] RIDGES = {10, 3, 1, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-5};

  private final Lowering.Plan plan;
  private final List<ConvertedLayer> sources;
  private final Workers workers;
  private final SampledPositions positions;
  private final int images;
  private final int heldBack;

  /** Input sums of the ANN at sampled positions: [channel][image * perImage + sample]. */
  private final float[][] wanted;

  /** One term whose weights may change. */
  private record Free(int index, Weighted op, ConvGeometry geometry, Window average) {
    int features() {
      return geometry.inPerGroup() * geometry.taps();
    }
  }

  /**
   * A fit of one population.
   *
   * @param sources of its terms
   * @param images that are fitted to, from the first on
   * @param heldBack of these, the last ones, which a ridge is chosen on before they are fitted to
   */
  WeightFit(
      Lowering.Plan plan,
      List<ConvertedLayer> sources,
      SampledPositions positions,
      int images,
      int heldBack,
      float[][] wanted,
      Workers workers) {
    this.plan = plan;
    this.sources = sources;
    this.positions = positions;
    this.images = images;
    this.heldBack = heldBack;
    this.wanted = wanted;
    this.workers = workers;
  }

  /**
   * A population with changed weights and biases.
   *
   * @param ridge that was taken; null if no weights were fitted
   */
  record Fitted(Lowering.Plan plan, Double ridge) {}

  /**
   * Fits.
   *
   * @param ridge 0 to choose it on what is held back
   * @param notes told if there are too few samples for the weights
   */
  Fitted fit(boolean weights, boolean bias, double ridge, List<String> notes) {
    List<Free> free = new ArrayList<>();
    for (int i = 0; i < plan.terms().size(); i++) {
      Free f = free(i);
      if (f != null) {
        free.add(f);
      }
    }
    if (free.isEmpty()) {
      // What the image drives is exact, and shortcuts and averages have no weights.
      return new Fitted(plan, null);
    }
    boolean fitWeights = weights && enough(free, bias, notes);
    if (!fitWeights && !bias) {
      return new Fitted(plan, null);
    }
    List<Free> fitted = fitWeights ? free : List.of();
    int groups =
        fitted.stream().mapToInt(f -> f.geometry().groups()).reduce(1, WeightFit::leastMultiple);
    float[][] weightsOf = new float[free.size()][];
    for (int i = 0; i < weightsOf.length; i++) {
      weightsOf[i] = free.get(i).op().weight().data().clone();
    }
    double[] change = new double[plan.shape().channels()];
    boolean choose = fitWeights && ridge == 0;
    int first = choose ? images - heldBack : images;
    NormalEquations[] equations = equations(fitted, bias, groups, 0, first);
    double[][][] known = new double[groups][][];
    for (int g = 0; g < groups; g++) {
      known[g] = known(fitted, bias, g * (change.length / groups), change.length / groups);
    }
    int penalised = fitted.stream().mapToInt(Free::features).sum();
    double taken = ridge;
    if (choose) {
      NormalEquations[] judges = equations(fitted, bias, groups, first, images);
      taken = choose(equations, judges, known, penalised);
      for (int g = 0; g < groups; g++) {
        equations[g].add(judges[g]);
      }
    }
    for (int g = 0; g < groups; g++) {
      double[][] b = equations[g].change(known[g], taken, penalised, workers);
      apply(fitted, known[g], b, bias, g * (change.length / groups), weightsOf, change);
    }
    List<Lowering.Term> terms = new ArrayList<>(plan.terms());
    for (int i = 0; i < free.size(); i++) {
      Free f = free.get(i);
      Tensor w = new Tensor(f.op().weight().shape(), weightsOf[i]);
      Tensor b = i == 0 && bias ? shifted(f.op().bias(), change) : f.op().bias();
      terms.set(f.index(), terms.get(f.index()).with(new Link.Weights(f.op().with(w, b))));
    }
    return new Fitted(plan.with(List.copyOf(terms)), fitWeights ? Double.valueOf(taken) : null);
  }

  private Free free(int index) {
    Lowering.Term t = plan.terms().get(index);
    if (t.source() == Lowering.IMAGE || !(t.link() instanceof Link.Weights w)) {
      return null;
    }
    MapShape operand = t.operand();
    Window window = w.op().windowOver(operand);
    ConvGeometry g = new ConvGeometry(operand, plan.shape(), window, w.op().groups());
    return new Free(index, w.op(), g, t.average());
  }

  private boolean enough(List<Free> free, boolean bias, List<String> notes) {
    long values = bias ? 1 : 0;
    for (Free f : free) {
      values += f.features();
    }
    long samples = (long) images * positions.perImage();
    if (samples >= SAMPLES_A_VALUE * values && values <= MOST_FEATURES) {
      return true;
    }
    notes.add(
        "population "
            + plan.name()
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
      List<Free> fitted, boolean bias, int groups, int firstImage, int endImage) {
    int features = fitted.stream().mapToInt(Free::features).sum() + (bias ? 1 : 0);
    int count = plan.shape().channels() / groups;
    NormalEquations[] result = new NormalEquations[groups];
    Arrays.setAll(result, g -> new NormalEquations(features, count));
    int per = positions.perImage();
    int batch = Math.clamp(NormalEquations.CHUNK / per, 1, 64);
    Batch scratch = new Batch(fitted, bias, batch);
    float[][] x = new float[batch * per][features];
    float[][] y = new float[batch * per][count];
    Workers alone = workers.alone();
    for (int from = firstImage; from < endImage; from += batch) {
      int at = from;
      int n = Math.min(batch, endImage - from);
      workers.run(n, () -> k -> scratch.prepare(at + k, k));
      if (groups == 1) {
        workers.run(n, () -> k -> scratch.samples(at + k, k, 0, 1, x, y));
        result[0].add(x, y, n * per, workers);
      } else {
        workers.run(
            groups,
            () -> {
              float[][] mine = new float[batch * per][features];
              float[][] wants = new float[batch * per][count];
              return g -> {
                for (int k = 0; k < n; k++) {
                  scratch.samples(at + k, k, g, groups, mine, wants);
                }
                result[g].add(mine, wants, n * per, alone);
              };
            });
      }
    }
    return result;
  }

  /** The ridge with the smallest error on what is held back; of equals, the larger. */
  private double choose(
      NormalEquations[] equations, NormalEquations[] judges, double[][][] known, int penalised) {
    double[] left = new double[RIDGES.length];
    Workers alone = workers.alone();
    workers.run(
        RIDGES.length,
        () ->
            r -> {
              for (int g = 0; g < equations.length; g++) {
                double[][] b = equations[g].change(known[g], RIDGES[r], penalised, alone);
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
  private double[][] known(List<Free> fitted, boolean bias, int first, int count) {
    int features = fitted.stream().mapToInt(Free::features).sum();
    double[][] known = new double[features + (bias ? 1 : 0)][count];
    int feature = 0;
    for (Free f : fitted) {
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
      List<Free> fitted,
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

  /** Builds the samples of a few images; its threads work on an image each. */
  private final class Batch {
    private final List<Free> fitted;
    private final boolean bias;
    private final float[][][] values;
    private final float[][][] operands;
    private final float[][] others;
    private final TermSum.Weights[] fixed;
    private final TermSum.Weights[] averages;

    Batch(List<Free> fitted, boolean bias, int batch) {
      this.fitted = fitted;
      this.bias = bias;
      List<RealTerm> real = LayerwiseConversion.realTerms(plan, sources);
      fixed = new TermSum.Weights[real.size()];
      values = new float[real.size()][][];
      for (int i = 0; i < fixed.length; i++) {
        ConvertedLayer source = sources.get(i);
        values[i] = new float[source.shape().channels()][batch * source.plane()];
        fixed[i] = TermSum.Weights.of(real.get(i));
      }
      operands = new float[fitted.size()][][];
      averages = new TermSum.Weights[fitted.size()];
      for (int i = 0; i < operands.length; i++) {
        Free f = fitted.get(i);
        int term = f.index();
        // Biases of fitted terms stay in what is fixed.
        fixed[term] = new TermSum.Weights(fixed[term].term(), null, fixed[term].bias());
        operands[i] = values[term];
        if (f.average() != null) {
          Lowering.Term t = plan.terms().get(term);
          averages[i] = TermSum.Weights.of(average(t));
          int plane = t.operand().height() * t.operand().width();
          operands[i] = new float[t.operand().channels()][batch * plane];
        }
      }
      others =
          new float[plan.shape().channels()][batch * plan.shape().height() * plan.shape().width()];
    }

    /** Computes what image {@code image} brings, into place {@code k} of the batch. */
    void prepare(int image, int k) {
      TermSum sum = new TermSum();
      int plane = plan.shape().height() * plan.shape().width();
      for (float[] row : others) {
        Arrays.fill(row, k * plane, (k + 1) * plane, 0);
      }
      for (int i = 0; i < values.length; i++) {
        sources.get(i).values(image, values[i], k * sources.get(i).plane());
        sum.add(fixed[i], values[i], k, 1, others, k);
      }
      for (int i = 0; i < operands.length; i++) {
        if (averages[i] != null) {
          ConvGeometry g = fitted.get(i).geometry();
          int operandPlane = g.inHeight() * g.inWidth();
          for (float[] row : operands[i]) {
            Arrays.fill(row, k * operandPlane, (k + 1) * operandPlane, 0);
          }
          sum.add(averages[i], values[fitted.get(i).index()], k, 1, operands[i], k);
        }
      }
    }

    /** Writes the samples of a prepared image for one of {@code groups} groups of channels. */
    void samples(int image, int k, int group, int groups, float[][] x, float[][] y) {
      int per = positions.perImage();
      int feature = 0;
      for (int i = 0; i < operands.length; i++) {
        Free f = fitted.get(i);
        int icg = f.geometry().inPerGroup();
        int ic = group * f.geometry().groups() / groups * icg;
        positions.rows(f.geometry(), operands[i], k, image, ic, icg, x, k * per, feature);
        feature += f.features();
      }
      int count = plan.shape().channels() / groups;
      float[] picked = new float[per];
      for (int c = 0; c < count; c++) {
        positions.pick(others[group * count + c], k, image, picked, 0);
        for (int s = 0; s < per; s++) {
          y[k * per + s][c] = wanted[group * count + c][image * per + s] - picked[s];
        }
      }
      for (int s = 0; s < per && bias; s++) {
        x[k * per + s][feature] = 1;
      }
    }
  }

  private static RealTerm average(Lowering.Term t) {
    MapShape from = t.sourceShape();
    double[] ones = new double[from.channels()];
    Arrays.fill(ones, 1);
    RealTerm.Scale scale = new RealTerm.Scale(ones, ones, 1);
    return RealTerm.average("", t, from, t.operand(), t.average(), scale);
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
