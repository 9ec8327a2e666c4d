// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Merges a linear map of the channels with the sum that it reads: each addend gets weights that do
 * both. Nothing is rounded but the weights, once. Used once, by one thread.
 */
final class LinearMerge {
  /** Weights of one merged layer; a network that needs more is better retrained. */
  private static final long MOST_WEIGHTS = 1L << 26;

  /**
   * A linear map of channels at each position.
   *
   * @param weight [out][in]
   * @param bias [out]
   * @param stride of the positions that are kept
   */
  private record Mix(double[][] weight, double[] bias, int strideH, int strideW) {
    static Mix of(Affine a) {
      double[][] w = new double[a.channels()][a.channels()];
      for (int c = 0; c < w.length; c++) {
        w[c][c] = a.scale()[c];
      }
      return new Mix(w, a.offset(), 1, 1);
    }

    /** {@code a} first, then this. */
    Mix after(Affine a) {
      double[][] w = new double[weight.length][];
      double[] b = bias.clone();
      for (int o = 0; o < w.length; o++) {
        w[o] = weight[o].clone();
        for (int c = 0; c < w[o].length; c++) {
          w[o][c] *= a.scale()[c];
          b[o] += weight[o][c] * a.offset()[c];
        }
      }
      return new Mix(w, b, strideH, strideW);
    }

    Mix withoutBias() {
      return new Mix(weight, new double[bias.length], strideH, strideW);
    }

    Conv2d convolution() {
      return convolution(0, weight[0].length);
    }

    /** Of some of the channels. */
    Conv2d convolution(int first, int n) {
      float[] data = new float[weight.length * n];
      for (int o = 0; o < weight.length; o++) {
        for (int c = 0; c < n; c++) {
          data[o * n + c] = (float) weight[o][first + c];
        }
      }
      Window window = new Window(1, 1, strideH, strideW, 0, 0, 1, 1);
      return new Conv2d(Tensor.of(data, weight.length, n, 1, 1), Affine.bias(bias), window, 1);
    }
  }

  private final Rewritten to;

  LinearMerge(Rewritten to) {
    this.to = to;
  }

  /** True if a node is a sum that may be negative, and no population. */
  boolean isSum(String node) {
    return switch (to.node(node).op()) {
      case Weighted _, Add _, BatchNorm _, ZeroPadShortcut _ -> true;
      default -> false;
    };
  }

  /** Puts a node that scales and shifts a sum: each addend scaled, one of them shifted. */
  String scaled(String name, String sum, Affine a) {
    AnnNode node = to.node(sum);
    switch (node.op()) {
      case Weighted w -> {
        double[] bias = a.offset().clone();
        for (int c = 0; c < bias.length; c++) {
          bias[c] += w.bias() == null ? 0 : w.bias().data()[c] * a.scale()[c];
        }
        Weighted op = w.with(a.rows(w.weight()), Affine.bias(bias));
        return to.put(name, op, node.inputs().getFirst());
      }
      case BatchNorm bn -> {
        return scaled(name, node.inputs().getFirst(), Affine.of(bn).then(a));
      }
      case Add _ -> {
        List<String> addends = new ArrayList<>();
        for (String in : node.inputs()) {
          addends.add(scaled(to.unused(name), in, addends.isEmpty() ? a : a.withoutOffset()));
        }
        return to.put(name, new Add(), addends.toArray(String[]::new));
      }
      case ZeroPadShortcut _ -> {
        put(name, sum, Mix.of(a));
        return name;
      }
      default -> {
        return to.put(name, a.convolution(), sum);
      }
    }
  }

  /**
   * Puts a layer over a sum as layers over what the sum reads.
   *
   * @param from shape of the sum
   * @return false if there is no exact way, and nothing was put
   */
  boolean mixed(AnnNode node, Weighted w, String sum, MapShape from) {
    Mix mix = pointwise(w, from);
    if (mix == null || !mixable(sum, mix)) {
      return false;
    }
    put(node.name(), sum, mix);
    return true;
  }

  /**
   * Puts a global average of a sum of convolutions with 1 x 1 windows as those of the averages.
   *
   * @return false if there is no exact way, and nothing was put
   */
  boolean averaged(AnnNode node, String sum) {
    if (!isSum(sum) || !averageable(sum)) {
      return false;
    }
    average(node.name(), sum);
    return true;
  }

  private boolean averageable(String sum) {
    AnnNode node = to.node(sum);
    return switch (node.op()) {
      case Conv2d c ->
          c.window().equals(Window.square(1, 1, 0)) && !isSum(node.inputs().getFirst());
      case Add _ -> node.inputs().stream().allMatch(this::averageable);
      case BatchNorm _ -> averageable(node.inputs().getFirst());
      case ZeroPadShortcut _, Linear _ -> false;
      default -> true;
    };
  }

  private void average(String name, String sum) {
    AnnNode node = to.node(sum);
    switch (node.op()) {
      case Conv2d c -> {
        String in = to.put(to.unused(name), new GlobalAvgPool(), node.inputs().getFirst());
        to.put(name, c, in);
      }
      case BatchNorm bn -> {
        String in = to.unused(name);
        average(in, node.inputs().getFirst());
        scaled(name, in, Affine.of(bn));
      }
      case Add _ -> {
        List<String> addends = new ArrayList<>();
        for (String in : node.inputs()) {
          addends.add(to.unused(name));
          average(addends.getLast(), in);
        }
        to.put(name, new Add(), addends.toArray(String[]::new));
      }
      default -> to.put(name, new GlobalAvgPool(), sum);
    }
  }

