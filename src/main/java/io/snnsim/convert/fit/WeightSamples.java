// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.RealTerm;
import io.snnsim.convert.scheme.TermSum;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import java.util.Arrays;
import java.util.List;

/**
 * The samples of a fit, of a few images at a time: what arrives at sampled positions through the
 * terms that are fitted, and what the other terms bring. Keeps scratch memory; its threads work on
 * an image each.
 */
final class WeightSamples {
  /**
   * One image.
   *
   * @param settled true if its sources send what they do in the long run
   */
  record Sample(int image, boolean settled) {}

  private final Lowering.Draft draft;
  private final List<ConvertedPopulation> sources;
  private final Targets targets;
  private final SampledPositions positions;
  private final List<FreeTerm> fitted;
  private final float[][][] values;
  private final float[][][] operands;
  private final float[][] others;
  private final TermSum.Weights[] fixed;
  private final TermSum.Weights[] averages;

  /**
   * Samples of up to {@code batch} images.
   *
   * @param lease what scratch memory is taken from
   */
  WeightSamples(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      Targets targets,
      List<FreeTerm> fitted,
      int batch,
      MapPool.Lease lease) {
    this.draft = draft;
    this.sources = sources;
    this.targets = targets;
    this.positions = targets.positions();
    this.fitted = fitted;
    List<RealTerm> real = SourceTerms.ofActivations(draft, sources);
    fixed = new TermSum.Weights[real.size()];
    values = new float[real.size()][][];
    for (int i = 0; i < fixed.length; i++) {
      ConvertedPopulation source = sources.get(i);
      values[i] = lease.take(source.shape().channels(), batch * source.plane());
      fixed[i] = TermSum.Weights.of(real.get(i));
    }
    operands = new float[fitted.size()][][];
    averages = new TermSum.Weights[fitted.size()];
    for (int i = 0; i < operands.length; i++) {
      FreeTerm f = fitted.get(i);
      int term = f.index();
      // Biases of fitted terms stay in what is fixed.
      fixed[term] = new TermSum.Weights(fixed[term].term(), null, fixed[term].bias());
      operands[i] = values[term];
      if (f.average() != null) {
        Lowering.Term t = draft.terms().get(term);
        averages[i] = TermSum.Weights.of(average(t));
        int plane = t.operand().height() * t.operand().width();
        operands[i] = lease.take(t.operand().channels(), batch * plane);
      }
    }
    others = lease.take(draft.shape().channels(), batch * draft.shape().plane());
  }

  /** Computes what an image brings, into place {@code k} of the batch. */
  void prepare(TermSum sum, Sample sample, int k) {
    int plane = draft.shape().height() * draft.shape().width();
    for (float[] row : others) {
      Arrays.fill(row, k * plane, (k + 1) * plane, 0);
    }
    for (int i = 0; i < values.length; i++) {
      ConvertedPopulation source = sources.get(i);
      int at = k * source.plane();
      if (sample.settled()) {
        source.settled().values(sample.image(), source.plane(), values[i], at);
      } else {
        source.values(sample.image(), values[i], at);
      }
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

  /**
   * Writes the samples of a prepared image for one of {@code groups} groups of channels.
   *
   * @param rows [sample][channel of the group, then feature]
   */
  void samples(int image, int k, int group, int groups, float[][] rows) {
    int per = positions.perImage();
    int count = draft.shape().channels() / groups;
    int feature = count;
    for (int i = 0; i < operands.length; i++) {
      FreeTerm f = fitted.get(i);
      int icg = f.geometry().inPerGroup();
      int ic = group * f.geometry().groups() / groups * icg;
      positions.rows(f.geometry(), operands[i], k, image, ic, icg, rows, k * per, feature);
      feature += f.features();
    }
    float[] picked = new float[per];
    for (int c = 0; c < count; c++) {
      positions.pick(others[group * count + c], k, image, picked, 0);
      for (int s = 0; s < per; s++) {
        rows[k * per + s][c] = targets.sums()[group * count + c][image * per + s] - picked[s];
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
}
