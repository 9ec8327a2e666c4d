// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Batch norm in inference form: gamma * (x - mean) / sqrt(var + eps) + beta, per channel. Those
 * without gamma or beta have ones or zeros for it, so that nothing else need know.
 */
public record BatchNorm(Tensor gamma, Tensor beta, Tensor mean, Tensor var, float eps)
    implements AnnOp {
  /** Takes null for a gamma or beta that is not there. */
  public BatchNorm {
    if (gamma == null) {
      float[] ones = new float[mean.size()];
      Arrays.fill(ones, 1);
      gamma = Tensor.of(ones, ones.length);
    }
    if (beta == null) {
      beta = Tensor.of(new float[mean.size()], mean.size());
    }
  }

  static final OpKind KIND =
      OpKind.of(
          "batchnorm",
          from ->
              new BatchNorm(
                  from.tensorOrNone("weight", "weight"),
                  from.tensorOrNone("bias", "bias"),
                  from.tensor("mean", "running_mean", true),
                  from.tensor("var", "running_var", true),
                  from.number("eps", 1e-5)),
          "eps",
          "weight",
          "bias",
          "mean",
          "var");

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    to.number("eps", eps);
  }

  @Override
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> result = new LinkedHashMap<>();
    result.put("weight", gamma);
    result.put("bias", beta);
    result.put("running_mean", mean);
    result.put("running_var", var);
    return result;
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    MapShape s = OpRules.only(in);
    OpRules.requireLength("weight", gamma, s.channels());
    OpRules.requireLength("bias", beta, s.channels());
    OpRules.requireLength("running mean", mean, s.channels());
    OpRules.requireLength("running variance", var, s.channels());
    requireVariance();
    return s;
  }

  private void requireVariance() {
    if (!(eps >= 0) || !Float.isFinite(eps)) {
      throw SnnsimException.badData("found eps " + eps + ", expected >= 0, such as 1e-5");
    }
    float[] v = var.data();
    for (int c = 0; c < v.length; c++) {
      if (!(v[c] >= 0) || !(v[c] + eps > 0)) {
        throw SnnsimException.badData(
            "found running variance "
                + v[c]
                + " of channel "
                + c
                + " and eps "
                + eps
                + ", expected a variance >= 0 and a sum > 0; check which tensor is which");
      }
    }
  }

  /** What channel {@code c} is multiplied by: gamma / sqrt(var + eps). */
  public double factor(int c) {
    return gamma.data()[c] / Math.sqrt((double) var.data()[c] + (double) eps);
  }

  @Override
  public long macs(MapShape out) {
    return 0;
  }

  @Override
  public boolean unrectified() {
    return true;
  }

  @Override
  public void forward(OpRun run, int images) {
    int size = images * run.to().plane();
    for (int c = 0; c < run.to().channels(); c++) {
      double scale = factor(c);
      float a = (float) scale;
      float d = (float) (beta.data()[c] - mean.data()[c] * scale);
      float[] x = run.x()[c];
      float[] out = run.out()[c];
      for (int i = 0; i < size; i++) {
        out[i] = x[i] * a + d;
      }
    }
  }
}