  private static Mix pointwise(Weighted w, MapShape from) {
    Conv2d c =
        switch (w) {
          case Conv2d conv -> conv;
          case Linear l when from.plane() == 1 -> {
            int[] s = l.weight().shape();
            Tensor weight = Tensor.of(l.weight().data(), s[0], s[1], 1, 1);
            yield new Conv2d(weight, l.bias(), Window.square(1, 1, 0), 1);
          }
          case Linear _ -> null;
        };
    if (c == null || c.window().taps() != 1 || c.window().padded()) {
      return null;
    }
    Conv2d all = Rewritten.ungrouped(c);
    int out = all.weight().shape()[0];
    int in = all.weight().shape()[1];
    double[][] weight = new double[out][in];
    double[] bias = new double[out];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        weight[o][i] = all.weight().data()[o * in + i];
      }
      bias[o] = c.bias() == null ? 0 : c.bias().data()[o];
    }
    return new Mix(weight, bias, c.window().strideH(), c.window().strideW());
  }

  private boolean mixable(String sum, Mix mix) {
    AnnNode node = to.node(sum);
    int out = mix.weight().length;
    return switch (node.op()) {
      case Conv2d c -> {
        int[] s = c.weight().shape();
        yield (long) out * s[1] * c.groups() * s[2] * s[3] <= MOST_WEIGHTS;
      }
      case Linear l -> (long) out * l.weight().shape()[1] <= MOST_WEIGHTS;
      case Add _ -> node.inputs().stream().allMatch(in -> mixable(in, mix));
      case BatchNorm _ -> mixable(node.inputs().getFirst(), mix);
      default -> true;
    };
  }

  /** Puts {@code mix} of a sum, or of a population that is one of its addends. */
  private void put(String name, String sum, Mix mix) {
    AnnNode node = to.node(sum);
    switch (node.op()) {
      case Conv2d c -> to.put(name, mixed(c, mix), node.inputs().getFirst());
      case Linear l -> to.put(name, mixed(l, mix), node.inputs().getFirst());
      case BatchNorm bn -> put(name, node.inputs().getFirst(), mix.after(Affine.of(bn)));
      case Add _ -> {
        List<String> addends = new ArrayList<>();
        for (String in : node.inputs()) {
          String addend = to.unused(name);
          put(addend, in, addends.isEmpty() ? mix : mix.withoutBias());
          addends.add(addend);
        }
        to.put(name, new Add(), addends.toArray(String[]::new));
      }
      case ZeroPadShortcut z -> {
        int n = mix.weight()[0].length - z.channelsBefore() - z.channelsAfter();
        Mix strided =
            new Mix(
                mix.weight(), mix.bias(), mix.strideH() * z.stride(), mix.strideW() * z.stride());
        to.put(name, strided.convolution(z.channelsBefore(), n), node.inputs().getFirst());
      }
      default -> to.put(name, mix.convolution(), sum);
    }
  }

  /** A convolution and then the mix; what the mix leaves out of its positions it does not make. */
  private static Conv2d mixed(Conv2d grouped, Mix mix) {
    Conv2d c = Rewritten.ungrouped(grouped);
    int[] s = c.weight().shape();
    int row = s[1] * s[2] * s[3];
    float[] data = product(mix, c.weight(), row);
    Window w = c.window();
    Window window =
        new Window(
            w.kernelH(),
            w.kernelW(),
            w.strideH() * mix.strideH(),
            w.strideW() * mix.strideW(),
            w.padH(),
            w.padW(),
            w.dilationH(),
            w.dilationW(),
            w.padBottom(),
            w.padRight());
    Tensor weight = Tensor.of(data, mix.weight().length, s[1], s[2], s[3]);
    return new Conv2d(weight, bias(mix, c.bias()), window, 1);
  }

  private static Linear mixed(Linear l, Mix mix) {
    int in = l.weight().shape()[1];
    float[] data = product(mix, l.weight(), in);
    return new Linear(Tensor.of(data, mix.weight().length, in), bias(mix, l.bias()));
  }

  private static float[] product(Mix mix, Tensor weight, int row) {
    float[] data = new float[mix.weight().length * row];
    double[] sum = new double[row];
    for (int o = 0; o < mix.weight().length; o++) {
      Arrays.fill(sum, 0);
      for (int m = 0; m < mix.weight()[o].length; m++) {
        double share = mix.weight()[o][m];
        for (int k = 0; k < row && share != 0; k++) {
          sum[k] += share * weight.data()[m * row + k];
        }
      }
      for (int k = 0; k < row; k++) {
        data[o * row + k] = (float) sum[k];
      }
    }
    return data;
  }

  private static Tensor bias(Mix mix, Tensor before) {
    double[] result = mix.bias().clone();
    for (int o = 0; before != null && o < result.length; o++) {
      for (int m = 0; m < mix.weight()[o].length; m++) {
        result[o] += mix.weight()[o][m] * before.data()[m];
      }
    }
    return Affine.bias(result);
  }
}
